"""Intervals for shares, differences, ratios and areas under the ROC curve."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

Z95 = 1.959963984540054

Interval = tuple[float, float]


def normal_tail(z: float) -> float:
    """Probability that a standard normal is above z."""
    return float(special.ndtr(-z))


def wilson(hits: float, n: float, z: float = Z95) -> Interval:
    """Score interval of a share.

    As `scipy.stats.binomtest(…).proportion_ci("wilson")`, which takes thousands of times as long and
    no shares of weighted rows.

    Parameters
    ----------
    hits, n : rows that have the property, rows; n > 0
    z : normal quantile, 1.96 for 95 %

    Returns
    -------
    (low, high) in [0, 1]

    Source: Wilson (1927), JASA 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(0, 100)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.037)
    """
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))


def newcombe(hits: int, n: int, other_hits: int, m: int, z: float = Z95) -> Interval:
    """Interval of the difference of two independent shares, first minus second.

    Returns
    -------
    (low, high) in [-1, 1]

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    p, q = hits / n, other_hits / m
    (low_p, high_p), (low_q, high_q) = wilson(hits, n, z), wilson(other_hits, m, z)
    down = math.sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    up = math.sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return max(-1.0, p - q - down), min(1.0, p - q + up)


def clopper_pearson(hits: int, n: int, level: float = 0.95) -> Interval:
    """Exact interval of a share.

    As `scipy.stats.binomtest(…).proportion_ci("exact")`, which takes hundreds of times as long.

    Source: Clopper and Pearson (1934), Biometrika 26, 404-413.
    """
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(special.betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(special.betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def ratio_error(hits: float, n: float, other_hits: float, m: float) -> float:
    """Standard error of the logarithm of a ratio of two independent shares.

    Source: Katz, Baptista, Azen and Pike (1978), Biometrics 34, 469-474.
    """
    return math.sqrt(1 / hits - 1 / n + 1 / other_hits - 1 / m)


def auc_with_error(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> tuple[float, float]:
    """Area under the ROC curve and its standard error.

    Parameters
    ----------
    positive, negative : scores of the two classes; ties count one half

    Returns
    -------
    (auc in [0, 1], standard error)

    Notes
    -----
    The variance of placements. Costs O(n log n).

    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    placed_positive, placed_negative = placements(positive, negative)
    variance = placed_positive.var(ddof=1) / len(positive) + placed_negative.var(ddof=1) / len(negative)
    return float(placed_positive.mean()), float(np.sqrt(variance))


def placements(
    positive: NDArray[np.float64], negative: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the other class that every row is on the right side of, ties counted one half.

    Parameters
    ----------
    positive, negative : scores of the two classes

    Returns
    -------
    two arrays of the classes' shapes, in [0, 1]; the mean of either is the area under the ROC
    curve, and row by row differences of two scorings give the error of the difference of areas

    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    n, m = len(positive), len(negative)
    ordered_negative, ordered_positive = np.sort(negative), np.sort(positive)
    below = np.searchsorted(ordered_negative, positive, side="left")
    upto = np.searchsorted(ordered_negative, positive, side="right")
    placed_positive = (below + upto) / (2 * m)
    below = np.searchsorted(ordered_positive, negative, side="left")
    upto = np.searchsorted(ordered_positive, negative, side="right")
    return placed_positive, 1 - (below + upto) / (2 * n)
