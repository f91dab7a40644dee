"""Columns that come with a type, from Parquet, Arrow or data frames, and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from audit.load.columns import InferredColumn
from audit.load.table import Field, Stored

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_WIDE = {"UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM", "VARINT"}
_FLOATS = {"FLOAT", "DOUBLE"}
_DATES = ("DATE", "TIMESTAMP")
_WHOLE = 9007199254740992  # beyond, not every whole number can be held by a float


@dataclass(frozen=True, slots=True)
class UnreadColumn:
    """A column that cannot be audited, and why, as the end of a sentence."""

    name: str
    why: str


def text_columns(types: Sequence[str]) -> list[int]:
    """Numbers of the columns that hold text and are settled by their cells."""
    return [number for number, kind in enumerate(types) if kind == "VARCHAR"]


def keep_type(
    connection: duckdb.DuckDBPyConnection, table: str, types: Sequence[str], names: Sequence[str]
) -> tuple[dict[int, InferredColumn], list[UnreadColumn]]:
    """Decide every column that has a type.

    Parameters
    ----------
    types : DuckDB's names of the types of all columns
    names : of all columns

    Returns
    -------
    dict from column number to Settled, and the columns that are left out
    """
    settled: dict[int, InferredColumn] = {}
    left: list[UnreadColumn] = []
    for number, kind in enumerate(types):
        if kind == "VARCHAR":
            continue
        one = _settle(connection, table, number, kind, names[number])
        if isinstance(one, UnreadColumn):
            left.append(one)
        else:
            settled[number] = one
    return settled, left


def _unsupported(name: str, kind: str) -> UnreadColumn:
    return UnreadColumn(name, f"the type {_in_words(kind)} is not supported; store plain values to audit it.")


def _in_words(kind: str) -> str:
    if kind == "BLOB":
        return "binary"
    if kind.startswith("MAP"):
        return "nested map"
    if kind.endswith("]"):
        return "nested list"
    return "nested record" if kind.startswith("STRUCT") else kind.lower()


def _settle(
    connection: duckdb.DuckDBPyConnection, table: str, number: int, kind: str, name: str
) -> InferredColumn | UnreadColumn:
    column = f"c{number}"
    if kind in _INTEGERS:
        return _counted(connection, table, f"{column}::BIGINT", name, Stored.INTEGER, kind)
    if kind in _WIDE:
        return _wide(connection, table, column, name, kind)
    if kind in _FLOATS or kind.startswith("DECIMAL"):
        return _float(connection, table, column, name, kind)
    if kind == "BOOLEAN":
        return _counted(connection, table, column, name, Stored.BOOLEAN, kind)
    if kind == "TIMESTAMP WITH TIME ZONE":
        found = _counted(connection, table, f"{column} AT TIME ZONE 'UTC'", name, Stored.DATE, kind)
        return replace(found, field=replace(found.field, reading="time zone to UTC"))
    if kind.startswith(_DATES):
        return _counted(connection, table, f"{column}::TIMESTAMP", name, Stored.DATE, kind)
    return _other(connection, table, column, name, kind)


def _other(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, name: str, kind: str
) -> InferredColumn | UnreadColumn:
    if kind.startswith("TIME") or kind == "UUID" or kind.startswith("ENUM"):
        return _counted(connection, table, f"{column}::VARCHAR", name, Stored.TEXT, kind)
    if kind == "INTERVAL":
        found = _float(connection, table, f"epoch({column})", name, kind)
        return replace(found, field=replace(found.field, reading="duration in seconds"))
    if kind in ("NULL", '"NULL"'):
        return InferredColumn(
            Field(name, Stored.EMPTY, _rows(connection, table)), "NULL::VARCHAR", typed=kind
        )
    if kind.endswith("]") and kind.count("[") == 1 and kind.split("[")[0] in _FLOATS:
        return _vector(connection, table, column, name, kind)
    return _unsupported(name, kind)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, value: str, name: str, stored: Stored, kind: str
) -> InferredColumn:
    size = f"length({value})" if stored is Stored.TEXT else "0"
    row = connection.execute(
        f"SELECT count(*) - count(v), count(DISTINCT v), min(s), max(s) "
        f"FROM (SELECT {value} AS v, {size} AS s FROM {table})"
    ).fetchone()
    missing, distinct, shortest, longest = (int(x or 0) for x in row or (0, 0, 0, 0))
    if distinct == 0:
        return InferredColumn(Field(name, Stored.EMPTY, missing), "NULL::VARCHAR", typed=kind)
    written = _rows(connection, table) - missing if stored is Stored.INTEGER else 0
    found = Field(
        name, stored, missing, distinct, integer_written=written, shortest=shortest, longest=longest
    )
    return InferredColumn(found, value, typed=kind)


def _wide(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, name: str, kind: str
) -> InferredColumn:
    row = connection.execute(
        f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND TRY_CAST({column} AS BIGINT) IS NULL"
    ).fetchone()
    if row and row[0]:
        found = _counted(connection, table, f"{column}::VARCHAR", name, Stored.TEXT, kind)
        return replace(found, why="beyond 64 bit")
    return _counted(connection, table, f"TRY_CAST({column} AS BIGINT)", name, Stored.INTEGER, kind)


def _float(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, name: str, kind: str
) -> InferredColumn:
    row = connection.execute(
        f"""SELECT count(*), count(*) FILTER (x IS NULL), count(*) FILTER (NOT isfinite(x)),
            count(*) FILTER (isinf(x)), count(DISTINCT x) FILTER (isfinite(x)),
            count(*) FILTER (isfinite(x) AND (x <> floor(x) OR abs(x) > {_WHOLE}))
        FROM (SELECT {column}::DOUBLE AS x FROM {table})"""
    ).fetchone()
    rows, absent, nonfinite, infinite, distinct, fractional = row or (0, 0, 0, 0, 0, 0)
    missing = absent + nonfinite
    if distinct == 0:
        return InferredColumn(
            Field(name, Stored.EMPTY, missing, nonfinite=nonfinite),
            "NULL::VARCHAR",
            typed=kind,
            infinite=infinite,
        )
    if kind.startswith("DECIMAL") and kind.endswith(",0)") and fractional:
        found = _counted(connection, table, f"{column}::VARCHAR", name, Stored.TEXT, kind)
        return replace(found, why="beyond 64 bit")
    stored, sql_type = (Stored.NUMBER, "DOUBLE") if fractional else (Stored.INTEGER, "BIGINT")
    finite = f"CASE WHEN isfinite({column}::DOUBLE) THEN {column} END" if nonfinite else column
    found_field = Field(name, stored, missing, distinct, decimal_written=rows - missing, nonfinite=nonfinite)
    return InferredColumn(found_field, f"({finite})::{sql_type}", typed=kind, infinite=infinite)


def _vector(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, name: str, kind: str
) -> InferredColumn | UnreadColumn:
    """Lists of one length without gaps, such as embeddings; others have no distance between them."""
    row = connection.execute(
        f"""SELECT count(*) - count(l), min(len(l)), max(len(l)), count(DISTINCT l),
            count(*) FILTER (len(list_filter(l, lambda x: x IS NULL OR NOT isfinite(x))) > 0)
        FROM (SELECT {column}::DOUBLE[] AS l FROM {table})"""
    ).fetchone()
    missing, shortest, longest, distinct, holes = (int(x or 0) for x in row or (0, 0, 0, 0, 0))
    if distinct == 0:
        return InferredColumn(Field(name, Stored.EMPTY, missing), "NULL::VARCHAR", typed=kind)
    if shortest != longest:
        return UnreadColumn(
            name, f"lists of {shortest:,} to {longest:,} numbers; only lists of one length can be audited."
        )
    if longest < 2:
        return UnreadColumn(name, "lists of fewer than 2 numbers; store plain values to audit it.")
    if holes:
        return UnreadColumn(
            name, f"{holes:,} lists hold gaps, NaN or infinite numbers; mend them or leave these cells empty."
        )
    found = Field(name, Stored.VECTOR, missing, distinct, shortest=shortest, longest=longest)
    return InferredColumn(found, f"{column}::DOUBLE[]", typed=kind)
