"""Labels that contradict a confident model, counted by the class they carry and the class they are taken for."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats, Ints


def thresholds(chances: Floats, labels: Ints) -> Floats:
    """Chance from which a class counts as believed: its mean among the rows that carry it, shape (k,).

    A class that no row carries is never believed.

    Parameters
    ----------
    chances : shape (n, k), of rows the model did not learn from
    labels : shape (n,), 0 … k - 1

    Source: Northcutt, Jiang and Chuang (2021), Journal of Artificial Intelligence Research 70,
    1373-1411, equation 2.
    """
    k = chances.shape[1]
    rows = np.bincount(labels, minlength=k)
    own = np.bincount(labels, weights=chances[np.arange(len(labels)), labels], minlength=k)
    return np.where(rows > 0, own / np.maximum(rows, 1), np.inf)


def confident_classes(chances: Floats, least: Floats) -> Ints:
    """The class that each row is confidently taken for, shape (n,); -1 for none.

    Parameters
    ----------
    chances : shape (n, k); least : shape (k,), from `thresholds`

    Source: as `thresholds`, equation 1.
    """
    found = np.where(chances >= least, chances, -1.0)
    best = found.argmax(axis=1)
    return np.where(found.max(axis=1) >= 0, best, -1)


def joint_counts(labels: Ints, taken: Ints, classes: int) -> Ints:
    """Rows by the class they carry and the class they are taken for, shape (k, k + 1); the last for none.

    Examples
    --------
    >>> joint_counts(np.array([0, 0, 1]), np.array([0, 1, -1]), 2).tolist()
    [[1, 1, 0], [0, 0, 1]]
    """
    taken = np.where(taken < 0, classes, taken)
    return np.bincount(labels * (classes + 1) + taken, minlength=classes * (classes + 1)).reshape(
        classes, classes + 1
    )
