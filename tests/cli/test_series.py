"""`generations` and `compare`: a report for each table, one for the whole, and the exit code."""

from __future__ import annotations

import json

import pandas as pd
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


def test_every_generation_alone_has_its_own_share_of_fresh_rows(here, loop, tmp_path):
    files = [loop / f"gen{at}.csv" for at in (1, 2)]
    shares = ("--fresh-share", 0.5, "--fresh-share", 0.1)
    asked = ("generations", "--real", loop / "real.csv", "--check=fresh_share", "--quiet", *shares)
    here(*asked, "--out", tmp_path, *files)
    told = [
        json.loads((tmp_path / name).read_text(encoding="utf-8"))["results"][0]["measures"][0]
        for name in ("gen1/report.json", "gen2/report.json", "generations.json")
    ]
    assert [one["value"] for one in told] == [0.5, 0.1, 0.1]
    assert told[0]["sentence"] == "50% of the rows that its generator was trained on are real, as declared."
    assert told[2]["sentence"] == "10% of the rows that generation 2 was trained on are real, as declared."


def test_another_purpose_asks_a_series_for_no_check_of_a_single_table(here, loop, tmp_path):
    files = [loop / f"gen{at}.csv" for at in (1, 2)]
    asked = (
        "generations",
        "--real",
        loop / "real.csv",
        "--check=fresh_share",
        "--quiet",
        "--fresh-share=0.9",
    )
    assert here(*asked, "--out", tmp_path, *files).code == 0
    again = here("judge", tmp_path / "generations.json", "--policy", "sharing", "--out", tmp_path / "again")
    assert again.code == 0  # the checks that sharing requires of a table were never asked of a loop


def test_generations_with_other_columns_say_what_is_left_out(here, loop, tmp_path):
    pd.read_csv(loop / "gen2.csv").drop(columns=["city", "hours"]).to_csv(tmp_path / "gen2.csv", index=False)
    asked = ("generations", "--real", loop / "real.csv", "--check=category_decay", "--quiet")
    here(*asked, "--out", tmp_path / "out", loop / "gen1.csv", tmp_path / "gen2.csv", loop / "gen3.csv")
    document = json.loads((tmp_path / "out" / "generations.json").read_text(encoding="utf-8"))
    assert "Not every table has city, hours: left out of the series." in str(document["notices"])
    (result,) = document["results"]
    assert {tuple(m["about"]) for m in result["measures"]} == {(), ("sex",), ("work",), ("income",)}
    (tmp_path / "other.csv").write_text("q\n" + "1\n" * 60)
    refused = here(*asked, "--out", tmp_path / "no", loop / "gen1.csv", tmp_path / "other.csv")
    assert refused.code == 2
    assert "have no column in common that can be compared" in refused.err


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
