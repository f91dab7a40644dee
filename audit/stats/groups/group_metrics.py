"""How a decision treats groups: rates by group, and how far groups lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows of each group by truth and decision, each of shape (…, groups); weights may be given.

    A rate whose rows do not exist is NaN, such as the true positive rate of a group without
    positives.

    Source of the names: Fawcett (2006), Pattern Recognition Letters 27, 861-874.
    """

    true_positives: Floats
    false_positives: Floats
    false_negatives: Floats
    true_negatives: Floats

    @property
    def positives(self) -> Floats:
        """Rows whose truth is positive."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> Floats:
        """Rows whose truth is negative."""
        return self.false_positives + self.true_negatives

    @property
    def positive_decisions(self) -> Floats:
        """Rows with a positive decision."""
        return self.true_positives + self.false_positives

    @property
    def selection_rate(self) -> Floats:
        """Share of a group with a positive decision."""
        return _share(self.positive_decisions, self.positives + self.negatives)

    @property
    def true_positive_rate(self) -> Floats:
        """Share of a group's positives that are found."""
        return _share(self.true_positives, self.positives)

    @property
    def false_positive_rate(self) -> Floats:
        """Share of a group's negatives that are taken for positives."""
        return _share(self.false_positives, self.negatives)

    @property
    def precision(self) -> Floats:
        """Share of a group's positive decisions that are right (positive predictive value)."""
        return _share(self.true_positives, self.positive_decisions)


def _share(part: Floats, whole: NDArray[Any]) -> Floats:
    share: Floats = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return share


def confusion(group: Ints, truth: Bools, decision: Bools, groups: int) -> Confusion:
    """Rows counted by group, truth and decision.

    Parameters
    ----------
    group : shape (n,), 0 … groups - 1, or -1 for rows that belong to none
    truth, decision : shape (n,), True for positive
    """
    inside = group >= 0
    cell = group[inside] * 4 + truth[inside] * 2 + decision[inside]
    counts = np.bincount(cell, minlength=4 * groups).reshape(groups, 4).astype(np.float64)
    return Confusion(
        true_positives=counts[:, 3],
        false_positives=counts[:, 1],
        false_negatives=counts[:, 2],
        true_negatives=counts[:, 0],
    )


def difference(rates: Floats) -> Floats:
    """Largest rate less smallest, over the last axis; groups without a rate (NaN) do not count.

    0 where fewer than two groups have one.
    """
    absent = np.isnan(rates)
    top = np.where(absent, -np.inf, rates).max(axis=-1)
    bottom = np.where(absent, np.inf, rates).min(axis=-1)
    apart: Floats = np.where(absent.all(axis=-1), 0.0, top - bottom)
    return apart


def ratio(rates: Floats) -> Floats:
    """Smallest rate over largest, over the last axis; 1 where all are zero or none is there."""
    absent = np.isnan(rates)
    top = np.where(absent, 0.0, rates).max(axis=-1)
    bottom = np.where(absent, np.inf, rates).min(axis=-1)
    share: Floats = np.divide(bottom, top, out=np.ones(np.shape(top)), where=top > 0)
    return share


def equalized_odds_difference(table: Confusion) -> Floats:
    """The larger of the differences of true and of false positive rates, in [0, 1]; 0 for like treatment.

    Source: Hardt, Price and Srebro (2016), NeurIPS 29; the larger of both as in Fairlearn:
    Weerts and others (2023), Journal of Machine Learning Research 24(257).
    """
    return np.maximum(difference(table.true_positive_rate), difference(table.false_positive_rate))


def calibration_gap(group: Ints, truth: Floats, chance: Floats, groups: int) -> Floats:
    """Mean predicted less mean true value of each group, shape (groups,); NaN for a group without rows.

    Also called calibration in the large; 0 is best, above 0 the group is promised too much.

    Source: Cox (1958), Biometrika 45, 562-565.
    """
    inside = group >= 0
    sums = np.bincount(group[inside], weights=(chance - truth)[inside], minlength=groups)
    return _share(sums.astype(np.float64), np.bincount(group[inside], minlength=groups))
