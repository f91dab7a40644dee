"""The worker's process: start it, see whether it lives, end it.

Whether a worker lives is told by a lock on a file in its run folder that the starter takes
and the worker inherits: the system frees it when the process is gone, however it went, so
a process number that was given to someone else is never taken for the worker.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.store.folder import RunFolder

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
PATIENCE = 1.0  # seconds between asking a worker to end and ending it


def is_alive(folder: RunFolder) -> bool:
    """Whether the worker of a run still lives."""
    try:
        descriptor = os.open(folder.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def hold_lock(folder: RunFolder) -> Iterator[int]:
    """Hold the lock of a run for a worker that is about to be started; gives its file descriptor.

    Raises OSError where the folder cannot be written.
    """
    descriptor = os.open(folder.lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def start_worker(folder: RunFolder, lock: int, when_over: Callable[[], None]) -> int:
    """Start a worker in a process group of its own; returns the group's number.

    lock : from `hold_lock`; the worker inherits it
    when_over : called in a thread of this process when the worker has ended
    """
    with folder.log.open("ab") as log:
        worker = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "audit.run.worker", str(folder.path)],
            cwd=ROOT,
            env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
        )
    threading.Thread(target=_wait, args=(worker, when_over), name=f"run-{folder.id[:8]}", daemon=True).start()
    return worker.pid


def end_worker(folder: RunFolder, process_group: int) -> None:
    """End a worker and all it started; asks first, then insists. Returns when it is gone."""
    for asked in (signal.SIGTERM, signal.SIGKILL):
        if not process_group or not is_alive(folder):
            return
        try:
            os.killpg(process_group, asked)
        except ProcessLookupError:
            return
        _wait_until_gone(folder)


def _wait_until_gone(folder: RunFolder) -> None:
    until = time.monotonic() + PATIENCE
    while is_alive(folder) and time.monotonic() < until:
        time.sleep(0.02)


def _wait(worker: subprocess.Popen[bytes], when_over: Callable[[], None]) -> None:
    worker.wait()
    when_over()
