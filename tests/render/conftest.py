"""The example report, for every test of this room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.model import Report
from tests.render.example import HOSTILE, build


@pytest.fixture(scope="session")
def build_report() -> Callable[..., Report]:
    return build


@pytest.fixture(scope="session")
def report() -> Report:
    return build()


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    return HOSTILE
