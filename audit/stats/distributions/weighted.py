"""Numbers of columns given as distinct values with counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Floats, Ints


def mean_and_sd(values: NDArray[Any], counts: Ints) -> tuple[float, float]:
    """Mean and (population) standard deviation; the values are shifted first, so large ones lose nothing."""
    v = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        centre = float(np.average(v, weights=counts))
        spread = float(np.sqrt(np.average((v - centre) ** 2, weights=counts)))
    return centre, spread


def common_support(
    left_values: NDArray[Any], left: Ints, right_values: NDArray[Any], right: Ints
) -> tuple[NDArray[Any], Ints, Ints]:
    """Counts of two columns at the union of their values.

    Returns
    -------
    (values in increasing order, counts of the left, counts of the right), each of shape (k,)
    """
    values = np.union1d(left_values, right_values)
    both = np.zeros((2, len(values)), dtype=np.int64)
    both[0, np.searchsorted(values, left_values)] = left
    both[1, np.searchsorted(values, right_values)] = right
    return values, both[0], both[1]


def expected_wasserstein(values: Floats, counts: Ints, n: int, m: int) -> float:
    """Wasserstein distance that two samples of one population show by chance.

    Parameters
    ----------
    values : shape (k,), increasing
    counts : shape (k,), the population's counts at these values
    n, m : rows of the two samples

    Returns
    -------
    float >= 0, in the unit of the values; about 1.3 root(1/n + 1/m) standard deviations where
    the values are normal

    Source: del Barrio, Gine and Matran (1999), Annals of Probability 27, 1009-1071: the mean
    of the integral of an absolute Brownian bridge, root(2/pi) times that of root(F (1 - F)).
    """
    below = np.cumsum(counts)[:-1] / counts.sum()
    mean = np.sqrt(2 / np.pi) * np.sqrt(below * (1 - below)) @ np.diff(values)
    return float(mean * np.sqrt(1 / n + 1 / m))


def wasserstein_error(values: Floats, left: Ints, right: Ints) -> float:
    """Standard error of the Wasserstein distance between two independent samples.

    Notes
    -----
    The distance is the integral of |F - G|. Where the curves are clearly apart its first-order
    term is linear in the samples: each row contributes the signed length of the axis beyond
    it. Where they are not, the sign is weighted by how clear it is, and what |F - G| still
    varies (a folded normal) is added; neighbouring places vary together as a Brownian bridge
    does, whose correlation is the root of the ratio of the odds of F.

    Source: del Barrio, Gine and Matran (1999), Annals of Probability 27, 1009-1071; Leone,
    Nelson and Nottingham (1961), Technometrics 3, 543-550 (folded normal).
    """
    steps = np.diff(values)
    n, m = float(left.sum()), float(right.sum())
    f, g = np.cumsum(left)[:-1] / n, np.cumsum(right)[:-1] / m
    gap, middle = f - g, (f + g) / 2
    variance = f * (1 - f) / n + g * (1 - g) / m
    slope, spread = _folded(gap, variance)
    reach = np.concatenate([np.cumsum((steps * slope)[::-1])[::-1], [0.0]])
    linear = _variance(reach, left) / n + _variance(reach, right) / m
    rest = steps * np.sqrt(np.maximum(spread - slope**2 * variance, 0.0))
    odds = np.divide(middle, 1 - middle, out=np.ones_like(middle), where=(middle > 0) & (middle < 1))
    before = np.concatenate([[0.0], np.cumsum(rest * odds)[:-1]]) if len(rest) else rest
    return float(np.sqrt(linear + rest @ rest + 2 * (rest / odds) @ before))


def _folded(gap: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Slope of the mean of |gap| by the gap, and the variance of |gap|, the gap being normal."""
    error = np.sqrt(variance)
    ratio = np.divide(np.abs(gap), error, out=np.full_like(gap, np.inf), where=error > 0)
    clear = 1 - 2 * special.ndtr(-ratio)
    mean = np.sqrt(2 / np.pi) * error * np.exp(-(ratio**2) / 2) + np.abs(gap) * clear
    return np.sign(gap) * clear, np.maximum(gap**2 + variance - mean**2, 0.0)


def _variance(values: Floats, counts: Ints) -> float:
    centre = np.average(values, weights=counts)
    return float(np.average((values - centre) ** 2, weights=counts))
