"""What chance alone gives where cells are sparse: the rows of two tables dealt out anew."""

from __future__ import annotations

import numpy as np
from scipy import special

from audit.arrays import Floats, Ints


def relabelled_total_variation(left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Mean and spread of the total variation when pooled rows are dealt out to tables of the same sizes.

    Parameters
    ----------
    left, right : counts over the same cells, shape (groups, cells); every group has rows in both

    Returns
    -------
    (mean, standard deviation), each of shape (groups,), the mean in [0, 1]

    Notes
    -----
    Given the pooled rows t of a cell, those of the left table are hypergeometric; its mean
    absolute deviation is taken from the binomial, with the root of the finite population
    factor. Nothing is plugged in, so that the mean is right however sparse the cells are,
    where the two tables come from one population; where they do not, it is larger than what
    one of the two populations would give, and the distance beyond it smaller. Deviations of
    two cells correlate by the product of their odds, as in `total_variation_error`.

    Source: De Moivre's mean absolute deviation of the binomial: Diaconis and Zabell (1991),
    Statistical Science 6, 284-302; relabelling: Pitman (1937), Supplement to the Journal of
    the Royal Statistical Society 4, 119-130.
    """
    n, m = (side.sum(axis=1, keepdims=True).astype(np.float64) for side in (left, right))
    t, share, unit = (left + right).astype(np.float64), n / (n + m), 0.5 * (1 / n + 1 / m)
    rest = (n + m - t) / np.maximum(n + m - 1, 1.0)
    each = unit * _deviation(t, share) * np.sqrt(rest)
    left_over = np.maximum(unit**2 * t * share * (1 - share) * rest - each**2, 0.0)
    odds = t / np.maximum(n + m - t, 1.0)
    together = (np.sqrt(left_over) * odds).sum(axis=1) ** 2 - (left_over * odds**2).sum(axis=1)
    spread: Floats = np.sqrt(left_over.sum(axis=1) + np.maximum(together, 0.0))
    return np.minimum(each.sum(axis=1), 1.0), spread


def larger_by_chance(distance: Floats, mean: Floats, spread: Floats) -> Floats:
    """Probability that relabelled rows show at least this total variation.

    Parameters
    ----------
    distance, mean, spread : of one shape; the last two as `relabelled_total_variation` gives them

    Notes
    -----
    A gamma distribution of that mean and spread. Its tail is heavier than those of a half normal
    (two cells) and a normal (many), so that the probability is rather too large.

    Source: a gamma fitted by two moments to a relabelling distribution: Mielke and Berry
    (2007), Permutation Methods, chapter 2 (there with a third moment).
    """
    known = spread > 0
    shape = np.divide(mean, spread, out=np.ones_like(mean), where=known) ** 2
    size = np.divide(shape * distance, mean, out=np.zeros_like(mean), where=mean > 0)
    p: Floats = np.where(known, special.gammaincc(shape, size), 1.0)
    return p


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
