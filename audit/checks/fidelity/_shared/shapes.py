"""Shares of cells, against what chance alone gives: for columns, pairs, and their mean."""

from __future__ import annotations

from math import fsum

import numpy as np

from audit.arrays import Ints
from audit.case.binning import OTHER_LABEL
from audit.case.case import Case
from audit.learn.features import sample_rows
from audit.model import Better, Measure, Scale, Unit
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
    total_variation_slopes,
)
from audit.stats.inference.intervals import Z95

EXCESS = Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, -1.0, 1.0)

_ERROR_ROWS = 5_000  # rows that tell how much the mean varies


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
    coding = case.binning(name)
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
            places = tuple(codes[:, case.code_index(name)] for name in names_)
            slopes += table[places] / len(about)
        variance += float(slopes.var()) / part.rows
    return float(np.sqrt(variance))


def accuracy_summary(case: Case, about: list[tuple[str, ...]]) -> dict[str, float]:
    """One minus the mean distance, and what chance alone would give."""
    observed, expected = [], []
    for names_ in about:
        real, synthetic = case.real.counts(*names_), case.synthetic.counts(*names_)
        observed.append(1 - total_variation(real, synthetic))
        expected.append(1 - expected_total_variation(real, case.real.rows, case.synthetic.rows))
    return {"accuracy": float(np.mean(observed)), "expected_accuracy": float(np.mean(expected))}


def largest_measures(measures: tuple[Measure, ...], most: int) -> list[Measure]:
    return sorted(measures, key=lambda m: -m.value)[:most]
