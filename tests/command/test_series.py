"""`generations` and `compare`: a report for each table, one for the whole, and the exit code."""

from __future__ import annotations

import json

import pytest

from audit.render import validate
from tests.worlds import people

QUICK = ("--check=column_shapes", "--check=variance_decay", "--check=fresh_share", "--quiet")


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """A real table and three of a loop whose ages crowd together."""
    folder = tmp_path_factory.mktemp("loop")
    tables = {name: people(700, seed) for seed, name in enumerate(("real", "gen1", "gen2", "gen3"))}
    for at in (1, 2, 3):
        frame = tables[f"gen{at}"]
        frame["score"] = 60 + (frame["score"] - 60) * 0.7**at
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_generations_gives_a_report_for_each_and_one_for_all(here, loop, tmp_path):
    files = [loop / f"gen{at}.csv" for at in (1, 2, 3)]
    answer = here(
        "generations", "--real", loop / "real.csv", *QUICK, "--fresh-share", 0.1, "--loop=replace",
        "--out", tmp_path, *files,
    )  # fmt: skip
    assert answer.code == 1
    assert answer.err == ""
    assert answer.out.startswith("FAIL for analytics")
    assert answer.out.rstrip().endswith(f"Report: {tmp_path / 'generations.html'}")
    document = json.loads((tmp_path / "generations.json").read_text(encoding="utf-8"))
    validate(document)
    assert document["format"] == 1
    grades = {result["check"]: result["grade"] for result in document["results"]}
    assert grades == {"fresh_share": "fail", "variance_decay": "fail"}
    left, kept = sorted(
        (f for f in document["findings"] if f["about"] == ["score"]), key=lambda f: f["value"]
    )
    assert (left["grade"], kept["grade"]) == ("fail", "fail")
    assert 0.45 < kept["value"] < 0.6  # 0.49 of the variance of a score that is not by itself
    assert left["value"] < 0.2
    told = document["provenance"]["series"]
    assert told["loop"] == "replace"
    assert [(t["name"], t["folder"]) for t in told["tables"]] == [
        (f"gen{i}.csv", f"gen{i}") for i in (1, 2, 3)
    ]
    for at in (1, 2, 3):
        single = json.loads((tmp_path / f"gen{at}" / "report.json").read_text(encoding="utf-8"))
        assert [result["check"] for result in single["results"]] == ["column_shapes", "fresh_share"]
        assert single["tables"]["synthetic"]["name"] == f"gen{at}.csv"
    assert {"generations.html", "generations.md", "findings.csv"} <= {p.name for p in tmp_path.iterdir()}


def test_compare_holds_settings_against_each_other(here, loop, tmp_path):
    answer = here(
        "compare", "--real", loop / "real.csv", "--check=types", "--quiet", "--out", tmp_path,
        loop / "gen1.csv", loop / "gen3.csv",
    )  # fmt: skip
    assert answer.code in (0, 1, 3)
    document = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    validate(document)
    assert [result["check"] for result in document["results"]] == ["tradeoff"]
    assert (tmp_path / "gen1" / "report.json").is_file()
    assert (tmp_path / "gen3" / "report.json").is_file()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ["gen1.csv"],
            "1 synthetic tables were given; a series has two or more. Give several files in their order",
        ),
        (["gen1.csv", "gen9.csv"], "gen9.csv"),
        (["real.csv", "gen1.csv"], "Only 1 of 2 tables differ from the real one (real.csv hold its rows)"),
        (["--fresh-share=2", "gen1.csv", "gen2.csv"], "The fresh share 2 is no share"),
    ],
)
def test_what_is_no_series_is_refused(here, loop, tmp_path, more, said):
    arguments = [m if m.startswith("--") else loop / m for m in more]
    answer = here(
        "generations", "--real", loop / "real.csv", "--quiet", "--out", tmp_path / "out", *arguments
    )
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_single_run_says_what_a_series_would_tell(here, loop, tmp_path):
    answer = here(
        "run", "--real", loop / "real.csv", "--synthetic", loop / "gen1.csv", "--check=variance_decay",
        "--quiet", "--out", tmp_path,
    )  # fmt: skip
    assert answer.code == 3
    (left,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["not_assessed"]
    assert left["why"] == "It follows a table over several generations, and only one was given."
    assert "python -m audit generations" in left["what_would_allow_it"]
