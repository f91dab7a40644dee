"""Other ways to write numbers and dates, tried on columns that are not plain.

A reading is chosen on the most frequent different cells of a column and then holds only if
nearly all of its cells, counted over every row, can be read that way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audit.load.cells import NUMBER
from audit.load.engine import literal

SIGNS = "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"  # minus signs and dashes
GAPS = "\u00a0\u202f\u2009\u2007 '\u2019"  # between groups of three digits
_STARTS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10)  # zeros of other writings
_CURRENCY = "(?:[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9]|USD|EUR|GBP|CHF|JPY|CNY|INR|Rs[.]?|kr|z\u0142)"
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|[1-9]\d{0,2}(_\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,5})?")
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|[1-9]\d{0,2}(_\d{3})+|\d+)?(,\d*)?([eE][+-]?\d{1,5})?")

# Years of two digits first: "%Y" would read "31.01.24" as the year 24.
DATE_FORMATS = (
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d-%b-%y", "%d/%m/%Y", "%m/%d/%Y"),
    *("%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%d %B %Y"),
    *("%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%b %d %Y", "%a, %d %b %Y", "%d. %B %Y"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
_DATE_SHAPE = re.compile(r"(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{1,2}[-. ]+[A-Za-z]{3,9}|[A-Za-z]{3,9},? \d)")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """One way to read a column of text.

    label : such as "decimal comma", "percent" or "%d.%m.%Y"; what Field.reading holds
    value : SQL of the value, from the SQL of a trimmed cell {t}; NULL where it cannot be read
    date : True for dates, False for numbers
    unsure : another reading fits as well, such as day and month the other way round
    """

    label: str
    value: str
    date: bool = False
    unsure: bool = False

    def value_sql(self, cell: str) -> str:
        """SQL of the value of a trimmed cell."""
        return self.value.replace("{t}", cell)


def _latin_digits(text: str) -> str:
    """SQL: other digits as 0-9, other minus signs as -, any gap as _."""
    other = "".join(chr(start + digit) for start in _STARTS for digit in range(10))
    plain = "0123456789" * len(_STARTS)
    one = f"translate({text}, {literal(other + SIGNS + GAPS)}, {literal(plain + '-' * len(SIGNS) + '_' * len(GAPS))})"
    return f"regexp_replace({one}, '[_]+', '_', 'g')"


def _bare(text: str) -> str:
    """SQL: without currency, percent sign, trailing minus or brackets around."""
    steps = (
        (r"^_*([+-]?)_*%(c)s_*([+-]?)", r"\1\2"),
        (r"_*%(c)s_*$", ""),
        (r"_*%%$", ""),
        (r"^([0-9.,_]*[0-9])_?-$", r"-\1"),
        (r"^\(([0-9.,_]+)\)$", r"-\1"),
        (r"^_+|_+$", ""),
    )
    for find, put in steps:
        text = f"regexp_replace({text}, {literal(find % {'c': _CURRENCY})}, {literal(put)}, 'g')"
    return text


def _number_sql(comma: bool) -> str:
    shape = _COMMA if comma else _POINT
    group, mark = (".", ",") if comma else (",", ".")
    bare = _bare(_latin_digits("{t}"))
    joined = f"replace(replace(replace({bare}, '_', ''), {literal(group)}, ''), {literal(mark)}, '.')"
    fits = f"regexp_full_match({bare}, {literal(shape.pattern)})"
    plain = f"regexp_full_match({joined}, {literal(NUMBER)})"
    return f"CASE WHEN {fits} AND {plain} THEN TRY_CAST({joined} AS DOUBLE) END"


POINT_SQL = _number_sql(comma=False)
COMMA_SQL = _number_sql(comma=True)
_TABLE = str.maketrans(
    "".join(chr(start + digit) for start in _STARTS for digit in range(10)) + SIGNS + GAPS,
    "0123456789" * len(_STARTS) + "-" * len(SIGNS) + "_" * len(GAPS),
)


def _bare_text(cell: str) -> str:
    text = re.sub("_+", "_", cell.translate(_TABLE))
    text = re.sub(rf"^_*([+-]?)_*{_CURRENCY}_*([+-]?)", r"\1\2", text)
    text = re.sub(rf"_*{_CURRENCY}_*$|_*%$", "", text)
    text = re.sub(r"^([0-9.,_]*[0-9])_?-$", r"-\1", text)
    text = re.sub(r"^\(([0-9.,_]+)\)$", r"-\1", text)
    return text.strip("_")


def number_format(cells: Sequence[str], decimal_comma: bool = False) -> CellFormat | None:
    """How these cells can be read as numbers, or None.

    Parameters
    ----------
    cells : different trimmed cells, the most frequent first
    decimal_comma : whether other columns of the file are written with a decimal comma
    """
    if any("_" in cell for cell in cells):
        return None
    bare = [_bare_text(cell) for cell in cells]
    digits = [any(char.isdigit() for char in text) for text in bare]
    point = sum(d and bool(_POINT.fullmatch(t)) for d, t in zip(digits, bare, strict=True))
    comma = sum(d and bool(_COMMA.fullmatch(t)) for d, t in zip(digits, bare, strict=True))
    if max(point, comma) < 0.8 * len(cells):
        return None
    with_comma = comma > point or (comma == point and decimal_comma)
    unsure = comma == point and any("," in text for text in bare)
    label = ", ".join(_features(cells, bare, with_comma)) or "other writing"
    return CellFormat(label, COMMA_SQL if with_comma else POINT_SQL, unsure=unsure)


def _features(cells: Sequence[str], bare: Sequence[str], comma: bool) -> list[str]:
    whole = "\n".join(cells)
    group = r"\d\.\d{3}(?!\d)" if comma else r"\d,\d{3}"
    tests = (
        ("decimal comma", comma and any("," in text for text in bare)),
        ("thousands point" if comma else "thousands comma", any(re.search(group, text) for text in bare)),
        ("thousands space", any("_" in text for text in bare)),
        ("percent", "%" in whole),
        ("currency", bool(re.search(_CURRENCY, whole))),
        ("unicode or trailing minus", bool(re.search(rf"[{SIGNS}]|\d ?-$|^\(", whole, re.M))),
        ("other digits", any(char.isdigit() and not char.isascii() for char in whole)),
    )
    return [label for label, found in tests if found]


def looks_dated(cells: Sequence[str]) -> bool:
    """Whether it is worth to try date formats on these cells."""
    return sum(bool(_DATE_SHAPE.search(cell)) for cell in cells) >= 0.3 * len(cells)


def date_format(form: str, unsure: bool = False) -> CellFormat:
    """Dates in a strptime format."""
    # strptime reads "1.10.0" as a date; a year has two or four digits, as the format says.
    year = r"[0-9]{4}" if "%Y" in form else r"[^0-9][0-9]{2}([ ,]|$)"
    parsed = f"try_strptime({{t}}, {literal(form)})"
    value = f"CASE WHEN regexp_matches({{t}}, {literal(year)}) THEN {parsed} END"
    return CellFormat(form, value, date=True, unsure=unsure)


def swap_day_month(form: str) -> str:
    """The format with day and month the other way round; "" where that makes no format."""
    for one, two in (("%d/%m", "%m/%d"), ("%d-%m", "%m-%d"), ("%d.%m", "%m.%d")):
        if form.startswith(one):
            return form.replace(one, two)
        if form.startswith(two):
            return form.replace(two, one)
    return ""


def date_formats() -> tuple[str, ...]:
    """Every format that is tried."""
    return tuple(date + time for date in DATE_FORMATS for time in TIMES)
