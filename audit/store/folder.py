"""One run on disk: which file lies where, and how it is written.

<runs>/<32 hex>/request.json     the options, as asked for
                progress.json    the step the worker is at, replaced whole
                uploads/<uuid>   the files to audit; gone when the run ends
                scratch/         the worker's own; gone when the run ends
                report.json …    when measured
                tables/<name>/report.json …    of each table alone, where several follow each other
                error.json       when it could not be
                worker.log, worker.lock
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import StoreError

RUN_ID = re.compile(r"[0-9a-f]{32}")
SECRETS = ("commitment", "commitment_secret", "salt")  # options that go with the rows; one is no use alone
PRIVATE = 0o700  # uploads are other people's data: only this user may look


def new_id() -> str:
    """A run id that nobody can guess: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether a text has the form of a run id."""
    return RUN_ID.fullmatch(text) is not None


def private_folder(path: Path) -> Path:
    """Make a folder that only this user can open."""
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {path.name!r} for runs cannot be made: {error.strerror}.",
            "Free some space or name another folder in the environment variable SDA_RUNS.",
        ) from error
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: readers see the old one until the new one stands."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"{path.name} cannot be written: {error.strerror}.",
            "Free some space on the disk, then try again.",
        ) from error


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run. The path need not exist yet."""

    path: Path

    @classmethod
    def for_run(cls, runs: Path, run_id: str) -> RunFolder:
        """The folder of a run id that came from outside; anything but 32 hex digits is refused."""
        path = (runs / run_id).resolve() if is_id(run_id) else runs
        if path == runs or not path.is_relative_to(runs.resolve()):
            raise StoreError("This run does not exist.", "Check the link, or start a new audit.")
        return cls(path)

    @property
    def id(self) -> str:
        """The run id."""
        return self.path.name

    @property
    def request(self) -> Path:
        """The options of the audit."""
        return self.path / "request.json"

    @property
    def report(self) -> Path:
        """The finished report."""
        return self.path / "report.json"

    def table(self, name: str) -> Path:
        """The folder with the report of one table of a series; refuses a name that leads elsewhere."""
        path = self.path / "tables" / name
        if not name or path.resolve().parent != (self.path / "tables").resolve():
            raise StoreError("This table is not part of the run.", "Choose one that the page names.")
        return path

    @property
    def lock(self) -> Path:
        """Held by the worker as long as it lives."""
        return self.path / "worker.lock"

    @property
    def log(self) -> Path:
        """What the worker said."""
        return self.path / "worker.log"

    @property
    def scratch(self) -> Path:
        """The worker's own folder, made on first use."""
        return private_folder(self.path / "scratch")

    @property
    def uploads(self) -> Path:
        """The files to audit, made on first use."""
        return private_folder(self.path / "uploads")

    def write_progress(self, progress: Mapping[str, Any]) -> None:
        """Say how far the run is."""
        write_whole(self.path / "progress.json", json.dumps(progress).encode())

    def progress(self) -> dict[str, Any]:
        """How far the run is; empty before the first step."""
        return _read_object(self.path / "progress.json")

    def write_error(self, error: Mapping[str, str]) -> None:
        """Say why there is no report: message, hint and, for a defect, its id."""
        write_whole(self.path / "error.json", json.dumps(error).encode())

    def error(self) -> dict[str, Any]:
        """Why there is no report; empty where nothing was said."""
        return _read_object(self.path / "error.json")

    def clear(self) -> None:
        """Delete what holds rows of people: the uploads, the scratch and secrets that rows can be tested with."""
        shutil.rmtree(self.path / "uploads", ignore_errors=True)
        shutil.rmtree(self.path / "scratch", ignore_errors=True)
        asked = _read_object(self.request)
        if any(map(asked.get, SECRETS)):
            left = {name: value for name, value in asked.items() if name not in SECRETS}
            write_whole(self.request, json.dumps(left, indent=1, sort_keys=True).encode())


def _read_object(path: Path) -> dict[str, Any]:
    """A small JSON object that another process may be about to write."""
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
