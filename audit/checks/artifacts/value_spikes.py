"""Single values that hold many rows: lost, invented or of the wrong size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from scipy import special

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, ValueCounts
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    example_rows,
    gap_bars,
    percent,
    value_text,
)
from audit.checks.artifacts._shared.green_list import exempt_watermarked
from audit.model import Better, Chart, Column, Family, Fold, Measure, Scale, Unit
from audit.stats.inference.intervals import newcombe

_SHARE = 0.003  # rows that make a value a spike
_LARGE_GAP = 0.05  # a gap this large is told once, as the column's main number
_HARDLY = 2 / 3  # a spike is new or lost where the other table holds less than this part of its share
_NEW_STEP = (
    "Look at the rows that hold the value: a default, a sentinel or a rounding of the generator; "
    "turn it into a missing cell or generate them again."
)


@dataclass(frozen=True, slots=True)
class _Spikes:
    """The values that hold many rows in either table, and the rows that hold them."""

    values: Floats
    real: Ints
    synthetic: Ints
    real_rows: int
    synthetic_rows: int

    @property
    def gaps(self) -> Floats:
        """Synthetic share less real share."""
        gaps: Floats = self.synthetic / self.synthetic_rows - self.real / self.real_rows
        return gaps

    @property
    def worst(self) -> int:
        """The largest gap; the smallest value where gaps are equal."""
        return int(np.argmax(np.round(np.abs(self.gaps), 12)))


@dataclass(frozen=True, slots=True)
class _Pooled:
    """The same values in the synthetic rows and in real and holdout rows together."""

    synthetic: Ints
    real: Ints
    n: int
    rows: int

    @property
    def chance(self) -> Floats:
        """Chance of as many synthetic rows or more, and of as few or fewer: shape (2, values).

        Of all rows that hold a value, each is as likely a synthetic one as any row of the
        tables, if chance alone deals them; that needs no model of the value's share.
        """
        total, part = self.synthetic + self.real, self.n / (self.n + self.rows)
        more = np.where(self.synthetic > 0, special.bdtrc(self.synthetic - 1.0, total, part), 1.0)
        return np.stack([more, special.bdtr(self.synthetic.astype(np.float64), total, part)])


@check(
    id="value_spikes",
    title="Value spikes",
    folds=(Fold.FOLLOWS_COLUMNS,),
    family=Family.ARTIFACTS,
    question="Do single values of numbers and dates hold as many rows as in the real table?",
    scale=Scale(Unit.SHARE, "share of rows", Better.ZERO, -1.0, 1.0),
    needs=(Need.NUMBER,),
    next_step="Model the spike apart from the rest: first whether a row holds the value, then the other values.",
)
def value_spikes(case: Case) -> Outcome:
    """Difference in the share of rows on a column's most wrongly held single value.

    A spike is a value that holds at least 0.3 % of the rows, and ten rows, in the real or
    the synthetic table: a zero, a default, a round number, a sentinel such as -999, a pile
    left by clipping. The number is the synthetic share less the real share for the value
    where they differ most. 0 means that every spike is right; -0.9 that a value which nine
    tenths of the rows should hold is gone; 0.02 that two rows in a hundred sit on a value
    that they should not. The interval allows for choosing the worst of many values.
    `new_spike` is given where a value holds many synthetic rows and few of the real and holdout
    rows, `lost_spike` where it holds many real rows and few synthetic ones: less than two thirds
    of the share in the other table, and beyond what chance explains over all values of all
    columns; a gap of five points is told once. The baseline is the holdout against the real
    table. Missing cells do not count; columns in which no value holds many rows are left
    out. It cannot see smooth differences: those are in `column_shapes`.

    Source: interval of a difference: Newcombe (1998), Statistics in Medicine 17, 873-890;
    over many values: Dunn (1961), JASA 56, 52-64 (Bonferroni); new and lost spikes: Przyborowski
    and Wilenski (1940), Biometrika 31, 313-323 (conditional test of two counts).
    """
    alarm = _alarm(case)
    measures: list[Measure] = []
    bars = []
    for column in case.of_kind(*NUMERIC_KINDS):
        spikes = _spikes(
            case.real.value_counts(column.name), case.synthetic.value_counts(column.name), case.k
        )
        if spikes is not None:
            measures.append(_measure(case, column, spikes))
            measures += _new_spike(case, column, spikes, alarm)
            measures += _lost_spike(case, column, spikes, alarm)
            bars.append(_bar(case, column, spikes))
    if not measures:
        raise Skip("In no number or date does a single value hold many rows.")
    return exempt_watermarked(case, Outcome(tuple(measures), {"columns": float(len(bars))}, (_chart(bars),)))


def _spikes(real: ValueCounts, synthetic: ValueCounts, k: int) -> _Spikes | None:
    if real.filled == 0 or synthetic.filled == 0:
        return None
    frequent = [np.asarray(t.values)[t.counts >= max(k, _SHARE * t.filled)] for t in (real, synthetic)]
    values = np.unique(np.concatenate(frequent).astype(np.float64))
    if len(values) == 0:
        return None
    return _Spikes(values, _at(real, values), _at(synthetic, values), real.filled, synthetic.filled)


def _at(table: ValueCounts, values: Floats) -> Ints:
    """Rows of a table that hold each of the values."""
    known = np.asarray(table.values, dtype=np.float64)
    if len(known) == 0:
        return np.zeros(len(values), dtype=np.int64)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[places] == values, table.counts[places], 0).astype(np.int64)


def _measure(case: Case, column: Column, spikes: _Spikes) -> Measure:
    i = spikes.worst
    found, real = int(spikes.synthetic[i]), int(spikes.real[i])
    low, high = newcombe(found, spikes.synthetic_rows, real, spikes.real_rows, _z(spikes))
    gap = float(spikes.gaps[i])
    return Measure(
        value=gap,
        about=(column.name,),
        low=low,
        high=high,
        baseline=_baseline(case, column.name),
        n=spikes.synthetic_rows,
        sentence=_sentence(case, column, spikes, i),
    )


def _z(spikes: _Spikes) -> float:
    """Normal quantile of a 95 % interval that holds for all values at once."""
    return float(special.ndtri(1 - 0.025 / len(spikes.values)))


def _baseline(case: Case, name: str) -> float:
    if case.holdout is None:
        return 0.0
    spikes = _spikes(case.real.value_counts(name), case.holdout.value_counts(name), case.k)
    return 0.0 if spikes is None else float(spikes.gaps[spikes.worst])


def _is_told(spikes: _Spikes, i: int) -> bool:
    return i == spikes.worst and abs(float(spikes.gaps[i])) >= _LARGE_GAP


def _label(case: Case, column: Column, value: float) -> str:
    """The value, if enough real people or none hold it."""
    tables = [part.value_counts(column.name) for part in (case.real, case.holdout) if part is not None]
    holders = sum(int(_at(table, np.array([value]))[0]) for table in tables)
    return f"= {value_text(value, column.kind)}" if holders == 0 or holders >= case.k else "at one rare value"


def _sentence(case: Case, column: Column, spikes: _Spikes, i: int) -> str:
    real, synthetic = spikes.real[i] / spikes.real_rows, spikes.synthetic[i] / spikes.synthetic_rows
    where = _label(case, column, float(spikes.values[i]))
    return f"{column.name} {where} holds {percent(real)} of real rows and {percent(synthetic)} of synthetic ones."


def _alarm(case: Case) -> float:
    """The allowance for one value: all that might become a spike are looked at, in all columns."""
    values = sum(_candidates(case, column.name) for column in case.of_kind(*NUMERIC_KINDS))
    return FALSE_ALARM_RATE / (2 * max(values, 1))


def _candidates(case: Case, name: str) -> int:
    """Values that hold ten rows in all tables together, wherever those stand."""
    tables = [part.value_counts(name) for part in case.tables()]
    least = -(-case.k // len(tables))  # one table holds so many of the ten
    frequent = [np.asarray(t.values, dtype=np.float64)[t.counts >= least] for t in tables]
    values = np.unique(np.concatenate(frequent))
    return int((np.sum([_at(table, values) for table in tables], axis=0) >= case.k).sum())


def _pooled(case: Case, column: Column, spikes: _Spikes) -> _Pooled:
    real, rows = spikes.real, spikes.real_rows
    if case.holdout is not None:
        holdout = case.holdout.value_counts(column.name)
        real, rows = real + _at(holdout, spikes.values), rows + holdout.filled
    return _Pooled(spikes.synthetic, real, spikes.synthetic_rows, rows)


def _new_spike(case: Case, column: Column, spikes: _Spikes, alarm: float) -> Iterable[Measure]:
    """The largest synthetic spike that few real rows hold, where chance cannot explain it."""
    pooled = _pooled(case, column, spikes)
    share, real = pooled.synthetic / pooled.n, pooled.real / pooled.rows
    new = (real < _HARDLY * share) & (pooled.chance[0] <= alarm)
    for i in np.argsort(-share, kind="stable"):
        if new[i] and not _is_told(spikes, int(i)):
            yield _new_measure(case, column, spikes, int(i), float(share[i] - real[i]))
            return


def _new_measure(case: Case, column: Column, spikes: _Spikes, i: int, value: float) -> Measure:
    at = nw.col(case.key(column.name)) == float(spikes.values[i])
    return Measure(
        value=value,
        about=(column.name,),
        name="new_spike",
        low=value,
        high=value,
        baseline=0.0,
        n=spikes.synthetic_rows,
        sentence=_sentence(case, column, spikes, i),
        rows=example_rows(case.synthetic, at, int(spikes.synthetic[i])),
        next_step=_NEW_STEP,
    )


def _lost_spike(case: Case, column: Column, spikes: _Spikes, alarm: float) -> Iterable[Measure]:
    """The largest real spike that few synthetic rows hold, where chance cannot explain it."""
    pooled = _pooled(case, column, spikes)
    share, real = pooled.synthetic / pooled.n, pooled.real / pooled.rows
    lost = (share < _HARDLY * real) & (pooled.chance[1] <= alarm)
    for i in np.argsort(-spikes.real, kind="stable"):
        if lost[i] and not _is_told(spikes, int(i)):
            gap = float(share[i] - real[i])
            yield Measure(
                value=gap,
                about=(column.name,),
                name="lost_spike",
                low=gap,
                high=gap,
                baseline=0.0,
                n=spikes.synthetic_rows,
                sentence=_sentence(case, column, spikes, int(i)),
            )
            return


def _bar(case: Case, column: Column, spikes: _Spikes) -> tuple[str, float, float]:
    i = spikes.worst
    label = f"{column.name} {_label(case, column, float(spikes.values[i]))}"
    return label, float(spikes.real[i] / spikes.real_rows), float(spikes.synthetic[i] / spikes.synthetic_rows)


def _chart(bars: list[tuple[str, float, float]]) -> Chart:
    label, real, synthetic = max(bars, key=lambda bar: abs(bar[2] - bar[1]))
    return gap_bars(
        f"The spike that differs most: {label}",
        f"{label} holds {percent(real)} of real rows and {percent(synthetic)} of synthetic ones.",
        bars,
        "share of rows",
    )
