"""Runs in every state, in a folder of their own, with a report built by hand."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit.declare.options import Options
from audit.model import Report
from audit.render import write_reports
from audit.store import Runs, State
from tests.render.example import build

OWNER = "someone"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """A store whose queue never starts a worker."""
    monkeypatch.setenv("SDA_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("SDA_WORKERS", "0")
    return Runs(tmp_path / "runs")


@pytest.fixture
def submit(store: Runs) -> Callable[..., str]:
    def submit(key: str = "key", **options: str) -> str:
        names = {"real": "real.csv", "synthetic": "synthetic.csv"}
        asked = Options(real="r.csv", synthetic="s.csv", names=names, **options)  # type: ignore[arg-type]
        return store.submit(asked, OWNER, {}, key)

    return submit


@pytest.fixture
def done(store: Runs, submit: Callable[..., str]) -> Callable[..., str]:
    """A finished run with the example report, or another one."""

    def done(report: Report | None = None) -> str:
        run_id = submit()
        report = replace(report or build(), id=run_id)
        write_reports(report, store.folder_of(run_id).path)
        store.finish(run_id, report)
        return run_id

    return done


@pytest.fixture
def in_state(
    store: Runs, submit: Callable[..., str], done: Callable[..., str]
) -> Iterator[Callable[[str], str]]:
    """The id of a run in a state; "none" gives no id and "unknown" one that nobody made."""
    held = []

    def make(state: str) -> str:
        if state in ("none", "unknown"):
            return "" if state == "none" else "f" * 32
        if state == State.DONE:
            return done()
        run_id = submit()
        folder = store.folder_of(run_id)
        if state == State.FAILED:
            folder.write_error({"message": "The file <b>x</b> is empty.", "hint": "Give a file with rows."})
            store.fail(run_id)
        elif state == State.CANCELLED:
            store.cancel(run_id, OWNER)
        elif state in (State.RUNNING, State.INTERRUPTED):
            if state == State.RUNNING:
                lock = folder.lock.open("w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                held.append(lock)
                progress = {
                    "step": 3,
                    "steps": 20,
                    "label": "column shapes",
                    "partial": {"pass": 9, "warn": 2, "fail": 1},
                    "elapsed": 4.0,
                }
                folder.write_progress(progress)
            store._change(run_id, state=State.RUNNING.value)
        return run_id

    yield make
    for lock in held:
        lock.close()
