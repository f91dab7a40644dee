"""The thing audited: aligned tables with one agreed schema, a seed, shared work done once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

import duckdb
import numpy as np

from audit.case.binning import Binning, make_binning
from audit.case.case_table import (
    NUMERIC_KINDS as NUMERIC_KINDS,
    CaseTable as CaseTable,
    ValueCounts as ValueCounts,
)
from audit.case.population import Population, read_population, refuse_unfit
from audit.case.protected_attributes import Candidate, find_candidates, suggest_candidates
from audit.case.schema import plan_schema
from audit.case.series import TableSeries
from audit.case.view import typed_view
from audit.declare.options import Options
from audit.load.engine import connect
from audit.load.table import Table
from audit.model import Alignment, Column, Kind, Level, Notice, Role

T = TypeVar("T")

DISTRIBUTION_KINDS = (Kind.NUMBER, Kind.CATEGORY, Kind.DATE)  # kinds that have a distribution to compare


class Case:
    """Real, synthetic and perhaps holdout table, aligned; see `build_case`.

    Use as a context manager, or call `close`, to let go of the engine.
    """

    k = 10  # values held by fewer people are never shown

    def __init__(self, tables: Mapping[str, Table], options: Options, scratch: Path) -> None:
        self.options = options
        self.seed = options.seed
        self.scratch = scratch
        planned = plan_schema(tables, options)
        self.columns: tuple[Column, ...] = planned.columns
        self._index = {column.name: i for i, column in enumerate(self.columns)}
        self.connection: duckdb.DuckDBPyConnection = connect(
            scratch, options.memory_limit, options.threads or None
        )
        self.population: Population | None = None  # what the groups are compared with beside the real table
        self._binnings: dict[str, Binning] = {}
        self._shared: dict[str, object] = {}
        self.series: TableSeries | None = None  # the tables that this one is the last of
        like = tuple(tables["real"].fields[i] for i in planned.fields["real"])
        coerced, parts = [], {}
        for role, table in tables.items():
            frame, found = typed_view(self.connection, table, self.columns, planned.fields[role], like)
            fields = tuple(table.fields[i] for i in planned.fields[role])
            parts[role] = CaseTable(role, table, frame, fields, self)
            if role == "synthetic":
                coerced = list(found)
        self.real, self.synthetic = parts["real"], parts["synthetic"]
        self.holdout: CaseTable | None = parts.get("holdout")
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
        refuse_unfit(population, column_names(sensitive), known)
        self.population = population

    def rng(self, stream: str) -> np.random.Generator:
        """A generator for one check, or for work that several share (`audit.case.streams`).

        So adding a check never changes another's numbers.
        """
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode())])

    def shared(self, name: str, make: Callable[[], T]) -> T:
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
    def protected_candidates(self) -> tuple[Candidate, ...]:
        """Columns without a role that look like protected attributes."""
        with self.connection.cursor() as aside:
            return suggest_candidates(find_candidates(self.real.table, aside), self.columns)

    @cached_property
    def distribution_columns(self) -> tuple[Column, ...]:
        """The columns that have a distribution: numbers, categories, dates."""
        return self.of_kind(*DISTRIBUTION_KINDS)

    @cached_property
    def _code_index(self) -> dict[str, int]:
        return {column.name: i for i, column in enumerate(self.distribution_columns)}

    def code_index(self, name: str) -> int:
        """Place of a column in the code matrix."""
        return self._code_index[name]

    def binning(self, name: str) -> Binning:
        """How a column is cut into cells: by the real table alone."""
        if name not in self._binnings:
            self._binnings[name] = make_binning(self.column(name), self.real.value_counts(name))
        return self._binnings[name]

    def tables(self) -> Iterator[CaseTable]:
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
        As `audit.case.schema.plan_schema`.
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


def column_names(columns: Iterable[Column]) -> tuple[str, ...]:
    """The names of columns."""
    return tuple(column.name for column in columns)
