"""The embedded engine: a DuckDB connection that reads one folder and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from audit.errors import OptionError
from audit.load.table import Table

if TYPE_CHECKING:
    import narwhals as nw


def literal(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def pattern(path: Path) -> str:
    """The path as an SQL string that stands for this file only, whatever its name holds."""
    return literal(_escaped(path))


def _escaped(path: Path) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def connect(
    scratch: Path, memory_limit: str = "4GB", threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an engine that can read and write inside `scratch` only.

    No other file, no network, no extension and no Python variable can be reached from SQL, and
    none of this can be changed later. What outgrows `memory_limit` spills into `scratch`.

    Parameters
    ----------
    scratch : an existing folder
    memory_limit : such as "4GB"
    threads : None for as many as there are cores

    Raises
    ------
    OptionError : the memory limit or the number of threads cannot be used
    """
    folder = scratch.resolve()
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET memory_limit = {literal(memory_limit)}")
        if threads is not None:
            connection.execute(f"SET threads = {int(threads)}")
    except duckdb.Error as error:
        connection.close()
        raise OptionError(
            f"The memory limit {memory_limit!r} with {threads!r} threads cannot be used.",
            "Write the memory as a number and a unit, such as 4GB, and at least one thread.",
        ) from error
    _lock(connection, folder)
    return connection


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    # The order matters: the folders first, then no access, and the lock last. What is asked for is
    # compared before signs of globs in it are resolved, so the folder is named in both writings.
    folders = ", ".join(literal(name) for name in dict.fromkeys((str(folder), _escaped(folder))))
    for setting in (
        f"temp_directory = {literal(str(folder / f'spill-{os.getpid()}'))}",
        "TimeZone = 'UTC'",
        f"allowed_directories = [{folders}]",
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "enable_progress_bar = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def scan(connection: duckdb.DuckDBPyConnection, table: Table) -> nw.LazyFrame[Any]:
    """The table as a lazy frame with columns c0 … and row; nothing is read yet.

    The connection must have been opened on the folder that holds the table.
    """
    import narwhals as nw

    return nw.from_native(connection.sql(f"SELECT * FROM {source(table)}"))


def source(table: Table) -> str:
    """The table as it stands after FROM in SQL."""
    return f"read_parquet({pattern(table.path.resolve())})"
