"""Formats of codes, keys and texts: learned from real rows, proved on real rows kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.arrays import Bools, Bytes, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.streams import Stream
from audit.declare.rules import Rule, RuleKind
from audit.learn.features import sample_rows
from audit.load.table import Stored
from audit.mining.patterns import CHECKSUMS, any_of, learn_patterns
from audit.model import Column, Kind
from audit.stats.identifiers import checksums

_ROWS = 10_000  # real rows that patterns are learned from
_MIN_CELLS = 100  # cells that something can be learned from, and as many that can prove it
_HOLDS = 0.99  # of the cells kept apart that fit
_CLOSED = 50  # different values of a category up to which its list of values says more than a format
_TESTED = 1000  # real cells behind a checksum
_RIGHT = 0.999  # of those that have right check digits
_DIFFERENT = 20  # values behind a checksum: one number in ten is right by chance
_AT_ONCE = 500  # columns asked in one pass
_LONG, _EXACT = 1e7, 2.0**53  # whole numbers of eight digits, and those that a float holds exactly
_FORMS = {
    "<iban>": r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
    "<isbn>": r"^(?:[0-9]{9}[0-9X]|97[89][0-9]{10})$",
    "<ean>": r"^(?:[0-9]{8}|[0-9]{12,14})$",
    "<luhn>": r"^[0-9]{8,19}$",
}
_SCHEMES: Mapping[str, Callable[[Bytes], Bools]] = {
    "<iban>": checksums.iban,
    "<isbn>": checksums.isbn,
    "<ean>": checksums.ean,
    "<luhn>": checksums.luhn,
}


@dataclass(frozen=True, slots=True)
class PatternFit:
    """How the cells of a table follow a format: `rows` do not, of `rows_tested` that could."""

    rows: int
    rows_tested: int


@dataclass(frozen=True, slots=True)
class ChecksumRule:
    """A rule and how it holds in the real rows that it was not learned from."""

    rule: Rule
    real: PatternFit


@dataclass(frozen=True, slots=True)
class Formats:
    """What was found.

    patterns, sums : at most one of each for a column
    free : columns that have no format
    """

    patterns: tuple[ChecksumRule, ...]
    sums: tuple[ChecksumRule, ...]
    free: tuple[str, ...]


def mine_formats(case: Case) -> Formats:
    """Patterns and checksums of text, keys and open categories."""
    return case.shared("what cells are written like", lambda: _formats(case))


def has_format(case: Case, column: Column) -> bool:
    """Whether a column's cells are written in signs, and are not a short list of labels."""
    if column.kind is Kind.TEXT:
        return True
    if column.kind is Kind.KEY:
        # Numbers that count the rows have no fixed length.
        return case.real.field(column.name).stored is Stored.TEXT
    return column.kind is Kind.CATEGORY and case.real.field(column.name).distinct > _CLOSED


def _formats(case: Case) -> Formats:
    samples = {column.name: _sample(case, column) for column in case.columns if has_format(case, column)}
    told = {name: texts for name, texts in samples.items() if len(set(texts)) > 1}
    learned = [rule for name, texts in told.items() for rule in _learned(case, name, texts)]
    patterns = tuple(_proved_patterns(case, learned))
    numbered = {column.name: _sample(case, column) for column in _long_numbers(case)}
    sums = tuple(
        found for name, texts in {**told, **numbered}.items() for found in _proved_sums(case, name, texts)
    )
    formed = {proved.rule.columns[0] for proved in (*patterns, *sums)}
    return Formats(patterns, sums, tuple(name for name in told if name not in formed))


def _learned(case: Case, name: str, texts: Sequence[str]) -> Iterator[Rule]:
    if len(texts) < _MIN_CELLS:
        return
    patterns = learn_patterns(texts, case.k, counted=case.column(name).kind is Kind.KEY)
    if patterns:
        yield Rule(RuleKind.FORMAT, (name,), patterns=patterns)


def _long_numbers(case: Case) -> list[Column]:
    """Whole-number columns that may end in check digits: long numbers, and many of them."""
    columns = [
        column
        for column in case.of_kind(Kind.NUMBER, Kind.KEY)
        if case.real.field(column.name).stored is Stored.INTEGER
        and case.real.field(column.name).distinct >= _MIN_CELLS
    ]
    found = []
    for start in range(0, len(columns), _AT_ONCE):
        batch = columns[start : start + _AT_ONCE]
        keys = [case.key(column.name) for column in batch]
        numbers = [nw.col(key).cast(nw.Float64) for key in keys]
        row = case.real.frame.select(
            *(number.min().alias(f"l{key}") for number, key in zip(numbers, keys, strict=True)),
            *(number.max().alias(f"m{key}") for number, key in zip(numbers, keys, strict=True)),
        ).collect()
        found += [
            column
            for column, key in zip(batch, keys, strict=True)
            if row[f"l{key}"][0] >= _LONG and row[f"m{key}"][0] < _EXACT
        ]
    return found


def _sample(case: Case, column: Column) -> list[str]:
    """Some cells of the real rows to learn from: those of odd rows where no holdout proves them."""
    rows = sample_rows(case.real, _ROWS if case.holdout is not None else 2 * _ROWS, case.rng(Stream.FORMATS))
    if case.holdout is None:
        rows = rows[rows % 2 == 0]
    frame = case.real.frame
    if len(rows) < case.real.rows:
        frame = frame.filter(nw.col("row").is_in((rows + 1).tolist()))
    found = frame.select("row", _text(case, column.name).alias("cell")).sort("row").collect()
    return [value for value in found.get_column("cell").to_list() if value is not None]


def _text(case: Case, name: str) -> nw.Expr:
    """Cells as they are written; numbers are whole here."""
    cell = nw.col(case.key(name))
    return cell.cast(nw.Int64).cast(nw.String) if case.column(name).kind is Kind.NUMBER else cell


def _kept_apart(case: Case) -> tuple[CaseTable, nw.LazyFrame[Any]]:
    """Real rows that no pattern was learned from."""
    if case.holdout is not None:
        return case.holdout, case.holdout.frame
    return case.real, case.real.frame.filter(nw.col("row") % 2 == 0)


def _proved_patterns(case: Case, rules: Sequence[Rule]) -> Iterator[ChecksumRule]:
    """Those that nearly all cells kept apart follow."""
    _, frame = _kept_apart(case)
    for rule, fit in zip(rules, pattern_fits(case, frame, rules), strict=True):
        if fit.rows_tested >= _MIN_CELLS and fit.rows <= (1 - _HOLDS) * fit.rows_tested:
            yield ChecksumRule(_supported(rule, fit), fit)


def _supported(rule: Rule, fit: PatternFit) -> Rule:
    return Rule(
        rule.kind,
        rule.columns,
        patterns=rule.patterns,
        support=fit.rows_tested,
        confidence=1 - fit.rows / fit.rows_tested,
    )


def pattern_fits(case: Case, frame: nw.LazyFrame[Any], rules: Sequence[Rule]) -> list[PatternFit]:
    """How all cells of a table follow patterns, in one pass over it."""
    if not rules:
        return []
    wanted = []
    for i, rule in enumerate(rules):
        key = case.key(rule.columns[0])
        wanted.append(nw.col(key).count().alias(f"t{i}"))
        wanted.append(nw.when(misfit_expression(case, rule)).then(1).otherwise(0).sum().alias(f"b{i}"))
    found = frame.select(*wanted).collect()
    return [PatternFit(int(found[f"b{i}"][0] or 0), int(found[f"t{i}"][0])) for i in range(len(rules))]


def misfit_expression(case: Case, rule: Rule) -> nw.Expr:
    """Cells that follow none of the patterns of a rule."""
    return ~nw.col(case.key(rule.columns[0])).str.contains(any_of(rule.patterns))


def _proved_sums(case: Case, name: str, texts: Sequence[str]) -> Iterator[ChecksumRule]:
    """The checksum that real cells keep, where there is one: first of the sample, then of every row."""
    array = pa.array(texts, type=pa.string())
    for scheme in CHECKSUMS:
        if not _keeps(*_summed(array, scheme), len(texts), least=_DIFFERENT):
            continue
        part, frame = _kept_apart(case)
        rule = Rule(RuleKind.FORMAT, (name,), patterns=(scheme,))
        fit = sum_fit(case, case.real.frame, rule)
        apart = sum_fit(case, frame, rule) if part is not case.real else fit
        if fit.rows_tested >= _TESTED and fit.rows <= (1 - _RIGHT) * fit.rows_tested and apart.rows_tested:
            yield ChecksumRule(_supported(rule, apart), apart)
            return


def _keeps(right: Ints, cells: pa.Array, among: int, least: int) -> bool:
    """Whether nearly all cells have the form, nearly all of these right check digits, and many values."""
    tested = len(right)
    return (
        tested >= _RIGHT * among
        and tested >= least
        and float(right.sum()) >= _RIGHT * tested
        and int(pc.count_distinct(cells).as_py()) >= least
    )


def sum_fit(case: Case, frame: nw.LazyFrame[Any], rule: Rule) -> PatternFit:
    """How all cells of a table keep a checksum; cells of another form are not tested."""
    cells = frame.select(_text(case, rule.columns[0]).alias("cell")).collect().to_arrow().column(0)
    rows = tested = 0
    for chunk in cells.chunks:
        right, _ = _summed(chunk, rule.patterns[0])
        rows, tested = rows + int((right == 0).sum()), tested + len(right)
    return PatternFit(rows, tested)


def wrong_sums(case: Case, part: CaseTable, rule: Rule, most: int) -> tuple[int, ...]:
    """The first rows of a table whose check digits are wrong."""
    table = part.frame.select("row", _text(case, rule.columns[0]).alias("cell")).collect().to_arrow()
    found: list[int] = []
    for batch in table.to_batches():
        cells = _plain(batch.column(1))
        formed = pc.fill_null(pc.match_substring_regex(cells, _FORMS[rule.patterns[0]]), False)
        right, _ = _summed(batch.column(1), rule.patterns[0])
        found += batch.column(0).filter(formed).to_numpy(zero_copy_only=False)[right == 0].tolist()
    return tuple(sorted(found)[:most])


def _plain(cells: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(cells, "[ -]", "")


def _summed(cells: pa.Array, scheme: str) -> tuple[Ints, pa.Array]:
    """1 for each cell of the scheme's form whose check digits are right, 0 for others; and those cells."""
    plain = _plain(cells)
    plain = plain.filter(pc.fill_null(pc.match_substring_regex(plain, _FORMS[scheme]), False))
    lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
    right = np.zeros(len(plain), dtype=np.int64)
    for length in np.unique(lengths):
        places = np.flatnonzero(lengths == length)
        right[places] = _SCHEMES[scheme](_codes(plain.take(pa.array(places)), int(length)))
    return right, plain


def _codes(cells: pa.Array, length: int) -> Bytes:
    """The signs of texts of one length."""
    whole = pa.concat_arrays([pc.cast(cells, pa.large_string())])
    _, offsets, signs = whole.buffers()
    start = int(np.frombuffer(offsets, dtype=np.int64)[whole.offset])
    found = np.frombuffer(signs, dtype=np.uint8, count=len(cells) * length, offset=start)
    return found.reshape(len(cells), length)
