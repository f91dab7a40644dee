"""Whether two sides of a person are nearest to the same point, by two measures of what is near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints, Points
from audit.stats.neighbours.nearest import rounding_slack

_BLOCK = 512  # people at a time: their distances stay in the processor's memory
_GROUP = 128  # distances that are looked through together


def nearest_in_both(
    people: tuple[Points, Points], others: tuple[Points, Points], counts: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Chance that another point is among the k nearest by both of two measures, and that one at no distance would be.

    Lots decide among equally near ones, by either measure on their own.

    Parameters
    ----------
    people : the same n points by either measure, shape (n, d) and (n, e)
    others : the same m points, in the same coordinates
    counts : values of k, each below m

    Returns
    -------
    (chance that some point is among the k nearest by both; chance that one more point, at no
    distance by either, would be), shape (counts, n) each
    """
    equal = [rounding_slack(*pair) for pair in zip(people, others, strict=True)]
    shared, own = np.empty((len(counts), len(people[0]))), np.ones((len(counts), len(people[0])))
    sides = [_blocks(rows, side) for rows, side in zip(people, others, strict=True)]
    for start, blocks in enumerate(zip(*sides, strict=True)):
        here = slice(start * _BLOCK, (start + 1) * _BLOCK)
        smallest = [_smallest(block, max(counts)) for block in blocks]
        for place, k in enumerate(counts):
            edges = [
                _edge(block, near[:, :k], gap)
                for block, near, gap in zip(blocks, smallest, equal, strict=True)
            ]
            shared[place, here] = _either(edges)
            for edge in edges:
                own[place, here] *= np.minimum(1.0, k / (1 + edge.touching))
    return shared, own


def _blocks(rows: Points, others: Points) -> Iterator[Points]:
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
        yield block


@dataclass(frozen=True, slots=True)
class _Edge:
    """The k nearest of every row: who is as near as the last of them, who nearer, and the lot of those on the edge.

    touching : how many are at no distance
    """

    inside: NDArray[np.bool_]
    block: Points
    bound: Floats
    lot: Floats
    touching: Ints


def _edge(block: Points, near: Points, equal: float) -> _Edge:
    last = near[:, -1].astype(np.float64)
    inside = block <= (last + equal).astype(np.float32)[:, None]
    nearer = (near < (last - equal)[:, None]).sum(axis=1)
    found = inside.sum(axis=1)
    lot = (near.shape[1] - nearer) / (found - nearer)
    touching = np.where(last <= equal, found, (near <= equal).sum(axis=1))
    return _Edge(inside, block, last - equal, lot, touching)


def _either(edges: list[_Edge]) -> Floats:
    """Chance that some point is in by both: those whom both hold are few."""
    both = np.flatnonzero(edges[0].inside & edges[1].inside)
    row, other = np.divmod(both, edges[0].inside.shape[1])
    chance = np.ones(len(row))
    for edge in edges:
        chance *= np.where(edge.block[row, other] < edge.bound[row], 1.0, edge.lot[row])
    with np.errstate(divide="ignore"):
        missed = np.log1p(-np.minimum(chance, 1.0))
    return np.asarray(-np.expm1(np.bincount(row, missed, len(edges[0].lot))))


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
