"""The second opinion: present where Evidently is, absent without harm, and never in the verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from audit.check import Pending
from audit.judge import judge
from audit.model import Grade, Status
from audit.policy import load_policy
from audit.run import run_checks
from tests.worlds import World, case_of, check_named, siblings, strangers

CHECKOUT = Path(__file__).parents[2]
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


@pytest.fixture(scope="module")
def opinion():
    with case_of(strangers(400)) as case:
        return next(run_checks(case, [check_named("evidently_opinion")]))


def test_it_tells_every_column_and_how_many_drifted(opinion):
    assert opinion.status is Status.RAN
    assert opinion.summary == {"columns": 9.0, "drifted": pytest.approx(9, abs=1), "not_handled": 0.0}
    assert {m.about for m in opinion.measures} >= {("age",), ("city",), ("since",)}
    age = next(m for m in opinion.measures if m.about == ("age",))
    assert age.sentence.startswith("Evidently says drift for age: ")


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
