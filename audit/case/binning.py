"""How a column's values become a few cells: decided by the real table alone.

Cells of a number or date: quantile bins, then one for missing. Cells of a category: its most
frequent values, then one for all others, then one for missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.model import Column, Kind
from audit.stats.distributions.binning import assign, quantile_breaks

TOP = 10  # categories with a cell of their own
RARE = 5  # a category held by fewer real rows shares the cell of the others
OTHER_LABEL, MISSING_LABEL = "other values", "missing"
RARE_VALUE = "a rare value"
_RARE = RARE_VALUE + " ({})"
_UNITS = {"m": 0.0, "D": 2.0, "M": 60.0, "Y": 1000.0}  # days a step has, at least, to be told in this unit


class _Counts(Protocol):
    @property
    def values(self) -> NDArray[np.float64] | NDArray[np.object_]: ...
    @property
    def counts(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True, slots=True)
class Binning:
    """The cells of one column.

    breaks : edges of the bins of a number or date, else None
    categories : values with a cell of their own, else None
    size : number of cells, the last of which is "missing"
    labels : what each cell is called where it is shown; no value held by fewer than k people
    edges : how each edge of the bins is called; empty where they cannot be named
    """

    kind: Kind
    breaks: Floats | None
    categories: tuple[str, ...] | None
    size: int
    labels: tuple[str, ...]
    edges: tuple[str, ...] = ()

    def encode(
        self, values: NDArray[np.float64] | NDArray[np.object_] | pa.ChunkedArray
    ) -> NDArray[np.uint8]:
        """Cell number of every value, shape (n,); labels may be given as an Arrow array."""
        if self.breaks is not None:
            return assign(np.asarray(values, dtype=np.float64), self.breaks)
        if isinstance(values, np.ndarray):
            array = pa.array(values, type=pa.string(), from_pandas=True)
        else:
            array = values.cast(pa.string())
        places = pc.index_in(array, value_set=pa.array(self.categories or (), type=pa.string()))
        codes: NDArray[np.uint8] = np.asarray(places.fill_null(self.size - 2)).astype(np.uint8)
        codes[np.asarray(array.is_null())] = self.size - 1
        return codes


def make_binning(column: Column, real: _Counts, k: int = 10) -> Binning:
    """Cut a column by its values in the real table, given in increasing order; k as in `Case.k`."""
    if column.kind in (Kind.NUMBER, Kind.DATE):
        if len(real.values) == 0:
            breaks = np.array([0.0, 1.0])
        else:
            breaks = quantile_breaks(np.asarray(real.values, dtype=np.float64), real.counts)
        edges = _edges(breaks, column.kind, real, k)
        labels = (*_bin_labels(breaks, edges, column.kind, real, k), MISSING_LABEL)
        return Binning(column.kind, breaks, None, len(breaks), labels, edges)
    order = np.argsort(-real.counts, kind="stable")[:TOP]  # ties keep the order of the values
    top = [(str(real.values[i]), int(real.counts[i])) for i in order if real.counts[i] >= RARE]
    shown = tuple(value if count >= k else _RARE.format(i + 1) for i, (value, count) in enumerate(top))
    categories = tuple(value for value, _ in top)
    return Binning(column.kind, None, categories, len(categories) + 2, (*shown, OTHER_LABEL, MISSING_LABEL))


def _bin_labels(breaks: Floats, edges: tuple[str, ...], kind: Kind, real: _Counts, k: int) -> list[str]:
    last = len(breaks) - 2
    if last + 1 == len(real.values):  # every value has its own cell
        values = np.asarray(real.values, dtype=np.float64).tolist()
        return [
            _exact(value, kind) if count >= k else _RARE.format(i + 1)
            for i, (value, count) in enumerate(zip(values, real.counts.tolist(), strict=True))
        ]
    if last == 0:
        return ["any value"]
    if not edges:  # too few rows to name them
        return [f"part {i + 1} of {last + 1}, from low to high" for i in range(last + 1)]
    middle = [f"{edges[i]} to {edges[i + 1]}" for i in range(1, last)]
    return [f"below {edges[1]}", *middle, f"{edges[last]} or more"]


def _edges(breaks: Floats, kind: Kind, real: _Counts, k: int) -> tuple[str, ...]:
    """Every edge by a number near it that no fewer than k people hold, or nobody.

    Between bins of k people and more a number that parts them will do where all numbers near are
    rare values. Nothing at all where an edge has no name or shares it with another.
    """
    values = np.asarray(real.values, dtype=np.float64)
    rare = frozenset(values[real.counts < k].tolist())
    rows = np.add.reduceat(real.counts, np.searchsorted(values, breaks[:-1])) if len(values) else np.zeros(1)
    edges = [""] * len(breaks)
    for i in range(1, len(breaks) - 1):
        gap = np.diff(breaks[i - 1 : i + 2]).min()
        near = breaks[i] + np.array([-gap, 0.0, gap])
        text = number_text(float(breaks[i]), near, kind, rare, most=1)
        if text == RARE_VALUE and kind is Kind.NUMBER and rows[i - 1 : i + 1].min() >= k:
            below = values[np.searchsorted(values, breaks[i]) - 1]
            text = _between(float(below), float(breaks[i]), rare)
        if text == RARE_VALUE:
            text = number_text(float(breaks[i]), near, kind, rare, most=2)
        edges[i] = text
    named = edges[1:-1]
    return tuple(edges) if named and len(set(named)) == len(named) and RARE_VALUE not in named else ()


def _between(low: float, high: float, rare: frozenset[float]) -> str:
    """The roundest number between two that stand beside each other: it parts the rows and is nobody's."""
    for decimals in range(-9, 10):
        scale = 10.0**decimals
        text = _written(np.floor((low + high) / 2 * scale) / scale, decimals)
        if low < (meant := float(text.replace(",", ""))) < high and meant not in rare:
            return text
    return RARE_VALUE


def date_text(seconds: float) -> str:
    """A moment in seconds since 1970 to the second, or to the day where it is midnight.

    Examples
    --------
    >>> date_text(1633046400.0), date_text(1633046460.5)
    ('2021-10-01', '2021-10-01 00:01:00.500000')
    """
    whole = float(seconds).is_integer()
    moment = np.datetime64(int(seconds), "s") if whole else np.datetime64(round(seconds * 1e6), "us")
    return str(moment).replace("T00:00:00", "" if whole else " 00:00:00").replace("T", " ")


def date_seconds(text: str) -> float:
    """The moment that `date_text` wrote, or that a user did; ValueError where it is none.

    Examples
    --------
    >>> date_seconds("2021-10-01"), date_seconds("2021-10-01 00:01:00.500000")
    (1633046400.0, 1633046460.5)
    """
    return float(np.datetime64(text.strip(), "us").astype(np.int64) / 1e6)


def _exact(value: float, kind: Kind) -> str:
    if kind is Kind.DATE:
        return date_text(value)
    return f"{value + 0.0:,.0f}" if value == int(value) else f"{value:.15g}"


def number_text(
    value: float,
    scale: Floats,
    kind: Kind = Kind.NUMBER,
    rare: frozenset[float] = frozenset(),
    most: int | None = None,
) -> str:
    """A value as it may be shown: rounded to about a tenth of the scale's typical step.

    Parameters
    ----------
    value : the number; seconds since 1970 for a date
    scale : numbers it stands among, such as the edges of all bins
    rare : values that must not be shown: where rounding hits one, it is rounded further
    most : roundings that are tried; all if None
    """
    steps = np.diff(np.unique(scale))
    step = float(np.median(steps)) if len(steps) else 0.0
    if kind is Kind.DATE:
        roundings = _rounded_dates(value, step)
    else:
        whole = bool(np.all(scale == np.floor(scale)))
        roundings = _rounded_numbers(value, step, whole)
    return next((text for text, meant in islice(roundings, most) if meant not in rare), RARE_VALUE)


def _rounded_numbers(value: float, step: float, whole: bool) -> Iterator[tuple[str, float]]:
    """From fine to coarse: the text and the number it says."""
    finest = 0 if step <= 0 else 1 - int(np.floor(np.log10(step)))
    if whole and 1 <= step < 10:
        finest = 0
    for decimals in range(finest, finest - 4, -1):
        rounded = round(value, decimals) + 0.0  # no minus zero
        yield _written(rounded, decimals), rounded


def _written(rounded: float, decimals: int) -> str:
    return f"{rounded:,.0f}" if decimals <= 0 or rounded == int(rounded) else f"{rounded:,.{decimals}f}"


def _rounded_dates(value: float, step: float) -> Iterator[tuple[str, float]]:
    """From fine to coarse: the text and the moment it says, in seconds since 1970; NaN for a span."""
    finest = sum(step >= days * 86_400 for days in _UNITS.values()) - 1
    for unit in list(_UNITS)[max(finest, 0) :]:
        start = np.datetime64(int(value), "s").astype(f"datetime64[{unit}]")
        moment = float(start.astype("datetime64[s]").astype(np.int64)) if unit in "mD" else np.nan
        yield str(start).replace("T", " "), moment
