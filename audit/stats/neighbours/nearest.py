"""Distances of points to their nearest others, leaf by leaf: memory does not grow with the tables."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints, Points
from audit.stats.neighbours.kd_blocks import candidate_pairs
from audit.stats.neighbours.neighbours import SAME


def rounding_slack(*tables: Points) -> float:
    """Squared distances that differ by less are equal: what rounding may add to them.

    Parameters
    ----------
    tables : points, shape (n, d) each; at least one row in all
    """
    rows = sum(len(table) for table in tables)
    return SAME * sum(float(np.square(table, dtype=np.float64).sum()) for table in tables) / max(rows, 1)


def _one_thread() -> AbstractContextManager[object]:
    # Products of small matrices: a second thread gains nothing, and on a busy machine the threads
    # wait for each other ten times longer than they compute.
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limited


def nearest(rows: Points, others: Points, k: int = 1) -> Floats:
    """Squared Euclidean distances to the k nearest others, shape (rows, k), increasing.

    Parameters
    ----------
    rows, others : shape (n, d) and (m, d); more than k - 1 others
    """
    found = np.full((len(rows), k), np.inf)
    with _one_thread():
        for at, _, block in candidate_pairs(rows, others, found[:, -1]):
            closest = block.min(axis=1)
            if k == 1:
                found[at, 0] = np.minimum(found[at, 0], closest)
                continue
            told = closest < found[at, -1]  # the rest have nothing here that counts
            if told.any():
                at = at[told]
                found[at] = _smallest(np.hstack([found[at], _smallest(block[told], k)]), k)
    return np.asarray(np.maximum(found, 0.0))


def _smallest(block: Points | Floats, k: int) -> Floats:
    """The k smallest numbers of every row, increasing; all where there are no more."""
    few = np.partition(block, k - 1, axis=1)[:, :k] if block.shape[1] > k else block
    return np.asarray(np.sort(few, axis=1), dtype=np.float64)


def nearest_places(rows: Points, others: Points) -> tuple[Ints, Floats]:
    """The place of the nearest other point (the first of equals) and its squared distance, shape (n,) each."""
    places, found, _ = nearest_counted(rows, others, 0.0)
    return places, found


def nearest_counted(rows: Points, others: Points, equal: float) -> tuple[Ints, Floats, Ints]:
    """Place of the nearest other point, its squared distance, and how many are that near, shape (n,) each.

    Parameters
    ----------
    equal : squared distances that differ by no more are equal
    """
    none = np.empty((len(others), 0), dtype=np.float32)
    places, found, counts, _ = _nearest_together(rows, others, none, equal)
    return places, found, counts


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
    _, found, counts, said = _nearest_together(rows, others, votes, equal)
    return said / counts[:, None], found, counts.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Together:
    """Of the nearest others so far: place of the first, squared distance, number, sum of their votes."""

    place: Ints
    distance: Floats
    count: Ints
    said: Floats

    def add(self, at: Ints, theirs: Ints, block: Points, votes: Points, equal: float) -> None:
        """Look at more others: squared distances of the rows `at` to `theirs`."""
        first = block.argmin(axis=1)
        near = block[np.arange(len(at)), first].astype(np.float64)
        told = near <= self.distance[at] + equal  # the rest have nothing here that counts
        at, block, near, place = at[told], block[told], near[told], theirs[first[told]]
        before, known = self.distance[at], self.place[at]
        lowest = np.minimum(near, before)
        level = block <= (lowest + equal).astype(np.float32)[:, None]
        kept = before <= near + equal  # those found earlier are as near
        self.count[at] = self.count[at] * kept + level.sum(axis=1)
        if votes.shape[1]:
            self.said[at] = self.said[at] * kept[:, None] + level.astype(np.float32) @ votes[theirs]
        self.place[at] = np.where(
            near == before, np.minimum(place, known), np.where(near < before, place, known)
        )
        self.distance[at] = lowest


def _nearest_together(
    rows: Points, others: Points, votes: Points, equal: float
) -> tuple[Ints, Floats, Ints, Floats]:
    """Of each row's nearest others: place of the first, squared distance, number, and sum of their votes."""
    k = votes.shape[1]
    found = _Together(
        np.full(len(rows), len(others)),
        np.full(len(rows), np.inf),
        np.zeros(len(rows), dtype=np.int64),
        np.zeros((len(rows), k)),
    )
    with _one_thread():
        for at, theirs, block in candidate_pairs(rows, others, found.distance, equal):
            found.add(at, theirs, block, votes, equal)
    return found.place, np.maximum(found.distance, 0.0), found.count, found.said
