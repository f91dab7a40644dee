"""How a column's values become a few cells: decided by the real table alone.

Cells of a number or date: quantile bins, then one for missing. Cells of a category: its most
frequent values, then one for all others, then one for missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.model import Column, Kind
from audit.stats.binning import assign, quantile_breaks

TOP = 10  # categories with a cell of their own
RARE = 5  # a category held by fewer real rows shares the cell of the others
OTHER_LABEL, MISSING_LABEL = "other values", "missing"


class _Counts(Protocol):
    @property
    def values(self) -> NDArray[np.float64] | NDArray[np.object_]: ...
    @property
    def counts(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True, slots=True)
class Coding:
    """The cells of one column.

    breaks : edges of the bins of a number or date, else None
    categories : values with a cell of their own, else None
    size : number of cells, the last of which is "missing"
    labels : what each cell is called where it is shown; no value held by fewer than k people
    """

    kind: Kind
    breaks: NDArray[np.float64] | None
    categories: tuple[str, ...] | None
    size: int
    labels: tuple[str, ...]

    def encode(self, values: NDArray[np.float64] | NDArray[np.object_]) -> NDArray[np.uint8]:
        """Cell number of every value, shape (n,)."""
        if self.breaks is not None:
            return assign(np.asarray(values, dtype=np.float64), self.breaks)
        array = pa.array(values, type=pa.string(), from_pandas=True)
        places = pc.index_in(array, value_set=pa.array(self.categories or (), type=pa.string()))
        codes: NDArray[np.uint8] = (
            places.fill_null(self.size - 2).to_numpy(zero_copy_only=False).astype(np.uint8)
        )
        codes[array.is_null().to_numpy(zero_copy_only=False)] = self.size - 1
        return codes


def make_coding(column: Column, real: _Counts, k: int = 10) -> Coding:
    """Cut a column by its values in the real table; k as in `Case.k`."""
    if column.kind in (Kind.NUMBER, Kind.DATE):
        if len(real.values) == 0:
            breaks = np.array([0.0, 1.0])
        else:
            breaks = quantile_breaks(np.asarray(real.values, dtype=np.float64), real.counts)
        labels = (*_bin_labels(breaks, column.kind, real), MISSING_LABEL)
        return Coding(column.kind, breaks, None, len(breaks), labels)
    order = np.lexsort((np.asarray(real.values, dtype=str), -real.counts))[:TOP]
    top = [(str(real.values[i]), int(real.counts[i])) for i in order if real.counts[i] >= RARE]
    shown = tuple(value if count >= k else f"a rare value ({i + 1})" for i, (value, count) in enumerate(top))
    categories = tuple(value for value, _ in top)
    return Coding(column.kind, None, categories, len(categories) + 2, (*shown, OTHER_LABEL, MISSING_LABEL))


def _bin_labels(breaks: NDArray[np.float64], kind: Kind, real: _Counts) -> list[str]:
    edges = [shown_number(edge, breaks, kind) for edge in breaks]
    if len(breaks) - 1 == len(real.values) and kind is Kind.NUMBER:
        return edges[:-1]  # every value has its own cell
    last = len(breaks) - 2
    return [
        f"below {edges[1]}"
        if i == 0 and last > 0
        else f"{edges[i]} or more"
        if i == last
        else f"{edges[i]} to {edges[i + 1]}"
        for i in range(last + 1)
    ]


def shown_number(value: float, scale: NDArray[np.float64], kind: Kind = Kind.NUMBER) -> str:
    """A value as it may be shown: rounded to a tenth of the scale's typical step.

    Rounding keeps a single person's exact value out of every report.
    """
    if kind is Kind.DATE:
        return datetime.fromtimestamp(float(value), UTC).strftime("%Y-%m-%d")
    steps = np.diff(np.unique(scale))
    step = float(np.median(steps)) if len(steps) else 0.0
    if step <= 0 or not np.isfinite(step):
        return f"{value:.3g}"
    decimals = int(-np.floor(np.log10(step))) + (
        0 if step >= 1 and np.all(scale == np.floor(scale)) and step < 10 else 1
    )
    rounded = round(float(value), decimals)
    return (
        f"{rounded:,.0f}" if decimals <= 0 or rounded == int(rounded) else f"{rounded:,.{max(decimals, 0)}f}"
    )
