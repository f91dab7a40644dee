"""The process in which files are parsed: python -m audit.load.child FOLDER.

It reads `job.json` in its folder, limits itself, and for each file writes `<role>.parquet` and
`<role>.json`. Whatever happens to it, the parent learns from `at.json` which file it was at.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from audit.errors import InputError, LimitError
from audit.load.assembly import Raw, SourceFile, assemble
from audit.load.decompress import UnpackedFile, unpack
from audit.load.engine import connect
from audit.load.file_type import Shape
from audit.load.lifeline import end_with_parent
from audit.load.limits import Limits
from audit.load.notes import Notes
from audit.load.table import Stored, Table


def main(arguments: list[str]) -> int:
    """Load every file of the job; stop at the first that cannot be used."""
    folder = Path(arguments[0])
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    limits = Limits.from_dict(job["limits"])
    _limit(limits)
    known: dict[str, str] = {}
    for file in job["files"]:
        notes = Notes(file["role"], file["name"])
        _write(folder / "at.json", {"role": notes.role})
        try:
            table = load(Path(file["path"]), folder, notes, limits, file["readings"], known)
        except InputError as error:
            _write(folder / f"{notes.role}.json", {"error": _error(error)})
            return 0
        except (MemoryError, duckdb.OutOfMemoryException):
            large = notes.too_large(
                "the table needs more memory than the limit.", "Audit a sample of the rows."
            )
            _write(folder / f"{notes.role}.json", {"error": _error(large)})
            return 0
        known = known or {field.name: field.reading for field in table.fields if field.stored is Stored.DATE}
        _write(folder / f"{notes.role}.json", {"table": table.to_plain()})
    return 0


def _limit(limits: Limits) -> None:
    """Give up, before anything is parsed, what parsing does not need."""
    end_with_parent()
    os.nice(limits.nice)
    seconds = limits.seconds * (os.cpu_count() or 1)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 4 * limits.unpacked_bytes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def load(
    path: Path,
    folder: Path,
    notes: Notes,
    limits: Limits,
    given: Mapping[str, str],
    known: Mapping[str, str],
) -> Table:
    """Load one file in this process.

    Parameters
    ----------
    given : readings to use instead of guesses
    known : date readings of the real table by column name, to settle what is ambiguous

    Raises
    ------
    InputError, LimitError
    """
    unpacked = unpack(path, folder, limits, notes)
    connection = connect(folder, limits.engine_memory)
    try:
        raw = _read(connection, unpacked, folder, notes, limits, given)
        if unpacked.packing:
            raw = replace(raw, format=f"{raw.format}.{unpacked.packing}")
        origin = SourceFile(notes.name, unpacked.stored, unpacked.sha256)
        return assemble(connection, raw, origin, notes, folder / f"{notes.role}.parquet", limits, known)
    finally:
        connection.close()
        if unpacked.packing:
            unpacked.path.unlink(missing_ok=True)


def _read(
    connection: duckdb.DuckDBPyConnection,
    unpacked: UnpackedFile,
    folder: Path,
    notes: Notes,
    limits: Limits,
    given: Mapping[str, str],
) -> Raw:
    # Each format is imported only where it is needed: the start of this process is waited for.
    path = unpacked.path
    if unpacked.shape is Shape.TEXT:
        from audit.load.delimited import read_delimited

        return read_delimited(connection, path, folder, notes, limits, given)
    if unpacked.shape is Shape.PARQUET:
        from audit.load.parquet import read_parquet

        return read_parquet(connection, path, notes, limits)
    if unpacked.shape in (Shape.ARROW, Shape.ARROW_STREAM):
        from audit.load.arrow import read_arrow

        return read_arrow(connection, path, notes, limits, stream=unpacked.shape is Shape.ARROW_STREAM)
    if unpacked.shape is Shape.JSON:
        from audit.load.records import read_json

        return read_json(connection, path, folder, notes, limits, given)
    from audit.load.workbook import read_workbook

    return read_workbook(connection, path, notes, limits, given)


def _error(error: InputError) -> dict[str, Any]:
    kind = "limit" if isinstance(error, LimitError) else "input"
    return {"kind": kind, "message": error.message, "hint": error.hint, "where": error.where}


def _write(path: Path, value: Any) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, allow_nan=False), encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
