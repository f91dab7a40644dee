"""Rules from a report to a file, from a file into an audit, and what is refused."""

from __future__ import annotations

import csv
import json

import pytest

from tests.cli.conftest import SAMPLE

TABLES = (
    "--real",
    SAMPLE / "real.csv",
    "--holdout",
    SAMPLE / "holdout.csv",
    "--schema",
    SAMPLE / "schema.json",
)
RUN = (
    *TABLES,
    "--synthetic",
    SAMPLE / "synthetic_flawed.csv",
    "--quiet",
    "--check=arithmetic_rules",
    "--check=broken_rows",
)
NEW = '[[rules]]\nkind = "order"\ncolumns = ["coinsurance", "coinsurance2"]\n'


def measures(folder):
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [one for result in report["results"] for one in result["measures"] if one["rule"]]


def test_rules_go_out_and_come_back(here, tmp_path):
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "rules.toml"
    here("run", *RUN, "--out", first)
    assert here("rules", first / "report.json", "--out", file).code == 0
    text = file.read_text(encoding="utf-8")
    assert here("rules", first / "report.json").out == text
    count = len(measures(first))
    assert count == text.count("[[rules]]") > 0
    file.write_text(text.replace("enabled = true", "enabled = false", 1), encoding="utf-8")
    here("run", *RUN, "--rules", file, "--out", second)
    found = measures(second)
    assert [one["name"] for one in found].count("off") == 1
    assert len(found) == count


def test_the_rows_that_break_rules_stand_beside_the_report(here, tmp_path):
    here("run", *RUN, "--out", tmp_path)
    lines = list(csv.DictReader((tmp_path / "broken_rules.csv").read_text(encoding="utf-8").splitlines()))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (counted,) = (one for one in report["results"] if one["check"] == "broken_rows")
    assert len(lines) == counted["summary"]["rows"]
    here("run", *RUN[:-1], "--out", tmp_path)
    assert not (tmp_path / "broken_rules.csv").exists()  # of another audit


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NEW.replace("coinsurance2", "shoe_size"), "names the column 'shoe_size'"),
        (NEW.replace("order", "ordre"), "has the kind 'ordre'"),
        ("rules = 3", "rules is not a list of tables"),
        ("[[rules", "is not TOML"),
        (None, "There is no file"),
    ],
)
def test_a_rules_file_that_cannot_be_used_is_refused(here, tmp_path, text, said):
    file = tmp_path / "mine.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    answer = here("run", *RUN, "--rules", file, "--out", tmp_path / "out")
    assert answer.code == 2
    assert said in answer.err
