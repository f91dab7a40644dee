"""Small files that tests write, read in this process; and what then stands in the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit.load.child import load
from audit.load.limits import Limits
from audit.load.notes import Notes
from audit.load.table import Table

Reader = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Writes the bytes as a file of that name and loads it as the real table."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def write_and_load(body: bytes | str, name: str = "real.csv", **limits: Any) -> Table:
        given = limits.pop("given", {})
        known = limits.pop("known", {})
        path = tmp_path / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return load(path, scratch, Notes("real", name), Limits(**limits), given, known)

    return write_and_load


def rows(table: Table) -> list[tuple[Any, ...]]:
    """The stored rows, in order, without the row number."""
    connection = duckdb.connect()
    try:
        found = connection.execute("SELECT * FROM read_parquet(?) ORDER BY row", [str(table.path)]).fetchall()
    finally:
        connection.close()
    return [row[:-1] for row in found]


def column(table: Table, name: str) -> list[Any]:
    """The stored values of one column."""
    number = [field.name for field in table.fields].index(name)
    return [row[number] for row in rows(table)]


def said(table: Table) -> list[str]:
    """The notices as "level: text"."""
    return [f"{notice.level.value}: {notice.text}" for notice in table.notices]


def warned(table: Table) -> list[str]:
    """The texts of the warnings."""
    return [notice.text for notice in table.notices if notice.level.value == "warning"]
