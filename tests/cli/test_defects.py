"""A defect of the program itself: a broken copy of it must say so in a line, and where the log lies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import CHECKOUT

BROKEN_CHECK = '''
from audit.case.case import Case
from audit.case.check import Outcome, check
from audit.model import Better, Family, Measure, Scale, Unit



@check(id="broken", title="Broken", family=Family.ARTIFACTS, question="Does it break?",
       scale=Scale(Unit.NUMBER, "rows", Better.LOWER), next_step="Mend it.")
def broken(case: Case) -> Outcome:
    """It breaks.

    Source: none.
    """
    return Outcome((Measure(value=1 / 0),))
'''


@pytest.fixture
def copy(tmp_path):
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "audit", tmp_path / "copy" / "audit", ignore=ignore)
    (tmp_path / "logs").mkdir()
    return tmp_path / "copy"


def run(copy, small, out):
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic")]
    return subprocess.run(
        [sys.executable, "-m", "audit", "run", *tables, "--family=artifacts", "--quiet", f"--out={out}"],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(copy.parent / "logs")},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def log_of(answer):
    path = Path(re.search(r"The log lies in (.+)\.$", answer.stderr.strip())[1])
    assert path.stat().st_mode & 0o077 == 0  # for its owner only
    return path.read_text(encoding="utf-8")


def test_a_missing_part_of_the_program_is_a_defect(copy, small, tmp_path):
    for template in (copy / "audit" / "render" / "templates").glob("report*"):
        template.unlink()
    answer = run(copy, small, tmp_path / "out")
    assert answer.returncode == 4
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith("This program failed (TemplateNotFound); that is a defect. ")
    assert "Traceback" in log_of(answer)
    assert not (tmp_path / "out" / "report.json").exists()


def test_a_check_that_breaks_is_told_and_the_rest_stands(copy, small, tmp_path):
    (copy / "audit" / "checks" / "artifacts" / "broken.py").write_text(BROKEN_CHECK, encoding="utf-8")
    answer = run(copy, small, tmp_path / "out")
    assert answer.returncode in (0, 1, 3)
    ungraded, defect = answer.stderr.splitlines()  # a tolerance that is missing is told at the start
    assert ungraded.startswith("The policy analytics has no tolerance for broken ")
    assert defect.startswith("A defect of this program: broken broke off. The log lies in ")
    assert "ZeroDivisionError" in log_of(answer)
    assert "Not assessed: broken" in answer.stdout
    report = (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    assert '"The check broke (ZeroDivisionError); the log has the details."' in report


def test_nothing_is_left_in_the_temporary_folder(copy, small, tmp_path):
    run(copy, small, tmp_path / "out")
    assert list((tmp_path / "logs").iterdir()) == []
