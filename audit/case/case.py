"""The thing audited: aligned tables with one agreed schema, a seed, shared work done once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.case.binning import Coding, make_coding
from audit.case.population import Population, read_population, refuse_unfit
from audit.case.protected_attributes import Candidate, candidates, suggested
from audit.case.schema import plan
from audit.case.series import Series
from audit.case.view import typed_view
from audit.declare.options import Options
from audit.load.engine import connect, source
from audit.load.table import Field, Table
from audit.model import Alignment, Column, Kind, Level, Notice, Role

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
T = TypeVar("T")

SHAPED = (Kind.NUMBER, Kind.CATEGORY, Kind.DATE)  # kinds that have a distribution to compare
MEASURED = (Kind.NUMBER, Kind.DATE)  # kinds whose values lie on a line
_KEPT_CELLS = 12_000_000  # a table of at most so many cells is kept in memory, about 0.2 GB


@dataclass(frozen=True, slots=True)
class Counts:
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


class Part:
    """One of the tables of a case. Everything is read on demand and kept for the run."""

    def __init__(
        self, role: str, table: Table, frame: nw.LazyFrame[Any], fields: tuple[Field, ...], case: Case
    ) -> None:
        self.role = role
        self.table = table
        self.frame = frame
        self.fields = fields  # as read, in the order of the case's columns
        self.rows = table.facts.rows
        self._case = case
        self._counts: dict[str, Counts] = {}
        self._tables: dict[tuple[str, ...], Ints] = {}

    def field(self, name: str) -> Field:
        """How a column's cells looked in the file."""
        return self.fields[self._case.index(name)]

    @cached_property
    def _kept(self) -> pa.Table | None:
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
        if self._measured(name):
            return np.asarray(array, dtype=np.float64)
        return np.asarray(array, dtype=np.object_)

    def _cells(self, name: str) -> pa.ChunkedArray:
        key = self._case.key(name)
        if self._kept is not None:
            return self._kept.column(key)
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

    def written(self, name: str) -> NDArray[Any] | None:
        """Any column of the file as it is stored, in row order, also one that is not compared; None if there is none."""
        place = next((i for i, field in enumerate(self.table.fields) if field.name == name), None)
        if place is None:
            return None
        query = f"SELECT c{place} FROM {source(self.table)} ORDER BY row"
        found: NDArray[Any] = self._case.connection.sql(query).to_arrow_table().column(0).to_numpy()
        return found

    def _measured(self, name: str) -> bool:
        return self._case.column(name).kind in MEASURED

    def value_counts(self, name: str) -> Counts:
        """Rows per distinct value, counted on every row; all lists of a vector column count as one."""
        if name not in self._counts:
            self._counts[name] = self._count_values(name)
        return self._counts[name]

    def _count_values(self, name: str) -> Counts:
        values, counts = self._distinct(self._case.key(name))
        measured = self._measured(name)
        values = np.asarray(values, dtype=np.float64 if measured else np.object_)
        absent = np.isnan(values) if measured else np.array([v is None for v in values], dtype=bool)
        missing = int(counts[absent].sum())
        values, counts = values[~absent], counts[~absent]
        order = np.argsort(values, kind="stable")
        return Counts(values[order], counts[order], missing)

    def _distinct(self, key: str) -> tuple[NDArray[Any], Ints]:
        if self._kept is not None:
            found = pc.value_counts(self._kept.column(key))
            return found.field("values").to_numpy(zero_copy_only=False), found.field("counts").to_numpy()
        grouped = self.frame.group_by(key).agg(nw.len().alias("n")).collect()
        return grouped.get_column(key).to_numpy(), grouped.get_column("n").to_numpy().astype(np.int64)

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """The code matrix, shape (rows, columns of `Case.shaped`): one byte a cell."""
        shaped = self._case.shaped
        matrix = np.empty((self.rows, len(shaped)), dtype=np.uint8, order="F")
        for i, column in enumerate(shaped):
            matrix[:, i] = self._case.coding(column.name).encode(self._coded_from(column.name))
        return matrix

    def _coded_from(self, name: str) -> NDArray[np.float64] | NDArray[np.object_] | pa.ChunkedArray:
        return self.column(name) if self._measured(name) else self._cells(name)

    def counts(self, *names: str) -> Ints:
        """Rows per combination of coded values, shape (cells of each column, …)."""
        if names not in self._tables:
            self._tables[names] = self._count_cells(names)
        return self._tables[names]

    def _count_cells(self, names: tuple[str, ...]) -> Ints:
        sizes = tuple(self._case.coding(name).size for name in names)
        places = [self._case.shaped_index(name) for name in names]
        flat = self.codes[:, places[0]].astype(np.int32)
        for place, size in zip(places[1:], sizes[1:], strict=True):
            flat *= size
            flat += self.codes[:, place]
        return np.bincount(flat, minlength=int(np.prod(sizes))).reshape(sizes)


class Case:
    """Real, synthetic and perhaps holdout table, aligned; see `build_case`.

    Use as a context manager, or call `close`, to let go of the engine.
    """

    k = 10  # values held by fewer people are never shown

    def __init__(self, tables: Mapping[str, Table], options: Options, scratch: Path) -> None:
        self.options = options
        self.seed = options.seed
        self.scratch = scratch
        planned = plan(tables, options)
        self.columns: tuple[Column, ...] = planned.columns
        self._index = {column.name: i for i, column in enumerate(self.columns)}
        self.connection: duckdb.DuckDBPyConnection = connect(
            scratch, options.memory_limit, options.threads or None
        )
        self.population: Population | None = None  # what the groups are compared with beside the real table
        self._codings: dict[str, Coding] = {}
        self._shared: dict[str, object] = {}
        self.series: Series | None = None  # the tables that this one is the last of
        like = tuple(tables["real"].fields[i] for i in planned.fields["real"])
        coerced, parts = [], {}
        for role, table in tables.items():
            frame, found = typed_view(self.connection, table, self.columns, planned.fields[role], like)
            fields = tuple(table.fields[i] for i in planned.fields[role])
            parts[role] = Part(role, table, frame, fields, self)
            if role == "synthetic":
                coerced = list(found)
        self.real, self.synthetic = parts["real"], parts["synthetic"]
        self.holdout: Part | None = parts.get("holdout")
        self.alignment: Alignment = replace(planned.alignment, coerced=tuple(coerced))
        self.notices: tuple[Notice, ...] = (
            tuple(n for t in tables.values() for n in t.notices)
            + planned.notices
            + _coercion_notices(self.alignment)
        )

    def __enter__(self) -> Case:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine; nothing can be measured afterwards."""
        self.connection.close()

    def take_population(self, table: Table) -> None:
        """Compare groups with a population too; refused where its table speaks of other groups."""
        with self.connection.cursor() as aside:
            population = read_population(table, aside)
        sensitive = self.with_role(Role.SENSITIVE)
        known = {
            column.name: frozenset(map(str, self.real.value_counts(column.name).values))
            for column in sensitive
            if column.kind is Kind.CATEGORY
        }
        refuse_unfit(population, names(sensitive), known)
        self.population = population

    def rng(self, check: str) -> np.random.Generator:
        """A generator for one check: adding a check never changes another's numbers."""
        return np.random.default_rng([self.seed, zlib.crc32(check.encode())])

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Work that several checks share, done when the first asks and kept for the run.

        name : what the work is; the same name always goes with the same kind of answer
        """
        if name not in self._shared:
            self._shared[name] = make()
        return cast("T", self._shared[name])

    def index(self, name: str) -> int:
        """Place of a column among the case's columns."""
        return self._index[name]

    def key(self, name: str) -> str:
        """Name of a column in the parts' frames."""
        return f"x{self._index[name]}"

    def vector_key(self, name: str) -> str:
        """Name of a vector column's lists in the parts' frames; `key` says only whether there is one."""
        return f"v{self._index[name]}"

    def coordinates(self, name: str) -> int:
        """Length of the lists of a vector column."""
        return self.real.field(name).longest

    def column(self, name: str) -> Column:
        """A column by name."""
        return self.columns[self._index[name]]

    def of_kind(self, *kinds: Kind) -> tuple[Column, ...]:
        """The columns of these kinds."""
        return tuple(column for column in self.columns if column.kind in kinds)

    def with_role(self, role: Role) -> tuple[Column, ...]:
        """The columns with a role."""
        return tuple(column for column in self.columns if column.role is role)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Columns without a role that look like protected attributes."""
        with self.connection.cursor() as aside:
            return suggested(candidates(self.real.table, aside), self.columns)

    @cached_property
    def shaped(self) -> tuple[Column, ...]:
        """The columns that have a distribution: numbers, categories, dates."""
        return self.of_kind(*SHAPED)

    @cached_property
    def _shaped_index(self) -> dict[str, int]:
        return {column.name: i for i, column in enumerate(self.shaped)}

    def shaped_index(self, name: str) -> int:
        """Place of a column in the code matrix."""
        return self._shaped_index[name]

    def coding(self, name: str) -> Coding:
        """How a column is cut into cells: by the real table alone."""
        if name not in self._codings:
            self._codings[name] = make_coding(self.column(name), self.real.value_counts(name))
        return self._codings[name]

    def parts(self) -> Iterator[Part]:
        """Real, synthetic and, where there is one, holdout."""
        yield self.real
        yield self.synthetic
        if self.holdout is not None:
            yield self.holdout

    def rows_used(self) -> dict[str, int | None]:
        """Every row of every table."""
        return {
            "real": self.real.rows,
            "synthetic": self.synthetic.rows,
            "holdout": self.holdout.rows if self.holdout is not None else None,
        }


def build_case(tables: Mapping[str, Table], options: Options, scratch: Path) -> Case:
    """Put loaded tables side by side.

    Parameters
    ----------
    tables : by role: "real", "synthetic" and perhaps "holdout"
    options : overrides of the schema, the seed, limits of the engine
    scratch : folder that holds the canonical files; the engine may touch nothing else

    Raises
    ------
    InputError, OptionError, SchemaError
        As `audit.case.schema.plan`.
    """
    return Case(tables, options, scratch)


def _coercion_notices(alignment: Alignment) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            Level.WARNING,
            f"Column {c.column!r} is {c.from_type} in the synthetic table and {c.to_type} in the real one. "
            f"{c.rows:,} cells could not be read as {c.to_type} and count as missing.",
            c.column,
        )
        for c in alignment.coerced
    )


def names(columns: Iterable[Column]) -> tuple[str, ...]:
    """The names of columns."""
    return tuple(column.name for column in columns)
