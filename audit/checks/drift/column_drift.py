"""Drift: how far the synthetic table has moved, against how far fresh real rows are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from audit.case.case import Case, column_names
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.drift._shared.jensen_shannon import DRIFTED, beyond_chance
from audit.model import Better, Chart, Family, Fold, Measure, Scale, Section, Unit, compared_intervals
from audit.stats.distributions.distances import (
    stability_index,
    stability_index_noise,
)
from audit.stats.distributions.weighted import expected_wasserstein, mean_and_sd

_QUANTILES = 1000

_GONE = 0.005  # difference of the shares of missing values from which it is told


@check(
    id="column_drift",
    title="Column drift",
    known_as="Jensen-Shannon distance",
    section=Section.DRIFT_BY_COLUMN,
    folds=(Fold.COLUMN_SHAPE,),
    family=Family.DRIFT,
    question="Which columns have drifted away from the real table?",
    scale=Scale(Unit.DISTANCE, "Jensen-Shannon distance", Better.LOWER, 0.0, 1.0),
    needs=(Need.ROWS,),
    next_step="If the table stands for a later time, tell whether the drift is wanted; otherwise treat it as a fault of the generator.",
)
def column_drift(case: Case) -> Outcome:
    """Jensen-Shannon distance of a column's shares, real to synthetic, beyond chance.

    Computed on the same cells as the column shapes, missing included, with logarithms to
    base two: 0 means the same shares, 1 that no value is shared. What two samples of these
    sizes from one population show is taken off in quadrature, so that small tables do not
    drift by noise alone. The baseline is the holdout's number. A column that lost values has
    drifted too. Two numbers stand beside it and are not judged, so that one question is judged
    once. The population stability index comes with the value that chance exceeds once in twenty
    times; fixed marks such as 0.1 and 0.25 mean different things at different sizes. The
    Wasserstein distance (numbers and dates) is how far values moved on average, in real standard
    deviations, read at a thousand quantiles; it does not depend on the scale of the column. Hours,
    weekdays and months of dates are judged by calendar drift.

    Source: Endres and Schindelin (2003), IEEE Transactions on Information Theory 49,
    1858-1860; Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4); Vallender
    (1974), Theory of Probability and its Applications 18, 784-786.
    """
    columns = column_names(case.distribution_columns)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    measures = [
        m for name in columns for m in (_drift(case, name), _index(case, name), *_distance(case, name))
    ]
    drift = [m for m in measures if not m.name]
    return Outcome(
        tuple(measures),
        {"largest": max(m.value for m in drift), "drifted": float(sum(m.value > DRIFTED for m in drift))},
        (_chart(drift),),
    )


def _drift(case: Case, name: str) -> Measure:
    value, low, high = beyond_chance(case, case.synthetic, name)
    baseline = beyond_chance(case, case.holdout, name)[0] if case.holdout is not None else 0.0
    return Measure(
        value=value,
        about=(name,),
        low=low,
        high=high,
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=f"{name} has drifted by {value:.3f} on a scale from 0 (same shares) to 1 (nothing shared){_also(case, name)}.",
    )


def _also(case: Case, name: str) -> str:
    """How far values moved, and how many are missing, where that says something."""
    text = ""
    moved = _moved(case, case.synthetic, name)
    if moved is not None:
        text += f"; its values moved by {moved[0]:.2f} standard deviations on average"
    gone = [part.value_counts(name).missing / part.rows for part in (case.real, case.synthetic)]
    if abs(gone[1] - gone[0]) > _GONE:
        text += f"; {gone[1]:.0%} of its values are missing instead of {gone[0]:.0%}"
    return text


def _moved(case: Case, part: CaseTable, name: str) -> tuple[float, float] | None:
    """Wasserstein distance in real standard deviations, and what chance gives; None where there is none."""
    if case.column(name).kind not in NUMERIC_KINDS:
        return None
    real, other = case.real.value_counts(name), part.value_counts(name)
    if not real.filled or not other.filled:
        return None
    values = np.asarray(real.values, dtype=np.float64)
    sd = mean_and_sd(values, real.counts)[1]
    if not 0 < sd < np.inf:
        return None
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    ours, theirs = (
        np.asarray(one.values, dtype=np.float64)[np.searchsorted(np.cumsum(one.counts), at * one.filled)]
        for one in (real, other)
    )
    chance = expected_wasserstein(values, real.counts, real.filled, other.filled)
    return float(np.mean(np.abs(ours / sd - theirs / sd))), chance / sd


def _distance(case: Case, name: str) -> Iterator[Measure]:
    moved = _moved(case, case.synthetic, name)
    if moved is None:
        return
    fresh = _moved(case, case.holdout, name) if case.holdout is not None else None
    value, chance = moved
    yield Measure(
        value=value,
        about=(name,),
        name="wasserstein",
        baseline=chance if fresh is None else fresh[0],
        n=case.synthetic.value_counts(name).filled,
        sentence=f"Values of {name} moved by {value:.3g} standard deviations on average; chance alone gives {chance:.3g}.",
        descriptive=True,
    )


def _index(case: Case, name: str) -> Measure:
    real, synthetic = case.real.counts(name), case.synthetic.counts(name)
    value = stability_index(real, synthetic)
    cells = int(np.count_nonzero(real + synthetic))
    noise = stability_index_noise(cells, case.real.rows, case.synthetic.rows)
    return Measure(
        value=value,
        about=(name,),
        name="population_stability_index",
        baseline=noise,
        n=case.synthetic.rows,
        sentence=f"The population stability index of {name} is {value:.4f}; chance exceeds {noise:.4f} once in twenty times.",
        descriptive=True,
    )


def _chart(measures: list[Measure]) -> Chart:
    shown = sorted(measures, key=lambda m: -m.value)[:30]
    return compared_intervals(
        [m.about[0] for m in shown],
        shown,
        title=f"{shown[0].about[0]} has drifted most",
        alt=f"Drift of the {len(shown)} columns that moved most, with 95 % intervals and the holdout's drift.",
        unit=Unit.DISTANCE,
        words="Jensen-Shannon distance",
    )
