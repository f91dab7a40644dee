"""Bias amplification with a direction, from counts of group and outcome."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats


def directional_link(real: Floats, other: Floats) -> Floats:
    """How far the link of groups and outcomes is strengthened from group to outcome.

    For every group a and outcome t that occur together more often than by chance in the real
    rows, the rise of P(t | a); for every other pair, its fall; the mean over all pairs. Give
    transposed tables for the direction from outcome to group.

    Parameters
    ----------
    real : rows by group and outcome, shape (groups, outcomes), every group and outcome with rows
    other : the same for synthetic rows or for decisions, shape (…, groups, outcomes); a group
        without rows there adds nothing

    Returns
    -------
    shape (…), in [-1, 1]; above 0 the link is strengthened

    Source: Wang and Russakovsky (2021), ICML, PMLR 139, 10882-10893.
    """
    n = real.sum()
    together = real / n > np.outer(real.sum(axis=1) / n, real.sum(axis=0) / n)
    before = real / real.sum(axis=1, keepdims=True)
    rows = other.sum(axis=-1, keepdims=True)
    after = np.divide(other, rows, out=np.broadcast_to(before, other.shape).copy(), where=rows > 0)
    rise: Floats = np.where(together, after - before, before - after).mean(axis=(-2, -1))
    return rise


def predictability(table: Floats) -> Floats:
    """Share of the uncertainty about the column that knowing the row takes away (Goodman and Kruskal's tau).

    Parameters
    ----------
    table : counts, shape (…, rows, columns)

    Returns
    -------
    shape (…), in [0, 1]; 0 where rows and columns are independent, or only one column has counts

    Source: Goodman and Kruskal (1954), JASA 49, 732-764.
    """
    n = table.sum(axis=(-2, -1))
    rows = table.sum(axis=-1)
    shares = table.sum(axis=-2) / np.maximum(n, 1)[..., None]
    unknown = 1 - (shares**2).sum(axis=-1)
    squares = np.divide((table**2).sum(axis=-1), rows, out=np.zeros(rows.shape), where=rows > 0).sum(axis=-1)
    known = 1 - squares / np.maximum(n, 1)
    taken: Floats = np.divide(unknown - known, unknown, out=np.zeros(np.shape(n)), where=unknown > 1e-12)
    return taken
