"""Values written finer than real ones ever are, and values that no real row holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audit.arrays import Bools
from audit.case.case import Case
from audit.case.case_table import CaseTable, ValueCounts
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    FALSE_ALARM_RATE,
    SHARE,
    ExcessCount,
    excess_over_real,
    gap_bars,
    max_by_chance,
    percent,
    plural,
)
from audit.checks.artifacts._shared.green_list import exempt_watermarked
from audit.checks.artifacts._shared.lattice import Lattice, lattice_of
from audit.model import Column, Family, Kind, Measure, Rows

_OPEN = 0.2  # a number with more new values among fresh real rows is continuous: new values say nothing
_NEW_STEP = (
    "Look at the rows with new values: draw the column from the real values, or give it a spike of "
    "its own where it has one."
)


@dataclass(frozen=True, slots=True)
class _Novel:
    """Rows of fresh real rows whose value is new, and what as many synthetic rows would show."""

    share: float
    limit: int
    baseline: float


@check(
    id="precision",
    title="Precision of numbers",
    family=Family.ARTIFACTS,
    question="Are numbers written as finely as real ones, and do they keep to the values that real ones take?",
    scale=SHARE,
    needs=(Need.NUMBER,),
    next_step="Round the column to the step of the real values before the table is given away.",
)
def precision(case: Case) -> Outcome:
    """Share of a number's values that are finer than real ones, beyond chance.

    The step of a column is the coarsest one that 99 % of its real values keep: whole numbers,
    two decimals, multiples of 5. A value between the steps was made, not measured. 0 means
    that no value is off the step, or no more than as many fresh real rows would show; 0.01
    that one value in a hundred is. `never_seen` is the surplus of rows whose value no real row
    holds, over the share of such rows in the holdout; without a holdout that share comes from
    the values that stand in a single real row. It is given where fewer than a fifth of fresh
    real rows bring a new value. The baseline is the holdout against the real table. Missing
    cells do not count. A column of continuous numbers has neither a step nor values that
    recur, and is left out. Too coarse values are not seen here: `last_digits` looks for them.

    Source: Good (1953), Biometrika 40, 237-264 (share of values not seen yet); variance of
    that estimate: Esty (1983), Annals of Statistics 11, 905-912.
    """
    columns = [c for c in case.of_kind(Kind.NUMBER) if _filled(case, c.name)]
    if not columns:
        raise Skip("No number has a value in every table.")
    alarm = FALSE_ALARM_RATE / (2 * len(columns))
    measures = tuple(m for column in columns for m in _measures(case, column, alarm))
    if not measures:
        raise Skip("The numbers are continuous: they keep no step and their values do not recur.")
    bars = [(_label(m), m.baseline or 0.0, m.value) for m in measures]
    chart = gap_bars(
        "Values finer than real ones, or new", _alt(measures), bars, "share of rows beyond chance"
    )
    return exempt_watermarked(
        case, Outcome(measures, {"columns": float(len({m.about for m in measures}))}, (chart,))
    )


def _filled(case: Case, name: str) -> bool:
    return all(part.value_counts(name).filled > 0 for part in case.tables())


def _label(measure: Measure) -> str:
    return f"{measure.about[0]}, {'new values' if measure.name else 'off the step'}"


def _alt(measures: tuple[Measure, ...]) -> str:
    worst = max(measures, key=lambda m: m.value)
    return f"The most is {percent(worst.value)} of the rows, in {_label(worst)}."


def _measures(case: Case, column: Column, alarm: float) -> Iterable[Measure]:
    lattice = lattice_of(case, column.name)
    if lattice is not None:
        yield _off_step(case, column.name, lattice, alarm)
    novel = _expected_new(case, column.name, alarm)
    if novel is not None:
        yield _never_seen(case, column.name, novel)


def _off_step(case: Case, name: str, lattice: Lattice, alarm: float) -> Measure:
    off = {part.role: _off(part.value_counts(name), lattice) for part in case.tables()}
    filled = {part.role: part.value_counts(name).filled for part in case.tables()}
    real, rows = off["real"] + off.get("holdout", 0), filled["real"] + filled.get("holdout", 0)
    found, n = off["synthetic"], filled["synthetic"]
    beyond = excess_over_real(found, n, real, n / rows, alarm)
    return Measure(
        value=beyond.value,
        about=(name,),
        low=beyond.value,
        high=beyond.value,
        baseline=off["holdout"] / filled["holdout"] if "holdout" in off else real / rows,
        n=n,
        sentence=_off_sentence(name, lattice, found, n, real / rows, beyond),
        rows=_examples(case.synthetic, name, found, beyond.value, lambda x: ~lattice.contains(x)),
    )


def _off(counts: ValueCounts, lattice: Lattice) -> int:
    return int(counts.counts[~lattice.contains(np.asarray(counts.values, dtype=np.float64))].sum())


def _off_sentence(name: str, lattice: Lattice, found: int, n: int, real: float, beyond: ExcessCount) -> str:
    kept = f"Real values of {name} are {lattice.description}"
    if real > 0:
        kept += f" but for {percent(real)} of them"
    if found == 0:
        return f"{kept}; so are all synthetic ones."
    return (
        f"{kept}; {plural(found, 'synthetic value')} of {n:,} ({percent(found / n)}) are not. "
        f"Chance explains up to {beyond.limit:,}."
    )


def _examples(part: CaseTable, name: str, count: int, value: float, wanted: object) -> Rows | None:
    """The first rows, looked for where the number is above zero: one more pass over the column."""
    if value <= 0 or not callable(wanted):
        return None
    column = part.column(name).astype(np.float64)
    places = np.flatnonzero(wanted(column) & ~np.isnan(column))[:EXAMPLES]
    return Rows(count, tuple(int(place) + 1 for place in places))


def _expected_new(case: Case, name: str, alarm: float) -> _Novel | None:
    """How many synthetic rows may hold a value that no real row holds; None for continuous numbers."""
    real = case.real.value_counts(name)
    once, twice = int((real.counts == 1).sum()), int((real.counts == 2).sum())
    n = case.synthetic.value_counts(name).filled
    if len(real.values) < 2 or once > 2 * _OPEN * real.filled:
        return None
    if case.holdout is not None:
        holdout = case.holdout.value_counts(name)
        new = int(holdout.counts[~held_by_real(holdout, real)].sum())
        share = new / holdout.filled
        limit = max_by_chance(new + 0.5, n / holdout.filled, alarm)
    else:
        share = once / real.filled
        # The estimate varies more than a count of as many rows: by once + 2 * twice (Esty).
        wider = 1.0 + 2.0 * twice / max(once, 1)
        limit = max_by_chance(once / wider + 0.5, wider * n / real.filled, alarm)
    return None if share > _OPEN else _Novel(share, limit, share)


def held_by_real(counts: ValueCounts, real: ValueCounts) -> Bools:
    """Which distinct values a real row holds."""
    values, known = (np.asarray(c.values, dtype=np.float64) for c in (counts, real))
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[places] == values, dtype=bool)


def _never_seen(case: Case, name: str, novel: _Novel) -> Measure:
    real, synthetic = case.real.value_counts(name), case.synthetic.value_counts(name)
    new, n = ~held_by_real(synthetic, real), synthetic.filled
    found = int(synthetic.counts[new].sum())
    value = max(0.0, found / n - novel.share) if found > novel.limit else 0.0
    values = np.asarray(synthetic.values, dtype=np.float64)[new]
    return Measure(
        value=value,
        about=(name,),
        name="never_seen",
        low=value,
        high=value,
        baseline=novel.baseline,
        n=n,
        sentence=f"{percent(found / n)} of the synthetic values of {name} stand in no real row; of fresh real values "
        f"{percent(novel.share)} would. Chance explains up to {plural(novel.limit, 'row')} of {n:,}.",
        rows=_examples(case.synthetic, name, found, value, lambda x: np.isin(x, values)),
        next_step=_NEW_STEP,
    )
