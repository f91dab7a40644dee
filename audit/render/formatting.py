"""Numbers and grades for people, formatted in one place for reports and pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from audit.model import Better, Family, Grade, Kind, Role, Scale, Unit
from audit.render.number_names import MEASURE_WORDS, SUMMARY_WORDS

NONE = "–"
MINUS = "−"

GRADE_WORDS = {
    Grade.PASS: "Pass",
    Grade.WARN: "Warning",
    Grade.INCONCLUSIVE: "Inconclusive",
    Grade.FAIL: "Fail",
    Grade.NOT_APPLICABLE: "Not applicable",
    Grade.NOT_ASSESSABLE: "Not assessed",
    Grade.ERROR: "Error",
}
GRADE_ICONS = {
    Grade.PASS: "✓",
    Grade.WARN: "▲",
    Grade.INCONCLUSIVE: "?",
    Grade.FAIL: "✕",
    Grade.NOT_APPLICABLE: "–",
    Grade.NOT_ASSESSABLE: "○",
    Grade.ERROR: "‼",
}
KIND_WORDS = {Kind.TEXT: "free text", Kind.KEY: "identifier"}
ROLE_WORDS = {Role.NONE: NONE, Role.IGNORE: "ignored"}

PURPOSE_WORDS = {
    "analytics": "analytics",
    "ml_training": "training models",
    "sharing": "sharing",
    "software_testing": "testing software",
}
HEADLINES = {
    Grade.PASS: "Yes. For {purpose}, the synthetic table can stand in for the real one.",
    Grade.WARN: "Yes, with care. For {purpose}, the synthetic table can stand in for the real one; "
    "read the reasons first.",
    Grade.INCONCLUSIVE: "Cannot tell. For {purpose}, this audit does not show whether the synthetic table "
    "can stand in for the real one.",
    Grade.FAIL: "No. For {purpose}, the synthetic table cannot stand in for the real one.",
}
REAL = "_real"  # ends the name of what real rows give
BETTER_WORDS = {
    Better.LOWER: "lower is better",
    Better.HIGHER: "higher is better",
    Better.ZERO: "0 is best, both sides count",
    Better.ONE: "1 is best, both sides count",
}
_ENDINGS = {
    Unit.SHARE: "%",
    Unit.SHARE_PER_GENERATION: "%",
    Unit.POINTS: " points",
    Unit.POINTS_PER_GENERATION: " points",
}  # what is multiplied by 100 and ends so
_PER_GENERATION = (Unit.SHARE_PER_GENERATION, Unit.POINTS_PER_GENERATION, Unit.DISTANCE_PER_GENERATION)


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A number of a summary: its name, that name in words, the value, and what real rows give."""

    name: str
    word: str
    value: float
    real: float | None


def grade_word(grade: Grade | None) -> str:
    """The grade as a word; "Not judged" where nothing judged the number."""
    return "Not judged" if grade is None else GRADE_WORDS[grade]


def grade_icon(grade: Grade | None) -> str:
    """A sign for the grade, in plain text; never shown without the word."""
    return "·" if grade is None else GRADE_ICONS[grade]


def purpose_word(purpose: str) -> str:
    """The purpose as it reads after "for"."""
    return PURPOSE_WORDS.get(purpose, purpose.replace("_", " "))


def headline(grade: Grade, purpose: str) -> str:
    """The answer of a verdict in one or two sentences."""
    return HEADLINES.get(grade, HEADLINES[Grade.INCONCLUSIVE]).format(purpose=purpose_word(purpose))


def measure_word(name: str) -> str:
    """One of several numbers of a check, as a label."""
    text = measure_name(name)
    return text[:1].upper() + text[1:]


def measure_name(name: str) -> str:
    """One of several numbers of a check, within a line; empty for the main one."""
    return MEASURE_WORDS.get(name, name.replace("_", " "))


def summary_lines(summary: Mapping[str, float]) -> list[SummaryLine]:
    """The numbers of a summary in words, each beside what real rows give where that is known."""
    own = [name for name in summary if not (name.endswith(REAL) and name.removesuffix(REAL) in summary)]
    return [SummaryLine(name, summary_word(name), summary[name], summary.get(name + REAL)) for name in own]


def summary_word(name: str) -> str:
    """A number of a check's summary, within a line."""
    return SUMMARY_WORDS.get(name, name.replace("_", " "))


def reading(scale: Scale) -> str:
    """How to read the numbers of a scale: "share of rows, 0% to 100%, lower is better"."""
    ends = ""
    if scale.low is not None or scale.high is not None:
        low = "no lower end" if scale.low is None else number(scale.low, scale)
        high = "no upper end" if scale.high is None else number(scale.high, scale)
        ends = f", {low} to {high}"
    return f"{scale.words}{ends}, {BETTER_WORDS[scale.better]}"


def family_word(family: Family) -> str:
    """The family as a heading."""
    return family.value.capitalize()


def kind_word(kind: Kind) -> str:
    """The kind of a column as a reader would say it."""
    return KIND_WORDS.get(kind, kind.value)


def role_word(role: Role) -> str:
    """The role of a column as a reader would say it; a dash for none."""
    return ROLE_WORDS.get(role, role.value.replace("_", "-"))


def count(number: int) -> str:
    """A whole number with separators: 24,421."""
    return f"{number:,}"


def size(number: int) -> str:
    """A number of bytes in the unit that suits it: 2.3 MB."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def number(value: float | None, scale: Scale | Unit | None = None, decimals: int | None = None) -> str:
    """A number with the digits that matter, as its unit asks.

    scale : the scale of the check, or its unit; shares come as percent, differences of
        shares as percentage points, counts with separators, the rest as plain numbers
    decimals : a fixed number of them; by default two or three significant digits, and never
        so few that nearly all reads as all or nearly none as none
    """
    if value is None or not math.isfinite(value):
        return NONE
    factor, ending = _unit(scale)
    shown = value * factor
    text = _trimmed(shown, _decimals(shown, factor)) if decimals is None else f"{shown:,.{decimals}f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.,") else MINUS + text[1:]
    return text + ending


def interval(
    low: float | None, high: float | None, scale: Scale | Unit | None = None, decimals: int | None = None
) -> str:
    """Both ends of an interval: 0.10–0.14; with "to" where an end is negative or missing."""
    if low is None and high is None:
        return NONE
    ends = [number(end, scale, decimals) for end in (low, high)]
    ending = _unit(scale)[1]
    if ending and ends[0].endswith(ending):
        ends[0] = ends[0][: -len(ending)]
    plain = low is not None and high is not None and low >= 0
    return ("–" if plain else " to ").join(ends)


def estimate(
    value: float | None, low: float | None, high: float | None, scale: Scale | Unit | None = None
) -> str:
    """A number with its interval: 0.12 (0.10–0.14); alone where every row was counted."""
    if value is None or low is None or high is None or not high > low:
        return number(value, scale)
    if not (math.isfinite(value) and math.isfinite(low) and math.isfinite(high)):
        return number(value, scale)
    half = (high - low) / 2 * _unit(scale)[0]
    decimals = min(6, max(0, math.ceil(-math.log10(half) + 0.25)))  # one more digit where it leads with 1
    return f"{number(value, scale, decimals)} ({interval(low, high, scale, decimals)})"


def baseline(value: float | None, scale: Scale | Unit | None = None) -> str:
    """What real against real gives, in words."""
    if value is None:
        return "no real-against-real number"
    return f"{reference(scale)}: {number(value, scale)}"


def reference(scale: Scale | Unit | None) -> str:
    """What a number is compared with: what is followed over generations with what chance takes."""
    return "a perfect generator" if is_per_generation(scale) else "two halves of the real data"


def is_per_generation(scale: Scale | Unit | None) -> bool:
    """Whether the number follows something from table to table."""
    return _unit_of(scale) in _PER_GENERATION


def shorten(text: str, limit: int = 48) -> str:
    """At most `limit` characters, the last one an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def sentence(text: str, names: tuple[str, ...] = (), limit: int = 600) -> str:
    """A sentence with long column names shortened in it, and an end."""
    for name in names:
        if len(name) > 60:
            text = text.replace(name, shorten(name, 60))
    return shorten(text, limit)


def visible_text(text: str) -> str:
    """The text with what cannot be seen made visible.

    Control characters become their pictures (␀, ␊), characters that reorder text or take no
    room become their code in brackets, halves of characters become the replacement sign.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character.isprintable() else _picture(character) for character in text)


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if character in "\u200c\u200d" or character.isspace():
        return character if code not in (0x85, 0x2028, 0x2029) else " "
    if 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "\ufffd"
    if 0xE000 <= code <= 0xF8FF or code > 0xE0FFF:
        return character
    return f"⟨{code:04X}⟩"


def is_share(scale: Scale | Unit | None) -> bool:
    """Whether numbers of this unit are shares or their differences, shown as percent or points."""
    return _unit_of(scale) in _ENDINGS


def _unit_of(scale: Scale | Unit | None) -> Unit | None:
    return scale.unit if isinstance(scale, Scale) else scale


def _unit(scale: Scale | Unit | None) -> tuple[float, str]:
    """What a number is multiplied by, and what is written after it."""
    ending = _ENDINGS.get(_unit_of(scale) or Unit.NUMBER, "")
    return (100.0 if ending else 1.0), ending


def _decimals(shown: float, factor: float) -> int:
    size = abs(shown)
    if size == 0 or size >= 100 * max(1.0, factor / 10):
        return 0
    digits = 3 if size >= 0.1 * factor else 2 if size >= 1e-4 * factor else 1
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    left = abs(factor - size)
    if 0 < left < 0.01 * factor:
        decimals = max(decimals, -math.floor(math.log10(left)))
    return decimals


def _trimmed(shown: float, decimals: int) -> str:
    if shown and (abs(shown) < 1e-6 or abs(shown) >= 1e15):
        return f"{shown:.1e}"
    written = f"{shown:.10f}".rstrip("0").partition(".")[2]  # 0.5 stays 0.5, 0.8012 becomes 0.80
    return f"{shown:,.{min(decimals, len(written))}f}"
