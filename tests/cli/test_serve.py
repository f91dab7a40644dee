"""The app is started where it can be; elsewhere one sentence says what to do."""

from __future__ import annotations

import importlib.util

from audit.cli import main as command_line


def test_without_streamlit(here, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    answer = here("serve")
    assert answer.code == 2
    assert answer.err == (
        "The app needs Streamlit, which is not installed. Run: pip install -r requirements.txt\n"
    )


def test_from_an_installed_package(here, monkeypatch, tmp_path):
    monkeypatch.setattr(command_line, "__file__", str(tmp_path / "site-packages/audit/cli/main.py"))
    answer = here("serve")
    assert answer.code == 2
    assert answer.err.startswith("The app is not part of an installed package")
    assert "streamlit run app.py" in answer.err
