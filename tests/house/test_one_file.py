"""A new check is one new file: no list elsewhere names it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CHECK = '''
"""A check that stands in one file."""

from audit.case.case import Case
from audit.case.check import Outcome, check
from audit.model import Better, Family, Measure, Scale, Unit


@check(
    id="newcomer",
    title="The newcomer",
    family=Family.FIDELITY,
    question="Does one file suffice?",
    scale=Scale(Unit.SHARE, "share of rows", Better.LOWER, 0.0, 1.0),
    next_step="Nothing.",
)
def newcomer(case: Case) -> Outcome:
    """Share of files that had to be edited.

    Always 0.

    Source: this test.
    """
    return Outcome((Measure(0.0, low=0.0, high=0.0, baseline=0.0, n=case.synthetic.rows, sentence="None had to be."),))
'''

RUN = """
import pandas as pd
import audit
from audit.render.html import to_html
frame = pd.DataFrame({"a": range(40), "b": list("xy") * 20})
report = audit.audit_frames(frame, frame.assign(a=frame.a + 1), checks=("newcomer", "column_shapes"))
result = {r.result.card.id: r.result.status.value for r in report.results}
print(result["newcomer"], "newcomer" in to_html(report) and "The newcomer" in to_html(report))
"""

METHOD = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
app.switch_page("pages/method.py").run()
assert not app.exception, app.exception
shown = " ".join(str(element.value) for kind in ("markdown", "subheader", "caption", "text") for element in app.get(kind))
labels = " ".join(str(getattr(element, "label", "")) for element in app.get("expander"))
print("The newcomer" in shown + labels)
"""


def copy_of_the_house(folder: Path) -> Path:
    for name in ("audit", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder / "app.py")
    (folder / "audit/checks/fidelity/newcomer.py").write_text(CHECK, encoding="utf-8")
    return folder


def run_in(folder: Path, code: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "SDA_RUNS": str(folder / "runs")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_one_file_puts_a_check_in_the_run_the_report_and_the_method_page(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    assert run_in(house, RUN) == "ran True"
    assert run_in(house, METHOD) == "True"
