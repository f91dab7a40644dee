"""Every colour in one place, so that figures, pages and reports never disagree.

Real data are always a neutral grey and filled; synthetic data are always blue and outlined or
dashed. So the two stay apart in greyscale and for readers who do not see colour. No grade is
grey or blue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.model import Grade


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as #rrggbb.

    real, synthetic, holdout : the tables; less : where synthetic has less than real
    first, second, third : series that are no table, told apart by dashes as well
    """

    real: str
    synthetic: str
    holdout: str
    first: str
    second: str
    third: str
    less: str
    ink: str
    muted: str
    line: str
    surface: str
    raised: str
    good: str
    warn: str
    unsure: str
    bad: str
    broken: str


LIGHT = Palette(
    real="#5b6470",
    synthetic="#0b5fce",
    holdout="#8b5e1a",
    first="#8a2d83",
    second="#0f766e",
    third="#1b1f24",
    less="#b35806",
    ink="#1b1f24",
    muted="#59626d",
    line="#d9dee4",
    surface="#ffffff",
    raised="#f6f7f9",
    good="#18794e",
    warn="#8f5a00",
    unsure="#6941b8",
    bad="#bf2419",
    broken="#8a1c5c",
)
DARK = Palette(
    real="#a7b0bd",
    synthetic="#6aa9ff",
    holdout="#d9a85f",
    first="#e08bd8",
    second="#4fc4b7",
    third="#e8ebef",
    less="#f0a35e",
    ink="#e8ebef",
    muted="#a3acb8",
    line="#333a44",
    surface="#14171c",
    raised="#1c2027",
    good="#56c48a",
    warn="#e5a93c",
    unsure="#b79bf0",
    bad="#ff8178",
    broken="#e58fc0",
)

TONES = {
    Grade.PASS: "good",
    Grade.WARN: "warn",
    Grade.INCONCLUSIVE: "unsure",
    Grade.FAIL: "bad",
    Grade.NOT_APPLICABLE: "muted",
    Grade.NOT_ASSESSABLE: "muted",
    Grade.ERROR: "broken",
}

TABLES = ("real", "synthetic", "holdout")
OTHERS = ("first", "second", "third")
DASHES = {
    "real": "solid",
    "synthetic": "dash",
    "holdout": "dot",
    "first": "solid",
    "second": "dash",
    "third": "dashdot",
}


def palette(theme: str = "light") -> Palette:
    """The colours of a theme, "light" or "dark"; light for anything else."""
    return DARK if theme == "dark" else LIGHT


def grade_colour(grade: Grade, theme: str = "light") -> str:
    """The colour of a grade; never shown without its icon and word."""
    return str(getattr(palette(theme), TONES[grade]))


def series_looks(names: Sequence[str]) -> list[str]:
    """The look of every series of a chart: a table's own, else "first", "second", "third" in turn."""
    others = [name for name in names if name not in TABLES]
    return [name if name in TABLES else OTHERS[others.index(name) % len(OTHERS)] for name in names]


def look_colour(look: str, theme: str = "light") -> str:
    """The colour of a look."""
    return str(getattr(palette(theme), look))


def with_opacity(colour: str, cover: float) -> str:
    """A colour "#rrggbb" that covers its ground in part only, so that it fits either theme; cover from 0 to 1."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{cover:g})"
