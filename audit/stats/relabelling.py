"""What chance alone gives where cells are sparse: the rows of two tables dealt out anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def relabelled_total_variation(left: Ints, right: Ints) -> Floats:
    """Mean total variation over all ways to deal the pooled rows out to tables of the same sizes.

    Parameters
    ----------
    left, right : counts over the same cells, shape (groups, cells); every group has rows in both

    Returns
    -------
    array of shape (groups,), in [0, 1]

    Notes
    -----
    Given the pooled rows t of a cell, those of the left table are hypergeometric; its mean
    absolute deviation is taken from the binomial, with the root of the finite population
    factor. Nothing is plugged in, so that the mean is right however sparse the cells are,
    where the two tables come from one population; where they do not, it is larger than what
    one of the two populations would give, and the distance beyond it smaller.

    Source: De Moivre's mean absolute deviation of the binomial: Diaconis and Zabell (1991),
    Statistical Science 6, 284-302; relabelling: Pitman (1937), Supplement to the Journal of
    the Royal Statistical Society 4, 119-130.
    """
    n, m = (side.sum(axis=1, keepdims=True).astype(np.float64) for side in (left, right))
    pooled = (left + right).astype(np.float64)
    rest = np.sqrt((n + m - pooled) / np.maximum(n + m - 1, 1.0))
    mean: Floats = 0.5 * (1 / n + 1 / m)[:, 0] * (_deviation(pooled, n / (n + m)) * rest).sum(axis=1)
    return np.minimum(mean, 1.0)


def _deviation(t: Floats, share: Floats) -> Floats:
    """Mean absolute deviation of binomial counts of t rows from their mean."""
    k = np.floor(t * share)
    ways = special.gammaln(t + 1) - special.gammaln(k + 1) - special.gammaln(np.maximum(t - k, 1.0))
    logs = ways + (k + 1) * np.log(share) + (t - k) * np.log1p(-share)
    deviation: Floats = np.where(t > 0, 2 * np.exp(logs), 0.0)
    return deviation


def grouped_total_variation(left: Ints, right: Ints) -> Floats:
    """Total variation within each group, shape (groups,); arguments as `relabelled_total_variation`."""
    gap: Floats = _shares(left) - _shares(right)
    distance: Floats = 0.5 * np.abs(gap).sum(axis=1)
    return distance


def grouped_slopes(left: Ints, right: Ints) -> Floats:
    """What one row in each cell adds to the total variation of its group, were it on the left.

    Returns
    -------
    array of shape (groups, cells), in [-0.5, 0.5]; as `total_variation_slopes`, group by group

    Source: the delta method, van der Vaart (1998), Asymptotic Statistics, chapter 3.
    """
    p, q = _shares(left), _shares(right)
    n, m = (side.sum(axis=1, keepdims=True) for side in (left, right))
    gap = p - q
    size = np.sqrt(gap**2 + p * (1 - p) / n + q * (1 - q) / m)
    slopes: Floats = np.divide(gap, 2 * size, out=np.zeros_like(gap), where=size > 0)
    return slopes


def _shares(counts: Ints) -> Floats:
    parts: Floats = counts / counts.sum(axis=1, keepdims=True)
    return parts
