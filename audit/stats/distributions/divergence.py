"""What chance does to the Jensen-Shannon divergence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.stats.distributions.distances import shares


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
    """Standard error of the Jensen-Shannon divergence (base two) between two independent samples.

    Notes
    -----
    First-order (delta) variance, whose derivative by p is log2(p / middle) / 2, plus the
    variance of the chance term, which is all there is where the shares are equal. The error is
    that of the divergence, not of its root: the root has none near zero.

    Source: the delta method, van der Vaart (1998), Asymptotic Statistics, chapter 3; Grosse
    et al. (2002), Physical Review E 65, 041905 (the chance term is a scaled chi-square).
    """
    p, q = shares(left).ravel(), shares(right).ravel()
    n, m = float(left.sum()), float(right.sum())
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        slope_p = np.where(p > 0, np.log2(p / middle) / 2, 0.0)
        slope_q = np.where(q > 0, np.log2(q / middle) / 2, 0.0)
    variance = _variance(slope_p, p) / n + _variance(slope_q, q) / m
    freedom = max(int(np.count_nonzero(left + right)) - 1, 1)
    noise = np.sqrt(2 * freedom) * (1 / n + 1 / m) / (8 * np.log(2))
    return float(np.sqrt(variance + noise**2))


def _variance(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    mean = float((values * weights).sum())
    return float((weights * (values - mean) ** 2).sum())
