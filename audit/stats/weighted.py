"""Numbers of columns given as distinct values with counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def wasserstein_error(values: Floats, left: Ints, right: Ints) -> float:
    """Standard error of the Wasserstein distance between two independent samples.

    Notes
    -----
    The distance is the integral of |F - G|; where the curves are apart its first-order term is
    linear in the samples: each row contributes the signed length of the axis beyond it. The
    sign is weighted by how clearly the curves differ there, because where they do not the
    term is second order.

    Source: del Barrio, Gine and Matran (1999), Annals of Probability 27, 1009-1071.
    """
    steps = np.diff(values)
    n, m = float(left.sum()), float(right.sum())
    f, g = np.cumsum(left)[:-1] / n, np.cumsum(right)[:-1] / m
    noise = np.sqrt(f * (1 - f) / n + g * (1 - g) / m)
    gap = f - g
    weight = np.divide(gap, np.abs(gap) + noise, out=np.zeros_like(gap), where=(np.abs(gap) + noise) > 0)
    reach = np.concatenate([np.cumsum((steps * weight)[::-1])[::-1], [0.0]])
    return float(np.sqrt(_variance(reach, left) / n + _variance(reach, right) / m))


def _variance(values: Floats, counts: Ints) -> float:
    centre = np.average(values, weights=counts)
    return float(np.average((values - centre) ** 2, weights=counts))
