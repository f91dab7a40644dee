"""From raw columns in the engine to a canonical table with facts and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from audit.load.canonical import write_canonical
from audit.load.column_notices import remark_cells, remark_left, remark_names
from audit.load.columns import InferredColumn, infer_type
from audit.load.limits import Limits
from audit.load.names import make_usable
from audit.load.notes import Notes
from audit.load.table import Stored, Table
from audit.load.types import keep_type, text_columns
from audit.model import TableFacts

RAW = "raw"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Where a table came from: the file's name, size and hash."""

    name: str
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """What a reader leaves in the engine: the table `raw` with columns c0 …, in order.

    names : of the columns, as written
    format : such as "csv" or "parquet"
    assumed : what was guessed about the file
    left : columns of the file that are not read because of their type, already said
    """

    names: Sequence[str]
    format: str
    assumed: Mapping[str, Any] = field(default_factory=dict)
    left: int = 0


def assemble(
    connection: duckdb.DuckDBPyConnection,
    raw: Raw,
    origin: SourceFile,
    notes: Notes,
    path: Path,
    limits: Limits,
    known: Mapping[str, str] | None = None,
) -> Table:
    """Decide every column, write the canonical file and say what was noticed.

    Parameters
    ----------
    connection : holds the table `raw`, which is dropped
    path : of the canonical file to write
    known : readings of the real table by column name

    Raises
    ------
    InputError, LimitError : no rows, no values, or more than a limit
    """
    types = _types(connection)
    _check_size(connection, notes, limits, len(types))
    renamed = make_usable(raw.names)
    settled, left = keep_type(connection, RAW, types, renamed.names)
    settled |= infer_type(connection, RAW, text_columns(types), renamed.names, known or {})
    _check_values(notes, list(settled.values()), limits)
    order = sorted(settled)
    written = write_canonical(
        connection, RAW, "row_number() OVER ()", [(number, settled[number]) for number in order], path
    )
    connection.execute(f"DROP TABLE {RAW}")
    stored = [settled[number] for number in order]
    remark_names(notes, renamed)
    remark_left(notes, left)
    remark_cells(notes, stored)
    facts = TableFacts(
        name=origin.name,
        rows=written.rows,
        columns=len(stored) + len(left) + raw.left,
        bytes=origin.bytes,
        sha256=origin.sha256 or written.content_hash,
        content_hash=written.content_hash,
        format=raw.format,
        assumed=dict(raw.assumed),
    )
    return Table(path, facts, tuple(one.field for one in stored), tuple(notes.notices))


def _types(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(f"DESCRIBE {RAW}").fetchall()
    return [str(row[1]) for row in rows]


def _check_size(connection: duckdb.DuckDBPyConnection, notes: Notes, limits: Limits, columns: int) -> None:
    row = connection.execute(f"SELECT count(*) FROM {RAW}").fetchone()
    rows = int(row[0]) if row else 0
    if rows == 0:
        raise notes.refuse("the table has no rows, only column names.", "Write data below the header.")
    if rows > limits.rows:
        raise notes.too_large(
            f"{rows:,} rows are more than the limit of {limits.rows:,}.", "Audit a random sample of the rows."
        )
    check_columns(notes, limits, columns)


def check_columns(notes: Notes, limits: Limits, columns: int) -> None:
    """Refuse more columns than the limit."""
    if columns > limits.columns:
        raise notes.too_large(
            f"{columns:,} columns are more than the limit of {limits.columns:,}.",
            "Keep the columns that matter.",
            where="header",
        )


def _check_values(notes: Notes, settled: Sequence[InferredColumn], limits: Limits) -> None:
    if not settled:
        raise notes.refuse(
            "no column holds values that can be audited.", "Store plain numbers, dates and text."
        )
    if all(one.field.stored is Stored.EMPTY for one in settled):
        raise notes.refuse("the table holds no values, every cell is empty.", "Check what wrote the file.")
    texts = [one for one in settled if one.field.stored is Stored.TEXT]
    longest = max(texts or settled, key=lambda one: one.field.longest).field
    if longest.longest > limits.cell_characters:
        raise notes.too_large(
            f"a cell of {longest.longest:,} characters is above the limit of {limits.cell_characters:,}.",
            "Leave the column out.",
            where=f"column '{longest.name}'",
        )
