"""The runs of this server: an index in a database, a folder each, one worker at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, delete, event, func, insert, select, update
from sqlalchemy.exc import OperationalError

from audit.declare.options import Options, step_role
from audit.errors import StoreError
from audit.model import VERSION, Report
from audit.store import process
from audit.store.draft import Drafts, Upload, hand_over
from audit.store.folder import RunFolder, is_id, new_id, private_folder
from audit.store.record import Run, State, metadata, runs_table, to_run

FOLDER_VARIABLE = "SDA_RUNS"
WORKERS_VARIABLE = "SDA_WORKERS"
KEPT_DAYS = 30
MAX_WAITING = 20
MAX_OPEN_OF_ONE = 3
OPEN = [State.QUEUED.value, State.RUNNING.value]


def default_folder() -> Path:
    """Where runs lie: the folder named in SDA_RUNS, else ./runs."""
    return Path(os.environ.get(FOLDER_VARIABLE) or "runs").resolve()


def content_key(options: Options, digests: Mapping[str, str]) -> str:
    """The same for the same file contents, options and version of this program.

    digests : sha256 of each file by role; the paths in the options do not matter
    """
    asked = {**asdict(options), **dict.fromkeys(("real", "synthetic", "holdout", "population"), "")}
    asked["series"] = len(options.series)
    text = json.dumps([asked, dict(digests), VERSION], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Runs:
    """All runs below one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = private_folder((folder or default_folder()).resolve())
        self.drafts = Drafts(self.folder / "drafts")
        self._engine = create_engine(f"sqlite:///{self.folder / 'index.db'}", connect_args={"timeout": 15})
        event.listen(self._engine, "connect", _prepare_connection)
        metadata.create_all(self._engine)

    # What the pages ask for

    def submit(self, options: Options, owner: str, uploads: Mapping[str, Upload], key: str) -> str:
        """Put an audit in the queue and start it when there is room; returns the run id.

        uploads : by role; where one is given it takes the place of the path in the options
        key : from `content_key`; an unfinished or finished run of this owner with the same
            key is returned instead of measuring again

        Raises StoreError where the queue is full.
        """
        same = self._find(owner, key)
        if same:
            return same
        self._check_room(owner)
        folder = RunFolder(private_folder(self.folder / new_id()))
        folder.request.write_text(_with_uploads(options, uploads, folder).to_json(), encoding="utf-8")
        run = Run(
            id=folder.id,
            made_at=datetime.now(UTC).isoformat(),
            owner=owner,
            state=State.QUEUED,
            purpose=options.purpose,
            names=dict(options.names or {}),
            content_key=key,
        )
        with self._transaction() as connection:
            connection.execute(insert(runs_table).values(**asdict(run)))
        self.start_next()
        return run.id

    def get(self, run_id: str) -> Run | None:
        """A run by its id, or None. Whoever holds the id may look."""
        run = self._read(run_id)
        if run and run.state is State.RUNNING and not process.is_alive(self.folder_of(run_id)):
            self._settle(run_id)
            run = self._read(run_id)
        return run

    def recent(self, owner: str, most: int = 12) -> tuple[Run, ...]:
        """The runs of one visitor, newest first; never those of others."""
        query = select(runs_table).where(runs_table.c.owner == owner)
        with self._transaction() as connection:
            rows = (
                connection.execute(query.order_by(runs_table.c.made_at.desc()).limit(most)).mappings().all()
            )
        return tuple(to_run(dict(row)) for row in rows)

    def folder_of(self, run_id: str) -> RunFolder:
        """The files of a run; refuses anything that is not a run id."""
        return RunFolder.for_run(self.folder, run_id)

    def place(self, run: Run) -> int:
        """How many runs are before this one, itself not counted."""
        before = (runs_table.c.state.in_(OPEN)) & (runs_table.c.made_at < run.made_at)
        with self._transaction() as connection:
            return int(connection.execute(select(func.count()).where(before)).scalar_one())

    def cancel(self, run_id: str, owner: str) -> bool:
        """End a run of this owner and delete its files with rows; False where there is nothing to end."""
        mine = (runs_table.c.id == run_id) & (runs_table.c.owner == owner) & runs_table.c.state.in_(OPEN)
        with self._transaction() as connection:
            changed = connection.execute(
                update(runs_table).where(mine).values(state=State.CANCELLED.value)
            ).rowcount
        run = self._read(run_id)
        if not changed or run is None:
            return False
        folder = self.folder_of(run_id)
        process.end_worker(folder, run.process_group)
        folder.clear()
        self.start_next()
        return True

    def delete(self, run_id: str, owner: str) -> bool:
        """Forget a run of this owner: its index row and all its files."""
        self.cancel(run_id, owner)
        mine = (runs_table.c.id == run_id) & (runs_table.c.owner == owner)
        with self._transaction() as connection:
            changed = connection.execute(delete(runs_table).where(mine)).rowcount
        if changed:
            run = self.folder_of(run_id)
            shutil.rmtree(run.path, ignore_errors=True)
        return bool(changed)

    # What the worker tells

    def finish(self, run_id: str, report: Report) -> None:
        """The report files stand in the run's folder."""
        tables = {role: facts for role, facts in report.tables.items() if facts}
        digest = hashlib.sha256(self.folder_of(run_id).report.read_bytes()).hexdigest()
        self._change(
            run_id,
            state=State.DONE.value,
            verdict=report.verdict.grade.value,
            rows={role: facts.rows for role, facts in tables.items()},
            report_sha256=digest,
        )

    def fail(self, run_id: str) -> None:
        """There is an error.json instead of a report."""
        self._change(run_id, state=State.FAILED.value)

    # Upkeep

    def start_next(self) -> None:
        """Start queued runs while there is room for a worker."""
        with (self.folder / "queue.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            while (run_id := self._next_queued()) is not None:
                self._start(run_id)

    def recover(self) -> None:
        """At server start: settle runs whose worker is gone, forget what is old, start what waits."""
        for run_id in self._ids(runs_table.c.state == State.RUNNING.value):
            self.get(run_id)
        oldest = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).isoformat()
        for run_id in self._ids((runs_table.c.made_at < oldest) & runs_table.c.state.not_in(OPEN)):
            run = self._read(run_id)
            if run:
                self.delete(run_id, run.owner)
        self.drafts.purge()
        self.start_next()

    def _start(self, run_id: str) -> None:
        folder = self.folder_of(run_id)
        try:
            # the lock first: a run that is said to run and holds no lock counts as interrupted
            with process.hold_lock(folder) as lock:
                self._change(run_id, state=State.RUNNING.value)
                group = process.start_worker(folder, lock, lambda: self._over(run_id))
                self._change(run_id, process_group=group)
        except OSError as error:
            folder.write_error({"message": f"The worker cannot be started: {error.strerror}."})
            self.fail(run_id)

    def _over(self, run_id: str) -> None:
        """A worker that this server started has ended, however it ended."""
        if self.folder.is_dir():
            self.get(run_id)
            self.start_next()

    def _settle(self, run_id: str) -> None:
        """A run whose worker is gone without having said how it ended."""
        still_running = (runs_table.c.id == run_id) & (runs_table.c.state == State.RUNNING.value)
        with self._transaction() as connection:
            connection.execute(update(runs_table).where(still_running).values(state=State.INTERRUPTED.value))
        self.folder_of(run_id).clear()

    def _next_queued(self) -> str | None:
        """The run to start now: the oldest in the queue, where fewer than the allowed number run."""
        running = [r for i in self._ids(runs_table.c.state == State.RUNNING.value) if (r := self.get(i))]
        allowed = int(os.environ.get(WORKERS_VARIABLE) or max(1, (os.cpu_count() or 2) - 1))
        if sum(run.state is State.RUNNING for run in running) >= allowed:
            return None
        return next(iter(self._ids(runs_table.c.state == State.QUEUED.value)), None)

    def _check_room(self, owner: str) -> None:
        waiting = len(self._ids(runs_table.c.state == State.QUEUED.value))
        mine = len(self._ids(runs_table.c.state.in_(OPEN) & (runs_table.c.owner == owner)))
        if waiting >= MAX_WAITING or mine >= MAX_OPEN_OF_ONE:
            raise StoreError(
                f"{mine} of your audits are under way and {waiting} are waiting on this server.",
                "Wait for one to end or cancel one, then start again.",
            )

    def _find(self, owner: str, key: str) -> str | None:
        good = runs_table.c.state.in_([*OPEN, State.DONE.value])
        found = self._ids((runs_table.c.owner == owner) & (runs_table.c.content_key == key) & good)
        return found[-1] if found else None

    def _ids(self, where: object) -> list[str]:
        """Ids by a condition, oldest first."""
        query = select(runs_table.c.id).where(where).order_by(runs_table.c.made_at)  # type: ignore[arg-type]
        with self._transaction() as connection:
            return list(connection.execute(query).scalars())

    def _read(self, run_id: str) -> Run | None:
        if not is_id(run_id):
            return None
        with self._transaction() as connection:
            row = connection.execute(select(runs_table).where(runs_table.c.id == run_id)).mappings().first()
        return to_run(dict(row)) if row else None

    def _change(self, run_id: str, **values: object) -> None:
        with self._transaction() as connection:
            connection.execute(update(runs_table).where(runs_table.c.id == run_id).values(**values))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise StoreError(
                f"The index of runs cannot be used: {error.orig}.",
                "Free some space on the disk, then try again.",
            ) from error


def _with_uploads(options: Options, uploads: Mapping[str, Upload], folder: RunFolder) -> Options:
    """The options with the paths of uploads handed over to the run."""
    paths = {role: str(hand_over(upload, folder)) for role, upload in uploads.items()}
    series = tuple(paths.get(step_role(at), path) for at, path in enumerate(options.series))
    return replace(
        options,
        real=paths.get("real", options.real),
        synthetic=series[-1] if series else paths.get("synthetic", options.synthetic),
        series=series,
        holdout=paths.get("holdout", options.holdout),
        population=paths.get("population", options.population),
    )


def _prepare_connection(connection: object, _record: object) -> None:
    """Readers must not wait for a writer in another process."""
    connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
