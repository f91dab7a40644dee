"""A Gaussian copula: the plainest generator that keeps every column's values and every pair's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Floats


@dataclass(frozen=True, slots=True)
class Copula:
    """Values of every column in increasing order, and how the columns go together.

    columns : shape (d, n), increasing; missing values stand first
    root : shape (d, d), a square root of the correlation of normal scores
    """

    columns: Floats
    root: Floats

    def sample(self, rows: int, rng: np.random.Generator) -> Floats:
        """New rows, shape (rows, d): every value is one that the fitted table holds."""
        return self.from_normal_scores(rng.standard_normal((rows, len(self.root))))

    def from_normal_scores(self, scores: Floats) -> Floats:
        """The rows at independent normal scores, shape (rows, d)."""
        chances = special.ndtr(scores @ self.root.T)
        n = self.columns.shape[1]
        places = np.minimum((chances * n).astype(np.int64), n - 1)
        values = np.stack([self.columns[j, places[:, j]] for j in range(len(self.columns))], axis=1)
        return np.where(np.isneginf(values), np.nan, values)


def fit_copula(matrix: Floats, rng: np.random.Generator) -> Copula:
    """Fit a Gaussian copula with the table's own values as margins.

    Parameters
    ----------
    matrix : shape (n, d), numbers or codes; NaN where missing, which counts as the lowest value
    rng : orders equal values

    Notes
    -----
    Columns go together as the correlations of their normal scores say, equal values in random
    order. Costs O(d n log n + d^2 n).

    Source: Patki, Wedge and Veeramachaneni (2016), IEEE DSAA, 399-410 (The Synthetic Data Vault).
    """
    n, d = matrix.shape
    filled = np.where(np.isnan(matrix), -np.inf, matrix)
    lots = rng.permutation(n)
    columns, scores = np.empty((d, n)), np.empty((n, d))
    steps = special.ndtri((np.arange(n) + 0.5) / n)
    for j in range(d):
        shuffled = filled[lots, j]
        order = lots[np.argsort(shuffled, kind="stable")]
        columns[j] = filled[order, j]
        scores[order, j] = steps
        lots = rng.permutation(n)  # equal values of two columns must not fall into one order
    values, vectors = np.linalg.eigh(scores.T @ scores / float(steps @ steps))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return Copula(columns, root / np.sqrt(np.sum(root**2, axis=1, keepdims=True)))
