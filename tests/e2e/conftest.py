"""A server of our own and Debian's chromium; every request is watched, none may leave the machine."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STREAMLIT = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1"]
playwright.expect.set_options(timeout=15_000)  # a busy machine needs longer than the usual 5 s
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are skipped with the reason; a build machine must have one."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@dataclass
class Server:
    """The app as a user starts it, on a free port, with runs in a folder for these tests."""

    runs: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    port: int = field(default=0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*STREAMLIT, f"--server.port={self.port}"],
                cwd=ROOT,
                env={**os.environ, "SDA_RUNS": str(self.runs), "SDA_WORKERS": "2"},
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "e2e"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(shared / "runs", tmp_path_factory.mktemp("server") / "server.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")  # its event loop must be gone before other tests start
def browser() -> Iterator[object]:
    assert CHROMIUM, "CI=true, but no chromium was found"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One browser context: the page, what it asked for, what went wrong in it."""

    def __init__(self, browser: object, **context: object) -> None:
        options = {"viewport": {"width": 1366, "height": 768}, "accept_downloads": True, **context}
        self.context = browser.new_context(**options)  # type: ignore[attr-defined]
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.idle()

    def idle(self) -> None:
        self.page.wait_for_selector(IDLE, timeout=60_000)

    def left_the_machine(self, server: Server) -> set[str]:
        return {host for host in self.hosts if host and host != f"127.0.0.1:{server.port}"}


@pytest.fixture
def visit(browser: object) -> Iterator[Callable[..., Visitor]]:
    visitors: list[Visitor] = []

    def visit(**context: object) -> Visitor:
        visitors.append(Visitor(browser, **context))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture(scope="module")
def sample(server: Server, browser: object, shared: Path) -> str:
    """The link of a finished audit of the flawed sample, run by a click, once for all processes."""
    told = shared / "sample"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(audit_sample(server, browser))
    return f"{server.url}/?run={told.read_text()}"


def audit_sample(server: Server, browser: object) -> str:
    visitor = Visitor(browser)
    visitor.open(server.url)
    visitor.page.get_by_role("button", name="Try the sample: flawed table").click()
    playwright.expect(visitor.page.get_by_role("heading", name=re.compile("^.*No$"))).to_be_visible(
        timeout=90_000
    )
    run = run_of(visitor.page.url)
    assert visitor.errors == []
    assert visitor.left_the_machine(server) == set()
    visitor.context.close()
    return run


def run_of(link: str) -> str:
    return re.search(r"run=([0-9a-f]{32})", link)[1]  # type: ignore[index]
