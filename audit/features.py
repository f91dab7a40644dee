"""Rows as numbers for learners and distances: seeded samples with stated sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.case import MEASURED, Case, Part
from audit.model import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEVELS = 200  # categories with a code of their own; a learner with native categories takes 255


@dataclass(frozen=True, slots=True)
class Features:
    """A table of numbers, shape (rows, columns); NaN where missing.

    names : what each column of the table is
    categorical : True where the numbers are codes of categories, 0 … 199
    """

    matrix: Floats
    names: tuple[str, ...]
    categorical: tuple[bool, ...]


def sample_rows(part: Part, most: int, rng: np.random.Generator) -> Ints:
    """At most `most` row places, drawn without replacement, in increasing order."""
    if part.rows <= most:
        return np.arange(part.rows)
    return np.sort(rng.choice(part.rows, most, replace=False))


def features(case: Case, part: Part, rows: Ints) -> Features:
    """The rows as numbers: numbers and dates as they are, categories as codes shared by all tables."""
    columns, categorical = [], []
    for column in case.shaped:
        values = part.column(column.name)[rows]
        if column.kind in MEASURED:
            columns.append(np.asarray(values, dtype=np.float64))
        else:
            columns.append(_codes(case, column.name, np.asarray(values, dtype=np.object_)))
        categorical.append(column.kind is Kind.CATEGORY)
    return Features(np.column_stack(columns), tuple(c.name for c in case.shaped), tuple(categorical))


def _codes(case: Case, name: str, values: NDArray[np.object_]) -> Floats:
    """Codes by frequency over real and synthetic, so that an invented value has one too."""
    levels = _levels(case, name)
    array = pa.array(values, type=pa.string(), from_pandas=True)
    codes = pc.index_in(array, value_set=pa.array(levels, type=pa.string()))
    numbers: Floats = codes.fill_null(len(levels)).to_numpy(zero_copy_only=False).astype(np.float64)
    numbers[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return numbers


def _levels(case: Case, name: str) -> list[str]:
    totals: dict[str, int] = {}
    for part in (case.real, case.synthetic):
        counts = part.value_counts(name)
        for value, count in zip(counts.values.tolist(), counts.counts.tolist(), strict=True):
            totals[value] = totals.get(value, 0) + count
    return sorted(totals, key=lambda v: (-totals[v], v))[:_LEVELS]
