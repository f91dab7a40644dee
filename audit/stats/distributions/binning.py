"""Cutting a column into few bins, and where to cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints

_TRIES = 1000  # how many grids of ranks are tried for enough distinct cuts


def quantile_breaks(values: Floats, counts: Ints, bins: int = 10) -> Floats:
    """Bin edges that hold roughly equal shares of the rows.

    Parameters
    ----------
    values : shape (k,), distinct finite values in increasing order
    counts : shape (k,), rows that hold each value
    bins : wanted number of bins

    Returns
    -------
    array of shape (b + 1,), increasing
        With at most `bins` distinct values every value is a bin of its own. Otherwise the
        edges are values at evenly spaced ranks, on the coarsest grid that gives more than
        `bins` distinct ones (fewer where the values are too concentrated for that). Bins
        are closed on the left; the last edge is the largest value and belongs to the last
        bin. Edges but the last are rounded down to the fewest decimals that keep them apart.

    Raises
    ------
    ValueError
        If there is no value.

    Notes
    -----
    The binning of the published accuracy tables this project reproduces. Costs O(k + 1000 b).

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939 (accuracy of mixed-type
    synthetic data); binning as in the 2024 release of its reference implementation.

    Examples
    --------
    >>> quantile_breaks(np.array([1.0, 2.0, 3.0]), np.array([5, 1, 1]))
    array([1., 2., 3., 4.])
    """
    if len(values) == 0:
        raise ValueError("no values to bin")
    if len(values) <= bins:
        return _round_down(np.append(values, values[-1] + 1.0))
    ends = np.cumsum(counts)
    n = int(ends[-1])
    breaks = values[:1]
    for points in range(bins, max(bins + 1, min(_TRIES, n + 1))):
        ranks = np.linspace(0, n - 1, points).astype(np.int64)
        breaks = np.unique(values[np.searchsorted(ends, ranks, side="right")])
        if len(breaks) > bins:
            break
    return _round_down(breaks)


def _round_down(breaks: Floats) -> Floats:
    for decimals in range(16):
        scale = 10.0**decimals
        floored = np.floor(breaks * scale) / scale
        if len(np.unique(floored)) == len(breaks):
            return np.append(floored[:-1], breaks[-1])
    return breaks


def assign(values: Floats, breaks: Floats) -> NDArray[np.uint8]:
    """Bin number of every value; values beyond the edges fall into the outer bins.

    Parameters
    ----------
    values : shape (n,); NaN gets the number of bins (one past the last)
    breaks : shape (b + 1,), as `quantile_breaks` gives them
    """
    inner = breaks[1:-1]
    codes = np.searchsorted(inner, values, side="right").astype(np.uint8)
    codes[np.isnan(values)] = len(breaks) - 1
    return codes
