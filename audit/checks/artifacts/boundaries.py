"""Values beyond what was ever real, piled up at its ends, or short of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, ValueCounts
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    SHARE,
    example_rows,
    excess_over_real,
    gap_bars,
    max_by_chance,
    percent,
    plural,
    value_text,
)
from audit.model import Column, Family, Measure

_ENDS = 2.0  # both ends of a range: the mass beyond them follows a beta(2, n - 1) distribution
_ATOM = 0.003  # a boundary value that holds more real rows is a spike, which value_spikes judges
_TAIL = 0.001  # real rows beyond which the synthetic range may end on either side
_PILE_STEP = "Reject values beyond the range when generating instead of clipping them to its ends."


@dataclass(frozen=True, slots=True)
class _Beyond:
    """Rows of a table below and above a range, out of `filled`."""

    below: int
    above: int
    filled: int

    @property
    def count(self) -> int:
        return self.below + self.above


@check(
    id="boundaries",
    title="Range of numbers and dates",
    known_as="boundary adherence",
    family=Family.ARTIFACTS,
    question="Do numbers and dates stay inside the real range, and do they fill it?",
    scale=SHARE,
    needs=(Need.NUMBER,),
    next_step="Look at the rows beyond the range; if it is a rule of the column, clip or reject such rows when generating.",
)
def boundaries(case: Case) -> Outcome:
    """Share of a column's synthetic cells outside the real range, beyond chance.

    The range goes from the smallest to the largest value of the real and holdout rows
    together. 0 means that nothing lies outside, or no more than fresh real rows would bring:
    a sample of the same size puts two rows beyond the ends of another on average. 0.01 means
    that one cell in a hundred is outside. `pile_up` is the surplus of cells that sit exactly
    on the smallest or largest real value, as clipping leaves them; it is given where that
    value holds less than 0.3 % of real rows. `under_reach`, shown and not judged, is the
    share of real rows beyond the synthetic range. The baseline is the holdout against the
    real table. Missing cells do not count. It cannot say whether a value outside the range is
    possible: columns that grow with time may rightly leave it.

    Source: Gumbel and von Schelling (1950), Annals of Mathematical Statistics 21, 247-262
    (rows beyond the range of an earlier sample).
    """
    columns = [c for c in case.of_kind(*NUMERIC_KINDS) if _filled(case, c)]
    if not columns:
        raise Skip("No number or date has a value in every table.")
    measures: list[Measure] = []
    bars = []
    for column in columns:
        measures += _measures(case, column, FALSE_ALARM_RATE / len(columns))
        outside = _outside(case.synthetic.value_counts(column.name), *_range(case, column.name))
        bars.append((column.name, 0.0, outside.count / outside.filled))
    worst = max(bars, key=lambda bar: bar[2])
    chart = gap_bars(
        "Synthetic cells outside the real range",
        f"{plural(sum(share > 0 for _, _, share in bars), 'column')} of {len(bars)} leave the real range; "
        f"most {worst[0]} ({percent(worst[2])} of its cells).",
        bars,
        "share of cells",
    )
    return Outcome(tuple(measures), charts=(chart,))


def _filled(case: Case, column: Column) -> bool:
    return all(part.value_counts(column.name).filled > 0 for part in case.tables())


def _measures(case: Case, column: Column, alarm: float) -> Iterable[Measure]:
    yield _out_of_range(case, column, alarm)
    pile = _pile_up(case, column, alarm)
    if pile is not None:
        yield pile
    yield _under_reach(case, column)


def _range(case: Case, name: str) -> tuple[float, float]:
    """Smallest and largest real value, holdout included."""
    ends = [_ends(part.value_counts(name)) for part in (case.real, case.holdout) if part is not None]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _ends(counts: ValueCounts) -> tuple[float, float]:
    return float(counts.values[0]), float(counts.values[-1])


def _outside(counts: ValueCounts, low: float, high: float) -> _Beyond:
    values = np.asarray(counts.values, dtype=np.float64)
    below, above = counts.counts[values < low].sum(), counts.counts[values > high].sum()
    return _Beyond(int(below), int(above), counts.filled)


def _out_of_range(case: Case, column: Column, alarm: float) -> Measure:
    low, high = _range(case, column.name)
    outside = _outside(case.synthetic.value_counts(column.name), low, high)
    real_rows = case.real.value_counts(column.name).filled
    pooled = real_rows + (case.holdout.value_counts(column.name).filled if case.holdout is not None else 0)
    limit = max_by_chance(_ENDS, outside.filled / pooled, alarm)
    value = _value(outside, limit)
    x = nw.col(case.key(column.name))
    return Measure(
        value=value,
        about=(column.name,),
        low=value,
        high=value,
        baseline=_holdout_value(case, column.name, alarm),
        n=outside.filled,
        sentence=_range_sentence(column.name, outside, limit),
        rows=example_rows(case.synthetic, (x < low) | (x > high), outside.count),
    )


def _value(outside: _Beyond, limit: int) -> float:
    return 0.0 if outside.count <= limit else outside.count / outside.filled


def _holdout_value(case: Case, name: str, alarm: float) -> float:
    if case.holdout is None:
        return 0.0
    real = case.real.value_counts(name)
    outside = _outside(case.holdout.value_counts(name), *_ends(real))
    return _value(outside, max_by_chance(_ENDS, outside.filled / real.filled, alarm))


def _range_sentence(name: str, outside: _Beyond, limit: int) -> str:
    if outside.count == 0:
        return f"Every synthetic value of {name} lies in the range of the real ones."
    return (
        f"{plural(outside.count, 'synthetic value')} of {name} ({percent(outside.count / outside.filled)}) lie outside "
        f"the range of the real ones: {outside.below:,} below, {outside.above:,} above. Chance explains up to {limit:,}."
    )


def _pile_up(case: Case, column: Column, alarm: float) -> Measure | None:
    """The worse end, of those that are no spike in the real table."""
    found = [
        _pile(case, column, end, which, alarm)
        for which, end in zip(("smallest", "largest"), _range(case, column.name), strict=True)
    ]
    return max((m for m in found if m is not None), key=lambda m: m.value, default=None)


def _pile(case: Case, column: Column, end: float, which: str, alarm: float) -> Measure | None:
    name = column.name
    hits = {part.role: _count_at(part.value_counts(name), end) for part in case.tables()}
    filled = {part.role: part.value_counts(name).filled for part in case.tables()}
    real, real_rows = hits["real"] + hits.get("holdout", 0), filled["real"] + filled.get("holdout", 0)
    if real / real_rows >= _ATOM and real >= case.k:
        return None
    found, n = hits["synthetic"], filled["synthetic"]
    value = excess_over_real(found, n, real, n / real_rows, alarm).value
    what = f"the {which} real value" + (f", {value_text(end, column.kind)}," if real >= case.k else "")
    base = excess_over_real(
        hits.get("holdout", 0),
        filled.get("holdout", 1),
        hits["real"],
        filled.get("holdout", 1) / filled["real"],
        alarm,
    )
    return Measure(
        value=value,
        about=(name,),
        name="pile_up",
        low=value,
        high=value,
        baseline=base.value,
        n=n,
        sentence=f"{percent(found / n)} of the synthetic values of {name} equal {what} and {percent(real / real_rows)} of the real ones.",
        next_step=_PILE_STEP,
        # With rows, a reader of the synthetic table would learn an end that few people hold.
        rows=example_rows(case.synthetic, nw.col(case.key(name)) == end, found) if real >= case.k else None,
    )


def _count_at(counts: ValueCounts, value: float) -> int:
    return int(counts.counts[np.asarray(counts.values, dtype=np.float64) == value].sum())


def _under_reach(case: Case, column: Column) -> Measure:
    name = column.name
    synthetic, real = case.synthetic.value_counts(name), case.real.value_counts(name)
    beyond = _outside(real, *_ends(synthetic))
    share = beyond.count / beyond.filled
    short = " and ".join(
        side
        for side, count in (("low", beyond.below), ("high", beyond.above))
        if count / beyond.filled > _TAIL
    )
    holdout = None if case.holdout is None else _outside(real, *_ends(case.holdout.value_counts(name)))
    return Measure(
        value=share,
        about=(name,),
        name="under_reach",
        low=share,
        high=share,
        baseline=None if holdout is None else holdout.count / holdout.filled,
        n=synthetic.filled,
        sentence=f"{percent(share)} of the real values of {name} lie beyond the synthetic ones"
        + (f": the synthetic values stop short at the {short} end." if short else "."),
        descriptive=True,
    )
