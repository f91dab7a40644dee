"""Aggregates of two canonical tables that tell whether they can be laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from audit.load.engine import source
from audit.load.table import Stored, Table

SCALE = 1e-30  # of means: a sum of the largest numbers there are would overflow


@dataclass(frozen=True, slots=True)
class Copies:
    """Synthetic rows that equal a real row; different real rows."""

    copied: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Range:
    """Ends and mean of a column; dates as seconds since 1970. The mean is scaled by SCALE."""

    low: float
    high: float
    mean: float


def copies(
    connection: duckdb.DuckDBPyConnection, real: Table, synthetic: Table, columns: Sequence[tuple[str, str]]
) -> Copies:
    """Count rows that are equal in the given columns (names in the real and synthetic file)."""
    kinds = [_kind(real, one, synthetic, other) for one, other in columns]
    of_real = ", ".join(_value(one, kind) for (one, _), kind in zip(columns, kinds, strict=True))
    of_synthetic = ", ".join(_value(other, kind) for (_, other), kind in zip(columns, kinds, strict=True))
    row = connection.execute(
        f"""WITH real_rows AS (SELECT DISTINCT hash({of_real}) AS h FROM {source(real)})
        SELECT (SELECT count(*) FROM {source(synthetic)} WHERE hash({of_synthetic}) IN (SELECT h FROM real_rows)),
            (SELECT count(*) FROM real_rows)"""
    ).fetchone()
    return Copies(int(row[0]), int(row[1])) if row else Copies(0, 0)


def _kind(real: Table, one: str, synthetic: Table, other: str) -> str:
    stored = {real.fields[int(one[1:])].stored, synthetic.fields[int(other[1:])].stored}
    if len(stored) == 1:
        return ""
    return "DOUBLE" if stored <= {Stored.INTEGER, Stored.NUMBER} else "VARCHAR"


def _value(column: str, kind: str) -> str:
    return f"{column}::{kind}" if kind else column


def ranges(connection: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]) -> list[Range]:
    """Ends and mean of numeric and date columns."""
    values = []
    for column in columns:
        dated = table.fields[int(column[1:])].stored is Stored.DATE
        x = f"epoch({column})" if dated else column
        values.append(f"min({x})::DOUBLE, max({x})::DOUBLE, avg({x}::DOUBLE * {SCALE})")
    row = connection.execute(f"SELECT {', '.join(values)} FROM {source(table)}").fetchone() or ()
    ends = [float(value) if value is not None else 0.0 for value in row]
    return [Range(*ends[start : start + 3]) for start in range(0, len(ends), 3)]


def levels(
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
