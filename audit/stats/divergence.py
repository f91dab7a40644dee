"""What chance does to the Jensen-Shannon divergence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.stats.distances import shares

Ints = NDArray[np.int64]


def expected_jensen_shannon(cells: Ints, n: int, m: int) -> float:
    """Jensen-Shannon divergence (base two) that two samples of one population show by chance.

    Parameters
    ----------
    cells : counts of the population's cells
    n, m : rows of the two samples

    Notes
    -----
    To second order the divergence is the sum of (p - q)^2 / (8 p ln 2); its mean is
    (filled cells - 1) (1/n + 1/m) / (8 ln 2).

    Source: Grosse et al. (2002), Physical Review E 65, 041905.
    """
    filled = int(np.count_nonzero(cells))
    return float(max(filled - 1, 0) * (1 / n + 1 / m) / (8 * np.log(2)))


def jensen_shannon_error(left: Ints, right: Ints) -> float:
    """Standard error of the Jensen-Shannon distance between two independent samples.

    Notes
    -----
    First-order (delta) variance of the divergence, whose derivative by p is
    log2(p / middle) / 2, divided by twice the distance for the square root; near zero, where
    that breaks down, the spread of the chance term is used instead.

    Source: the delta method, van der Vaart (1998), Asymptotic Statistics, chapter 3.
    """
    p, q = shares(left).ravel(), shares(right).ravel()
    n, m = float(left.sum()), float(right.sum())
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        slope_p = np.where(p > 0, np.log2(p / middle) / 2, 0.0)
        slope_q = np.where(q > 0, np.log2(q / middle) / 2, 0.0)
    variance = _variance(slope_p, p) / n + _variance(slope_q, q) / m
    divergence = float((p * slope_p).sum() + (q * slope_q).sum())
    cells = int(np.count_nonzero(left + right))
    noise = np.sqrt(2 * max(cells - 1, 1)) * (1 / n + 1 / m) / (8 * np.log(2))
    scale = 2 * np.sqrt(max(divergence, noise))
    return float(np.sqrt(variance + noise**2) / scale)


def _variance(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    mean = float((values * weights).sum())
    return float((weights * (values - mean) ** 2).sum())
