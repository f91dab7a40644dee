"""Rows as numbers for learners and distances: seeded samples with stated sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.model import Kind

_COORDINATES = 32  # of a vector column; longer vectors are told by as many directions
_BASIS_ROWS = 1000  # real vectors that set these directions
_LEVELS = 200  # categories with a code of their own; a learner with native categories takes 255


@dataclass(frozen=True, slots=True)
class Features:
    """A table of numbers, shape (rows, columns); NaN where missing.

    names : what each column of the table is; a column of vectors stands as several of one name
    categorical : True where the numbers are codes of categories, 0 … 199
    """

    matrix: Floats
    names: tuple[str, ...]
    categorical: tuple[bool, ...]

    def of_columns(self, keep: Sequence[int]) -> Features:
        """Some of the columns, by place."""
        return Features(
            self.matrix[:, list(keep)],
            tuple(self.names[i] for i in keep),
            tuple(self.categorical[i] for i in keep),
        )


def sample_rows(part: CaseTable, most: int, rng: np.random.Generator) -> Ints:
    """At most `most` row places, drawn without replacement, in increasing order."""
    if part.rows <= most:
        return np.arange(part.rows)
    return np.sort(rng.choice(part.rows, most, replace=False))


def features(case: Case, part: CaseTable, rows: Ints) -> Features:
    """The rows as numbers: numbers and dates as they are, categories as codes shared by all tables.

    Vectors of up to 32 coordinates stand as they are, longer ones as their parts along the 32
    directions in which real vectors vary most, and the length of what these leave out.
    """
    columns, categorical = [], []
    for column in case.distribution_columns:
        values = part.column(column.name, rows)
        if column.kind in NUMERIC_KINDS:
            columns.append(np.asarray(values, dtype=np.float64))
        else:
            columns.append(_codes(case, column.name, np.asarray(values, dtype=np.object_)))
        categorical.append(column.kind is Kind.CATEGORY)
    names = [column.name for column in case.distribution_columns]
    for column in case.of_kind(Kind.VECTOR):
        found = _directions(case, column.name, part.vectors(column.name, rows))
        columns += list(found.T)
        names += [column.name] * found.shape[1]
        categorical += [False] * found.shape[1]
    matrix = np.column_stack(columns) if columns else np.empty((len(rows), 0))
    return Features(matrix, tuple(names), tuple(categorical))


def _directions(case: Case, name: str, vectors: NDArray[np.float32]) -> Floats:
    """A vector column as few numbers, shape (rows, coordinates or 33)."""
    if vectors.shape[1] <= _COORDINATES:
        return vectors.astype(np.float64)
    centre, basis = case.shared(f"directions of {name}", lambda: _basis(case, name))
    around = vectors - centre
    along = around @ basis
    rest = np.maximum(np.einsum("ij,ij->i", around, around) - np.einsum("ij,ij->i", along, along), 0.0)
    return np.column_stack([along, np.sqrt(rest)]).astype(np.float64)


def _basis(case: Case, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean of real vectors and the directions of their largest variance, shape (coordinates, 32)."""
    rows = sample_rows(case.real, _BASIS_ROWS, case.rng(f"directions of {name}"))
    vectors = case.real.vectors(name, rows).astype(np.float64)
    vectors = vectors[~np.isnan(vectors[:, 0])]
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1])
    _, _, directions = np.linalg.svd(vectors - centre, full_matrices=False)
    return centre.astype(np.float32), directions[:_COORDINATES].T.astype(np.float32)


def _codes(case: Case, name: str, values: NDArray[np.object_]) -> Floats:
    """Codes by frequency over real and synthetic, so that an invented value has one too."""
    known = category_levels(case, name)
    array = pa.array(values, type=pa.string(), from_pandas=True)
    codes = pc.index_in(array, value_set=pa.array(known, type=pa.string()))
    numbers: Floats = codes.fill_null(len(known)).to_numpy(zero_copy_only=False).astype(np.float64)
    numbers[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return numbers


def category_levels(case: Case, name: str) -> list[str]:
    """The categories of a column that have a code, in the order of their codes."""
    totals: dict[str, int] = {}
    for part in (case.real, case.synthetic):
        counts = part.value_counts(name)
        for value, count in zip(counts.values.tolist(), counts.counts.tolist(), strict=True):
            totals[value] = totals.get(value, 0) + count
    return sorted(totals, key=lambda v: (-totals[v], v))[:_LEVELS]
