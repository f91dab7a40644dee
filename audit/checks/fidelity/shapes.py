"""Shapes: shares of cells of single columns and of pairs, against what chance alone gives."""

from __future__ import annotations

from itertools import combinations
from math import fsum

import numpy as np
from numpy.typing import NDArray

from audit.case.binning import OTHER_LABEL
from audit.case.case import Case, names
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.atoms import atom_measures
from audit.checks.fidelity._shared.histogram import column_chart
from audit.learn.features import sample_rows
from audit.model import Better, Chart, Family, Measure, Scale, Series, Unit
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
    total_variation_slopes,
)
from audit.stats.inference.intervals import Z95

Ints = NDArray[np.int64]

EXCESS = Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, -1.0, 1.0)
_MOST_PAIRS = 5000  # above, a seeded choice of pairs
_JOINT_VIEWS = 24  # pairs whose joint shares go into the report
_MOST_CHARTS = 300  # columns whose distribution goes into the report
_ERROR_ROWS = 5_000  # rows that tell how much the mean varies
_MAP_COLUMNS = 40  # more than an eye can read


@check(
    id="column_shapes",
    title="Column shapes",
    family=Family.FIDELITY,
    question="Does each column hold its values in the same shares as in the real table?",
    scale=EXCESS,
    needs=(Need.ROWS,),
    next_step="Look at the column's distribution; if the generator cannot learn it, transform the column or sample it from the real shares.",
)
def column_shapes(case: Case) -> Outcome:
    """Share of rows that sit in the wrong part of a column, beyond chance.

    Each column is cut into at most ten quantile bins of the real table, or its ten most
    frequent categories and one cell for all others; missing values have a cell of their own.
    The number is the total variation distance between the real and the synthetic shares,
    less what two samples of these sizes from one population would show. 0 means that no
    event in the column is off by more than chance explains; 0.05 means that some event is
    off by five rows in a hundred. Slightly below 0 is normal. The baseline is the same
    number for the holdout against the real table. Where a number or date mixes values that hold
    at least 5 % of the rows with a continuous part, `atoms` is the same number over these values
    and one cell for all others, and `between_atoms` the same over quantile bins of the other
    rows: a lost spike at zero is not outweighed by the rest. Both are judged where there are
    enough rows, or the difference is clear. It cannot see what happens inside a bin,
    nor how columns go together. Summary: `accuracy` is one minus the mean distance, chance
    not taken off; `expected_accuracy` is what chance alone would give.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939; total variation:
    Levin and Peres (2017), proposition 4.2.
    """
    columns = names(case.shaped)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    measures = tuple(excess_measure(case, (name,)) for name in columns)
    return Outcome(
        measures=(
            mean_measure(measures, "column", case),
            *measures,
            *(part for name in columns for part in atom_measures(case, name)),
        ),
        summary=accuracies(case, [(name,) for name in columns]),
        charts=tuple(column_chart(case, m.about[0]) for m in _worst(measures, _MOST_CHARTS)),
    )


@check(
    id="pair_shapes",
    title="Pair shapes",
    family=Family.FIDELITY,
    question="Do columns go together in pairs as they do in the real table?",
    scale=EXCESS,
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Compare the joint views; a pair that is off while both columns are right means that the generator lost their relation.",
)
def pair_shapes(case: Case) -> Outcome:
    """Share of rows that sit in the wrong cell of a pair of columns, beyond chance.

    As `column_shapes`, on the joint cells of two columns. A pair is off where a column is
    off, and also where both are right but their relation is not. Up to 5,000 pairs are
    compared, all of them where there are fewer. In cells with few expected rows chance is
    large; it is taken off. It cannot see relations among three columns or more. Summary as
    for `column_shapes`.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939.
    """
    pairs = _pairs(case)
    measures = tuple(excess_measure(case, pair) for pair in pairs)
    return Outcome(
        measures=(mean_measure(measures, "pair", case), *measures),
        summary=accuracies(case, pairs),
        charts=(
            _difference_map(case, measures),
            *(_joint_view(case, m.about) for m in _worst(measures, _JOINT_VIEWS)),
        ),
    )


def excess_measure(case: Case, about: tuple[str, ...]) -> Measure:
    """Total variation beyond chance, with the holdout's as baseline."""
    real, synthetic = case.real.counts(*about), case.synthetic.counts(*about)
    value = _excess(real, synthetic)
    half = Z95 * total_variation_error(real, synthetic)
    baseline = 0.0 if case.holdout is None else _excess(real, case.holdout.counts(*about))
    return Measure(
        value=value,
        about=about,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=_sentence(case, about, real, synthetic),
    )


def _excess(real: Ints, other: Ints) -> float:
    chance = expected_total_variation(real, int(real.sum()), int(other.sum()))
    return total_variation(real, other) - chance


def _sentence(case: Case, about: tuple[str, ...], real: Ints, synthetic: Ints) -> str:
    """The cell that differs most, in words."""
    gap = shares(synthetic) - shares(real)
    cell = np.unravel_index(int(np.argmax(np.abs(gap))), gap.shape)
    where = " and ".join(_in_words(case, name, int(place)) for name, place in zip(about, cell, strict=True))
    before, after = shares(real)[cell], shares(synthetic)[cell]
    distance = total_variation(real, synthetic)
    chance = expected_total_variation(real, int(real.sum()), int(synthetic.sum()))
    what = about[0] if len(about) == 1 else f"{about[0]} and {about[1]} together"
    return (
        f"{distance:.1%} of the rows would have to change to make {what} match, where chance explains {chance:.1%}: "
        f"{where} in {before:.1%} of real rows and {after:.1%} of synthetic rows."
    )


def _in_words(case: Case, name: str, place: int) -> str:
    coding = case.coding(name)
    label = coding.labels[place]
    if label == OTHER_LABEL:
        return f"{name} is none of its {len(coding.categories or ())} most frequent values"
    return f"{name} is {label}"


def mean_measure(measures: tuple[Measure, ...], noun: str, case: Case) -> Measure:
    """The mean over columns or pairs, which share rows: the error is that of the rows' means."""
    value = fsum(m.value for m in measures) / len(measures)
    half = Z95 * _mean_error(case, [m.about for m in measures])
    baseline = fsum(m.baseline or 0.0 for m in measures) / len(measures)
    worst = max(measures, key=lambda m: m.value)
    return Measure(
        value=value,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=(
            f"Over {len(measures)} {noun}s, {max(value, 0):.1%} of the rows sit in the wrong cell of a {noun} beyond chance; "
            f"worst is {' with '.join(worst.about)} ({worst.value:.1%})."
        ),
    )


def _mean_error(case: Case, about: list[tuple[str, ...]]) -> float:
    """Standard error of a mean of distances: the rows' mean slopes vary, over the root of the rows."""
    rng = case.rng("mean_measure")
    variance = 0.0
    for part in (case.real, case.synthetic):
        codes = part.codes[sample_rows(part, _ERROR_ROWS, rng)]
        slopes = np.zeros(len(codes))
        for names_ in about:
            table = total_variation_slopes(case.real.counts(*names_), case.synthetic.counts(*names_))
            places = tuple(codes[:, case.shaped_index(name)] for name in names_)
            slopes += table[places] / len(about)
        variance += float(slopes.var()) / part.rows
    return float(np.sqrt(variance))


def accuracies(case: Case, about: list[tuple[str, ...]]) -> dict[str, float]:
    """One minus the mean distance, and what chance alone would give."""
    observed, expected = [], []
    for names_ in about:
        real, synthetic = case.real.counts(*names_), case.synthetic.counts(*names_)
        observed.append(1 - total_variation(real, synthetic))
        expected.append(1 - expected_total_variation(real, case.real.rows, case.synthetic.rows))
    return {"accuracy": float(np.mean(observed)), "expected_accuracy": float(np.mean(expected))}


def _pairs(case: Case) -> list[tuple[str, ...]]:
    columns = names(case.shaped)
    many = len(columns) * (len(columns) - 1) // 2
    if many <= _MOST_PAIRS:
        return list(combinations(columns, 2))
    rng, by_name = case.rng("pair_shapes"), sorted(columns)  # the order of the columns must not matter
    chosen: set[tuple[str, ...]] = set()
    while len(chosen) < _MOST_PAIRS:
        pair = {by_name[i] for i in rng.integers(0, len(columns), 2)}
        if len(pair) == 2:
            chosen.add(tuple(sorted(pair, key=case.index)))
    return sorted(chosen, key=lambda pair: [case.index(name) for name in pair])


def _worst(measures: tuple[Measure, ...], most: int) -> list[Measure]:
    return sorted(measures, key=lambda m: -m.value)[:most]


def _difference_map(case: Case, measures: tuple[Measure, ...]) -> Chart:
    """The columns with the largest differences, in the order of the table."""
    ranked = dict.fromkeys(name for m in _worst(measures, len(measures)) for name in m.about)
    columns = sorted(list(ranked)[:_MAP_COLUMNS], key=case.index)
    place = {name: i for i, name in enumerate(columns)}
    grid: list[float | None] = [None] * len(columns) ** 2
    for m in measures:
        if all(name in place for name in m.about):
            a, b = (place[name] for name in m.about)
            grid[a * len(columns) + b] = grid[b * len(columns) + a] = m.value
    worst = _worst(measures, 1)[0]
    return Chart(
        kind="heatmap",
        title=f"{worst.about[0]} with {worst.about[1]} differs most from the real table",
        alt=f"Difference of the pairs of {len(columns)} columns; the largest is {worst.value:.1%} of rows.",
        x=tuple(columns),
        y=tuple(columns),
        series=(Series("difference", tuple(grid)),),
        unit=Unit.SHARE,
        words="share of rows beyond chance",
    )


def _joint_view(case: Case, about: tuple[str, ...]) -> Chart:
    real, synthetic = shares(case.real.counts(*about)), shares(case.synthetic.counts(*about))
    distance = 0.5 * float(np.abs(real - synthetic).sum())
    seen = (real + synthetic) > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    cells = np.ix_(rows, columns)
    y, x = (case.coding(name).labels for name in about)
    return Chart(
        kind="joint",
        title=f"{about[0]} with {about[1]}: {distance:.1%} of rows sit elsewhere",
        alt=f"Shares of rows in the joint cells of {about[0]} and {about[1]}, real beside synthetic.",
        about=about,
        x=tuple(x[i] for i in columns),
        y=tuple(y[i] for i in rows),
        series=(
            Series("real", tuple(real[cells].ravel().tolist())),
            Series("synthetic", tuple(synthetic[cells].ravel().tolist())),
        ),
    )
