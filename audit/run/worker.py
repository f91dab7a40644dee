"""One audit in one process: python -m audit.run.worker RUN_DIR.

Reads RUN_DIR/request.json, writes progress.json after every step and the report files, or
error.json, at the end. The app starts it in a process group of its own, so that cancelling
ends it with everything it started; started by hand it does the same without an app.

    python -m audit.run.worker --look REQUEST.json

loads and aligns only, for the page where an audit is set up, and prints one JSON object; so does

    python -m audit.run.worker --rows -

for some rows of one file, with the request on stdin.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from audit.declare.options import Options
from audit.errors import AuditError, LimitError
from audit.model import Report
from audit.store import RunFolder, Runs, State

SECONDS_VARIABLE = "SDA_RUN_SECONDS"
DEFAULT_SECONDS = 3600
FIRST_SHARE = 0.4  # of the steps; before that an estimate of the time would be a guess
log = logging.getLogger("audit.run.worker")


def main(arguments: Sequence[str]) -> int:
    """Run the audit of a run folder, or look at files; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    if len(arguments) == 2 and arguments[0] == "--look":
        return preview(Path(arguments[1]))
    if list(arguments) == ["--rows", "-"]:
        return show_rows(sys.stdin.read())
    if len(arguments) != 1 or not (Path(arguments[0]) / "request.json").is_file():
        log.error("Give one run folder that holds request.json: python -m audit.run.worker RUN_DIR")
        return 2
    folder = RunFolder(Path(arguments[0]).resolve())
    runs = Runs(folder.path.parent)
    run = runs.get(folder.id)
    if run is not None and run.state in (State.CANCELLED, State.DONE):
        return 0
    _live_modestly(folder, runs)
    sys.excepthook = _DefectHook(folder, runs)
    try:
        return _audit(folder, runs)
    finally:
        folder.clear()


def preview(request: Path) -> int:
    """Load and align what a request names; prints the object of `preflight --json`."""
    from audit.run.preflight import preflight

    options = Options.from_json(request.read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(preflight(options, guess=True), allow_nan=False))
    return 0


def show_rows(request: str) -> int:
    """Print some rows of one file as JSON; the request, JSON too, names the file and the rows."""
    from audit.run.excerpt import excerpt

    asked = json.loads(request)
    try:
        told = excerpt(Path(asked["file"]), asked["rows"])
    except AuditError as error:
        told = {"error": str(error)}
    sys.stdout.write(json.dumps(told, allow_nan=False))
    return 0


def _audit(folder: RunFolder, runs: Runs) -> int:
    from audit.render import write_reports

    tell = _Teller(folder)
    try:
        options = Options.from_json(folder.request.read_text(encoding="utf-8"))
        for table, report in _reports(options, folder, tell):
            if table:
                write_reports(report, folder.table(table), folder.scratch)
                continue
            report = replace(report, id=folder.id)
            write_reports(report, folder.path, None if options.series else folder.scratch)
            runs.finish(folder.id, report)
            tell.measured(report)
    except AuditError as error:
        return _refused(folder, runs, error)
    tell.over()
    return 0


def _reports(options: Options, folder: RunFolder, on_step: _Teller) -> Iterator[tuple[str, Report]]:
    """Reports as they come, each with the name of its table where it is about one of a series."""
    from audit.run.run import run_audit
    from audit.run.series_run import run_series

    if options.series:
        yield from run_series(options, folder.scratch, on_step)
        return
    for report in run_audit(options, folder.scratch, on_step):
        yield "", report


def _refused(folder: RunFolder, runs: Runs, error: AuditError) -> int:
    """The input cannot be audited: say so in the words of the error."""
    log.warning("refused: %s", type(error).__name__)
    said = {"message": error.message, "hint": error.hint, "where": getattr(error, "where", "")}
    folder.write_error(said)
    if not folder.report.is_file():
        runs.fail(folder.id)
    return 2


class _Teller:
    """Writes progress.json: the steps, the time left and what was found so far."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._started = time.monotonic()
        self._last: dict[str, Any] = {}
        self._beside = False

    def __call__(self, progress: Any) -> None:
        elapsed = time.monotonic() - self._started
        done, steps = progress.step, max(progress.steps, 1)
        left = elapsed / done * (steps - done) if done >= FIRST_SHARE * steps else None
        times = {"elapsed": round(elapsed, 1), "left": left, "written": time.time()}
        self._last = {**asdict(progress), **times, "beside": self._beside}
        self._folder.write_progress(self._last)

    def measured(self, report: Report) -> None:
        """The report stands; a second opinion may still come."""
        log.info("measured: %d checks, verdict %s", len(report.results), report.verdict.grade.value)
        self._beside = True
        self._folder.write_progress({**self._last, "left": 0.0, "beside": True})

    def over(self) -> None:
        """Nothing more will come."""
        self._folder.write_progress({**self._last, "left": 0.0, "beside": False})


class _DefectHook:
    """What nobody expected: an id for the reader, the place (never a value) for the log."""

    def __init__(self, folder: RunFolder, runs: Runs) -> None:
        self._folder, self._runs = folder, runs

    def __call__(self, kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
        mark = secrets.token_hex(4)
        log.error("defect %s: %s\n%s", mark, kind.__name__, "".join(traceback.format_tb(trace)))
        if kind is MemoryError:
            message = "The audit needed more memory than it may use."
            hint = "Audit a sample of the rows, or raise the memory limit."
        else:
            message = f"This program failed (id {mark}). Your data may be fine."
            hint = "Send the id to whoever runs this server; the log of the run holds the place."
        self._folder.write_error({"message": message, "hint": hint, "id": mark})
        if not self._folder.report.is_file():
            self._runs.fail(self._folder.id)


def _live_modestly(folder: RunFolder, runs: Runs) -> None:
    """Be nice to the machine, end after the longest time allowed, hold the lock of the run."""
    os.nice(10)
    seconds = int(os.environ.get(SECONDS_VARIABLE) or DEFAULT_SECONDS)

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        # not raised: whoever guards a check against defects would take it for one
        _refused(
            folder,
            runs,
            LimitError(
                f"The audit took longer than the {seconds} seconds allowed.", "Audit a sample of the rows."
            ),
        )
        folder.clear()
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(2)

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    descriptor = os.open(folder.lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)  # the starter took it for us


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
