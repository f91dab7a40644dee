"""Combinations of values that a generator writes far more often than real rows hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Bools, Floats, Hashes, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    SHARE,
    gap_bars,
    percent,
    plural,
)
from audit.checks.artifacts._shared.row_kinds import (
    RowKinds,
    bucket_keys,
    expected_distinct,
    pool_kinds,
    row_kinds,
    rows_of_keys,
)
from audit.model import Chart, Family, Measure, Rows
from audit.stats.inference.intervals import Z95

_FALSE_ALARM_RATE = 0.001  # chance that fresh real rows raise anything, over all combinations
_TIMES = 3.0  # a combination is inflated from so many times its expected rows
_MIN_ROWS = 5  # synthetic rows of an inflated combination
_WIDEST = 100  # columns up to which each is left out in turn
_CELLS = 500  # combinations looked at closely, those with the most rows
_MAX_NAMED = 4  # columns that a sentence names
_BITS = 22
_LEVELS = 256
_MIN_SURPLUS_RATIO = 1.25  # leaving a column out is told where it shows so many times the surplus
_Z_LIFT = 3.0
_BARS = 10


@dataclass(frozen=True, slots=True)
class _Sums:
    """The rows of the synthetic and of the real tables (holdout included).

    weights : shape (columns, levels), what each cell adds to a row's number
    """

    weights: Hashes
    synthetic: RowKinds
    pool: RowKinds


@dataclass(frozen=True, slots=True)
class _Inflated:
    """Inflated combinations of all columns, or of all but one.

    left_out : place of the column left out, or -1
    keys : shape (k,)
    found : shape (k,), synthetic rows, most first
    expected : shape (k,), rows that as many real rows would show
    pooled : shape (k,), real and holdout rows
    surplus : share of synthetic rows beyond the expected ones
    """

    left_out: int
    keys: Hashes
    found: Ints
    expected: Floats
    pooled: Ints
    surplus: float


@check(
    id="inflated_cells",
    title="Inflated combinations",
    family=Family.ARTIFACTS,
    question="Do synthetic rows pile up in combinations of values, or are combinations missing?",
    scale=SHARE,
    next_step="Look at the rows listed: a row written many times, or a cluster that was added; generate them again.",
)
def inflated_cells(case: Case) -> Outcome:
    """Share of synthetic rows piled up in combinations of values, beyond chance.

    Every column is cut into a few cells (parts of the range of a number, frequent values of
    a category, missing), and each row is one combination of cells. A combination is inflated
    when it holds at least three times the rows expected from the real rows, holdout included, and chance
    explains it less than once in a thousand tables, over all combinations. What single columns
    get wrong is allowed for: the expected count grows with the column in which the combination's cell is
    most too frequent, so that one wrong spike is not told again. Combinations of all columns but
    one are looked at too (up to 100 columns), so that one varying column does not hide a cluster. 0 means
    that nothing is inflated; 0.01 that one row in a hundred is too many. `variety` is the share of different
    combinations that the synthetic table lacks against as many real rows: near 0 for fresh rows, near 1 when a
    generator repeats a few kinds of row. Every row is counted. Keys and free text are left out. The baseline
    is 0: chance is taken off. It cannot see a cluster that is spread over several cells of two columns.

    Source: exact test of two counts given their sum: Przyborowski and Wilenski (1940),
    Biometrika 31, 313-323; over many: Dunn (1961), JASA 56, 52-64 (Bonferroni); rarefaction:
    Hurlbert (1971), Ecology 52, 577-586.
    """
    places = _varied(case)
    if len(places) < 2:
        raise Skip("Fewer than two columns have a distribution and vary, so there are no combinations.")
    tables = (case.synthetic, *(part for part in (case.real, case.holdout) if part is not None))
    sums = _sums(case, tables, places)
    best = _worst(case, places, sums)
    measures = (_measure(case, places, best, sums), _variety(case, sums))
    summary = {"cells": float(len(best.keys)), "share": float(best.found.sum()) / case.synthetic.rows}
    return Outcome(measures, summary, _charts(case, best, sums.pool.rows))


def _varied(case: Case) -> list[int]:
    """Places in the code matrix of the columns whose real cells differ."""
    found = [(case.real.counts(column.name) > 0).sum() for column in case.distribution_columns]
    return [place for place, cells in enumerate(found) if cells > 1]


def _sums(case: Case, tables: Sequence[CaseTable], places: Sequence[int]) -> _Sums:
    shape = (len(places), _LEVELS)
    weights = case.rng("inflated_cells").integers(0, 2**64, size=shape, dtype=np.uint64)
    synthetic, *real = (row_kinds(part, places, weights) for part in tables)
    return _Sums(weights, synthetic, pool_kinds(real))


def _worst(case: Case, places: Sequence[int], sums: _Sums) -> _Inflated:
    """The inflated combinations of all columns, unless leaving one out shows clearly more."""
    lifts = [_lifts(case, case.distribution_columns[place].name) for place in places]
    whole = _inflated(places, lifts, sums.synthetic, sums.pool, -1, _FALSE_ALARM_RATE / 2)
    if len(places) < 3 or len(places) > _WIDEST:
        return whole
    others = (
        _inflated(
            places,
            lifts,
            sums.synthetic.without_column(place, sums.weights[i]),
            sums.pool.without_column(place, sums.weights[i]),
            i,
            _FALSE_ALARM_RATE / 2 / len(places),
        )
        for i, place in enumerate(places)
    )
    best = max(others, key=lambda one: one.surplus)
    return best if best.surplus > _MIN_SURPLUS_RATIO * whole.surplus else whole


def _lifts(case: Case, name: str) -> Floats:
    """How many times too frequent each cell of a column is by itself, 1 where chance explains it."""
    found = case.synthetic.counts(name).astype(np.float64)
    pooled = case.real.counts(name) + (0 if case.holdout is None else case.holdout.counts(name))
    ratio = found.sum() / pooled.sum()
    expected = ratio * pooled
    beyond = found - expected > _Z_LIFT * np.sqrt((1 + ratio) * (expected + ratio))
    lifts: Floats = np.where(beyond, (found + 0.5) / (expected + 0.5 * ratio), 1.0)
    return lifts


def _inflated(
    places: Sequence[int],
    lifts: Sequence[Floats],
    synthetic: RowKinds,
    pool: RowKinds,
    left_out: int,
    alarm: float,
) -> _Inflated:
    """The combinations with more rows than the real ones explain."""
    ratio = synthetic.rows / pool.rows
    tests, ours, theirs = _suspects(synthetic, pool, alarm)
    keys, first, kind = np.unique(synthetic.keys[ours], return_index=True, return_inverse=True)
    found = synthetic.sum_by_group(kind, len(keys), ours)
    most = np.argsort(-found, kind="stable")[:_CELLS]
    most = np.sort(most[found[most] >= _MIN_ROWS])
    keys, found, rows = keys[most], found[most], ours[first[most]]
    pooled = rows_of_keys(keys, pool, theirs)
    lift = np.ones(len(keys))
    for i, place in enumerate(places):
        if i != left_out:
            lift = np.maximum(lift, lifts[i][synthetic.codes[0][rows, place]])
    expected = pooled * ratio * lift
    # Given their sum, the synthetic rows of a combination are binomial.
    chance = special.betainc(found, pooled + 1.0, lift * ratio / (1 + lift * ratio))
    told = (chance * max(tests, 1) <= alarm) & (found >= _TIMES * expected)
    order = np.flatnonzero(told)[np.argsort(-found[told], kind="stable")]
    surplus = float((found[order] - expected[order]).sum()) / max(synthetic.rows, 1)
    return _Inflated(left_out, keys[order], found[order], expected[order], pooled[order], surplus)


def _suspects(synthetic: RowKinds, pool: RowKinds, alarm: float) -> tuple[int, Ints, Ints]:
    """How many combinations could be told at most, and the places in both that lie in suspect ones.

    Rows are counted by a few bits of their number first: sorting them all costs much more,
    and two combinations that share the bits are parted afterwards.
    """
    rows = synthetic.rows + pool.rows
    bits = min(_BITS, max(10, rows.bit_length()))
    buckets, size = bucket_keys([synthetic.keys, pool.keys], bits)
    ours, theirs = (
        kinds.sum_by_group(one, size) for kinds, one in zip((synthetic, pool), buckets, strict=True)
    )
    fewest = np.log(alarm) / np.log(synthetic.rows / rows)
    suspect = ours >= np.ceil(max(_MIN_ROWS, fewest / 4)).astype(np.int64)
    full = np.flatnonzero(suspect)
    suspect[full] = ours[full] >= 2 * theirs[full] * (synthetic.rows / max(pool.rows, 1))
    ours += theirs
    tests = int(np.count_nonzero(ours >= np.ceil(fewest).astype(np.int64)))
    ours_there, theirs_there = (np.flatnonzero(suspect[one]) for one in buckets)
    return tests, ours_there, theirs_there


def _measure(case: Case, places: Sequence[int], best: _Inflated, sums: _Sums) -> Measure:
    rows = _rows_of(case, places, best, sums)
    return Measure(
        value=min(1.0, max(0.0, best.surplus)),
        low=min(1.0, max(0.0, best.surplus)),
        high=min(1.0, max(0.0, best.surplus)),
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=_sentence(case, places, best, rows),
        rows=Rows(int(best.found.sum()), tuple(sorted(int(row) + 1 for row in rows))) if len(rows) else None,
    )


def _rows_of(case: Case, places: Sequence[int], best: _Inflated, sums: _Sums) -> Ints:
    """Some rows of the inflated combinations, those of the largest first, counted from 0."""
    if not len(best.keys):
        return np.empty(0, dtype=np.int64)
    keys = np.zeros(case.synthetic.rows, dtype=np.uint64)
    for i, place in enumerate(places):
        if i != best.left_out:
            keys += sums.weights[i][case.synthetic.codes[:, place]]
    rows: list[int] = []
    for key in best.keys[:EXAMPLES]:
        rows += np.flatnonzero(keys == key)[: EXAMPLES - len(rows)].tolist()
        if len(rows) >= EXAMPLES:
            break
    return np.asarray(rows, dtype=np.int64)


def _sentence(case: Case, places: Sequence[int], best: _Inflated, rows: Ints) -> str:
    columns = plural(len(places), "column")
    n = case.synthetic.rows
    if len(rows) == 0:
        return (
            f"Of {n:,} synthetic rows none lies in a combination of {columns} that real rows do not explain."
        )
    count = int(best.found.sum())
    apart = (
        f", {case.distribution_columns[places[best.left_out]].name} left out" if best.left_out >= 0 else ""
    )
    return (
        f"{plural(count, 'synthetic row')} ({percent(count / n)}) lie in {plural(len(best.keys), 'inflated combination')} "
        f"of {columns}{apart}; as many real rows would put {percent(float(best.expected.sum()) / n)} there. "
        f"The largest{_words(case, places, best, int(rows[0]))} holds {plural(int(best.found[0]), 'row')}."
    )


def _words(case: Case, places: Sequence[int], best: _Inflated, row: int) -> str:
    """The cells that mark a combination, as long as enough real people hold them together."""
    real = [part for part in (case.real, case.holdout) if part is not None]
    held: list[Bools] = [np.ones(part.rows, dtype=bool) for part in real]
    asked = [place for i, place in enumerate(places) if i != best.left_out]
    cells = {place: case.synthetic.codes[row, place] for place in asked}
    said: list[str] = []
    for place in sorted(
        asked, key=lambda p: int(case.real.counts(case.distribution_columns[p].name)[cells[p]])
    ):
        both = [one & (part.codes[:, place] == cells[place]) for one, part in zip(held, real, strict=True)]
        if sum(int(one.sum()) for one in both) >= case.k:
            held = both
            column = case.distribution_columns[place].name
            said.append(f"{column} = {case.binning(column).labels[cells[place]]}")
        if len(said) == _MAX_NAMED:
            break
    return f" (with {', '.join(said)})" if said else ""


def _variety(case: Case, sums: _Sums) -> Measure:
    """Different combinations that are lacking against as many real rows."""
    m = min(sums.synthetic.rows, sums.pool.rows)
    (found, error), (real, other) = (expected_distinct(kinds, m) for kinds in (sums.synthetic, sums.pool))
    lacking = 1 - found / real
    slack = Z95 * found / real * float(np.hypot(error, other))
    value = max(0.0, lacking)
    return Measure(
        value=value,
        name="variety",
        low=min(value, max(0.0, lacking - slack)),
        high=min(1.0, max(value, lacking + slack)),
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=(
            f"{plural(m, 'synthetic row')} hold {plural(round(found), 'different combination')} of cells; as many real rows {round(real):,}."
        ),
    )


def _charts(case: Case, best: _Inflated, pooled: int) -> tuple[Chart, ...]:
    if len(best.keys) == 0:
        return ()
    n = case.synthetic.rows
    entries = [
        (f"combination {i + 1}", float(real) / pooled, float(found) / n)
        for i, (real, found) in enumerate(zip(best.pooled[:_BARS], best.found[:_BARS], strict=True))
    ]
    title = f"The largest inflated combination holds {percent(entries[0][2])} of synthetic rows"
    alt = f"The largest inflated combination: {percent(entries[0][1])} of real rows, {percent(entries[0][2])} of synthetic ones."
    return (gap_bars(title, alt, entries, "share of rows"),)
