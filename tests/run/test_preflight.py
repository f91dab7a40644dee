"""The object of `preflight --json`, for good and for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.declare.options import Options
from audit.run.preflight import preflight, preflight_text

CSV = "id,city,pay\n" + "".join(f"{n},{'Rome' if n % 2 else 'Oslo'},{n}.5\n" for n in range(1, 101))
OTHER = "id,city,pay\n" + "".join(f"{n},{'Rome' if n % 3 else 'Oslo'},{n + 3}.25\n" for n in range(1, 101))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "r.csv").write_text(CSV)
    (tmp_path / "s.csv").write_text(OTHER)
    return tmp_path / "r.csv", tmp_path / "s.csv"


def test_a_clean_pair_is_loaded(pair: tuple[Path, Path]) -> None:
    answer = preflight(*pair)
    assert (answer["status"], answer["messages"]) == ("loaded", [])
    real = answer["files"]["real"]
    assert (real["rows"], real["columns"], real["bytes"], real["format"]) == (100, 3, len(CSV), "csv")
    assert real["assumed"]["delimiter"] == ","
    assert set(answer) == {"status", "messages", "files", "seconds", "peak_mb"}
    json.dumps(answer, allow_nan=False)
    assert preflight_text(answer).splitlines()[:2] == [
        "real: r.csv, 100 rows, 3 columns, csv",
        "synthetic: s.csv, 100 rows, 3 columns, csv",
    ]


def test_one_file_alone_and_the_guessed_columns(pair: tuple[Path, Path]) -> None:
    alone = preflight(pair[0], guess=True)
    assert (alone["status"], list(alone["files"])) == ("loaded", ["real"])
    assert [column["name"] for column in alone["columns"]] == ["id", "city", "pay"]
    both = preflight(Options(real=str(pair[0]), synthetic=str(pair[1]), names={"real": "up.csv"}), guess=True)
    assert both["files"]["real"]["name"] == "up.csv"
    assert {"name", "kind", "role", "reason", "confidence"} <= set(both["columns"][0])


def test_bad_input_is_an_answer_and_no_exception(pair: tuple[Path, Path]) -> None:
    pair[1].write_bytes(b"%PDF-1.7")
    answer = preflight(*pair)
    assert answer["status"] == "rejected"
    assert answer["messages"] == [
        {
            "level": "error",
            "text": "s.csv: this is a PDF document and not a table. Export the table itself, as csv or xlsx.",
            "where": "synthetic",
        }
    ]
    assert preflight_text(answer).splitlines()[0] == (
        "!! s.csv: this is a PDF document and not a table. Export the table itself, as csv or xlsx."
    )


def test_the_badinputs_bench_finds_the_floor_kept(
    bad_inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    from bench.badinputs import main

    # Time is measured by hand on a quiet machine; here it only has to end.
    some = ["control_csv", "feather_", "gz_bomb", "zip_bomb_lying", "pq_bomb", "json_deep", "pickle_csv"]
    assert main([str(bad_inputs), *some, "--slack", "8"]) == 0, capsys.readouterr().out
