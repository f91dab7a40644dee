"""Row weights that give the synthetic table the real mix of groups and outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Floats, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.checks.bias._shared.groups import Groups, make_groups, row_groups
from audit.model import Column, Role
from audit.stats.distributions.binning import quantile_breaks
from audit.stats.groups.raking import effective_rows, rake
from audit.stats.inference.intervals import ratio_error

MAX_WEIGHT = 5.0  # of a row, as a multiple of the mean
_LEVELS = 10  # outcomes with a cell of their own
_QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")  # of a number
_FALSE_ALARM_RATE = 0.01  # chance that alike tables are told apart, over all cells
_LEAST = 0.02  # share of its real share by which a cell must be off to be worth a weight


@dataclass(frozen=True, slots=True)
class WeightCell:
    """Rows of a group with an outcome: how many there are, and what to do with them.

    group, outcome : labels; outcome is empty where the table has none
    real, synthetic : rows; weight : mean of its rows' weights, 0 without rows
    """

    group: str
    outcome: str
    real: int
    synthetic: int
    weight: float


@dataclass(frozen=True, slots=True)
class WeightMargin:
    """One attribute crossed with the outcome.

    cells : those of at least k real people; codes : shape (rows,), the synthetic rows' cells,
    with `len(cells)` for rows of no such cell
    """

    column: Column
    cells: tuple[WeightCell, ...]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight for each synthetic row, with a mean of 1.

    rows : shape (n,); margins : one for each attribute; outcome : column, None for none
    real_rows : of the real table
    """

    rows: Floats
    margins: tuple[WeightMargin, ...]
    outcome: Column | None
    real_rows: int

    @property
    def effective_rows(self) -> float:
        """Rows of equal weight that tell a mean as well (Kish)."""
        return effective_rows(self.rows)

    @property
    def rows_after_rejection(self) -> float:
        """Rows that are left where each is kept with a chance in proportion to its weight."""
        return float(self.rows.sum() / self.rows.max()) if len(self.rows) else 0.0

    @property
    def differs_beyond_chance(self) -> bool:
        """Whether any cell is off beyond chance, all of them considered."""
        cells = [cell for margin in self.margins for cell in margin.cells]
        limit = float(special.ndtri(1 - _FALSE_ALARM_RATE / 2 / max(len(cells), 1)))
        return any(_is_off(cell, len(self.rows), self.real_rows, limit) for cell in cells)


def share_ratio(cell: WeightCell, rows: int, real_rows: int) -> float:
    """Synthetic share of a cell over its real share."""
    return (cell.synthetic / max(rows, 1)) / (cell.real / real_rows)


def _is_off(cell: WeightCell, rows: int, real_rows: int, limit: float) -> bool:
    if cell.synthetic == 0:
        return rows * cell.real / real_rows > limit**2
    away = abs(math.log(share_ratio(cell, rows, real_rows)))
    return away > max(limit * ratio_error(cell.synthetic, rows, cell.real, real_rows), math.log1p(_LEAST))


def find_weights(case: Case) -> Weights:
    """The weights of a case, found when the first check asks.

    Every attribute crossed with the outcome gets its real shares, all attributes at once; cells
    of fewer than k real people are kept together. No weight is above five times the mean.
    """
    return case.shared("row weights", lambda: _find(case))


def _find(case: Case) -> Weights:
    targets = [column for column in case.with_role(Role.TARGET) if column.kind in DISTRIBUTION_KINDS]
    outcome = targets[0] if targets else None
    levels = _Levels(case, outcome) if outcome else None
    columns = [column for column in case.with_role(Role.SENSITIVE) if column.kind in DISTRIBUTION_KINDS]
    counted = [_count(case, make_groups(case, column), levels) for column in columns]
    counted = [one for one in counted if len(one.labels)]
    if not counted or case.synthetic.rows == 0:
        return Weights(np.ones(case.synthetic.rows), (), outcome, case.real.rows)
    kinds, inverse, counts = _kinds(counted)
    rows = rake(kinds, counts, [one.shares for one in counted], MAX_WEIGHT)[inverse]
    margins = tuple(one.margin(rows) for one in counted)
    return Weights(rows, margins, outcome, case.real.rows)


def _kinds(counted: list[_Counted]) -> tuple[Ints, Ints, Ints]:
    """The kinds of synthetic rows by their cells, the kind of every row, and rows of each kind."""
    mixed = np.zeros(len(counted[0].synthetic), dtype=np.int64)
    for one in counted:
        mixed = np.unique(mixed * (len(one.labels) + 1) + one.synthetic, return_inverse=True)[1]
    _, first, inverse, counts = np.unique(mixed, return_index=True, return_inverse=True, return_counts=True)
    return np.stack([one.synthetic[first] for one in counted], axis=1), inverse, counts


class _Levels:
    """The outcomes that cells are made of: values of a category, quarters of a number."""

    def __init__(self, case: Case, column: Column) -> None:
        self.column = column
        counts = case.real.value_counts(column.name)
        self._breaks: Floats | None = None
        if column.kind in NUMERIC_KINDS and len(counts.values) > len(_QUARTERS):
            self._breaks = quantile_breaks(np.asarray(counts.values, np.float64), counts.counts, 4)
            self.labels: tuple[str, ...] = _QUARTERS[: len(self._breaks) - 1]
        else:
            order = np.argsort(-counts.counts, kind="stable")
            kept = [counts.values[i] for i in order if counts.counts[i] >= case.k][:_LEVELS]
            self._places = {value: i for i, value in enumerate(kept)}
            self.labels = tuple(_shown(value) for value in kept)

    def encode(self, part: CaseTable) -> Ints:
        """The level of every row, -1 for none of them."""
        values, inverse = _distinct(part, self.column)
        if self._breaks is None:
            places = [self._places.get(value, -1) for value in values.tolist()]
        else:
            numbers = np.asarray(values, dtype=np.float64)
            found = np.searchsorted(self._breaks[1:-1], numbers, side="right")
            places = np.where(np.isnan(numbers), -1, np.minimum(found, len(self.labels) - 1)).tolist()
        return np.asarray(places, dtype=np.int64)[inverse]


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _distinct(part: CaseTable, column: Column) -> tuple[NDArray[np.float64] | NDArray[np.object_], Ints]:
    """The values of a column, missing ones included, and for each row the place of its value."""
    coded = pa.array(part.column(column.name), from_pandas=True).dictionary_encode("encode")
    values = coded.dictionary.to_numpy(zero_copy_only=False)
    if column.kind in NUMERIC_KINDS:
        values = np.asarray(values, dtype=np.float64)
    return values, np.asarray(coded.indices, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Cells of one attribute with the real shares wanted of them, the rest as the last."""

    column: Column
    labels: tuple[tuple[str, str], ...]
    real: Ints
    synthetic: Ints
    shares: Floats

    def margin(self, rows: Floats) -> WeightMargin:
        """With the weights that were found."""
        size = len(self.labels) + 1
        there = np.bincount(self.synthetic, minlength=size)
        weights = np.bincount(self.synthetic, weights=rows, minlength=size) / np.maximum(there, 1)
        cells = tuple(
            WeightCell(group, outcome, int(self.real[i]), int(there[i]), float(weights[i]))
            for i, (group, outcome) in enumerate(self.labels)
        )
        return WeightMargin(self.column, cells, self.synthetic)


def _count(case: Case, groups: Groups, levels: _Levels | None) -> _Counted:
    names = levels.labels if levels else ("",)
    real, synthetic = (_crossed(case, part, groups, levels) for part in (case.real, case.synthetic))
    counts = np.bincount(real, minlength=len(groups.labels) * len(names) + 1)
    kept = np.flatnonzero(counts[:-1] >= case.k)
    place = np.full(len(counts), len(kept))
    place[kept] = np.arange(len(kept))
    held = np.append(counts[kept], counts.sum() - counts[kept].sum())
    labels = tuple((groups.labels[i // len(names)], names[i % len(names)]) for i in kept.tolist())
    return _Counted(groups.column, labels, held, place[synthetic], held / max(held.sum(), 1))


def _crossed(case: Case, part: CaseTable, groups: Groups, levels: _Levels | None) -> Ints:
    """Group times outcome of every row; the last number for rows of no group or no outcome."""
    group = row_groups(case, part, groups).astype(np.int64)
    level = levels.encode(part) if levels else np.zeros(len(group), dtype=np.int64)
    size = len(levels.labels) if levels else 1
    none = len(groups.labels) * size
    return np.where((group < 0) | (level < 0), none, group * size + level)


def write_weights(weights: Weights, path: Path) -> None:
    """Write row and weight of every synthetic row as CSV, rows counted from 1."""
    table = pa.table({"row": np.arange(1, len(weights.rows) + 1), "weight": weights.rows.round(4)})
    pv.write_csv(table, path, pv.WriteOptions(quoting_style="none"))
