"""Tables of many cells: pooled, compared beyond their margins, and told as a share of the real rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.stats.distributions.distances import shares

_MIN_ROWS = 10  # rows of both tables together that a cell of its own holds
_ROUNDS = 25
_SPREAD = 1e-3  # of the fitted table is spread over all cells that the margins allow


@dataclass(frozen=True, slots=True)
class PooledCells:
    """Two tables of counts on cells that hold enough rows, and one last cell for all others.

    cell_index : shape of the tables, the cell that each of their cells went to
    """

    left: Ints
    right: Ints
    cell_index: NDArray[np.intp]


def pool_rare_cells(left: Ints, right: Ints, fewest: int = _MIN_ROWS) -> PooledCells:
    """Put the cells that both tables together fill with few rows into one cell.

    Examples
    --------
    >>> found = pooled(np.array([40, 3, 2, 0]), np.array([50, 4, 0, 0]))
    >>> found.left.tolist(), found.right.tolist(), found.place.tolist()
    ([40, 5], [50, 4], [0, 1, 1, 1])
    """
    own = (left + right) >= fewest
    place = np.full(left.shape, int(own.sum()), dtype=np.intp)
    place[own] = np.arange(int(own.sum()))
    rest = [int(table.sum() - table[own].sum()) for table in (left, right)]
    return PooledCells(np.append(left[own], rest[0]), np.append(right[own], rest[1]), place)


def fitted_to_pairs(table: Ints | Floats, like: Ints | Floats) -> Floats:
    """A three-way table changed as little as possible until its pairs are those of another.

    Parameters
    ----------
    table, like : counts or shares, shape (a, b, c); neither may be empty

    Returns
    -------
    shares of shape (a, b, c) whose two-way margins are those of `like`; what still differs
        from `like` is the relation of three

    Notes
    -----
    Iterative proportional fitting, 25 rounds. A thousandth of the table is first laid on the
    product of the margins, so that pairs the table lacks can be filled.

    Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.
    """
    wanted = shares(like)
    a, b, c = (wanted.sum(axis=axes) for axes in ((1, 2), (0, 2), (0, 1)))
    fitted = (1 - _SPREAD) * shares(table) + _SPREAD * a[:, None, None] * b[:, None] * c
    # Where the rounds end before all is fitted, the order counts: it must not be that of the columns.
    apart = [float(np.abs(fitted.sum(axis=axis) - wanted.sum(axis=axis)).sum()) for axis in range(3)]
    for _ in range(_ROUNDS):
        for axis in sorted(range(3), key=lambda axis: -round(apart[axis], 12)):
            now = fitted.sum(axis=axis, keepdims=True)
            goal = wanted.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(goal, now, out=np.zeros_like(now), where=now > 0)
    return np.asarray(fitted, dtype=np.float64)


def equivalent_share(counts: Ints, distance: float, rows: int) -> float:
    """The share of the rows whose random subsample differs as much from all rows.

    Parameters
    ----------
    counts : shape (k,), rows in every filled cell of all tables that are averaged over
    distance : sum over those tables of the total variation to be matched
    rows : rows of each table

    Returns
    -------
    float in (0, 1]: 1 for no difference; at least 1 / rows

    Notes
    -----
    The mean distance of a subsample is exact and falls with its size; the size is found by
    halving, and read between the two sizes that enclose the distance.

    Source: the reading is that of Task et al. (2023), NIST SDNist evaluation reports
    ("sub-sampling equivalent").
    """
    if distance <= 0:
        return 1.0
    sizes, times = np.unique(counts, return_counts=True)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, rows + 1)))])

    def expected(drawn: int) -> float:
        return float(times @ _subsample_gap(sizes, rows, drawn, logs)) / 2

    low, high = 1, rows
    if expected(low) <= distance:
        return 1 / rows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if expected(middle) > distance else (low, middle)
    near, far = expected(low), expected(high)
    return (low + (near - distance) / (near - far)) / rows


def _subsample_gap(cells: Ints, rows: int, drawn: int, logs: Floats) -> Floats:
    """Mean of |share in the subsample - share in all rows| for cells that hold so many rows."""
    k = cells * drawn // rows + 1  # the first count above the mean
    possible = (k <= cells) & (k <= drawn)
    k = np.where(possible, k, cells * 0)
    beside = rows - cells - drawn + k
    possible &= beside >= 0
    beside = np.maximum(beside, 0)
    chance = np.exp(
        (logs[cells] - logs[k] - logs[cells - k])
        + (logs[rows - cells] - logs[np.maximum(drawn - k, 0)] - logs[beside])
        - (logs[rows] - logs[drawn] - logs[rows - drawn])
    )
    return np.where(possible, 2 * k * beside / rows * chance / drawn, 0.0)
