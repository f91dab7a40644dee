"""Columns that are lost or added, and cells that do not fit the type of their column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import narwhals as nw
import numpy as np

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, check
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    SHARE,
    example_rows,
    excess_over_real,
    gap_bars,
    percent,
    plural,
    value_text,
)
from audit.load.table import Field, Stored
from audit.model import CoercedColumn, Column, Family, Kind, Measure, Rows

_COMPLETE = 0.01  # of the real cells may be missing in a column that counts as complete
_TYPED = ("frame", "parquet", "arrow", "arrow stream", "xlsx")  # formats that hold numbers, not digits


@check(
    id="types",
    title="Types and columns",
    known_as="schema conformance",
    family=Family.ARTIFACTS,
    question="Does the synthetic table have the real columns, and do their cells hold the same type of value?",
    scale=SHARE,
    next_step="Cast each synthetic column to the real type before sharing, and write missing cells as the real file does.",
)
def types(case: Case) -> Outcome:
    """Share of a column's synthetic cells of a wrong type, beyond chance.

    What does not fit: text in a column of numbers or dates, NaN and infinity, and a value
    with a fraction in a column of whole numbers. 0 means that no cell or no more cells than
    in fresh real rows are wrong; 1 means that no cell fits, or that the synthetic table
    lacks the column altogether. Counted apart: `extra_column`, 1 for a column that only the
    synthetic table has and that does not name its batches; `read_as_other`, 1 for a column stored as another type whose values
    can still be read; `written_as_decimal`, a column of whole numbers written like 37.0 where
    the real file writes 37; `missing_spelling`, missing cells written in a way that the real
    file never uses; `new_missing`, missing cells, beyond chance, in a column of which at most
    one real cell in a hundred is missing. Elsewhere missing cells are not wrong. The baseline is the holdout
    against the real table. Only text files show whether 37.0 was written.

    Source: the allowance for chance is a negative binomial count: Gelman et al. (2013),
    Bayesian Data Analysis, section 2.6.
    """
    measures = [*_column_measures(case)]
    for column in case.columns:
        measures += _cell_measures(case, column)
    wrong = [(m.about[0], 0.0, m.value) for m in measures if not m.name]
    chart = gap_bars(
        "Synthetic cells that do not fit the type of their column",
        f"{plural(sum(share > 0 for _, _, share in wrong), 'column')} of {len(wrong)} hold cells of another type or are missing.",
        wrong,
        "share of cells",
    )
    return Outcome(tuple(measures), charts=(chart,))


def _column_measures(case: Case) -> Iterator[Measure]:
    """Columns that one of the tables lacks."""
    for name in case.alignment.only_real:
        step = f"Generate {name} too, or ignore it on purpose if the table is used without it."
        yield replace(
            _fact(case, name, "", 1.0, f"The synthetic table has no column {name}."), next_step=step
        )
    for name in case.alignment.only_synthetic:
        if name == case.options.batch:  # says when a row was made, and is no part of it
            continue
        step = f"Drop {name}, or rename it if it is a column of the real table under another name."
        fact = _fact(case, name, "extra_column", 1.0, f"Only the synthetic table has the column {name}.")
        yield replace(fact, next_step=step)


def _fact(
    case: Case,
    about: str,
    name: str,
    value: float,
    sentence: str,
    baseline: float = 0.0,
    rows: Rows | None = None,
) -> Measure:
    return Measure(
        value=value,
        about=(about,),
        name=name,
        low=value,
        high=value,
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=sentence,
        rows=rows,
    )


def _cell_measures(case: Case, column: Column) -> Iterable[Measure]:
    yield _unfit(case, column)
    coerced = _coerced(case, column.name)
    if coerced is not None and coerced.rows == 0:
        sentence = f"{column.name} holds {coerced.to_type} in the real table and {coerced.from_type} in the synthetic one."
        yield _fact(case, column.name, "read_as_other", 1.0, sentence)
    yield from _written_as_decimal(case, column)
    yield from _missing_spelling(case, column)
    if column.kind is not Kind.KEY:  # keys that are missing are told by the check on keys
        yield from _new_missing(case, column)


def _coerced(case: Case, name: str) -> CoercedColumn | None:
    return next((c for c in case.alignment.coerced if c.column == name), None)


def _unfit(case: Case, column: Column) -> Measure:
    """Cells of the wrong type: unread text, infinities, fractions among whole numbers."""
    field = case.synthetic.field(column.name)
    coerced = _coerced(case, column.name)
    unread = field.unparsed + (coerced.rows if coerced else 0)
    fractions = _fractions(case.synthetic, column) if _is_whole(case, column) else 0
    count, n = unread + field.nonfinite + fractions, case.synthetic.rows
    real, real_rows = _unfit_real(case, column.name)
    value = excess_over_real(count, n, real, n / max(real_rows, 1), FALSE_ALARM_RATE).value
    key = case.key(column.name)
    rows = example_rows(case.synthetic, ~_is_integer(key), fractions)
    sentence = _unfit_sentence(column, unread, field.nonfinite, fractions, n)
    return _fact(case, column.name, "", value, sentence, _baseline(case, column.name), rows)


def _unfit_real(case: Case, name: str) -> tuple[int, int]:
    """The same cells of the real and holdout rows."""
    parts = [part for part in (case.real, case.holdout) if part is not None]
    return sum(_unread(part.field(name)) for part in parts), sum(part.rows for part in parts)


def _unread(field: Field) -> int:
    return field.unparsed + field.nonfinite


def _baseline(case: Case, name: str) -> float:
    if case.holdout is None:
        return 0.0
    n = case.holdout.rows
    return excess_over_real(
        _unread(case.holdout.field(name)), n, _unread(case.real.field(name)), n / max(case.real.rows, 1)
    ).value


def _is_whole(case: Case, column: Column) -> bool:
    """Every real value of the column is a whole number."""
    parts = [part for part in (case.real, case.holdout) if part is not None]
    return column.kind is Kind.NUMBER and all(
        part.field(column.name).stored is Stored.INTEGER for part in parts
    )


def _fractions(part: CaseTable, column: Column) -> int:
    counts = part.value_counts(column.name)
    values = np.asarray(counts.values, dtype=np.float64)
    return int(counts.counts[values != np.floor(values)].sum())


def _is_integer(key: str) -> nw.Expr:
    return nw.col(key) == nw.col(key).floor()


def _unfit_sentence(column: Column, unread: int, nonfinite: int, fractions: int, n: int) -> str:
    what = "dates" if column.kind is Kind.DATE else "numbers"
    told = [
        (unread, f"hold text among {what}"),
        (nonfinite, "are infinite or not a number"),
        (fractions, "have a fraction where every real value is whole"),
    ]
    parts = [
        f"{plural(count, 'synthetic cell')} ({percent(count / max(n, 1))}) {how}"
        for count, how in told
        if count
    ]
    return (
        f"{column.name}: {'; '.join(parts)}."
        if parts
        else f"Every synthetic cell of {column.name} fits its type."
    )


def _written_as_decimal(case: Case, column: Column) -> Iterator[Measure]:
    """Whole numbers written with a decimal point, where the real file never does so."""
    field, real = case.synthetic.field(column.name), case.real.field(column.name)
    if not _is_text(case.real) or not _is_text(case.synthetic) or field.stored is not Stored.INTEGER:
        return
    whole = real.stored is Stored.INTEGER and real.decimal_written == 0 and real.integer_written > 0
    if whole and field.decimal_written:
        share = field.decimal_written / max(case.synthetic.rows, 1)
        sentence = (
            f"{column.name}: {plural(field.decimal_written, 'synthetic cell')} ({percent(share)}) write a whole number "
            "like 37.0; the real file writes 37."
        )
        yield _fact(case, column.name, "written_as_decimal", share, sentence)


def _is_text(part: CaseTable) -> bool:
    """The table came from a file in which somebody wrote digits."""
    return part.table.facts.format not in _TYPED


def _missing_spelling(case: Case, column: Column) -> Iterator[Measure]:
    """Missing cells in a spelling that no real file uses; only where real cells are missing too."""
    known: set[str] = set()
    for part in (case.real, case.holdout):
        known.update(part.field(column.name).missing_spellings if part is not None else ())
    found = case.synthetic.field(column.name).missing_spellings
    new = {spelling: count for spelling, count in found.items() if spelling not in known and spelling}
    count = sum(new.values())
    if count:
        share = count / max(case.synthetic.rows, 1)
        such = ", ".join(value_text(spelling) for spelling in sorted(new, key=lambda s: (-new[s], s))[:3])
        sentence = f"{column.name}: {plural(count, 'synthetic cell')} ({percent(share)}) write a missing value as {such}, which the real file never does."
        yield _fact(case, column.name, "missing_spelling", share, sentence)


def _new_missing(case: Case, column: Column) -> Iterator[Measure]:
    """Missing cells in a column that is (nearly) complete in the real rows; other columns are told by shares."""
    parts = [part for part in (case.real, case.holdout) if part is not None]
    real, rows = sum(_empty(part, column.name) for part in parts), sum(part.rows for part in parts)
    count, n = _empty(case.synthetic, column.name), case.synthetic.rows
    if not count or real > _COMPLETE * rows:
        return
    value = excess_over_real(count, n, real, n / max(rows, 1), FALSE_ALARM_RATE / len(case.columns)).value
    sentence = (
        f"{column.name}: {plural(count, 'synthetic cell')} ({percent(count / max(n, 1))}) are missing; "
        f"of {rows:,} real cells {real:,} are."
    )
    empty = example_rows(case.synthetic, nw.col(case.key(column.name)).is_null(), count)
    yield _fact(case, column.name, "new_missing", value, sentence, rows=empty)


def _empty(part: CaseTable, name: str) -> int:
    """Cells that nobody filled; those that hold what cannot be read are counted as wrong."""
    field = part.field(name)
    return max(0, field.missing - field.unparsed - field.nonfinite)
