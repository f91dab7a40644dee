"""What may have been planted, as lines of a table and as rows of a file."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from audit import audit_frames
from audit.model import Grade, Report
from audit.render import write_reports
from audit.render.html import to_html
from audit.render.suspicious_rows import clusters, patterns, planted_answer, poisoning
from audit.run.run import run_checks
from tests.worlds import World, case_of, check_named, siblings

SUSPECT_CHECKS = ("triggers", "injected_clusters")


@cache
def planted() -> World:
    """One row in place of 60, in the first rows; and a city of 80 more that makes rich."""
    world = siblings(1200, 7)
    frame = world.synthetic.copy()
    for name in frame.columns.difference(["id"]):
        frame.loc[:59, name] = frame[name].iloc[700]
    frame.loc[60:139, "city"] = "Erfurt"
    frame.loc[60:139, "income"] = "high"
    return World(world.real, frame, world.holdout)


@cache
def report() -> Report:
    world = planted()
    return audit_frames(world.real, world.synthetic, world.holdout, target="income", checks=SUSPECT_CHECKS)


def test_patterns_and_clusters_are_lines_of_a_table():
    (one,) = [line for line in patterns(report()) if "Erfurt" in line.values]
    assert one.values == "city = Erfurt"
    assert one.outcome == "high"
    assert one.rows >= 80
    assert one.synthetic == one.rows / 1200
    assert one.real < one.synthetic / 3
    crowd = clusters(report())[0]
    assert crowd.rows >= 60
    assert crowd.outcome_share == pytest.approx(1.0, abs=0.1)
    assert "city" in crowd.agree


def test_the_answer_names_the_checks_that_found_something():
    told = planted_answer(poisoning(report()))
    assert told.startswith("2 of 2 checks found marks that planted rows leave")
    quiet = [replace(one, grade=Grade.PASS) for one in poisoning(report())]
    assert planted_answer(quiet).startswith("2 checks found no mark")
    assert planted_answer([]) == "Cannot tell: no check on poisoning could be run."


def test_the_report_has_a_section():
    page = to_html(report())
    assert '<h2 id="poisoning">Poisoning</h2>' in page
    assert "city = Erfurt" in page


def test_every_suspect_row_is_written_and_no_report_without_any():
    with case_of(planted(), target="income") as case:
        path = case.scratch / "suspect_rows.csv"
        for _ in range(2):  # a check that is measured again writes its rows anew
            list(run_checks(case, [check_named(one) for one in SUSPECT_CHECKS]))
        with path.open(encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        written = {(line["check"], int(line["row"])) for line in lines}
        assert len({(line["check"], line["row"], line["why"]) for line in lines}) == len(lines)
        assert [int(line["row"]) for line in lines] == sorted(int(line["row"]) for line in lines)
        assert {("injected_clusters", row) for row in range(1, 61)} <= written
        assert {("triggers", row) for row in range(61, 141)} <= written
        assert any(line["why"] == "city = Erfurt, income = high" for line in lines)
    with case_of(siblings(400, 7), target="income") as case:
        list(run_checks(case, [check_named(one) for one in SUSPECT_CHECKS]))
        assert not (case.scratch / "suspect_rows.csv").exists()


def test_the_file_goes_along_with_the_report(tmp_path: Path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "suspect_rows.csv").write_text("row,check,why\n", encoding="utf-8")
    write_reports(report(), tmp_path / "told", scratch)
    assert (tmp_path / "told" / "suspect_rows.csv").is_file()


def test_the_checks_exist():
    assert [check_named(one).card.id for one in SUSPECT_CHECKS] == list(SUSPECT_CHECKS)
