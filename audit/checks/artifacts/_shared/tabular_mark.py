"""Key cells of a declared watermark: found again, and green or not."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import binom

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.declare.watermark import KeyCell, KeyCells
from audit.stats.inference.intervals import normal_tail

DETECTED = 4.0  # standard errors: chance alone gives them once in 30,000 tables


@dataclass(frozen=True, slots=True)
class MovedCells:
    """Green key cells of those that are still there.

    declared : cells that were declared; n : of them, found again in exactly one row, with a number
    share : green by chance
    """

    green: int
    n: int
    declared: int
    share: float

    @property
    def z(self) -> float:
        """One-proportion test against chance; 0 without cells."""
        error = math.sqrt(max(self.n, 1) * self.share * (1 - self.share))
        return (self.green - self.n * self.share) / error

    @property
    def is_marked(self) -> bool:
        """Whether the mark is there: by z, and by the exact chance, which is larger where few are green."""
        exact = float(binom.sf(self.green - 1, self.n, self.share)) if self.n else 1.0
        return self.z > DETECTED and exact < normal_tail(DETECTED)


def moved_cells(case: Case, mark: KeyCells) -> MovedCells:
    """The key cells in the synthetic table, looked up once."""
    return case.shared("key cells of the declared watermark", lambda: count_moved(case.synthetic, mark))


def count_moved(part: CaseTable, mark: KeyCells) -> MovedCells:
    """Key cells of a table that are there, and green."""
    green = n = 0
    values = {name: part.stored_column(name) for name in mark.columns}
    groups: dict[tuple[str, ...], list[KeyCell]] = defaultdict(list)
    for cell in mark.cells:
        groups[tuple(name for name, _ in cell.where)].append(cell)
    for names, cells in groups.items():
        rows = _rows(part, names, cells)
        for cell, row in zip(cells, rows, strict=True):
            value = None if row is None else _number(values[cell.column], row)
            if value is not None:
                n += 1
                green += mark.is_green(cell, value)
    return MovedCells(green, n, len(mark.cells), mark.share)


def _rows(part: CaseTable, names: tuple[str, ...], cells: list[KeyCell]) -> list[int | None]:
    """The one row that each cell names; None where there is none, or more than one."""
    columns = [part.stored_column(name) for name in names]
    if any(column is None for column in columns):
        return [None] * len(cells)
    wanted = {tuple(value for _, value in cell.where): at for at, cell in enumerate(cells)}
    near = np.arange(part.rows)
    for place, column in enumerate(columns):
        near = near[_among(column, near, [key[place] for key in wanted])]
    hits: dict[int, list[int]] = defaultdict(list)
    for row in near.tolist():
        at = wanted.get(tuple(_plain(column[row]) for column in columns if column is not None))
        if at is not None:
            hits[at].append(row)
    return [hits[at][0] if len(hits[at]) == 1 else None for at in range(len(cells))]


def _among(column: NDArray[Any] | None, rows: Ints, values: list[str | float]) -> NDArray[np.bool_]:
    """Which of these rows hold one of the values."""
    assert column is not None
    if column.dtype.kind == "O":
        texts = pa.array([value for value in values if isinstance(value, str)], pa.string())
        return np.asarray(pc.is_in(pa.array(column[rows], from_pandas=True), value_set=texts))
    numbers = [value for value in values if not isinstance(value, str)]
    return np.isin(column[rows], np.array(numbers, dtype=np.float64))


def _plain(value: Any) -> str | float:
    return value if isinstance(value, str) else float(value)


def _number(column: NDArray[Any] | None, row: int) -> float | None:
    if column is None or column.dtype.kind not in "if":
        return None
    value = float(column[row])
    return value if math.isfinite(value) else None
