"""Distances on the line: how far the values of numbers and dates have moved."""

from __future__ import annotations

from dataclasses import replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from audit.case import MEASURED, Case, Counts
from audit.check import Outcome, Skip, check
from audit.histogram import display_edges
from audit.model import Chart, Family, Kind, Measure, Scale, Series
from audit.stats.distances import ks_distance, shares, wasserstein_distance
from audit.stats.intervals import Z95
from audit.stats.weighted import common_support, expected_wasserstein, mean_and_sd, wasserstein_error

Floats = NDArray[np.float64]

_LARGE = 1e150  # the square of a larger value is infinite


@check(
    id="column_distances",
    title="Distances of numbers",
    family=Family.FIDELITY,
    question="How far have the values of numbers and dates moved?",
    scale=Scale("standard deviations beyond chance", "lower", 0.0, None),
    needs=("number", "rows"),
    next_step="Compare mean, spread and tails of the column; a shift in one direction is often a scaling or rounding step.",
)
def column_distances(case: Case) -> Outcome:
    """Mean distance that values moved, in real standard deviations, beyond chance.

    The Wasserstein distance between the real and the synthetic values, divided by the
    standard deviation of the real ones, less what two samples of these sizes from one
    population show. 0 means no more than chance, 0.1 that a row had to move by a tenth of a
    standard deviation on average; there is no upper end. Missing values are left out (see
    missing shares). Chance alone gives about 1.8 divided by the root of the rows of a table
    (normal values, tables of one size), more where single values lie far out. The baseline
    is the same number for the holdout. The number without a column is the mean over all of
    them. A few extreme values weigh heavily. The second number, ks, is the largest gap
    between the two distribution functions beyond the mean gap of two samples of one
    population; it does not see how far values moved.

    Source: Vallender (1974), Theory of Probability and its Applications 18, 784-786; chance:
    del Barrio, Gine and Matran (1999), Annals of Probability 27, 1009-1071; Smirnov (1948),
    Annals of Mathematical Statistics 19, 279-281.
    """
    measures, charts = [], []
    for column in case.of_kind(*MEASURED):
        tables = {part.role: part.value_counts(column.name) for part in case.parts()}
        real, synthetic, *rest = _within_reach(list(tables.values()))
        if real.filled < 2 or synthetic.filled < 1 or mean_and_sd(real.values, real.counts)[1] == 0:
            continue
        holdout = rest[0] if rest else None
        measures += [
            _moved(column.name, column.kind, real, synthetic, holdout),
            _gap(column.name, real, synthetic, holdout),
        ]
        charts.append(_curves(case, column.name, tables["real"]))
    if not measures:
        raise Skip("No number or date varies in the real table.")
    return Outcome((_mean(case, measures), *measures), _summary(measures), tuple(charts))


def _mean(case: Case, measures: list[Measure]) -> Measure:
    """The mean over columns; the interval as if all columns erred together."""
    moved = [m for m in measures if not m.name]

    def mean(values: list[float | None]) -> float:
        return fsum(value or 0.0 for value in values) / len(moved)

    value = mean([m.value for m in moved])
    worst = max(moved, key=lambda m: m.value)
    return Measure(
        value=value,
        low=min(mean([m.low for m in moved]), value),
        high=max(mean([m.high for m in moved]), value),
        baseline=mean([m.baseline for m in moved]),
        n=case.synthetic.rows,
        sentence=(
            f"Over {len(moved)} column{'s' if len(moved) > 1 else ''} of numbers and dates, values moved by {value:.2f} standard "
            f"deviations beyond chance; {worst.about[0]} moved most ({worst.value:.2f})."
        ),
    )


def _within_reach(tables: list[Counts]) -> list[Counts]:
    """The tables' values, made smaller where their squares would leave the range of a float."""
    largest = max((float(np.abs(_line(t)).max()) for t in tables if len(t.values)), default=0.0)
    if largest < _LARGE:
        return tables
    return [replace(t, values=_line(t) / largest) for t in tables]


def _moved(name: str, kind: Kind, real: Counts, synthetic: Counts, holdout: Counts | None) -> Measure:
    centre, sd = mean_and_sd(real.values, real.counts)
    distance, error = _distance(real, synthetic)
    distance, half = distance / sd, Z95 * error / sd
    chance = _chance(real, synthetic) / sd
    baseline = 0.0
    if holdout is not None and holdout.filled:
        baseline = max(0.0, (_distance(real, holdout)[0] - _chance(real, holdout)) / sd)
    shift = (mean_and_sd(synthetic.values, synthetic.counts)[0] - centre) / sd
    where = "up" if shift > 0 else "down"
    sentence = f"Values of {name} moved by {distance:.2f} standard deviations on average, where chance explains {chance:.2f}"
    sentence += f"; their mean went {where} by {abs(shift):.2f}." if kind is Kind.NUMBER else "."
    return Measure(
        value=max(0.0, distance - chance),
        about=(name,),
        low=max(0.0, distance - chance - half),
        high=max(0.0, distance - chance + half),
        baseline=baseline,
        n=synthetic.filled,
        sentence=sentence,
    )


def _chance(real: Counts, other: Counts) -> float:
    """Mean distance of two samples of these sizes from the real table's population."""
    return expected_wasserstein(_line(real), real.counts, real.filled, other.filled)


def _distance(real: Counts, other: Counts) -> tuple[float, float]:
    values, left, right = common_support(real.values, real.counts, other.values, other.counts)
    return wasserstein_distance(values, left, right), wasserstein_error(values, left, right)


def _line(counts: Counts) -> Floats:
    return np.asarray(counts.values, dtype=np.float64)


def _gap(name: str, real: Counts, synthetic: Counts, holdout: Counts | None) -> Measure:
    """Kolmogorov-Smirnov distance less its mean under one population, 0.8687 root(1/n + 1/m)."""
    value, error, where = _ks(real, synthetic)
    chance = _ks_chance(real, synthetic)
    baseline = (
        _ks(real, holdout)[0] - _ks_chance(real, holdout) if holdout is not None and holdout.filled else 0.0
    )
    return Measure(
        value=max(0.0, value - chance),
        about=(name,),
        name="ks",
        low=max(0.0, value - chance - Z95 * error),
        high=max(0.0, value - chance + Z95 * error),
        baseline=max(0.0, baseline),
        n=synthetic.filled,
        sentence=f"The distribution functions of {name} lie {value:.1%} apart at their widest, where chance explains {chance:.1%}, {where}.",
    )


def _ks(real: Counts, other: Counts) -> tuple[float, float, str]:
    _, left, right = common_support(real.values, real.counts, other.values, other.counts)
    value = ks_distance(left, right)
    gap = np.cumsum(shares(left)) - np.cumsum(shares(right))
    place = int(np.argmax(np.abs(gap)))
    # Sums of shares may end a rounding error above one.
    p, q = (min(1.0, float(np.cumsum(shares(side))[place])) for side in (left, right))
    error = float(np.sqrt(p * (1 - p) / real.filled + q * (1 - q) / other.filled))
    below = "with too few low values" if gap[place] > 0 else "with too many low values"
    return value, error, below


def _ks_chance(real: Counts, other: Counts) -> float:
    """Mean of the Kolmogorov distribution, sqrt(pi / 2) ln 2, at the samples' sizes."""
    return float(np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / real.filled + 1 / other.filled))


def _summary(measures: list[Measure]) -> dict[str, float]:
    moved = [m.value for m in measures if not m.name]
    gaps = [m.value for m in measures if m.name == "ks"]
    return {"mean_wasserstein_sd": float(np.mean(moved)), "largest_ks_excess": float(np.max(gaps))}


def _curves(case: Case, name: str, real: Counts) -> Chart:
    """Distribution functions at round positions, so that no single value is shown."""
    edges = display_edges(real, case.column(name).kind)
    series = []
    for part in case.parts():
        counts = part.value_counts(name)
        ends = np.concatenate([[0], np.cumsum(counts.counts)]) / max(counts.filled, 1)
        series.append(
            Series(part.role, tuple(ends[np.searchsorted(counts.values, edges, side="right")].tolist()))
        )
    return Chart(
        kind="lines",
        title=f"{name}: share of rows at or below each value",
        alt=f"Empirical distribution functions of {name} in each table.",
        about=(name,),
        edges=tuple(float(e) for e in edges),
        series=tuple(series),
        unit="share of rows at or below",
    )
