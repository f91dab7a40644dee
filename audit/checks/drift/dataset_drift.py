"""Drift of the table as a whole: how many columns, how far against fresh rows, and whether a learner sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.drift._shared.jensen_shannon import DRIFTED, beyond_chance
from audit.learn.two_sample_classifier import classifier_aucs
from audit.model import Better, Family, Measure, Scale, Section, Unit
from audit.stats.distributions.distances import expected_total_variation, total_variation
from audit.stats.inference.intervals import Z95, normal_tail
from audit.stats.inference.multiplicity import benjamini_hochberg
from audit.stats.inference.split_null import family_threshold, resplit_distances, standardised_gap

_RESPLITS, _LEVEL = 200, 0.01
_DEALT, _CELLS = 4_000, 400_000  # rows, and cells, that are dealt anew for the interval
_RATE = 0.05
_ENDS, _WIDEST = (0.025, 0.975), 100.0


@dataclass(frozen=True, slots=True)
class _Index:
    """How many times as far the synthetic table is as fresh rows; low, high: as resplits of real rows vary."""

    value: float
    low: float
    high: float


@check(
    id="dataset_drift",
    title="Dataset drift",
    known_as="dataset drift (share of drifted columns)",
    section=Section.TABLE_DRIFT,
    family=Family.DRIFT,
    question="How much of the table has drifted, and how far against fresh real rows?",
    scale=Scale(Unit.SHARE, "share of columns", Better.LOWER, 0.0, 1.0),
    needs=(Need.ROWS,),
    next_step="Begin with the columns named under column drift.",
)
def dataset_drift(case: Case) -> Outcome:
    """Share of columns that have drifted by more than 0.1, uncertainty considered.

    A column counts as drifted when its Jensen-Shannon distance beyond chance is above 0.1;
    the interval runs from the columns that surely are (false discovery rate 5 %) to those that
    may be. 0 means none, 1 means all; a missing value is a value like others here.

    `relative_drift_index` tells how many times as far the synthetic table is from the real one
    as fresh real rows are (mean total variation over columns, at the same number of rows). 1 is
    what fresh rows give, 0.7 what a right model gives that was fitted to the real rows, and with
    many rows even a small drift is many times that, so the index is shown and not judged. Its
    interval is that of 200 random resplits of the real rows. Without a holdout the expected
    distance of fresh rows stands in for it. `beyond_chance` is the share of columns that differ
    by more than the largest difference of any column in 99 of 100 resplits of real and holdout
    rows: one threshold for all columns, however many there are.

    Summary: `classifier_difference` is how much better a learner tells synthetic rows from
    holdout rows than it tells training rows from holdout rows (areas under the ROC curve, at
    most 3,000 rows of each table); 0 is no drift.

    Source: the mark of 0.1 and the share of columns are conventions of drift monitoring; false
    discoveries: Benjamini and Hochberg (1995), JRSS B 57, 289-300; largest of all columns:
    Westfall and Young (1993), Resampling-Based Multiple Testing; the index is the ratio of total
    variations, Levin and Peres (2017), proposition 4.2; learner: Lopez-Paz and Oquab (2017), ICLR.
    """
    columns = column_names(case.distribution_columns)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    index = _relative_index(case, columns)
    threshold, beyond = _beyond_any(case, columns)
    share = _share(case, columns, index)
    summary = {
        "relative_drift_index": index.value,
        "relative_drift_low": index.low,
        "relative_drift_high": index.high,
        "columns_beyond_chance": float(len(beyond)),
        "family_threshold": threshold,
    }
    found = classifier_aucs(case)
    if found is not None:
        summary["classifier_difference"] = found.overall.auc - (
            found.fresh.auc if found.fresh is not None else 0.5
        )
    return Outcome((share, _index_measure(case, index), _beyond_measure(case, columns, beyond)), summary)


def _share(case: Case, columns: tuple[str, ...], index: _Index) -> Measure:
    drift = [beyond_chance(case, case.synthetic, name) for name in columns]
    drifted = np.array([value > DRIFTED for value, _, _ in drift])
    value = float(np.mean(drifted))
    p_values = [_p_value(value, high) for value, _, high in drift]
    surely = float(np.mean((benjamini_hochberg(p_values) <= _RATE) & drifted))
    maybe = float(np.mean([high > DRIFTED for _, _, high in drift]))
    named = [
        columns[i]
        for i in np.argsort([-one[0] for one in drift], kind="stable")[: min(3, int(drifted.sum()))]
    ]
    return Measure(
        value=value,
        low=min(surely, value),
        high=max(maybe, value),
        baseline=_baseline(case, columns),
        n=case.synthetic.rows,
        sentence=(
            f"{int(drifted.sum())} of {len(columns)} columns have drifted{' (' + ', '.join(named) + ')' if named else ''}; "
            f"the synthetic table lies {index.value:.1f} times as far from the real one as fresh real rows do."
        ),
    )


def _p_value(value: float, high: float) -> float:
    """Of the hypothesis that a column's drift is at most the mark; on squares, where errors are even."""
    error = (high**2 - max(value, 0.0) ** 2) / Z95
    if error <= 0:
        return 0.0 if value > DRIFTED else 1.0
    return normal_tail((value**2 - DRIFTED**2) / error)


def _baseline(case: Case, columns: tuple[str, ...]) -> float:
    if case.holdout is None:
        return 0.0
    return float(np.mean([beyond_chance(case, case.holdout, name)[0] > DRIFTED for name in columns]))


def _index_measure(case: Case, index: _Index) -> Measure:
    if index.value >= 1:
        text = f"{index.value:.1f} times further from the training data than fresh real data is"
        text = "as far from the training data as fresh real data is" if index.value < 1.05 else text
    else:
        text = f"nearer to the training data than fresh real data is, {index.value:.2f} of the distance"
    return Measure(
        value=index.value,
        name="relative_drift_index",
        low=min(index.low, index.value),
        high=max(index.high, index.value),
        baseline=1.0,
        n=case.synthetic.rows,
        sentence=f"The synthetic table is {text} ({index.low:.2g} to {index.high:.2g} over resplits of the real rows).",
        descriptive=True,
    )


def _beyond_measure(case: Case, columns: tuple[str, ...], beyond: list[str]) -> Measure:
    named = f": {', '.join(beyond[:5])}{' and others' if len(beyond) > 5 else ''}" if beyond else ""
    return Measure(
        value=len(beyond) / len(columns),
        name="beyond_chance",
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=(
            f"{len(beyond)} of {len(columns)} columns differ by more than any column does in 99 of 100 resplits of real rows{named}."
        ),
        descriptive=True,
    )


def _relative_index(case: Case, columns: tuple[str, ...]) -> _Index:
    """D(synthetic, real) over D(fresh, real), both at the synthetic table's size."""
    moved = _mean(total_variation(case.real.counts(n), case.synthetic.counts(n)) for n in columns)
    chance = _expected(case, columns, case.synthetic.rows)
    fresh = chance
    if case.holdout is not None:
        seen = _mean(total_variation(case.real.counts(n), case.holdout.counts(n)) for n in columns)
        expected = _expected(case, columns, case.holdout.rows)
        fresh = seen * chance / expected if expected else chance
    if not fresh:
        return _Index(1.0, 1.0, 1.0)
    index = moved / fresh
    dealt = resplit_distances(_dealt(case), _RESPLITS, case.rng("dataset_drift"))
    mean = float(dealt.mean())
    if mean == 0:
        return _Index(index, index, index)
    # One column of few rows may not move at all in a resplit: then the index has no upper end.
    low, high = (mean / max(float(end), mean / _WIDEST) for end in np.quantile(dealt, _ENDS)[::-1])
    return _Index(index, index * low, index * high)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return fsum(found) / len(found)


def _expected(case: Case, columns: tuple[str, ...], rows: int) -> float:
    return _mean(expected_total_variation(case.real.counts(n), case.real.rows, rows) for n in columns)


def _dealt(case: Case) -> NDArray[np.uint8]:
    """Codes of some rows of all real tables together."""
    rng = case.rng("dataset_drift rows")
    real = [part for part in (case.real, case.holdout) if part is not None]
    most = max(100, min(_DEALT, _CELLS // len(case.distribution_columns))) // len(real)
    drawn = [part.codes[rng.choice(part.rows, min(most, part.rows), replace=False)] for part in real]
    return np.vstack(drawn)


def _beyond_any(case: Case, columns: tuple[str, ...]) -> tuple[float, list[str]]:
    """The threshold over all columns, and the columns beyond it, worst first."""
    known: list[CaseTable] = [case.real] if case.holdout is None else [case.real, case.holdout]
    both = {name: np.sum([part.counts(name) for part in known], axis=0) for name in columns}
    rows = case.real.rows if case.holdout is not None else case.real.rows // 2
    threshold = family_threshold([(both[name], rows) for name in columns], _RESPLITS, _LEVEL, case.seed)
    gaps = {name: standardised_gap(both[name], case.synthetic.counts(name)) for name in columns}
    beyond = sorted((n for n in columns if gaps[n] > threshold), key=lambda n: (-round(gaps[n], 9), n))
    return threshold, beyond
