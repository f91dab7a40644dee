"""Starts the parsing process and turns whatever becomes of it into tables or errors."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.errors import InputError, LimitError
from audit.load.decompress import look_into
from audit.load.limits import Limits
from audit.load.names import message_text
from audit.load.notes import Notes
from audit.load.table import Table

_LOG = logging.getLogger(__name__)
_PACKAGE = Path(__file__).resolve().parents[2]


def load_files(
    sources: Mapping[str, Path | str],
    scratch: Path,
    limits: Limits | None = None,
    names: Mapping[str, str] | None = None,
    readings: Mapping[str, str] | None = None,
) -> dict[str, Table]:
    """Load files into canonical tables, in one child process with limits.

    Parameters
    ----------
    sources : path by role ("real", "synthetic", "holdout")
    scratch : an existing folder, which receives the canonical files
    limits : None for the defaults
    names : display names by role; only ever shown. None for the files' own names
    readings : what to use instead of guesses: "encoding", "delimiter", "quote", "header"
        ("yes" or "no"), "sheet"

    Returns
    -------
    dict from role to Table, in the order of `sources`

    Raises
    ------
    InputError : a file is missing, damaged, no table, or stops its reader
    LimitError : a file is larger than a limit
    """
    look_at_files(sources, limits, names)
    with loading(sources, scratch, limits, names, readings) as reading:
        return reading.tables()


def look_at_files(
    sources: Mapping[str, Path | str], limits: Limits | None = None, names: Mapping[str, str] | None = None
) -> None:
    """Refuse at once what is missing, too large, or no table by its first bytes; raises as `load_files`."""
    shown_names = _names(sources, names)
    for role, path in sources.items():
        _refuse_address(role, str(path))
        look_into(Path(path), limits or Limits(), Notes(role, shown_names[role]))


def _names(sources: Mapping[str, Path | str], names: Mapping[str, str] | None) -> dict[str, str]:
    return {role: (names or {}).get(role) or Path(path).name for role, path in sources.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """Files that another process reads."""

    child: subprocess.Popen[bytes]
    folder: Path
    names: Mapping[str, str]
    limits: Limits

    def going(self) -> bool:
        """Whether the files are still being read, or were read without a refusal."""
        return self.child.poll() is None or all(
            _without_error(self.folder / f"{role}.json") for role in self.names
        )

    def tables(self) -> dict[str, Table]:
        """Wait for the tables; raises as `load_files`."""
        try:
            ended: int | None = self.child.wait(self.limits.seconds)
        except subprocess.TimeoutExpired:
            ended = None
        return _collect(self.folder, self.names, self.limits, ended)


def _without_error(path: Path) -> bool:
    return path.exists() and "error" not in json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def loading(
    sources: Mapping[str, Path | str],
    scratch: Path,
    limits: Limits | None = None,
    names: Mapping[str, str] | None = None,
    readings: Mapping[str, str] | None = None,
) -> Iterator[Reading]:
    """Start to load files as `load_files` does, to do something else meanwhile; leaving ends the process."""
    limits = limits or Limits()
    shown_names = _names(sources, names)
    folder = scratch.resolve()
    files = [
        {
            "role": role,
            "path": str(Path(path).absolute()),
            "name": shown_names[role],
            "readings": dict(readings or {}),
        }
        for role, path in sources.items()
    ]
    (folder / "job.json").write_text(
        json.dumps({"limits": limits.to_dict(), "files": files}), encoding="utf-8"
    )
    for role in sources:
        (folder / f"{role}.json").unlink(missing_ok=True)
    child = _start(folder)
    try:
        yield Reading(child, folder, shown_names, limits)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def _refuse_address(role: str, source: str) -> None:
    """Refuse a URL before it is taken for a path; never shown whole, it may hold a password."""
    scheme = re.match(r"([a-z][a-z0-9+.]{2,}):/", source)
    if scheme and not Path(source).exists():
        raise InputError(
            f"The {role} table: addresses such as {scheme[1]}: are not read by this version, only files.",
            "Export the table, best as parquet, and give its path.",
            where=role,
        )


def _start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_PACKAGE),
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_IO_THREADS": "1",
        "TMPDIR": str(folder),
    }
    with (folder / "load.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "audit.load.child", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=folder,
        )


def _collect(folder: Path, names: Mapping[str, str], limits: Limits, ended: int | None) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for role, name in names.items():
        path = folder / f"{role}.json"
        if not path.exists():
            raise _stopped(folder, role, message_text(name), limits, ended)
        told = json.loads(path.read_text(encoding="utf-8"))
        if "error" in told:
            raise _told_error(told["error"])
        tables[role] = Table.from_plain(told["table"])
    return tables


def _told_error(told: Mapping[str, str]) -> InputError:
    kind = LimitError if told["kind"] == "limit" else InputError
    return kind(told["message"], told["hint"], where=told["where"])


def _stopped(folder: Path, role: str, name: str, limits: Limits, ended: int | None) -> InputError:
    """What to say of a child that ended without a word about this file."""
    log = (folder / "load.log").read_text(encoding="utf-8", errors="replace").strip()
    _LOG.warning("loading %s ended with %s: %s", role, ended, _places(log))
    if ended is None or ended == -signal.SIGXCPU:
        return LimitError(
            f"{name}: reading the file took longer than the limit of {limits.seconds} seconds.",
            "Audit a sample of the rows.",
            where=role,
        )
    last = next(
        (line for line in reversed(log.splitlines()) if re.match(r"[\w.]+(Error|Exception)\b", line)), ""
    )
    if "MemoryError" in last or "bad_alloc" in log or ended == -signal.SIGKILL:
        return LimitError(
            f"{name}: reading the file needs more memory than there is.",
            "Audit a sample of the rows.",
            where=role,
        )
    how = signal.Signals(-ended).name if ended < 0 else last.split(":")[0].rpartition(".")[2][:40]
    return InputError(
        f"{name}: the file is damaged or written in a way that stops its reader ({how}).",
        "Save it again, best as csv or parquet.",
        where=role,
    )


def _places(log: str) -> str:
    """Where a traceback went through; not what it says, which may hold a person's values."""
    frames = re.findall(r'File "[^"]*?([\w.]+)", line (\d+)', log)
    return " > ".join(f"{name}:{line}" for name, line in frames[-6:])
