"""Aggregates of two canonical tables that tell whether they can be laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from audit.load.engine import source
from audit.load.table import Stored, Table

WIDE = 200  # columns from which one query over cells is quicker than an aggregate a column
SCALE = 1e-30  # of means: a sum of the largest numbers there are would overflow


@dataclass(frozen=True, slots=True)
class CopyCounts:
    """Synthetic rows that equal a real row; different real rows."""

    copied: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Range:
    """Ends and mean of a column; dates as seconds since 1970. The mean is scaled by SCALE."""

    low: float
    high: float
    mean: float


def count_copies(
    connection: duckdb.DuckDBPyConnection, real: Table, synthetic: Table, columns: Sequence[tuple[str, str]]
) -> CopyCounts:
    """Count rows that are equal in the given columns (names in the real and synthetic file)."""
    kinds = [_kind(real, one, synthetic, other) for one, other in columns]
    of_real = ", ".join(_value(one, kind) for (one, _), kind in zip(columns, kinds, strict=True))
    of_synthetic = ", ".join(_value(other, kind) for (_, other), kind in zip(columns, kinds, strict=True))
    row = connection.execute(
        f"""WITH real_rows AS (SELECT DISTINCT hash({of_real}) AS h FROM {source(real)})
        SELECT (SELECT count(*) FROM {source(synthetic)} WHERE hash({of_synthetic}) IN (SELECT h FROM real_rows)),
            (SELECT count(*) FROM real_rows)"""
    ).fetchone()
    return CopyCounts(int(row[0]), int(row[1])) if row else CopyCounts(0, 0)


def _kind(real: Table, one: str, synthetic: Table, other: str) -> str:
    stored = {real.fields[int(one[1:])].stored, synthetic.fields[int(other[1:])].stored}
    if len(stored) == 1:
        return ""
    return "DOUBLE" if stored <= {Stored.INTEGER, Stored.NUMBER} else "VARCHAR"


def _value(column: str, kind: str) -> str:
    return f"{column}::{kind}" if kind else column


def column_ranges(connection: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]) -> list[Range]:
    """Ends and mean of numeric and date columns."""
    values = [_number(table, column) for column in columns]
    if len(columns) > WIDE:
        listed = ", ".join(values)
        cells = (
            f"SELECT generate_subscripts([{listed}], 1) AS col, unnest([{listed}]) AS x FROM {source(table)}"
        )
        query = f"SELECT min(x), max(x), avg(x * {SCALE}) FROM ({cells}) GROUP BY col ORDER BY col"
        rows = connection.execute(query).fetchall()
    else:
        ends = ", ".join(f"min({x}), max({x}), avg({x} * {SCALE})" for x in values)
        row = connection.execute(f"SELECT {ends} FROM {source(table)}").fetchone() or ()
        rows = [row[start : start + 3] for start in range(0, len(row), 3)]
    return [Range(*(float(value or 0.0) for value in row)) for row in rows]


def _number(table: Table, column: str) -> str:
    dated = table.fields[int(column[1:])].stored is Stored.DATE
    return f"epoch({column})::DOUBLE" if dated else f"{column}::DOUBLE"


def category_counts(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]
) -> list[dict[str, int]]:
    """Values of text columns with their counts."""
    query = " UNION ALL ".join(
        f"SELECT {number}, {column}, count(*) FROM {source(table)} WHERE {column} IS NOT NULL GROUP BY {column}"
        for number, column in enumerate(columns)
    )
    found: list[dict[str, int]] = [{} for _ in columns]
    for number, value, count in connection.execute(query).fetchall():
        found[number][value] = int(count)
    return found
