"""`checks`, `schema`, `preflight`, `judge`: what they print and what they refuse."""

from __future__ import annotations

import json

import pytest

from audit.checks import all_checks
from tests.cli.conftest import SAMPLE


def test_checks_as_json_have_the_keys_of_the_contract(command):
    answer = command("checks", "--json")
    assert answer.code == 0
    rows = json.loads(answer.out)
    assert [row["id"] for row in rows] == [check.card.id for check in all_checks()]
    for row in rows:
        assert {"id", "family", "question", "scale", "source", "aliases"} <= set(row)
        assert row["scale"].keys() == {"unit", "better", "low", "high"}
        assert row["scale"]["better"] in ("lower", "higher", "zero", "one")
        assert row["question"].endswith("?")
        assert len(row["source"]) > 10
        assert "\n" not in row["source"]


def test_checks_as_text_are_one_line_each(here):
    lines = here("checks").out.splitlines()
    assert len(lines) == len(all_checks())
    assert lines[0].split()[0] == "fidelity"


def test_a_schema_file_goes_round(here, small, tmp_path):
    path = tmp_path / "schema.json"
    assert here("schema", small / "real.csv", "--out", path).code == 0
    assert here("schema", small / "real.csv").out == path.read_text(encoding="utf-8")
    document = json.loads(path.read_text(encoding="utf-8"))
    kinds = {column["name"]: column["kind"] for column in document["columns"]}
    assert (kinds["id"], kinds["age"], kinds["since"], kinds["city"]) == ("key", "number", "date", "category")
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic")]
    asked = ("run", *tables, "--check=column_shapes", "--quiet")
    here(*asked, "--out", tmp_path / "plain")
    here(*asked, "--schema", path, "--out", tmp_path / "given")
    plain, given = (json.loads((tmp_path / n / "report.json").read_text()) for n in ("plain", "given"))
    assert plain["results"][0]["measures"] == given["results"][0]["measures"]
    assert {c["reason"] for c in given["columns"]} == {"set in the schema file"}


def test_a_changed_schema_changes_the_audit(here, small, tmp_path):
    path = tmp_path / "schema.json"
    path.write_text('{"columns": [{"name": "age", "kind": "category"}]}', encoding="utf-8")
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic")]
    here("run", *tables, "--check=column_shapes", "--schema", path, "--quiet", "--out", tmp_path)
    columns = {c["name"]: c for c in json.loads((tmp_path / "report.json").read_text())["columns"]}
    assert columns["age"]["kind"] == "category"


def test_preflight_on_the_sample(command):
    answer = command(
        "preflight", "--real", SAMPLE / "real.csv", "--synthetic", SAMPLE / "synthetic_good.csv", "--json"
    )
    assert answer.code == 0
    told = json.loads(answer.out)
    assert told["status"] in ("loaded", "warned")
    assert {"status", "messages", "files", "seconds", "peak_mb"} <= set(told)
    assert told["files"]["real"]["rows"] == 10_095
    assert {"rows", "columns", "bytes", "format", "assumed"} <= set(told["files"]["synthetic"])


def test_preflight_refuses_with_2(here, tmp_path):
    answer = here("preflight", "--real", tmp_path / "none.csv", "--json")
    assert answer.code == 2
    told = json.loads(answer.out)
    assert told["status"] == "rejected"
    assert "none.csv" in told["messages"][0]["text"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "3", '{"format": 99}', '{"format": 1, "results": 5}', '{"format": 1}', "[" * 100_000],
)
def test_judging_what_is_no_report_is_refused(content, here, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(content, encoding="utf-8")
    answer = here("judge", path, "--policy", "sharing", "--out", tmp_path / "out")
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert 20 < len(answer.err) < 600


def test_version(here):
    answer = here("--version")
    assert (answer.code, answer.out) == (0, "0.1.0\n")


@pytest.mark.parametrize("arguments", [(), ("fly",), ("run",), ("run", "--real", "a"), ("schema",)])
def test_a_command_line_that_makes_no_sense_is_2(arguments, here):
    answer = here(*arguments)
    assert answer.code == 2
    assert answer.err.startswith("usage: ")
