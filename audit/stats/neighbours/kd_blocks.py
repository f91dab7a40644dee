"""Which points can be near which: tables cut into small leaves, so that most distances are never computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from audit.arrays import Floats, Ints, Points
from audit.stats.neighbours.neighbours import SAME

_LEAF = 384  # points of a leaf, at most
_AT_ONCE = 8_192  # rows whose bounds are held together
_DIRECTIONS = 8  # along which leaves are cut and kept apart
_COORDINATES = 256  # that directions are looked for in, those that vary most
_FIRST = 2  # leaves that every row looks at before others are ruled out
_FEW_ROWS = 1_000  # for so few rows every distance is computed
_TOGETHER = 2_048  # rows whose distances to a leaf are held together


def candidate_pairs(
    rows: Points, others: Points, bound: Floats, equal: float = 0.0
) -> Iterator[tuple[Ints, Ints, Points]]:
    """Squared distances that may matter: each pair at most once, all that are needed.

    The others are cut at medians along their main directions into leaves of at most 384 points. In
    these directions alone a row lies at least so far from a leaf's box, and no nearer in all of
    them; a leaf beyond a row's bound is not looked at. Every row begins with the leaves whose boxes are
    nearest to it. The answers are exact.

    Parameters
    ----------
    rows, others : shape (n, d) and (m, d)
    bound : shape (n,), infinite at first; the caller lowers it between two visits to the squared
        distance beyond which nothing is asked
    equal : distances beyond the bound by no more are still looked at

    Yields
    ------
    (places of k rows, places of some others, squared distances of shape (k, others))

    Source: Friedman, Bentley and Finkel (1977), ACM TOMS 3, 209-226 (k-d trees: cuts at medians, boxes
    that rule out); directions by principal components.
    """
    centre = others.mean(axis=0, dtype=np.float64).astype(np.float32)
    around, moved = others - centre, rows - centre
    told = around.any(axis=0) | moved.any(axis=0)  # what is the same everywhere adds nothing
    if not told.all():
        around, moved = around[:, told], moved[:, told]
    if len(rows) < _FEW_ROWS:
        yield from _all(moved, around)
        return
    margin = equal + SAME * float(np.einsum("ij,ij->", around, around, dtype=np.float64)) / len(around)
    directions = _directions(around)
    leaves = _cut(around @ directions)
    sides = [_right_side(around[leaf]) for leaf in leaves]
    low, high = _boxes(around @ directions, leaves)
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        left = _left_side(moved[part])
        apart = _apart(moved[part] @ directions, low, high)
        for at, leaf in _due(apart, bound[part], margin):
            yield start + at, leaves[leaf], left[at] @ sides[leaf]


def _all(moved: Points, around: Points) -> Iterator[tuple[Ints, Ints, Points]]:
    """Every distance, some others at a time: cutting would cost more than it saves."""
    left, at = _left_side(moved), np.arange(len(moved))
    for start in range(0, len(around), _AT_ONCE):
        part = around[start : start + _AT_ONCE]
        yield at, start + np.arange(len(part)), left @ _right_side(part)


def _directions(around: Points) -> Points:
    """Main directions of the points, shape (d, few); orthonormal."""
    spread = np.einsum("ij,ij->j", around, around)
    chosen = np.sort(np.argsort(-spread, kind="stable")[:_COORDINATES])
    told = around[:, chosen]
    _, vectors = np.linalg.eigh((told.T @ told).astype(np.float64))
    directions = np.zeros((around.shape[1], min(_DIRECTIONS, len(chosen))), dtype=np.float32)
    directions[chosen] = vectors[:, ::-1][:, : directions.shape[1]]
    return directions


def _cut(seen: Points) -> list[Ints]:
    """Places of the points, cut in two at the median of the direction that varies most until leaves are small."""
    open_, done = [np.arange(len(seen))], []
    while open_:
        places = open_.pop()
        if len(places) <= _LEAF or not seen.shape[1]:
            done.append(places)
            continue
        here = seen[places]
        order = np.argsort(here[:, here.var(axis=0).argmax()], kind="stable")
        middle = len(places) // 2
        open_ += [np.sort(places[order[middle:]]), np.sort(places[order[:middle]])]
    return done


def _boxes(seen: Points, leaves: list[Ints]) -> tuple[Points, Points]:
    low = np.stack([seen[leaf].min(axis=0) for leaf in leaves])
    return low, np.stack([seen[leaf].max(axis=0) for leaf in leaves])


def _apart(seen: Points, low: Points, high: Points) -> Points:
    """Squared distance of each row to each box, shape (rows, boxes)."""
    total = np.zeros((len(seen), len(low)), dtype=np.float32)
    for along in range(seen.shape[1]):
        here = seen[:, along, None]
        gap = np.maximum(low[:, along] - here, here - high[:, along])
        np.maximum(gap, 0, out=gap)
        gap *= gap
        total += gap
    return total


def _due(apart: Points, bound: Floats, margin: float) -> Iterator[tuple[Ints, int]]:
    """Rows to ask about each leaf: the nearest leaves first, then all that the bound does not rule out."""
    boxes = apart.shape[1]
    if boxes > _FIRST:
        nearest = np.argpartition(apart, _FIRST - 1, axis=1)[:, :_FIRST]
        for turn in range(_FIRST):
            order = np.argsort(nearest[:, turn], kind="stable")
            starts = np.searchsorted(nearest[order, turn], np.arange(boxes + 1))
            for full in np.flatnonzero(np.diff(starts)):
                yield order[starts[full] : starts[full + 1]], int(full)
        np.put_along_axis(apart, nearest, np.nan, axis=1)  # never asked again
    for leaf, far in enumerate(np.ascontiguousarray(apart.T)):
        at = np.flatnonzero(far <= bound + margin)
        for start in range(0, len(at), _TOGETHER):
            yield at[start : start + _TOGETHER], leaf


def _left_side(moved: Points) -> Points:
    """Rows with a one and their squared length: times a point with its own, one product gives the distance."""
    squares = np.einsum("ij,ij->i", moved, moved)
    return np.hstack([moved, np.ones((len(moved), 1), dtype=np.float32), squares[:, None]])


def _right_side(around: Points) -> Points:
    squares = np.einsum("ij,ij->i", around, around)
    return np.ascontiguousarray(np.vstack([-2 * around.T, squares, np.ones(len(around), dtype=np.float32)]))
