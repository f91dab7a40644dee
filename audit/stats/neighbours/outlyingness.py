"""How far rows lie out: by the tails of their columns, and along the direction in which a class spreads most."""

from __future__ import annotations

import numpy as np

from audit.arrays import Bools, Floats


class Tails:
    """Empirical tails of the columns of a table, to score rows with.

    A row's score is the sum over its columns of minus the logarithm of how rare its value is:
    for a number twice the share of rows at least as low or as high, whichever tail is the
    rarer; for a code the share of rows with it, and so for a missing value. One row is added
    to every share, so that a value that was never seen has a score too. Costs O(n log n) a
    column.

    Source: Li, Zhao, Hu, Botta, Ionescu and Chen (2022), ECOD, IEEE Transactions on Knowledge
    and Data Engineering 35, 12181-12193.

    Parameters
    ----------
    matrix : shape (n, columns), NaN where missing
    categorical : which columns hold codes
    """

    def __init__(self, matrix: Floats, categorical: Bools) -> None:
        self._rows = len(matrix)
        self._categorical = categorical
        self._sorted = [np.sort(column[~np.isnan(column)]) for column in matrix.T]

    def scores(self, matrix: Floats) -> Floats:
        """Score of every row, shape (rows,); higher lies farther out."""
        total = np.zeros(len(matrix))
        for column, known, codes in zip(matrix.T, self._sorted, self._categorical, strict=True):
            missing = np.isnan(column)
            low = np.searchsorted(known, column, side="right")
            high = len(known) - np.searchsorted(known, column, side="left")
            rows = low + high - len(known) if codes else np.minimum(2 * np.minimum(low, high), len(known))
            rows = np.where(missing, self._rows - len(known), rows)
            total -= np.log((rows + 1.0) / (self._rows + 1.0))
        return total


def leading_direction(points: Floats, centre: Floats) -> Floats:
    """The direction in which points spread most about a centre, shape (d,); its sign means nothing.

    Parameters
    ----------
    points : shape (n, d), n > 0, d > 0
    centre : shape (d,)

    Notes
    -----
    The first right singular vector of the centred points, from their products. Costs O(n d^2).

    Source: Tran, Li and Madry (2018), Spectral signatures in backdoor attacks, NeurIPS 31.

    Examples
    --------
    >>> points = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> np.abs(leading_direction(points, np.zeros(2))).round(6).tolist()
    [1.0, 0.0]
    """
    around = points - centre
    _, vectors = np.linalg.eigh(around.T @ around)
    direction: Floats = vectors[:, -1]
    return direction


def spectral_scores(points: Floats, centre: Floats, direction: Floats) -> Floats:
    """Squared projection of every point, less a centre, on a direction of length one; shape (n,)."""
    scores: Floats = ((points - centre) @ direction) ** 2
    return scores
