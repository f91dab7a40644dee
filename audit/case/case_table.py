"""A table of a case: typed columns, counted values, coded cells, each read when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.binning import Binning
from audit.load.engine import source
from audit.load.table import Field, Table
from audit.model import Column, Kind

NUMERIC_KINDS = (Kind.NUMBER, Kind.DATE)  # kinds whose values lie on a line
_KEPT_CELLS = 12_000_000  # a table of at most so many cells is kept in memory, about 0.2 GB


class CaseColumns(Protocol):
    """What the tables of a case share: columns, their names in the engine, how they are cut into cells."""

    columns: tuple[Column, ...]
    connection: duckdb.DuckDBPyConnection

    @property
    def distribution_columns(self) -> tuple[Column, ...]:
        """The columns that have a distribution."""

    def index(self, name: str) -> int:
        """Place of a column among the columns."""

    def code_index(self, name: str) -> int:
        """Place of a column in the code matrix."""

    def key(self, name: str) -> str:
        """Name of a column in the tables' frames."""

    def vector_key(self, name: str) -> str:
        """Name of a vector column's lists in the tables' frames."""

    def coordinates(self, name: str) -> int:
        """Length of the lists of a vector column."""

    def column(self, name: str) -> Column:
        """A column by name."""

    def binning(self, name: str) -> Binning:
        """How a column is cut into cells."""


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """How many rows hold each value of a column.

    values : shape (k,), increasing; floats for numbers and dates, str otherwise
    counts : shape (k,)
    missing : rows without a value
    """

    values: NDArray[np.float64] | NDArray[np.object_]
    counts: Ints
    missing: int

    @property
    def filled(self) -> int:
        """Rows that hold a value."""
        return int(self.counts.sum())


class CaseTable:
    """One of the tables of a case. Everything is read on demand and kept for the run."""

    def __init__(
        self, role: str, table: Table, frame: nw.LazyFrame[Any], fields: tuple[Field, ...], case: CaseColumns
    ) -> None:
        self.role = role
        self.table = table
        self.frame = frame
        self.fields = fields  # as read, in the order of the case's columns
        self.rows = table.facts.rows
        self._case = case
        self._counts: dict[str, ValueCounts] = {}
        self._tables: dict[tuple[str, ...], Ints] = {}

    def field(self, name: str) -> Field:
        """How a column's cells looked in the file."""
        return self.fields[self._case.index(name)]

    @cached_property
    def _in_memory(self) -> pa.Table | None:
        """A small table whole: a wide one would otherwise be asked for thousands of times."""
        if self.rows * len(self._case.columns) > _KEPT_CELLS:
            return None
        keys = [self._case.key(column.name) for column in self._case.columns]
        kept: pa.Table = nw.to_native(self.frame.select(*keys)).to_arrow_table()
        return kept

    def column(self, name: str, rows: Ints | None = None) -> NDArray[np.float64] | NDArray[np.object_]:
        """Values of a column in row order, shape (rows,); NaN or None where missing.

        Of a vector column only whether there is a list; `vectors` holds the lists.

        rows : places of the rows wanted, from 0, in any order; all rows if None
        """
        cells = self._cells(name)
        # Texts become objects, which is slow: only those that are wanted do.
        array = (cells if rows is None else cells.take(pa.array(rows))).to_numpy()
        if self._is_numeric(name):
            return np.asarray(array, dtype=np.float64)
        return np.asarray(array, dtype=np.object_)

    def _cells(self, name: str) -> pa.ChunkedArray:
        key = self._case.key(name)
        if self._in_memory is not None:
            return self._in_memory.column(key)
        return nw.to_native(self.frame.select(key).collect().get_column(key))

    def vectors(self, name: str, rows: Ints | None = None) -> NDArray[np.float32]:
        """The lists of a vector column, shape (rows, coordinates); a row of NaN where missing.

        Read anew each time: a million lists do not belong in memory.

        rows : places of the rows to read, from 0, increasing; all rows if None
        """
        wanted = self.frame
        if rows is not None:
            wanted = wanted.filter(nw.col("row").is_in((np.asarray(rows) + 1).tolist()))
        found = wanted.select(self._case.vector_key(name)).collect()
        column = nw.to_native(found).column(0).combine_chunks()
        result = np.full((len(column), self._case.coordinates(name)), np.nan, dtype=np.float32)
        filled = column.is_valid().to_numpy(zero_copy_only=False)
        result[filled] = column.flatten().to_numpy().reshape(-1, result.shape[1])
        return result

    def stored_column(self, name: str) -> NDArray[Any] | None:
        """Any column of the file as it is stored, in row order, also one that is not compared; None if there is none."""
        place = next((i for i, field in enumerate(self.table.fields) if field.name == name), None)
        if place is None:
            return None
        query = f"SELECT c{place} FROM {source(self.table)} ORDER BY row"
        found: NDArray[Any] = self._case.connection.sql(query).to_arrow_table().column(0).to_numpy()
        return found

    def _is_numeric(self, name: str) -> bool:
        return self._case.column(name).kind in NUMERIC_KINDS

    def value_counts(self, name: str) -> ValueCounts:
        """Rows per distinct value, counted on every row; all lists of a vector column count as one."""
        if name not in self._counts:
            self._counts[name] = self._count_values(name)
        return self._counts[name]

    def _count_values(self, name: str) -> ValueCounts:
        values, counts = self._distinct(self._case.key(name))
        measured = self._is_numeric(name)
        values = np.asarray(values, dtype=np.float64 if measured else np.object_)
        absent = np.isnan(values) if measured else np.array([v is None for v in values], dtype=bool)
        missing = int(counts[absent].sum())
        values, counts = values[~absent], counts[~absent]
        order = np.argsort(values, kind="stable")
        return ValueCounts(values[order], counts[order], missing)

    def _distinct(self, key: str) -> tuple[NDArray[Any], Ints]:
        if self._in_memory is not None:
            found = pc.value_counts(self._in_memory.column(key))
            return found.field("values").to_numpy(zero_copy_only=False), found.field("counts").to_numpy()
        grouped = self.frame.group_by(key).agg(nw.len().alias("n")).collect()
        return grouped.get_column(key).to_numpy(), grouped.get_column("n").to_numpy().astype(np.int64)

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """The code matrix, shape (rows, columns of `Case.distribution_columns`): one byte a cell."""
        shaped = self._case.distribution_columns
        matrix = np.empty((self.rows, len(shaped)), dtype=np.uint8, order="F")
        for i, column in enumerate(shaped):
            matrix[:, i] = self._case.binning(column.name).encode(self._coded_from(column.name))
        return matrix

    def _coded_from(self, name: str) -> NDArray[np.float64] | NDArray[np.object_] | pa.ChunkedArray:
        return self.column(name) if self._is_numeric(name) else self._cells(name)

    def counts(self, *names: str) -> Ints:
        """Rows per combination of coded values, shape (cells of each column, …)."""
        if names not in self._tables:
            self._tables[names] = self._count_cells(names)
        return self._tables[names]

    def _count_cells(self, names: tuple[str, ...]) -> Ints:
        sizes = tuple(self._case.binning(name).size for name in names)
        places = [self._case.code_index(name) for name in names]
        flat = self.codes[:, places[0]].astype(np.int32)
        for place, size in zip(places[1:], sizes[1:], strict=True):
            flat *= size
            flat += self.codes[:, place]
        return np.bincount(flat, minlength=int(np.prod(sizes))).reshape(sizes)
