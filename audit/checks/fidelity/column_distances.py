"""Distances on the line: how far the values of numbers and dates have moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, ValueCounts
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.histogram import display_edges
from audit.model import (
    Better,
    Chart,
    Family,
    Fold,
    Kind,
    Measure,
    Page,
    Scale,
    Section,
    Unit,
    as_series,
    line_chart,
)
from audit.stats.distributions.distances import ks_distance, shares, wasserstein_distance
from audit.stats.distributions.weighted import (
    common_support,
    expected_wasserstein,
    mean_and_sd,
    wasserstein_error,
)
from audit.stats.inference.intervals import Z95

_LARGE = 1e150  # the square of a larger value is infinite


@check(
    id="column_distances",
    title="Distances of numbers",
    known_as="normalised Wasserstein distance",
    page=Page.COLUMNS,
    section=Section.COLUMN_DISTANCE,
    folds=(Fold.COLUMN_SHAPE,),
    family=Family.FIDELITY,
    question="How far have the values of numbers and dates moved?",
    scale=Scale(Unit.STANDARD_DEVIATIONS, "standard deviations beyond chance", Better.LOWER, 0.0, None),
    needs=(Need.NUMBER, Need.ROWS),
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
    for column in case.of_kind(*NUMERIC_KINDS):
        tables = {part.role: part.value_counts(column.name) for part in case.tables()}
        real, synthetic, *rest = _within_reach(list(tables.values()))
        if real.filled < 2 or synthetic.filled < 1 or mean_and_sd(real.values, real.counts)[1] == 0:
            continue
        pair = _beside(real, synthetic)
        fresh = _beside(real, rest[0]) if rest and rest[0].filled else None
        measures += [
            _moved(column.name, column.kind, real, synthetic, pair, fresh),
            _gap(column.name, pair, fresh),
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


def _within_reach(tables: list[ValueCounts]) -> list[ValueCounts]:
    """The tables' values, made smaller where their squares would leave the range of a float."""
    largest = max((float(np.abs(_line(t)).max()) for t in tables if len(t.values)), default=0.0)
    if largest < _LARGE:
        return tables
    return [replace(t, values=_line(t) / largest) for t in tables]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Rows of the real and another table at the values that either holds; chance: the mean distance by it."""

    values: Floats
    real: Ints
    other: Ints
    chance: float


def _beside(real: ValueCounts, other: ValueCounts) -> _Pair:
    chance = expected_wasserstein(_line(real), real.counts, real.filled, other.filled)
    return _Pair(*common_support(real.values, real.counts, other.values, other.counts), chance)


def _moved(
    name: str, kind: Kind, real: ValueCounts, synthetic: ValueCounts, pair: _Pair, fresh: _Pair | None
) -> Measure:
    centre, sd = mean_and_sd(real.values, real.counts)
    distance = wasserstein_distance(pair.values, pair.real, pair.other) / sd
    half = Z95 * wasserstein_error(pair.values, pair.real, pair.other) / sd
    chance, baseline = pair.chance / sd, 0.0
    if fresh is not None:
        baseline = max(0.0, (wasserstein_distance(fresh.values, fresh.real, fresh.other) - fresh.chance) / sd)
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


def _line(counts: ValueCounts) -> Floats:
    return np.asarray(counts.values, dtype=np.float64)


def _gap(name: str, pair: _Pair, fresh: _Pair | None) -> Measure:
    """Kolmogorov-Smirnov distance less its mean under one population, 0.8687 root(1/n + 1/m)."""
    value, error, where = _ks(pair)
    chance = _ks_chance(pair)
    baseline = 0.0 if fresh is None else ks_distance(fresh.real, fresh.other) - _ks_chance(fresh)
    return Measure(
        value=max(0.0, value - chance),
        about=(name,),
        name="ks",
        low=max(0.0, value - chance - Z95 * error),
        high=max(0.0, value - chance + Z95 * error),
        baseline=max(0.0, baseline),
        n=int(pair.other.sum()),
        sentence=f"The distribution functions of {name} lie {value:.1%} apart at their widest, where chance explains {chance:.1%}, {where}.",
    )


def _ks(pair: _Pair) -> tuple[float, float, str]:
    """The gap, its error, and which way it goes."""
    curves = [np.cumsum(shares(side)) for side in (pair.real, pair.other)]
    gap = curves[0] - curves[1]
    place = int(np.argmax(np.abs(gap)))
    # Sums of shares may end a rounding error above one.
    p, q = (min(1.0, float(curve[place])) for curve in curves)
    error = float(np.sqrt(p * (1 - p) / pair.real.sum() + q * (1 - q) / pair.other.sum()))
    below = "with too few low values" if gap[place] > 0 else "with too many low values"
    return float(np.abs(gap[place])), error, below


def _ks_chance(pair: _Pair) -> float:
    """Mean of the Kolmogorov distribution, sqrt(pi / 2) ln 2, at the samples' sizes."""
    return float(np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / pair.real.sum() + 1 / pair.other.sum()))


def _summary(measures: list[Measure]) -> dict[str, float]:
    moved = [m.value for m in measures if not m.name]
    gaps = [m.value for m in measures if m.name == "ks"]
    return {"mean_wasserstein_sd": float(np.mean(moved)), "largest_ks_excess": float(np.max(gaps))}


def _curves(case: Case, name: str, real: ValueCounts) -> Chart:
    """Distribution functions at round positions, so that no single value is shown."""
    edges = display_edges(real, case.column(name).kind)
    curves = {}
    for part in case.tables():
        counts = part.value_counts(name)
        ends = np.concatenate([[0], np.cumsum(counts.counts)]) / max(counts.filled, 1)
        curves[part.role] = ends[np.searchsorted(counts.values, edges, side="right")]
    return line_chart(
        as_series(curves),
        edges,
        title=f"{name}: share of rows at or below each value",
        alt=f"Empirical distribution functions of {name} in each table.",
        about=(name,),
        words="share of rows at or below",
    )
