"""Writes the canonical Parquet file of a table and says what stands in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from audit.load.columns import InferredColumn
from audit.load.engine import pattern
from audit.load.table import Stored

_BIG = 2_000_000  # cells from which compression is worth its time
_DIGEST = 1 << 64


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A canonical file: rows, and a hash of its content that ignores the order of rows."""

    rows: int
    content_hash: str


def write_canonical(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    order: str,
    settled: Sequence[tuple[int, InferredColumn]],
    path: Path,
) -> WrittenTable:
    """Write columns c0 … and row.

    Parameters
    ----------
    table : holds the raw columns
    order : SQL of the row number, counted from 1, in `table`
    settled : for each stored column, the raw column's number and how it is stored
    path : of the file; inside the connection's folder

    Returns
    -------
    Written
    """
    values = [f"{one.value} AS c{new}" for new, (_, one) in enumerate(settled)]
    rows = _one(connection, f"SELECT count(*) FROM {table}")
    codec = "zstd" if rows * len(settled) > _BIG else "snappy"
    connection.execute(
        f"COPY (SELECT {', '.join(values)}, {order} AS row FROM {table}) "
        f"TO {pattern(path)} (FORMAT parquet, COMPRESSION {codec})"
    )
    return WrittenTable(rows, _content_hash(connection, [one for _, one in settled], path))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0] or 0) if row else 0


def _content_hash(
    connection: duckdb.DuckDBPyConnection, settled: Sequence[InferredColumn], path: Path
) -> str:
    # The sum of the rows' digests, modulo 2^64 in four parts, does not depend on their order.
    cells = ", ".join(f"coalesce({_as_text(new, one)}, chr(30))" for new, one in enumerate(settled))
    parts = ", ".join(f"sum(('0x' || substr(h, {1 + 16 * part}, 16))::UBIGINT)" for part in range(4))
    row = connection.execute(
        f"SELECT count(*), {parts} FROM (SELECT sha256(concat_ws(chr(31), {cells})) AS h "
        f"FROM read_parquet({pattern(path)}))"
    ).fetchone()
    names = "\x1f".join(one.field.name for one in settled)
    rest = "\x1f".join(str(int(value or 0) % _DIGEST) for value in row or ())
    return hashlib.sha256(f"{names}\x1e{rest}".encode()).hexdigest()


def _as_text(new: int, one: InferredColumn) -> str:
    return f"c{new}" if one.field.stored in (Stored.TEXT, Stored.EMPTY) else f"c{new}::VARCHAR"
