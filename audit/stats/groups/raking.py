"""Weights that give a table the margins of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audit.arrays import Floats, Ints

_ROUNDS = 100
_CLOSE = 1e-6  # how far a margin may stay from its share, as a factor


def rake(codes: Ints, counts: Ints, shares: Sequence[Floats], most: float) -> Floats:
    """Weights under which every margin has the shares wanted, as close to equal weights as can be.

    Parameters
    ----------
    codes : shape (m, a), for each kind of row its cell of each of the a margins, from 0
    counts : shape (m,), rows of the kind, > 0
    shares : for each margin the share wanted of each cell; a cell that no row is in is left out
    most : the largest weight, as a multiple of the mean; larger ones are cut, and then the
        margins are not met wholly

    Returns
    -------
    shape (m,), >= 0, with a mean of 1 over rows

    Notes
    -----
    One margin at a time is put right, until none moves or 100 rounds are over. Cells whose
    wanted share is 0 get weight 0. Costs O(rounds m a).

    Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> rake(np.array([[0], [1]]), np.array([30, 10]), [np.array([0.5, 0.5])], 5.0).round(3).tolist()
    [0.667, 2.0]
    """
    weights = np.ones(len(counts))
    for _ in range(_ROUNDS):
        moved = 0.0
        for margin, wanted in enumerate(shares):
            place = codes[:, margin]
            there = np.bincount(place, weights=weights * counts, minlength=len(wanted))
            reachable = wanted[there > 0].sum()
            factor = np.divide(
                wanted * there.sum(), there * reachable, out=np.ones(len(wanted)), where=there > 0
            )
            weights = weights * factor[place]
            moved = max(moved, float(np.abs(factor[there > 0] - 1).max(initial=0.0)))
        if moved < _CLOSE:
            break
    return _cut(weights, counts, most)


def _cut(weights: Floats, counts: Ints, most: float) -> Floats:
    """No weight above so many times the mean."""
    for _ in range(_ROUNDS):
        weights = weights / np.average(weights, weights=counts)
        if weights.max() <= most * (1 + _CLOSE):
            break
        weights = np.minimum(weights, most)
    return np.minimum(weights, most)


def effective_rows(weights: Floats, counts: Ints | None = None) -> float:
    """How many rows of equal weight tell a mean as well as these rows with their weights.

    Parameters
    ----------
    weights : shape (m,); counts : rows that have each weight, one if not given

    Source: Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_rows(np.array([1.0, 1.0, 2.0])).__round__(3)
    2.667
    """
    n = np.ones(len(weights)) if counts is None else counts
    total, squares = float(weights @ n), float(weights**2 @ n)
    return total**2 / squares if squares > 0 else 0.0
