"""Values where no real ones are, and places that synthetic values leave empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, ValueCounts
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    FALSE_ALARM_RATE,
    SHARE,
    excess_over_real,
    gap_bars,
    percent,
    plural,
)
from audit.checks.artifacts._shared.green_list import exempt_watermarked
from audit.checks.artifacts._shared.interpolated_rows import on_segments
from audit.checks.artifacts._shared.lattice import lattice_of
from audit.model import Column, Family, Kind, Measure, Rows

_DISTINCT = 30  # real values of a column that can have gaps
_ROUND = 25  # distinct values on either side that tell how dense the real ones are
_EXPECTED = 10.0  # real rows that a gap would hold were they spread evenly there
_BINS = 200
_MIN_BINS = 20
_STEP = "Look at the generator's reach there: real rows lie in these places and no synthetic one does."


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Open intervals without a real value: their ends, both increasing."""

    low: Floats
    high: Floats

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which values lie strictly inside a gap."""
        if len(self.low) == 0:
            return np.zeros(len(values), dtype=bool)
        place = np.searchsorted(self.low, values, side="left") - 1
        inside = (place >= 0) & (values < self.high[np.maximum(place, 0)])
        return np.asarray(inside & (values > self.low[np.maximum(place, 0)]), dtype=bool)

    def rows(self, counts: ValueCounts) -> int:
        """Rows of a table inside the gaps."""
        return int(counts.counts[self.holds(np.asarray(counts.values, dtype=np.float64))].sum())


@check(
    id="support_gaps",
    title="Gaps between real values",
    family=Family.ARTIFACTS,
    question="Do synthetic values keep out of the gaps between real ones, and fill the places where real ones are?",
    scale=SHARE,
    needs=(Need.NUMBER,),
    next_step="Look at the values in the gaps: smoothing or interpolation between real values puts them there.",
)
def support_gaps(case: Case) -> Outcome:
    """Share of a column's synthetic values in gaps of the real ones, beyond chance.

    A gap is a stretch between two neighbouring real values in which at least ten real rows
    would lie, were they spread as evenly as around it: between clusters, or between the few
    values that a column takes. 0 means that no more synthetic rows lie in gaps than holdout
    rows do; 0.01 that one row in a hundred is where real values are not. Without a holdout,
    gaps come from a random half of the real rows and chance from the other half. `empty_bins`
    is the share of real and holdout rows in those of 200 bins of equal real rows (fewer in small
    tables) that no synthetic row fills, although chance would have. `on_segments` is the
    share of synthetic rows straight between two neighbouring real rows, beyond the holdout's
    share; all other numbers count every row, this one looks at 2,000 rows of each table and
    needs a holdout and three numbers of many values. Missing cells do not count. The baseline
    is the holdout. It cannot tell a generator that found true values which the real rows lack.

    Source: spacings: Pyke (1965), Journal of the Royal Statistical Society B 27, 395-449;
    interpolated rows: Chawla et al. (2002), JAIR 16, 321-357 (SMOTE).
    """
    columns = [c for c in case.of_kind(*NUMERIC_KINDS) if _has_gaps(case, c)]
    if not columns:
        raise Skip(f"No number or date takes {_DISTINCT} values.")
    alarm = FALSE_ALARM_RATE / 3
    measures = [_in_gaps(case, column, alarm / len(columns)) for column in columns]
    for column in columns:
        measures += _empty(case, column, alarm / len(columns))
    between = on_segments(case, alarm)
    measures += [] if between is None else [between]
    bars = [(m.about[0], m.baseline or 0.0, m.value) for m in measures if not m.name]
    worst, _, share = max(bars, key=lambda bar: bar[2])
    alt = f"The most is {percent(share)} of the synthetic values, in {worst}."
    chart = gap_bars("Values in gaps of the real ones", alt, bars, "share of rows beyond chance")
    return exempt_watermarked(case, Outcome(tuple(measures), {"columns": float(len(columns))}, (chart,)))


def _has_gaps(case: Case, column: Column) -> bool:
    real = case.real.value_counts(column.name)
    return len(real.values) >= _DISTINCT and all(
        p.value_counts(column.name).filled > 0 for p in case.tables()
    )


def _in_gaps(case: Case, column: Column, alarm: float) -> Measure:
    name = column.name
    known, fresh = _known_and_fresh(case, name)
    lattice = lattice_of(case, name) if column.kind is Kind.NUMBER else None
    gaps = _find(known, 0.0 if lattice is None else lattice.step)
    synthetic = case.synthetic.value_counts(name)
    found, n = gaps.rows(synthetic), synthetic.filled
    held, rows = gaps.rows(fresh), max(fresh.filled, 1)
    beyond = excess_over_real(found, n, held, n / rows, alarm)
    return Measure(
        value=beyond.value,
        about=(name,),
        low=beyond.value,
        high=beyond.value,
        baseline=held / rows,
        n=n,
        sentence=f"{plural(found, 'synthetic value')} of {name} ({percent(found / n)}) lie in "
        f"{plural(len(gaps.low), 'gap')} between real values; of fresh real values {percent(held / rows)} do. "
        f"Chance explains up to {beyond.limit:,}.",
        rows=_examples(case, name, gaps, found) if beyond.value > 0 else None,
    )


def _known_and_fresh(case: Case, name: str) -> tuple[ValueCounts, ValueCounts]:
    """Real values that show the gaps, and others that show what chance puts there."""
    real = case.real.value_counts(name)
    if case.holdout is not None:
        return real, case.holdout.value_counts(name)
    half = case.rng("support_gaps halves").binomial(real.counts, 0.5)
    return _kept(real, half), _kept(real, real.counts - half)


def _kept(counts: ValueCounts, rows: Ints) -> ValueCounts:
    return ValueCounts(counts.values[rows > 0], rows[rows > 0], 0)


def _find(counts: ValueCounts, step: float) -> _Gaps:
    """Gaps by the number of rows that an even spread around them would put there."""
    values = np.asarray(counts.values, dtype=np.float64)
    finite = np.isfinite(values)
    values, ends = values[finite], np.cumsum(counts.counts[finite])
    k = len(values)
    if k < 2:
        return _Gaps(values[:0], values[:0])
    left = np.maximum(np.arange(k - 1) - _ROUND, 0)
    right = np.minimum(np.arange(k - 1) + 1 + _ROUND, k - 1)
    rows = ends[right] - np.where(left > 0, ends[np.maximum(left - 1, 0)], 0)
    lengths = np.diff(values)
    expected = rows / (values[right] - values[left]) * lengths
    gap = (expected >= _EXPECTED) & (lengths > 1.5 * step)
    return _Gaps(values[:-1][gap], values[1:][gap])


def _examples(case: Case, name: str, gaps: _Gaps, count: int) -> Rows:
    column = case.synthetic.column(name).astype(np.float64)
    places = np.flatnonzero(gaps.holds(column))[:EXAMPLES]
    return Rows(count, tuple(int(place) + 1 for place in places))


def _empty(case: Case, column: Column, alarm: float) -> Iterable[Measure]:
    name = column.name
    real = [p.value_counts(name) for p in (case.real, case.holdout) if p is not None]
    synthetic = case.synthetic.value_counts(name)
    rows = sum(table.filled for table in real)
    part = synthetic.filled / (synthetic.filled + rows)
    # So many real rows a bin that an empty one is told from chance.
    needed = np.log(_BINS / alarm) / -np.log1p(-part)
    bins = int(min(_BINS, rows / (1.2 * needed)))
    edges = _edges(real[0], bins) if bins >= _MIN_BINS else np.zeros(0)
    if len(edges) < _MIN_BINS:
        return
    held, found = sum(_binned(table, edges) for table in real), _binned(synthetic, edges)
    empty = (found == 0) & (held * np.log1p(-part) < np.log(alarm / bins))
    value = float(np.asarray(held)[empty].sum() / rows)
    yield Measure(
        value=value,
        about=(name,),
        name="empty_bins",
        low=value,
        high=value,
        baseline=0.0,
        n=synthetic.filled,
        sentence=f"{int(empty.sum())} of {len(edges)} bins of {name} that real rows fill hold no synthetic row; "
        f"{percent(value)} of the real rows lie there.",
        next_step=_STEP,
    )


def _edges(real: ValueCounts, bins: int) -> Floats:
    """Upper ends of bins of about equal real rows."""
    ends = np.cumsum(real.counts)
    places = np.searchsorted(ends, np.arange(1, bins + 1) / bins * ends[-1])
    return np.unique(np.asarray(real.values, dtype=np.float64)[np.minimum(places, len(ends) - 1)])


def _binned(counts: ValueCounts, edges: Floats) -> Ints:
    """Rows up to each upper end; those beyond the last count in none."""
    ends = np.append(0, np.cumsum(counts.counts))
    below = ends[np.searchsorted(np.asarray(counts.values, dtype=np.float64), edges, side="right")]
    return np.diff(below, prepend=0).astype(np.int64)
