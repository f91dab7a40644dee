"""The worker as a process: what it leaves behind when all goes well, and when nothing does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.cli.main import main
from audit.declare.options import Options
from audit.errors import StoreError
from audit.store import RunFolder, new_id
from tests.worlds import people

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-value-of-one-person"


def work(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "audit.run.worker", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def folder_with(tmp_path: Path, request: str) -> RunFolder:
    folder = RunFolder(tmp_path / new_id())
    folder.path.mkdir(parents=True)
    folder.request.write_text(request)
    (folder.uploads / "real").write_text(SECRET)
    return folder


def test_without_a_run_folder_it_says_what_to_give() -> None:
    done = work()
    assert done.returncode == 2
    assert "Give one run folder that holds request.json" in done.stderr


def test_a_defect_gets_an_id_and_its_log_holds_no_value(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, json.dumps({"real": [SECRET], "synthetic": {"": SECRET}}))
    done = work(str(folder.path))
    error = folder.error()
    assert done.returncode != 0
    assert error["id"] in error["message"]
    assert error["id"] in done.stderr
    assert SECRET not in done.stderr
    assert not (folder.path / "uploads").exists()


def test_options_that_do_not_exist_are_refused_in_words(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, json.dumps({"real": "r", "synthetic": "s", "colour": "red"}))
    assert work(str(folder.path)).returncode == 2
    assert folder.error()["message"] == "The options hold 'colour', which does not exist."


def test_an_audit_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_text("a,b,c\n" + "".join(f"{row},{row % 7},{row % 11}\n" for row in range(100_000)))
    folder = folder_with(tmp_path, Options(real=str(real), synthetic=str(real)).to_json())
    assert work(str(folder.path), SDA_RUN_SECONDS="1").returncode == 2
    assert folder.error()["message"] == "The audit took longer than the 1 seconds allowed."


def test_a_series_gives_the_numbers_of_the_command_line(tmp_path: Path) -> None:
    paths = {}
    for seed, name in enumerate(("real", "gen1", "gen2")):
        paths[name] = tmp_path / f"{name}.csv"
        people(300, seed).to_csv(paths[name], index=False)
    series = (str(paths["gen1"]), str(paths["gen2"]))
    checks = ("variance_decay", "category_decay", "safe_mix")
    options = Options(str(paths["real"]), series[-1], series=series, checks=checks, fresh_share=(0.5,))
    folder = folder_with(tmp_path / "runs", options.to_json())
    done = work(str(folder.path))
    assert done.returncode == 0, done.stderr
    arguments = ["generations", "--real", str(paths["real"]), "--fresh-share=0.5", "--quiet"]
    arguments += [f"--check={check}" for check in checks]
    assert main([*arguments, "--out", str(tmp_path / "out"), *series]) in (0, 1, 3)
    for here, there in (
        (folder.report, tmp_path / "out" / "generations.json"),
        *(
            (folder.table(gen) / "report.json", tmp_path / "out" / gen / "report.json")
            for gen in ("gen1", "gen2")
        ),
    ):
        ours, theirs = (json.loads(path.read_text(encoding="utf-8")) for path in (here, there))
        for result in (*ours["results"], *theirs["results"]):
            result.pop("seconds")
        assert ours["results"] == theirs["results"]
        assert (ours["verdict"], ours["findings"]) == (theirs["verdict"], theirs["findings"])
    assert folder.progress()["left"] == 0
    assert json.loads(folder.report.read_text(encoding="utf-8"))["id"] == folder.id
    assert not (folder.path / "uploads").exists()


@pytest.mark.parametrize("name", ["", "..", "../../other", "a/b"])
def test_a_table_of_a_series_lies_in_its_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="This table is not part of the run"):
        RunFolder(tmp_path).table(name)


def test_looking_at_files_guesses_the_columns_and_leaves_nothing(tmp_path: Path) -> None:
    real = tmp_path / "upload"
    real.write_text("age,sex\n" + "".join(f"{20 + row % 50},{'mf'[row % 2]}\n" for row in range(200)))
    request = tmp_path / "request.json"
    names = {"real": "real.csv", "synthetic": "synthetic.csv"}
    request.write_text(Options(real=str(real), synthetic=str(real), names=names).to_json())
    looked = json.loads(work("--look", str(request)).stdout)
    assert looked["status"] in ("loaded", "warned")
    assert [(one["name"], one["kind"], one["role"]) for one in looked["columns"]] == [
        ("age", "number", "none"),
        ("sex", "category", "none"),  # suggested, never chosen
    ]
    assert looked["files"]["real"]["name"] == "real.csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["request.json", "upload"]
