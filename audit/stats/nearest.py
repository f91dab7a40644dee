"""Distances of points to their nearest others, block by block: memory does not grow with the tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from audit.stats.neighbours import SAME

Points = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BLOCK = 512  # points at a time: their distances stay in the processor's memory
_GROUP = 128  # distances that are looked through together


def slack(*tables: Points) -> float:
    """Squared distances that differ by less are equal: what rounding may add to them.

    Parameters
    ----------
    tables : points, shape (n, d) each; at least one row in all
    """
    rows = sum(len(table) for table in tables)
    return SAME * sum(float(np.square(table, dtype=np.float64).sum()) for table in tables) / max(rows, 1)


def nearest(rows: Points, others: Points, k: int = 1) -> Floats:
    """Squared Euclidean distances to the k nearest others, shape (rows, k), increasing.

    Parameters
    ----------
    rows, others : shape (n, d) and (m, d); more than k - 1 others
    """
    found = np.empty((len(rows), k))
    for start, block in _blocks(rows, others):
        near = block.min(axis=1, keepdims=True) if k == 1 else _smallest(block, k)
        found[start : start + len(block)] = near
    return np.maximum(found, 0.0)


def _smallest(block: Points, k: int) -> Points:
    """The k smallest numbers of every row, increasing: they stand in the k groups with the smallest minima."""
    groups = block.shape[1] // _GROUP
    if groups <= k:
        return np.sort(np.partition(block, k - 1, axis=1)[:, :k], axis=1)
    whole = block[:, : groups * _GROUP].reshape(len(block), groups, _GROUP)
    first = np.argpartition(whole.min(axis=2), k - 1, axis=1)[:, :k]
    chosen = np.take_along_axis(whole, first[:, :, None], axis=1).reshape(len(block), -1)
    rest = np.hstack([chosen, block[:, groups * _GROUP :]])
    return np.sort(np.partition(rest, k - 1, axis=1)[:, :k], axis=1)


def nearest_places(rows: Points, others: Points) -> tuple[Ints, Floats]:
    """The place of the nearest other point (the first of equals) and its squared distance, shape (n,) each."""
    places, found = np.empty(len(rows), dtype=np.int64), np.empty(len(rows))
    for start, block in _blocks(rows, others):
        best = block.argmin(axis=1)
        places[start : start + len(block)] = best
        found[start : start + len(block)] = block[np.arange(len(block)), best]
    return places, np.maximum(found, 0.0)


def nearest_counted(rows: Points, others: Points, equal: float) -> tuple[Ints, Floats, Ints]:
    """Place of the nearest other point, its squared distance, and how many are that near, shape (n,) each.

    Parameters
    ----------
    equal : squared distances that differ by no more are equal
    """
    places, counts = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    found = np.empty(len(rows))
    for start, block in _blocks(rows, others):
        here = slice(start, start + len(block))
        places[here] = block.argmin(axis=1)
        found[here] = block[np.arange(len(block)), places[here]]
        counts[here] = (block <= (found[here] + equal).astype(np.float32)[:, None]).sum(axis=1)
    return places, np.maximum(found, 0.0), counts


def nearest_votes(rows: Points, others: Points, votes: Points, equal: float) -> tuple[Floats, Floats, Floats]:
    """What the nearest others say, equally near ones together, their squared distance and number.

    Parameters
    ----------
    votes : shape (m, c), what each other point says
    equal : squared distances that differ by no more are equal

    Returns
    -------
    (mean of the votes of the nearest, shape (n, c); squared distance, shape (n,); how many, shape (n,))
    """
    said, found, counts = np.empty((len(rows), votes.shape[1])), np.empty(len(rows)), np.empty(len(rows))
    for start, block in _blocks(rows, others):
        here = slice(start, start + len(block))
        first = block.argmin(axis=1)
        found[here] = block[np.arange(len(block)), first]
        near = block <= (found[here] + equal).astype(np.float32)[:, None]
        counts[here] = near.sum(axis=1)
        said[here] = votes[first]
        several = counts[here] > 1
        said[here][several] = (near[several].astype(np.float32) @ votes) / counts[here][several, None]
    return said, np.maximum(found, 0.0), counts


def _blocks(rows: Points, others: Points) -> Iterator[tuple[int, Points]]:
    """Squared distances of a block of rows to all others; each block is overwritten by the next.

    Rows are moved to the centre of the others first, which keeps rounding small. One product of
    matrices gives the whole: the rows with a one, times the others with their squared length.
    """
    centre = others.mean(axis=0, dtype=np.float64).astype(np.float32)
    around = others - centre
    squares = np.einsum("ij,ij->i", around, around)
    right = np.ascontiguousarray(np.vstack([-2 * around.T, squares[None, :]]))
    room = np.empty((min(_BLOCK, len(rows)), len(others)), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        moved = rows[start : start + _BLOCK] - centre
        block = room[: len(moved)]
        np.matmul(np.hstack([moved, np.ones((len(moved), 1), dtype=np.float32)]), right, out=block)
        block += np.einsum("ij,ij->i", moved, moved)[:, None]
        yield start, block
