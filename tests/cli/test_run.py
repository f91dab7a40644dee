"""`run` on the sample data: exit codes, summary, progress, files, and the same answer twice."""

from __future__ import annotations

import json

import jsonschema
import pytest

from audit.render.document import SCHEMA
from tests.cli.conftest import SAMPLE

FAMILIES = ("--family=fidelity", "--family=bias", "--family=artifacts", "--family=privacy")
TABLES = (
    "--real",
    SAMPLE / "real.csv",
    "--holdout",
    SAMPLE / "holdout.csv",
    "--schema",
    SAMPLE / "schema.json",
)


@pytest.fixture(scope="module")
def flawed(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flawed") / "new" / "deep"
    return command("run", *TABLES, "--synthetic", SAMPLE / "synthetic_flawed.csv", "--out", folder), folder


@pytest.fixture(scope="module")
def good(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    arguments = ("run", *TABLES, "--synthetic", SAMPLE / "synthetic_good.csv", *FAMILIES, "--quiet")
    return command(*arguments, "--out", folder), folder


def report(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_the_flawed_table_fails(flawed):
    answer, folder = flawed
    assert answer.code == 1
    assert report(folder)["verdict"]["grade"] == "fail"


def test_the_good_table_is_usable(good):
    answer, folder = good
    assert answer.code == 0
    assert report(folder)["verdict"]["grade"] in ("pass", "warn")
    assert not [f for f in report(folder)["findings"] if f["grade"] == "fail"]


def test_the_summary_can_be_acted_on(flawed):
    answer, folder = flawed
    lines = answer.out.rstrip("\n").split("\n")
    assert len(lines) <= 25
    assert lines[0] == "FAIL for analytics"
    assert answer.out.replace("\n", " ").find(report(folder)["verdict"]["rule"][:60]) > 0
    assert sum(line.startswith("  [fail] ") for line in lines) >= 4
    assert lines[-1] == f"Report: {folder / 'report.html'}"
    assert max(map(len, lines[:-1])) <= 110


def test_progress_goes_to_stderr_as_lines_and_nothing_else(flawed):
    answer, folder = flawed
    steps = len(report(folder)["results"]) + 1
    lines = answer.err.splitlines()
    assert lines[0] == f"0/{steps} reading the files"
    assert [line.split("/")[0] for line in lines] == [str(i) for i in range(len(lines))]
    assert "\r" not in answer.err


def test_quiet_says_nothing_on_stderr(good):
    assert good[0].err == ""


def test_all_files_are_there_and_valid(flawed):
    _, folder = flawed
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        "report.html",
        "report.md",
        "findings.csv",
        "croissant.json",
        "broken_rules.csv",  # only where rules are broken
        "evidently.html",  # only where Evidently is installed
        "row_weights.csv",  # only where groups are mixed otherwise
        "suspect_rows.csv",  # only where rows may have been planted
    }
    jsonschema.validate(report(folder), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_second_opinion_is_in_and_judges_nothing(flawed):
    told = {r["check"]: r for r in report(flawed[1])["results"]}["evidently_opinion"]
    assert told["status"] == "ran"
    assert {m["grade"] for m in told["measures"]} == {None}


def without_stamp(document):
    document = dict(document)
    for key in ("id", "made_at", "environment"):
        document.pop(key)
    for result in document["results"]:
        result["seconds"] = 0
    return document


def test_same_inputs_and_seed_give_the_same_report(command, small, tmp_path):
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic", "holdout")]
    asked = [*tables, "--target=income", "--sensitive=sex", *FAMILIES, "--quiet"]
    for name in ("first", "again"):  # two processes, each with its own order of sets
        command("run", *asked, "--out", tmp_path / name)
    first, again = report(tmp_path / "first"), report(tmp_path / "again")
    assert again["id"] != first["id"]
    assert without_stamp(again) == without_stamp(first)


@pytest.mark.parametrize("purpose", ["sharing", "software_testing", "analytics"])
def test_judging_again_equals_a_run_with_that_purpose(purpose, here, small, tmp_path):
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic", "holdout")]
    asked = [*tables, "--target=income", "--family=artifacts", "--family=privacy", "--quiet"]
    first = here("run", *asked, "--purpose=ml_training", "--out", tmp_path / "first")
    direct = here("run", *asked, f"--purpose={purpose}", "--out", tmp_path / "direct")
    judged = here(
        "judge", tmp_path / "first" / "report.json", "--policy", purpose, "--out", tmp_path / "judged"
    )
    assert first.code in (0, 1, 3)
    assert judged.code == direct.code
    assert without_stamp(report(tmp_path / "judged")) == without_stamp(report(tmp_path / "direct"))


def test_a_required_check_left_out_is_inconclusive(here, small, tmp_path):
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic")]
    answer = here("run", *tables, "--check=types", "--quiet", "--out", tmp_path)
    assert answer.code == 3
    assert answer.out.startswith("CANNOT TELL for analytics\n")


def test_sharing_without_a_holdout_is_inconclusive(here, small, tmp_path):
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic")]
    answer = here("run", *tables, "--family=privacy", "--purpose=sharing", "--quiet", "--out", tmp_path)
    assert answer.code == 3
    told = {entry["check"]: entry for entry in report(tmp_path)["not_assessed"]}
    assert told["too_good"]["what_would_allow_it"] == (
        "Hold back a random part of the real rows before generating, and pass it as the holdout."
    )
