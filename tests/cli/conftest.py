"""The command line as a user calls it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.cli.main import main
from tests.worlds import siblings

CHECKOUT = Path(__file__).parents[2]
SAMPLE = CHECKOUT / "sample_data"


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def command() -> Callable[..., Answer]:
    """The command in a process of its own."""

    def call(*arguments: object) -> Answer:
        ended = subprocess.run(
            [sys.executable, "-m", "audit", *map(str, arguments)],
            cwd=CHECKOUT,
            capture_output=True,
            encoding="utf-8",
            timeout=180,
        )
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    return call


@pytest.fixture
def here(capsys) -> Callable[..., Answer]:
    """The command in this process: the same door, without the time to start."""

    def call(*arguments: object) -> Answer:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return Answer(code, told.out, told.err)

    return call


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """real.csv, synthetic.csv and holdout.csv of one small population."""
    folder = tmp_path_factory.mktemp("small")
    for role, frame in siblings(400).frames().items():
        frame.to_csv(folder / f"{role}.csv", index=False)
    return folder
