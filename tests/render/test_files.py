"""Reports on disk: all five or none, never half of one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from audit.errors import StoreError
from audit.model import Report
from audit.render import to_json, validate, write_reports

FILES = {"report.json", "report.html", "report.md", "findings.csv", "croissant.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_five_files_and_nothing_else(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path / "new" / "folder")
    assert names(tmp_path / "new" / "folder") == FILES
    text = (tmp_path / "new" / "folder" / "report.json").read_text(encoding="utf-8")
    assert text == to_json(report)
    validate(json.loads(text))


def test_a_second_time_replaces_the_first(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    write_reports(replace(report, seed=7), tmp_path)
    assert names(tmp_path) == FILES
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["seed"] == 7


def test_what_cannot_be_told_leaves_the_old_report(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    number = replace(report.results[0].measures[0].measure, value=float("nan"))
    broken = replace(report.results[0], measures=(replace(report.results[0].measures[0], measure=number),))
    with pytest.raises(ValueError, match="not a finite number"):
        write_reports(replace(report, results=(broken,)), tmp_path)
    assert names(tmp_path) == FILES
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == to_json(report)


def test_a_place_that_is_taken_leaves_nothing_half_done(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(StoreError):
        write_reports(report, tmp_path)
    assert not [name for name in names(tmp_path) if name.endswith(".part")]


def test_a_folder_that_is_a_file_is_said_in_words(report: Report, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StoreError) as caught:
        write_reports(report, tmp_path / "out")
    assert str(caught.value).endswith("Choose another folder, or free some space.")
    assert (tmp_path / "out").read_text() == "mine"
