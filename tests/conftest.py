"""What many tests share: where the acceptance data lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).parent.parent


def _folder(variable: str, default: str) -> Path:
    folder = Path(os.environ.get(variable) or _CHECKOUT.parent / "shared" / default)
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder.name!r}: name it in the environment variable {variable}")
    return folder


@pytest.fixture(scope="session")
def acceptance_data() -> Path:
    """Real tables with synthetic versions and published figures; the test is skipped where they are absent."""
    return _folder("AUDIT_DATA", "data")


@pytest.fixture(scope="session")
def bad_inputs() -> Path:
    """Hostile and odd files; the test is skipped where they are absent."""
    return _folder("AUDIT_BADINPUTS", "badinputs")
