"""Bands of a number, such as ages, by which people are put into groups: round edges, and names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from audit.arrays import Floats, Ints

_RANKS = (0.2, 0.4, 0.6, 0.8)  # near which round edges are looked for
_NICE = (5.0, 2.0, 1.0)
_SMALLEST = 0.08  # share of the rows that a band of round edges holds at least, where one can


def round_edges(values: Floats, counts: Ints, k: int = 10) -> tuple[float, ...]:
    """Round numbers near the fifths of the rows at which to cut a column.

    Parameters
    ----------
    values : shape (v,), distinct finite values in increasing order
    counts : shape (v,), rows that hold each
    k : no edge is a value that fewer people hold

    Returns
    -------
    tuple of edges in increasing order, at most four, at least k rows in every band; with at
    most six values that k people hold, each of these starts a band. Empty where nothing can be
    cut.

    Examples
    --------
    >>> round_edges(np.arange(18.0, 68.0), np.full(50, 20))
    (30.0, 40.0, 50.0, 60.0)
    """
    if len(values) < 2:
        return ()
    rare = frozenset(values[counts < k].tolist())
    if len(values) <= len(_RANKS) + 2:
        return _filled([v for v in values[1:].tolist() if v not in rare], values, counts, k)
    above = values > values[0] if counts[0] > counts.sum() / 4 else np.ones(len(values), dtype=bool)
    ends = np.cumsum(counts[above])
    marks = values[above][np.searchsorted(ends, np.array(_RANKS) * ends[-1])]
    wanted = len(np.unique(marks))
    best: tuple[float, ...] = ()
    for step in _steps(float(values[-1] - values[0])):
        near = sorted(
            {edge for mark in marks.tolist() for edge in [_nearest(mark, step, rare)] if edge is not None}
        )
        edges = _filled(near, values, counts, max(k, int(_SMALLEST * ends[-1])))
        best = max(best, edges, key=len)
        if len(best) >= wanted:
            break
    return best or _filled([v for v in np.unique(marks).tolist() if v not in rare], values, counts, k)


def _steps(spread: float) -> list[float]:
    """Round numbers from coarse to fine."""
    top = math.ceil(math.log10(spread))
    return [nice * 10.0**power for power in range(top, top - 5, -1) for nice in _NICE]


def _nearest(mark: float, step: float, rare: frozenset[float]) -> float | None:
    """The multiple of the step nearest to a number, of the three nearest that nobody rare holds."""
    middle = round(mark / step)
    tries = (round((middle + shift) * step, 12) + 0.0 for shift in (0, -1, 1))
    return next((edge for edge in tries if edge not in rare), None)


def _filled(edges: Sequence[float], values: Floats, counts: Ints, least: int) -> tuple[float, ...]:
    """The edges but those that would leave a band with too few rows."""
    before = np.append(0, np.cumsum(counts))
    total, kept, taken = int(before[-1]), [], 0
    for edge in edges:
        below = int(before[np.searchsorted(values, edge)])
        if below - taken >= least and total - below >= least:
            kept.append(edge)
            taken = below
    return tuple(kept)


def band_labels(edges: Sequence[float], values: Floats, counts: Ints, k: int = 10) -> tuple[str, ...]:
    """What the bands are called, from low to high; shape (edges + 1,).

    No value that fewer than k people hold is named unless it is itself an edge.

    Examples
    --------
    >>> band_labels([25, 45], np.arange(18.0, 68.0), np.full(50, 20))
    ('below 25', '25 to 44', '45 or more')
    """
    whole = bool(np.all(values == np.floor(values))) and all(edge == int(edge) for edge in edges)
    known = frozenset(values[counts >= k].tolist())
    if not edges:
        return ("any value",)
    ends = [-math.inf, *edges, math.inf]
    return tuple(_label(low, high, values, known, whole) for low, high in pairwise(ends))


def _label(low: float, high: float, values: Floats, known: frozenset[float], whole: bool) -> str:
    inside = values[(values >= low) & (values < high)]
    if len(inside) == 1 and float(inside[0]) in known:
        return _shown(float(inside[0]))
    if low == -math.inf:
        return f"below {_shown(high)}"
    if high == math.inf:
        return f"{_shown(low)} or more"
    if whole and high - 1 in known:
        return f"{_shown(low)} to {_shown(high - 1)}"
    return f"{_shown(low)} to under {_shown(high)}"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.12g}"
