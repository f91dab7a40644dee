"""What cannot be used is refused before anything slow is loaded: seen by what a fresh process has loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit.checks import all_checks, check_ids
from tests.cli.conftest import CHECKOUT, SAMPLE

SLOW = {"duckdb", "numpy", "pandas", "pyarrow", "scipy", "sklearn"}
REAL, SYNTHETIC = SAMPLE / "real.csv", SAMPLE / "synthetic_good.csv"

TOLD = """
import json, sys
from audit.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def refused(tmp_path: Path, *arguments: object) -> str:
    """What a fresh process says that refuses; fails where it has loaded anything slow."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD, *map(str, arguments), "--out", str(tmp_path / "report")],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    code, loaded = json.loads(done.stdout)
    assert code == 2, done.stderr
    assert sorted(SLOW & set(loaded)) == []
    return done.stderr.strip()


@pytest.fixture
def run(tmp_path: Path):
    def call(*options: object, real: Path = REAL, synthetic: Path = SYNTHETIC) -> str:
        return refused(tmp_path, "run", "--real", real, "--synthetic", synthetic, *options)

    return call


def test_a_missing_file(run, tmp_path):
    assert run(real=tmp_path / "none.csv") == "none.csv: the file does not exist. Check the path."
    assert run(synthetic=tmp_path / "none.csv") == "none.csv: the file does not exist. Check the path."
    assert run("--holdout", tmp_path / "none.csv") == "none.csv: the file does not exist. Check the path."


def test_a_folder_and_what_is_no_table_by_its_first_bytes(run, tmp_path):
    assert "folder or device" in run(real=tmp_path)
    (tmp_path / "a.csv").write_bytes(b"\x80\x04\x95 a pickle")
    assert "Python pickle" in run(synthetic=tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(b"")
    assert "empty" in run(synthetic=tmp_path / "b.csv")


def test_an_address(run):
    assert "addresses such as sqlite:" in run(real="sqlite:///people.db?table=people")


def test_a_check_and_a_family_that_do_not_exist(run):
    assert run("--check", "colum_shapes") == (
        "The check 'colum_shapes' does not exist. Did you mean 'column_shapes'?"
    )
    assert run("--family", "fidelty") == "The family 'fidelty' does not exist. Did you mean 'fidelity'?"


def test_a_policy_that_cannot_be_used(run, tmp_path):
    assert "There is no policy file" in run("--policy", tmp_path / "none.toml")
    (tmp_path / "p.toml").write_text('extends = "sharing"\n[checks.keyz]\nwarn = 0\nfail = 0\n')
    assert "Did you mean 'keys'?" in run("--policy", tmp_path / "p.toml")


def test_options_that_cannot_be_used(run, tmp_path):
    assert "The option seed is -1" in run("--seed", -1)
    assert "There is no file" in run("--rules", tmp_path / "none.toml")


def test_a_series_of_one_table_or_with_a_missing_one(tmp_path):
    missing = tmp_path / "none.csv"
    assert "none.csv: the file does not exist" in refused(
        tmp_path, "compare", "--real", REAL, SYNTHETIC, missing
    )
    assert "1 synthetic tables were given" in refused(tmp_path, "generations", "--real", REAL, SYNTHETIC)


def test_ids_told_from_files_are_those_of_the_checks():
    assert sorted(check_ids()) == sorted(check.card.id for check in all_checks())


def test_a_page_of_many_comments_is_looked_at_in_time(run, tmp_path):
    (tmp_path / "c.csv").write_bytes(b"<!-- -->" * 4000 + b"no page")
    assert run("--holdout", tmp_path / "none.csv", synthetic=tmp_path / "c.csv")
