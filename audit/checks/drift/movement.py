"""Drift: how far the synthetic table has moved, against how far fresh real rows are."""

from __future__ import annotations

import numpy as np

from audit.case import Case, Part, names
from audit.check import Outcome, Skip, check
from audit.model import Chart, Family, Measure, Scale, Series
from audit.stats.distances import (
    expected_total_variation,
    jensen_shannon_distance,
    stability_index,
    stability_index_noise,
    total_variation,
)
from audit.stats.divergence import expected_jensen_shannon, jensen_shannon_error
from audit.stats.intervals import Z95

_DRIFTED = 0.1  # Jensen-Shannon distance; a widespread mark, see docs/tolerances.md


@check(
    id="column_drift",
    title="Column drift",
    family=Family.DRIFT,
    question="Which columns have drifted away from the real table?",
    scale=Scale("Jensen-Shannon distance", "lower", 0.0, 1.0),
    needs=("rows",),
    next_step="If the table stands for a later time, tell whether the drift is wanted; otherwise treat it as a fault of the generator.",
)
def column_drift(case: Case) -> Outcome:
    """Jensen-Shannon distance of a column's shares, real to synthetic, beyond chance.

    Computed on the same cells as the column shapes, missing included, with logarithms to
    base two: 0 means the same shares, 1 that no value is shared. What two samples of these
    sizes from one population show is taken off in quadrature, so that small tables do not
    drift by noise alone. The baseline is the holdout's number. The population stability
    index is shown beside it, with the value that chance exceeds once in twenty times; fixed
    marks such as 0.1 and 0.25 mean different things at different sizes.

    Source: Endres and Schindelin (2003), IEEE Transactions on Information Theory 49,
    1858-1860; Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4).
    """
    columns = names(case.shaped)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    measures = [m for name in columns for m in (_drift(case, name), _index(case, name))]
    drift = [m for m in measures if not m.name]
    return Outcome(
        tuple(measures),
        {"largest": max(m.value for m in drift), "drifted": float(sum(m.value > _DRIFTED for m in drift))},
        (_chart(drift),),
    )


def _drift(case: Case, name: str) -> Measure:
    value, low, high = _beyond_chance(case, case.synthetic, name)
    baseline = _beyond_chance(case, case.holdout, name)[0] if case.holdout is not None else 0.0
    return Measure(
        value=value,
        about=(name,),
        low=low,
        high=high,
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=f"{name} has drifted by {value:.3f} on a scale from 0 (same shares) to 1 (nothing shared).",
    )


def _beyond_chance(case: Case, part: Part, name: str) -> tuple[float, float, float]:
    """The distance, and its interval, found on the divergence, where errors are even."""
    real, other = case.real.counts(name), part.counts(name)
    divergence = jensen_shannon_distance(real, other) ** 2
    divergence -= expected_jensen_shannon(real, case.real.rows, part.rows)
    half = Z95 * jensen_shannon_error(real, other)
    ends = (max(divergence, 0.0), divergence - half, max(divergence, 0.0) + half)
    value, low, high = np.sqrt(np.clip(ends, 0.0, 1.0)).tolist()
    return value, low, high


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
    return Chart(
        kind="intervals",
        title=f"{shown[0].about[0]} has drifted most",
        alt=f"Drift of the {len(shown)} columns that moved most, with 95 % intervals and the holdout's drift.",
        y=tuple(m.about[0] for m in shown),
        series=(
            Series("value", tuple(m.value for m in shown)),
            Series("low", tuple(m.low for m in shown)),
            Series("high", tuple(m.high for m in shown)),
            Series("baseline", tuple(m.baseline for m in shown)),
        ),
        unit="Jensen-Shannon distance",
    )


@check(
    id="dataset_drift",
    title="Dataset drift",
    family=Family.DRIFT,
    question="How much of the table has drifted, and how far against fresh real rows?",
    scale=Scale("share of columns", "lower", 0.0, 1.0),
    needs=("rows",),
    next_step="Begin with the columns named under column drift.",
)
def dataset_drift(case: Case) -> Outcome:
    """Share of columns that have drifted by more than 0.1, uncertainty considered.

    A column counts as drifted when its Jensen-Shannon distance beyond chance is above 0.1;
    the interval runs from the columns that surely are to those that may be. 0 means none, 1
    means all. Summary: `relative_drift_index` tells how many times as far the synthetic
    table is from the real one as the holdout is (mean total variation over columns); 1 is
    what fresh real rows give, and with many rows even a small drift is many times that, so
    the index is shown and not judged. Without a holdout the expected distance of fresh rows
    stands in for it.

    Source: the mark of 0.1 and the share of columns are conventions of drift monitoring;
    the index is the ratio of total variations, Levin and Peres (2017), proposition 4.2.
    """
    columns = names(case.shaped)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    drift = [_beyond_chance(case, case.synthetic, name) for name in columns]
    drifted = [value > _DRIFTED for value, _, _ in drift]
    surely = float(np.mean([low > _DRIFTED for _, low, _ in drift]))
    maybe = float(np.mean([high > _DRIFTED for _, _, high in drift]))
    value = float(np.mean(drifted))
    index = _relative_index(case, columns)
    measure = Measure(
        value=value,
        low=min(surely, value),
        high=max(maybe, value),
        baseline=_baseline(case, columns),
        n=case.synthetic.rows,
        sentence=(
            f"{sum(drifted)} of {len(columns)} columns have drifted; the synthetic table lies {index:.1f} times as far "
            "from the real one as fresh real rows do."
        ),
    )
    return Outcome((measure,), {"relative_drift_index": index})


def _baseline(case: Case, columns: tuple[str, ...]) -> float:
    if case.holdout is None:
        return 0.0
    return float(np.mean([_beyond_chance(case, case.holdout, name)[0] > _DRIFTED for name in columns]))


def _relative_index(case: Case, columns: tuple[str, ...]) -> float:
    """D(synthetic, real) over D(fresh, real), both at the synthetic table's size."""
    real = {name: case.real.counts(name) for name in columns}
    chance = float(
        np.mean([expected_total_variation(real[n], case.real.rows, case.synthetic.rows) for n in columns])
    )
    moved = float(np.mean([total_variation(real[n], case.synthetic.counts(n)) for n in columns]))
    fresh = chance
    if case.holdout is not None:
        seen = float(np.mean([total_variation(real[n], case.holdout.counts(n)) for n in columns]))
        expected = float(
            np.mean([expected_total_variation(real[n], case.real.rows, case.holdout.rows) for n in columns])
        )
        fresh = seen * chance / expected if expected else chance
    return moved / fresh if fresh else 1.0
