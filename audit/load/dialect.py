"""How a text file is written as a table: separator, quoting, comments, header, preamble."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from audit.load.cells import NUMBER

SAMPLE = 1 << 19
_RECORDS = 400
_SEPARATORS = (",", ";", "\t", "|", "||", "::", "~", "^", "\x1f", "\x01")
_NUMERIC = re.compile(NUMBER.replace("0-9]+[.]?", "0-9]+[.,]?"))
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a text file.

    separator, quote, escape : characters; quote "" for none
    comment : "#" where lines that start with it are skipped
    skip : lines before the first record (a preamble or a "sep=" line)
    header : whether the first record holds names
    names : of the columns, as written; made up where there is no header
    width : cells of most records
    share : of records that have this width
    wrapped : every line is quoted as a whole
    row_names : the first column has no name, as R writes row names
    sep_line : the separator was given in the file
    """

    separator: str
    quote: str = '"'
    escape: str = '"'
    comment: str = ""
    skip: int = 0
    header: bool = True
    names: tuple[str, ...] = ()
    width: int = 1
    share: float = 1.0
    wrapped: bool = False
    row_names: bool = False
    sep_line: bool = False


@dataclass(frozen=True, slots=True)
class _Try:
    separator: str
    quote: str
    share: float
    width: int
    records: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


def sniff(sample: str, whole: bool, given: Mapping[str, str]) -> Dialect:
    """The dialect of a text file, from its start.

    Parameters
    ----------
    sample : text with line feeds only
    whole : whether the sample is the whole file
    given : readings to use instead of guesses: "delimiter", "quote", "header"
    """
    first, _, rest = sample.partition("\n")
    if first.lower().startswith("sep=") and len(first) <= 6:
        found = sniff(rest, whole, {**given, "delimiter": first[4:] or ","})
        return replace(found, skip=found.skip + 1, sep_line=True)
    comment = _comment(sample)
    if comment:
        sample = re.sub(r"(?m)^#[^\n]*\n?", "", sample)
    best = _choose(sample, whole, given)
    if _is_wrapped(best):
        inner = "\n".join(record[0] for record in best.records)
        return replace(sniff(inner, whole, given), wrapped=True, comment=comment)
    return replace(_dialect(best, sample, given), comment=comment)


def _comment(sample: str) -> str:
    """Whether lines that start with # are comments: the file starts with one that is no header."""
    lines = [line for line in sample.split("\n", 60)[:60] if line.strip()]
    marked = [line for line in lines if line.startswith("#")]
    if not marked or len(marked) == len(lines) or not lines[0].startswith("#"):
        return ""
    following = next(line for line in lines if not line.startswith("#"))
    header = any(lines[0].count(s) == following.count(s) > 0 for s in (",", ";", "\t", "|"))
    return "" if header and len(marked) == 1 else "#"


def _choose(sample: str, whole: bool, given: Mapping[str, str]) -> _Try:
    separators = (given["delimiter"],) if given.get("delimiter") else _SEPARATORS
    present = [s for s in separators if s in sample] or [separators[0]]
    doubled = [s[0] for s in present if len(s) > 1 and sample.count(s) * 2 >= 0.95 * sample.count(s[0])]
    present = [s for s in present if s not in doubled]
    quotes = [given["quote"]] if "quote" in given else ['"']
    if "quote" not in given and re.search(r"(?m)(^|[,;\t|])'[^'\n]*'([,;\t|]|$)", sample):
        quotes.append("'")
    tries = [_parse(sample, whole, separator, quote) for separator in present for quote in quotes]
    many = [one for one in tries if one.width > 1 and one.share >= 0.5]
    if not many:
        spaced = (
            _parse(sample, whole, " ", quotes[0]) if " " in sample and not given.get("delimiter") else None
        )
        if spaced is not None and spaced.width > 2 and spaced.share > 0.95:
            return spaced
        return next((one for one in tries if one.separator == ","), tries[0]) if tries else tries[0]
    return max(many, key=lambda one: (one.share, one.width, one.quote == '"'))


def _parse(sample: str, whole: bool, separator: str, quote: str) -> _Try:
    text, mark = sample, separator
    if len(separator) > 1:  # the csv module knows single characters only
        mark = "\x1e"
        text = sample.replace(separator, mark)
    options: dict[str, object] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    if _backslash(sample, quote):
        options |= {"escapechar": "\\", "doublequote": False}
    reader = csv.reader(io.StringIO(text), delimiter=mark, **options)  # type: ignore[arg-type]
    records: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for record in reader:
            if record:
                records.append(tuple(record))
                lines.append(reader.line_num)
            if len(records) >= _RECORDS:
                break
    except csv.Error:
        records, lines = records[:-1], lines[:-1]
    if len(records) > 1 and not whole and len(records) < _RECORDS:
        records, lines = records[:-1], lines[:-1]
    counts = Counter(len(record) for record in records)
    width, most = max(counts.items(), key=lambda item: (item[1], item[0])) if counts else (1, 0)
    return _Try(separator, quote, most / max(1, len(records)), width, tuple(records), tuple(lines))


def _backslash(sample: str, quote: str) -> bool:
    return bool(quote) and f"\\{quote}" in sample and quote * 2 not in sample.replace(f"\\{quote}", "")


def _is_wrapped(best: _Try) -> bool:
    """Whether every line is one quoted cell that is itself a line of a table."""
    if best.width != 1 or len(best.records) < 2:
        return False
    counts = Counter(max(record[0].count(s) for s in ",;\t|") for record in best.records)
    separators, most = counts.most_common(1)[0]
    return separators > 0 and most >= 0.9 * len(best.records)


def _dialect(best: _Try, sample: str, given: Mapping[str, str]) -> Dialect:
    start = _first_record(best)
    records = best.records[start:]
    skip = best.lines[start - 1] if start else _blank_lines(sample)
    escape = "\\" if _backslash(sample, best.quote) else best.quote
    found = Dialect(best.separator, best.quote, escape, skip=skip, width=best.width, share=best.share)
    if not records:
        return found
    if not _has_header(records, given):
        names = tuple(f"column_{number}" for number in range(1, best.width + 1))
        return replace(found, header=False, names=names)
    names, row_names = _names(records)
    return replace(found, names=names, width=max(best.width, len(names)), row_names=row_names)


def head_of(
    records: Sequence[tuple[str, ...]], width: int, given: Mapping[str, str]
) -> tuple[int, tuple[str, ...]]:
    """Where a table starts in rows of cells: rows before the header, and the names.

    The names are empty where the first row is data; the position is then that of this row.
    """
    start = _first_record(_Try("", "", 1.0, width, tuple(records), ()))
    below = records[start:]
    if not below or not _has_header(below, given):
        return start, ()
    return start, (*below[0], *[""] * (width - len(below[0])))


def _blank_lines(sample: str) -> int:
    return len(sample) - len(sample.lstrip("\n"))


def _first_record(best: _Try) -> int:
    """Records before the header: titles, and rows of merged groups above it."""
    if best.width < 2:
        return 0
    filled = [sum(bool(cell.strip()) for cell in record) for record in best.records[:60]]
    least = best.width - 1 if best.width > 2 else best.width
    wide = [n for n, record in enumerate(best.records[:50]) if len(record) >= least and filled[n] > 1]
    for position in wide:
        # A title or a row of merged groups has gaps where the rows below it have none.
        gaps = filled[position] < 0.8 * best.width and filled[position] < min(
            filled[position + 1 : position + 4], default=0
        )
        if not gaps:
            return position if _has_header(best.records[position:], {}) else wide[0]
    return wide[0] if wide else 0


def _names(records: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], bool]:
    header, rows = records[0], records[1:]
    width = max(
        Counter(len(row) for row in rows).items(), key=lambda item: item[1], default=(len(header), 0)
    )[0]
    if rows and width == len(header) + 1:
        if all(not row[-1].strip() for row in rows if len(row) == width):
            return (*header, ""), False
        return ("row_names", *header), True
    return (*header, *[""] * (width - len(header))), False


def _has_header(records: Sequence[tuple[str, ...]], given: Mapping[str, str]) -> bool:
    """Whether the first record holds names: not if it is of the same kind as the rows below."""
    if given.get("header") in ("yes", "no"):
        return given["header"] == "yes"
    first, rows = records[0], records[1:201]
    if len(rows) < 2 or len(first) != len(rows[0]):
        return True
    columns = [[row[i].strip() for row in rows if len(row) > i and row[i].strip()] for i in range(len(first))]
    pairs = [
        (cell.strip(), column) for cell, column in zip(first, columns, strict=True) if cell.strip() and column
    ]
    typed = [(cell, pattern) for cell, column in pairs if (pattern := _pattern(column))]
    if typed:
        return not all(_matches(pattern, cell) for cell, pattern in typed) or _counts_up(first)
    repeated = [(cell, column) for cell, column in pairs if len(set(column)) <= 0.5 * len(column)]
    return not repeated or not all(cell in column for cell, column in repeated)


def _pattern(column: Sequence[str]) -> re.Pattern[str] | None:
    """What nearly all cells of a column match: a number or a date."""
    for pattern in (_NUMERIC, _DATE):
        if sum(_matches(pattern, cell) for cell in column) >= 0.9 * len(column):
            return pattern
    return None


def _matches(pattern: re.Pattern[str], cell: str) -> bool:
    # Long cells are no numbers, and patterns with repeats take quadratic time on them.
    return len(cell) <= 64 and pattern.fullmatch(cell) is not None


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether the numbers among the cells count up by one, as positions or years do: names."""
    numbers = [float(cell.replace(",", ".")) for cell in cells if _matches(_NUMERIC, cell.strip())]
    enough = len(numbers) > 2 or len(numbers) == len(cells) == 2
    return enough and all(b - a == 1 for a, b in pairwise(numbers))
