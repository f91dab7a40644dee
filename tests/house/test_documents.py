"""Documents are short, current and true: what is generated, and code that readers may copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit.errors import AuditError
from docs.make import documents
from tests.house.source import ROOT, no

MOST_WORDS = 900
WRITTEN = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), ROOT / "sample_data/README.md"])


def blocks(path: str, language: str) -> list[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS


@pytest.mark.parametrize("name", ["checks.md", "tolerances.md", "architecture.svg"])
def test_what_is_generated_is_current(name: str) -> None:
    there = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert there == documents()[name], "run: python -m docs.make"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_points_to_exists(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    files = re.findall(r"`((?:audit|bench|docs|pages|sample_data|tests|\.ci)/[\w/.-]+\.\w+)`", text)
    new = {"constant_columns.py", "test_constant_columns.py"}  # the example's
    lost = [link for link in links if not (path.parent / link).exists()]
    no(lost + [name for name in files if not (ROOT / name).exists() and Path(name).name not in new])


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks("README.md", "python")
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    quick = code.replace('families=("privacy",)', 'checks=("copied_rows",)')
    assert quick != code, "the test asks for one check of the family, to be quick"
    done = run_in(tmp_path, ["-c", quick], tmp_path)
    assert "Cannot tell" in done or "Pass" in done or "care" in done or "Fail" in done
    assert (tmp_path / "report/report.html").is_file()


def test_the_check_of_the_example_stands_after_one_file_and_one_test(tmp_path: Path) -> None:
    check, test = blocks("docs/adding-a-check.md", "python")
    (tolerance,) = blocks("docs/adding-a-check.md", "toml")
    for name in ("audit", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "e2e"))
    (tmp_path / "audit/checks/fidelity/constant_columns.py").write_text(check + "\n", encoding="utf-8")
    tested = tmp_path / "tests/checks/fidelity/test_constant_columns.py"
    tested.write_text(test + "\n", encoding="utf-8")
    passed = run_in(tmp_path, ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(tested)], tmp_path)
    assert "4 passed" in passed
    with (tmp_path / "audit/judge/policies/base.toml").open("a", encoding="utf-8") as policy:
        policy.write("\n" + tolerance + "\n")
    told = run_in(tmp_path, ["-c", JUDGED], tmp_path)
    assert told.split() == ["True", "fail", "choice"]


JUDGED = """
import pandas as pd
import audit
from audit.render.html import to_html
from audit.render.report_view import ReportView
real = pd.DataFrame({"a": range(400), "b": list("xy") * 200})
report = audit.audit_frames(real, real.assign(a=1), checks=("constant_columns",))
(result,) = report.results
policy = audit.load_policy("analytics")
shown = "Constant columns" in to_html(ReportView(report))
print(shown, result.grade.value, policy.tolerance("constant_columns", "").kind)
"""


def run_in(folder: Path, arguments: list[str], cwd: Path) -> str:
    """What a fresh process prints that finds the package in a folder, or in the project."""
    path = os.pathsep.join([str(folder), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_examples_name_what_is_public() -> None:
    import audit

    code = "\n".join(blocks("README.md", "python")) + (audit.__doc__ or "")
    named = set(re.findall(r"\baudit\.(\w+)", code))
    assert named <= set(audit.__all__), named - set(audit.__all__)
    assert issubclass(audit.AuditError, AuditError)
