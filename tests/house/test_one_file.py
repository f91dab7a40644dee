"""A new check is one new file: no list elsewhere names it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"fidelity": "utility", "drift": "drift"}

# With values to replace: <name>, <family>, <unit>.
CHECK = '''
"""A check that stands in one file."""

from audit.case.case import Case
from audit.case.check import Outcome, check
from audit.model import Better, Family, Fold, Measure, Scale, Unit


@check(
    id="<name>_<family>",
    title="The <name> of <family>",
    known_as="what the field calls it",
    folds=(Fold.FOLLOWS_COLUMNS,),
    family=Family("<family>"),
    question="Does one file suffice?",
    scale=Scale(Unit.<unit>, "share of files", Better.LOWER, 0.0, 1.0),
    next_step="Nothing.",
)
def counted(case: Case) -> Outcome:
    """Share of files that had to be edited.

    Always 0, but for one column.

    Source: this test.
    """
    n = case.synthetic.rows
    none = Measure(0.0, low=0.0, high=0.0, baseline=0.0, n=n, sentence="None had to be.")
    some = Measure(0.3, about=("a",), low=0.3, high=0.3, baseline=0.0, n=n, sentence="For a column some had to be.")
    return Outcome((none, some))
'''

RUN = """
import json
import pandas as pd
import audit
from dataclasses import replace
from audit.declare.options import Options
from audit.render import write_reports
from audit.render.html import to_html
from audit.store import Runs

frame = pd.DataFrame({"a": range(400), "b": list("xy") * 200})
asked = ("column_shapes", *(f"{name}_{family}" for name in ("newcomer", "stranger") for family in ("fidelity", "drift")))
report = audit.audit_frames(frame, frame.assign(a=frame.a % 100), checks=asked)
store = Runs()
run = store.submit(Options(real="r.csv", synthetic="s.csv", names={"real": "r.csv", "synthetic": "s.csv"}), "me", {}, "key")
report = replace(report, id=run)
write_reports(report, store.folder_of(run).path)
store.finish(run, report)
page = to_html(report)
roots = {name: root.check for root in report.findings for name in root.folded}
print(json.dumps({
    "run": run,
    "titles": [one.result.card.title for one in report.results if one.result.card.title in page],
    "grades": {one.result.card.id: [number.grade for number in one.measures] for one in report.results},
    "under": {f.check: roots.get(f.id) for f in report.findings if f.check != "column_shapes"},
    "notices": [notice.text for notice in report.notices if "has no tolerance" in notice.text],
}))
"""

# With values to replace: <run>.
SHOW = """
import json
from streamlit.testing.v1 import AppTest
shown = {}
for name in ("utility", "drift", "method"):
    app = AppTest.from_file("app.py", default_timeout=60)
    app.query_params["run"] = "<run>"
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    texts = [str(element.value) for kind in ("markdown", "subheader", "caption", "text") for element in app.get(kind)]
    shown[name] = " ".join([*texts, *(str(getattr(element, "label", "")) for element in app.get("expander"))])
print(json.dumps(shown))
"""


def copy_of_the_house(folder: Path) -> Path:
    for name in ("audit", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder / "app.py")
    for family in PAGES:
        for name, unit in (("newcomer", "SHARE"), ("stranger", "SCORE")):
            text = CHECK.replace("<name>", name).replace("<family>", family).replace("<unit>", unit)
            (folder / f"audit/checks/{family}/{name}_{family}.py").write_text(text, encoding="utf-8")
    return folder


def run_in(folder: Path, code: str) -> Any:
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "SDA_RUNS": str(folder / "runs"),
        "SDA_WORKERS": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def told(house: Path) -> Any:
    return run_in(house, RUN)


@pytest.mark.parametrize("family", PAGES)
def test_one_file_puts_a_check_in_the_report(told: Any, family: str) -> None:
    assert f"The newcomer of {family}" in told["titles"]


@pytest.mark.parametrize("family", PAGES)
def test_one_file_has_the_tolerance_of_its_family_and_its_finding_folds(told: Any, family: str) -> None:
    assert told["grades"][f"newcomer_{family}"] == ["pass", "fail"]
    assert told["under"][f"newcomer_{family}"] == "column_shapes"


@pytest.mark.parametrize("family", PAGES)
def test_a_check_that_no_default_fits_is_named_at_the_start(told: Any, family: str) -> None:
    assert told["grades"][f"stranger_{family}"] == [None, None]
    (notice,) = told["notices"]
    assert f"stranger_{family} ({family}, share of files)" in notice
    assert "newcomer" not in notice


def test_one_file_puts_a_check_on_its_page_and_on_the_method_page(house: Path, told: Any) -> None:
    shown = run_in(house, SHOW.replace("<run>", told["run"]))
    for family, page in PAGES.items():
        assert f"The newcomer of {family}" in shown[page]
        assert "None had to be" in shown[page]
        assert f"The newcomer of {family}" in shown["method"]
    assert "what the field calls it" in shown["method"]
