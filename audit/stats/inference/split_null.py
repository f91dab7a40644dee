"""What the largest of many differences is by chance: real rows dealt anew, as counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints

_MIN_ROWS = 10  # rows of both tables together that a cell needs for a share of its own


def standardised_gap(left: Ints, right: Ints) -> float:
    """Pearson's statistic of two samples, less its mean under one population, over its spread.

    Parameters
    ----------
    left, right : counts over the same cells, shape (k,); cells with few rows are put together

    Returns
    -------
    float; about 0 on average where both are samples of one population, whatever the number of
    cells and of rows; 0 where fewer than two cells hold rows

    Source: Agresti (2013), Categorical Data Analysis, section 3.2; a chi-square has the mean of
    its degrees of freedom and twice that as variance.
    """
    return float(_gaps(left[None, :], left + right, int(left.sum()))[0])


def _gaps(left: Ints, both: Ints, n: int) -> Floats:
    """The statistic for every row of `left`, shape (rounds, k), all from the same pooled counts."""
    few = both < _MIN_ROWS
    pooled = np.append(both[~few], both[few].sum()).astype(np.float64)
    drawn = np.column_stack([left[:, ~few], left[:, few].sum(axis=1)]).astype(np.float64)
    kept = pooled > 0
    total = float(pooled.sum())
    freedom = int(kept.sum()) - 1
    if freedom < 1 or n in (0, total):
        return np.zeros(len(left))
    due = pooled[kept] / total
    off = (drawn[:, kept] - n * due) ** 2 / due
    statistic = off.sum(axis=1) * (1 / n + 1 / (total - n))
    # Without replacement the spread is smaller by (total - 1) / total; the mean is exact with it.
    return np.asarray((statistic * (total - 1) / total - freedom) / np.sqrt(2 * freedom))


def family_threshold(columns: Sequence[tuple[Ints, int]], rounds: int, level: float, seed: int) -> float:
    """The statistic that the largest of all columns exceeds in a share `level` of resplits.

    Parameters
    ----------
    columns : for each the counts of all real rows together, shape (k,), and the rows of one part
    rounds : resplits; each deals every column's rows anew, without looking at rows
    seed : with a column's counts it sets the dice, so the order of columns does not matter

    Notes
    -----
    Counts of a random part are multivariate hypergeometric, so a resplit costs as much for a
    million rows as for a thousand. Columns are dealt independently: where they go together the
    threshold is a little too high, never too low.

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing (largest statistic);
    Sidak (1967), JASA 62, 626-633 (independence is the worst case).
    """
    largest = np.full(rounds, -np.inf)
    for both, n in columns:
        rng = np.random.default_rng([seed, n, *np.sort(both).tolist()])
        drawn = rng.multivariate_hypergeometric(np.sort(both), n, size=rounds)
        largest = np.maximum(largest, _gaps(drawn, np.sort(both), n))
    return float(np.quantile(largest, 1 - level)) if len(columns) else 0.0


def resplit_distances(codes: NDArray[np.uint8], rounds: int, rng: np.random.Generator) -> Floats:
    """Mean total variation over columns between two halves of the rows, dealt anew, shape (rounds,).

    Parameters
    ----------
    codes : shape (rows, columns), cells of each column as small whole numbers

    Notes
    -----
    Whole rows are dealt, so columns that go together stay together. Costs O(rounds rows columns).

    Source: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4, 119-130.
    """
    rows, columns = codes.shape
    sizes = codes.max(axis=0).astype(np.int64) + 1
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    places = codes.astype(np.int64) + starts
    whole = np.bincount(places.ravel(), minlength=int(sizes.sum()))
    half = rows // 2
    found = np.empty(rounds)
    for at in range(rounds):
        mine = np.bincount(places[rng.permutation(rows)[:half]].ravel(), minlength=len(whole))
        found[at] = np.abs(mine / half - (whole - mine) / (rows - half)).sum() / 2 / columns
    return found
