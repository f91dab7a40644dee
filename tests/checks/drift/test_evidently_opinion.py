"""The second opinion: present where Evidently is, absent without harm, and never in the verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Pending
from audit.checks.drift.evidently_opinion import _measure, sent_numbers
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import EVIDENTLY, Grade, Status
from audit.run.run import run_checks
from tests.worlds import World, case_of, check_named, siblings, strangers

CHECKOUT = Path(__file__).parents[3]
BLOCKED = """
import importlib.abc, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "evidently":
            raise ModuleNotFoundError("evidently is blocked", name=name)

sys.meta_path.insert(0, Blocker())
"""
AUDIT = """
import json, sys
import pandas as pd
from audit import audit_frames
from audit.render.document import to_document

frames = [pd.read_parquet(path) for path in sys.argv[1:]]
report = audit_frames(*frames, target="income", sensitive=("sex",), checks=("column_shapes", "types", "evidently_opinion"))
print(json.dumps(to_document(report)))
"""


MARKUP = "</script><script>alert(1)</script>"


def _numbers(seed, shift=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(shift, 1, 1200) * scale


def _odd(frame, seed, real):
    """Columns on which the two opinions differ, and one with markup and a rare value."""
    labels = np.random.default_rng(seed).integers(0, 200, len(frame))
    marked = np.where(np.arange(len(frame)) % 2, MARKUP, "plain").astype(object)
    marked[:3] = "Zwockelberg"
    return frame.assign(
        many=[f"c{label}" for label in labels],
        tiny=_numbers(seed, 0.0 if real else 5.0, 1e-5),
        gone=np.where((np.arange(1200) % 2 == 0) | real, _numbers(5), np.nan),
        **{MARKUP: marked},
    )


@pytest.fixture(scope="module")
def told():
    """The result on strangers with odd columns beside them, and Evidently's own report."""
    world = strangers(1200)
    with case_of(World(_odd(world.real, 1, True), _odd(world.synthetic, 2, False))) as case:
        result = next(run_checks(case, [check_named("evidently_opinion")]))
        return result, (case.scratch / EVIDENTLY).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def opinion(told):
    return told[0]


def test_it_tells_every_column_and_how_many_drifted(opinion):
    assert opinion.status is Status.RAN
    assert opinion.summary == {"columns": 13.0, "drifted": 10.0, "not_handled": 0.0, "agree": 10.0}
    assert {m.about for m in opinion.measures} >= {("age",), ("city",), ("since",)}
    age = next(m for m in opinion.measures if m.about == ("age",))
    assert age.sentence.startswith("Evidently says drift for age: ")
    assert age.sentence.endswith("; column drift agrees (0.862 beyond chance).")
    assert age.next_step == ""


def test_its_own_report_holds_no_markup_and_no_rare_value(told):
    report = told[1]
    assert "age" in report
    assert r"\u2039/script\u203a" in report
    assert MARKUP not in report
    assert "alert(1)</script>" not in report
    assert "Zwockelberg" not in report


WHY = {
    "many": ("drift", "for 200 values in 1,200 rows chance alone gives about 0.2"),
    "tiny": (
        "no drift",
        "Evidently divides by at least 0.001, and the column's standard deviation is 1e-05",
    ),
    "gone": ("no drift", "Evidently leaves missing values out, and 50% are missing instead of 0%"),
}


@pytest.mark.parametrize("name", WHY)
def test_where_the_two_differ_it_says_why(opinion, name):
    says, why = WHY[name]
    m = next(m for m in opinion.measures if m.about == (name,))
    assert m.sentence.startswith(f"Evidently says {says} for {name}: ")
    assert f"; column drift says {'no drift' if says == 'drift' else 'drift'} (" in m.sentence
    assert why in m.sentence
    assert m.next_step.startswith("The two opinions differ: ")


def test_a_test_of_few_rows_is_no_measure_of_size():
    told = {"drifted": True, "method": "K-S p_value", "score": 0.001, "threshold": 0.05}
    values = [pd.DataFrame({"x": _numbers(seed)}) for seed in (1, 2)]
    with case_of(World(*values)) as case:
        m = _measure(case, "x", told)
    assert m.sentence.endswith("a difference is no chance in 1,200 rows, not that it is large.")


def test_copies_that_are_shown_keep_no_rare_end_of_a_number():
    values = np.concatenate([np.arange(1000.0), [123_457.0]])
    with case_of(World(pd.DataFrame({"x": values}), pd.DataFrame({"x": values}))) as case:
        shown = sent_numbers(case, "x", values)
    assert shown.max() <= 1000
    assert shown.min() >= 0
    assert set(shown % 10) == {0.0}


def test_it_is_shown_and_never_judged(opinion):
    assert all(m.descriptive for m in opinion.measures)
    answer = judge([opinion], load_policy("analytics"))
    assert answer.findings == ()
    assert answer.multiplicity.tests == 0
    assert answer.results[0].grade is Grade.NOT_APPLICABLE
    assert answer.verdict.grade is Grade.INCONCLUSIVE  # nothing else was asked


def test_no_policy_can_judge_it(opinion):
    for purpose in ("analytics", "ml_training", "sharing", "software_testing"):
        policy = load_policy(purpose)
        assert not any(key.startswith("evidently_opinion") for key in policy.tolerances)


def test_cancelling_ends_its_process():
    with case_of(siblings(300)) as case:
        pending = check_named("evidently_opinion").measure(case)
        assert isinstance(pending, Pending)
        pending.cancel()
        answer = pending.collect
        with pytest.raises(Exception, match="could not be imported or broke off"):
            answer()


def test_a_column_it_cannot_handle_is_counted():
    odd = pd.DataFrame({"x": ["a", "b"] * 50, "gone": [None] * 99 + ["z"]})
    with case_of(World(odd, odd.assign(gone=None))) as case:
        result = next(run_checks(case, [check_named("evidently_opinion")]))
    assert result.status is Status.RAN
    assert result.summary["columns"] + result.summary["not_handled"] == 2


def run_blocked(folder, blocked):
    """An audit in a fresh process, Evidently's import blocked there and in its children or not."""
    world = siblings(300)
    paths = []
    for role, frame in world.frames().items():
        paths.append(str(folder / f"{role}.parquet"))
        frame.to_parquet(paths[-1])
    site = folder / f"site-{blocked}"
    site.mkdir()
    (site / "sitecustomize.py").write_text(BLOCKED if blocked else "")
    (site / "one_audit.py").write_text(AUDIT)
    ended = subprocess.run(
        [sys.executable, "-m", "one_audit", *paths],
        cwd=folder,
        env={"PYTHONPATH": f"{site}:{CHECKOUT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(ended.stdout)


def test_the_audit_is_whole_without_evidently(tmp_path):
    without, usual = run_blocked(tmp_path, True), run_blocked(tmp_path, False)
    told = {r["check"]: r for r in without["results"]}
    assert told["evidently_opinion"]["status"] == "skipped"
    assert "vidently" in told["evidently_opinion"]["reason"]
    assert {r["check"]: r["status"] for r in usual["results"]}["evidently_opinion"] == "ran"
    for key in ("verdict", "findings", "multiplicity", "columns", "tables"):
        assert without[key] == usual[key]
    for check_id in ("column_shapes", "types"):
        other = next(r for r in usual["results"] if r["check"] == check_id)
        assert told[check_id] | {"seconds": 0} == other | {"seconds": 0}
