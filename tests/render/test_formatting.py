"""Numbers, grades and names for people."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from audit.model import Better, Family, Grade, Kind, Role, Scale, Unit
from audit.render import formatting
from audit.render.charts.palette import DARK, LIGHT, TONES, Palette

SHARE = Scale(Unit.SHARE, "share of rows", Better.LOWER, 0.0, 1.0)
POINTS = Scale(Unit.POINTS, "difference in share", Better.ZERO, -1.0, 1.0)
PLAIN = Scale(Unit.STANDARD_DEVIATIONS, "standard deviations", Better.LOWER, 0.0, None)


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        (None, SHARE, "–"),
        (float("nan"), SHARE, "–"),
        (float("inf"), PLAIN, "–"),
        (0.0, SHARE, "0%"),
        (1.0, SHARE, "100%"),
        (0.1234, SHARE, "12.3%"),
        (0.0123, SHARE, "1.2%"),
        (0.00801, SHARE, "0.80%"),
        (0.05, SHARE, "5%"),
        (0.999, SHARE, "99.9%"),
        (0.99996, SHARE, "99.996%"),
        (0.0000123, SHARE, "0.001%"),
        (-0.05, POINTS, "−5 points"),
        (0.1234, PLAIN, "0.123"),
        (0.00711, PLAIN, "0.0071"),
        (12.345, PLAIN, "12.3"),
        (24_421.0, "rows", "24,421"),
        (1e-9, PLAIN, "1.0e-09"),
        (-0.0, None, "0"),
    ],
)
def test_numbers(value: float | None, scale: Scale, expected: str) -> None:
    assert formatting.number(value, scale) == expected


@given(st.floats(min_value=1e-6, max_value=1 - 1e-6))
def test_nearly_all_never_reads_as_all(value: float) -> None:
    assert formatting.number(value, SHARE) not in ("0%", "100%")


@given(st.floats(min_value=1e-4, max_value=1e6))
def test_a_number_stays_near_itself(value: float) -> None:
    shown = float(formatting.number(value, PLAIN).replace(",", ""))
    assert shown == pytest.approx(value, rel=0.06)


@pytest.mark.parametrize(
    ("value", "low", "high", "scale", "expected"),
    [
        (0.12, 0.10, 0.14, PLAIN, "0.12 (0.10–0.14)"),
        (1.2, 1.083, 1.317, PLAIN, "1.20 (1.08–1.32)"),
        (0.0531, 0.0502, 0.056, SHARE, "5.3% (5.0–5.6%)"),
        (-0.05, -0.07, 0.03, POINTS, "−5 points (−7 to 3 points)"),
        (0.5, 0.5, 0.5, PLAIN, "0.5"),
        (0.5, None, 0.6, PLAIN, "0.5"),
        (None, None, None, PLAIN, "–"),
        (0.5, 0.4, float("inf"), PLAIN, "0.5"),
    ],
)
def test_estimates(value: float, low: float, high: float, scale: Scale, expected: str) -> None:
    assert formatting.estimate(value, low, high, scale) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (SHARE, True),
        (POINTS, True),
        (Unit.SHARE, True),
        (Unit.SHARE_PER_GENERATION, True),
        (Unit.POINTS_PER_GENERATION, True),
        (Scale(Unit.RATIO, "share of this over share of that", Better.ONE), False),
        (Unit.DISTANCE_PER_GENERATION, False),
        (Unit.STANDARD_DEVIATIONS, False),
        (Unit.AREA, False),
        (None, False),
    ],
)
def test_only_shares_are_percent(scale: Scale | Unit | None, expected: bool) -> None:
    assert formatting.is_share(scale) is expected


def test_baselines() -> None:
    assert formatting.baseline(0.01, PLAIN) == "two halves of the real data: 0.01"
    assert formatting.baseline(None, PLAIN) == "no real-against-real number"


@pytest.mark.parametrize(("amount", "expected"), [(0, "0 bytes"), (999, "999 bytes"), (2_345_678, "2.3 MB")])
def test_sizes(amount: int, expected: str) -> None:
    assert formatting.size(amount) == expected


def test_scales_are_read_out() -> None:
    assert formatting.reading(SHARE) == "share of rows, 0% to 100%, lower is better"
    assert formatting.reading(PLAIN) == "standard deviations, 0 to no upper end, lower is better"
    assert formatting.reading(Scale(Unit.RATIO, "ratio", Better.ONE)) == "ratio, 1 is best, both sides count"


def test_every_grade_kind_role_and_family_has_a_word_and_grades_have_signs_of_their_own() -> None:
    assert all(formatting.kind_word(kind) for kind in Kind)
    assert all(formatting.role_word(role) for role in Role)
    assert all(formatting.family_word(family) for family in Family)
    assert len({formatting.grade_icon(grade) for grade in (*Grade, None)}) == len(Grade) + 1
    assert len({formatting.grade_word(grade) for grade in (*Grade, None)}) == len(Grade) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age", "age"),
        ("naïve 日本 👩‍🚀", "naïve 日本 👩‍🚀"),
        ("a\u00a0b", "a\u00a0b"),
        ("a\x00b\nc\x7f", "a␀b␊c␡"),
        ("\u202ecod.exe\u2066", "⟨202E⟩cod.exe⟨2066⟩"),
        ("\ufeffid\u200b", "⟨FEFF⟩id⟨200B⟩"),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, expected: str) -> None:
    assert formatting.visible_text(text) == expected


def test_no_character_that_reorders_or_controls_is_left() -> None:
    every = formatting.visible_text("".join(chr(code) for code in range(sys.maxunicode + 1)))
    assert {unicodedata.category(c) for c in every} & {"Cc", "Cs"} == set()
    assert not set(every) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\ufeff"
    )


def test_long_names_are_cut_inside_sentences() -> None:
    name = "n" * 5_000
    assert (
        formatting.sentence(f"The distance of {name} is 0.1.", (name,))
        == f"The distance of {'n' * 59}… is 0.1."
    )
    assert len(formatting.sentence("x" * 5_000)) == 600


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_text_colour_can_be_read_on_both_grounds(colours: Palette) -> None:
    # WCAG 2.2, 1.4.3: at least 4.5 to 1
    for name in ("ink", "muted", "synthetic", *set(TONES.values())):
        for ground in (colours.surface, colours.raised):
            pair = sorted((luminance(getattr(colours, name)), luminance(ground)))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground)
