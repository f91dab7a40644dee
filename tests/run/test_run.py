"""Running checks: what is skipped, what breaks, what is cancelled, and that one file is one check."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audit import audit_frames
from audit.case.check import Need, Outcome, Pending, Skip, check
from audit.declare.options import Options
from audit.errors import OptionError
from audit.judge.judge import rejudge
from audit.judge.policy import load_policy
from audit.model import Better, Family, Grade, Measure, Scale, Status, Unit
from audit.run.run import prepare, run_checks
from tests.worlds import case_of, siblings, strangers

CHECKOUT = Path(__file__).parents[2]


def made(measure, **more):
    """A check around a function that stands in a test."""
    card = {
        "title": "Made",
        "family": Family.FIDELITY,
        "question": "Is it?",
        "scale": Scale(Unit.NUMBER, "rows", Better.LOWER),
    }

    def function(case):
        """A number for a test.

        Source: this test.
        """
        return measure(case)

    return check(id=more.pop("id", "made"), next_step="Look.", **(card | more))(function)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"needs": ("holdouts",)}, "'holdouts', which is none of Need.HOLDOUT, Need.TARGET"),
        ({"needs": ("holdout",)}, "'holdout', which is none of Need.HOLDOUT"),
        (
            {"scale": Scale("share", "share of rows", Better.LOWER)},
            "'share', which is none of Unit.SHARE, Unit.POINTS",
        ),
        (
            {"scale": Scale(Unit.SHARE, "share of rows", "lowest")},
            "'lowest', which is none of Better.LOWER, Better.HIGHER",
        ),
    ],
)
def test_a_mistyped_word_ends_the_import_of_a_check(more, told):
    with pytest.raises(TypeError, match=f"check 'made' has {told}"):
        made(one, **more)


def one(case):
    return Outcome((Measure(1.0),), {"a": 1.0})


def test_a_result_carries_what_the_check_gave():
    with case_of(siblings(60)) as case:
        (result,) = run_checks(case, [made(one)])
    assert (result.status, result.summary, result.measures) == (Status.RAN, {"a": 1.0}, (Measure(1.0),))
    assert result.rows_used == {"real": 60, "synthetic": 60, "holdout": 60}
    assert result.seconds >= 0


def test_a_broken_check_is_told_and_the_rest_goes_on(caplog):
    def breaks(case):
        return Outcome((Measure([][0]),))

    with case_of(siblings(60)) as case, caplog.at_level(logging.ERROR):
        broken, whole = run_checks(case, [made(breaks, id="first"), made(one)])
    assert (broken.status, broken.grade_if_not_run) == (Status.FAILED, Grade.ERROR)
    assert broken.reason == "The check broke (IndexError); the log has the details."
    assert "check first failed" in caplog.text
    assert whole.status is Status.RAN


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_a_defect_of_the_check(value):
    with case_of(siblings(60)) as case:
        (result,) = run_checks(case, [made(lambda case: Outcome((Measure(float(value)),)))])
    assert result.status is Status.FAILED


def test_a_check_says_that_it_does_not_apply():
    def skips(case):
        raise Skip("Nothing here.", "Give more.", assessable=False)

    with case_of(siblings(60)) as case:
        (result,) = run_checks(case, [made(skips)])
    assert (result.status, result.reason, result.remedy) == (Status.SKIPPED, "Nothing here.", "Give more.")
    assert result.grade_if_not_run is Grade.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("need", "reason", "grade"),
    [
        (
            "holdout",
            "It compares with real rows that the generator never saw, and no holdout was given.",
            "not_assessable",
        ),
        ("target", "No column has the role target.", "not_applicable"),
        ("sensitive", "No column has the role sensitive.", "not_applicable"),
        ("category", None, None),
        ("two_columns", None, None),
        (
            "rows",
            "A table has fewer than 30 rows; no share or distance would mean anything.",
            "not_assessable",
        ),
    ],
)
def test_needs_are_looked_at_before_the_check_runs(need, reason, grade):
    world = siblings(20, holdout=False)
    world = dataclasses.replace(
        world, **{role: frame.drop(columns="sex") for role, frame in world.frames().items()}
    )
    with case_of(world) as case:
        (result,) = run_checks(case, [made(one, needs=(Need(need),))])
    if reason is None:
        assert result.status is Status.RAN
    else:
        assert (result.status, result.reason, result.grade_if_not_run) == (Status.SKIPPED, reason, grade)


def test_not_asking_for_the_next_result_cancels_what_runs_beside():
    ended = []
    beside = made(
        lambda case: Pending(lambda: one(case), lambda: ended.append(True)), id="slow", background=True
    )
    with case_of(siblings(60)) as case:
        results = run_checks(case, [beside, made(one), made(one, id="other")])
        assert next(results).card.id == "made"
        assert ended == []
        results.close()
    assert ended == [True]


def test_slow_second_opinions_start_first_and_come_last():
    order = []

    def begins(case):
        order.append("begin")
        return Pending(lambda: order.append("collect") or one(case), lambda: None)

    with case_of(siblings(60)) as case:
        results = run_checks(
            case, [made(lambda c: order.append("quick") or one(c)), made(begins, id="slow", background=True)]
        )
        assert [r.card.id for r in results] == ["made", "slow"]
    assert order == ["begin", "quick", "collect"]


def options(**more):
    return Options("real", "synthetic", **more)


def test_checks_and_families_can_be_chosen():
    _, chosen = prepare(options(checks=("types", "keys")))
    assert {c.card.id for c in chosen} == {"types", "keys"}
    _, chosen = prepare(options(families=("privacy",)))
    assert {c.card.family for c in chosen} == {Family.PRIVACY}
    _, everything = prepare(options())
    assert len(everything) >= 20


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"checks": ("column_shape",)},
            "The check 'column_shape' does not exist. Did you mean 'column_shapes'?",
        ),
        ({"families": ("privcy",)}, "The family 'privcy' does not exist. Did you mean 'privacy'?"),
        (
            {"families": ("zzz",)},
            "The family 'zzz' does not exist. "
            "Known: fidelity, bias, drift, artifacts, privacy, generations, poisoning.",
        ),
    ],
)
def test_what_does_not_exist_is_refused(asked, message):
    with pytest.raises(OptionError) as refusal:
        prepare(options(**asked))
    assert str(refusal.value) == message


def audit(world, **more):
    return audit_frames(*world.frames().values(), **more)


def test_the_same_frames_and_seed_give_the_same_report():
    asked = {"families": ("fidelity", "privacy"), "target": "income", "seed": 3}
    first, again = audit(siblings(500), **asked), audit(siblings(500), **asked)
    assert first.id != again.id
    for one_result, other in itertools.zip_longest(first.results, again.results):
        assert dataclasses.replace(one_result.result, seconds=0) == dataclasses.replace(
            other.result, seconds=0
        )
    assert (first.verdict, first.findings, first.families) == (again.verdict, again.findings, again.families)


def test_another_seed_changes_only_what_is_drawn():
    reports = [audit(siblings(500), families=("fidelity",), seed=seed) for seed in (0, 1)]
    told = [
        {r.result.card.id: r.result.measures[0].value for r in report.results if r.result.measures}
        for report in reports
    ]
    changed = {name for name in told[0] if told[0][name] != told[1][name]}
    assert changed <= {"detectability", "realism", "diversity", "utility"}


def test_a_report_judged_again_by_its_own_policy_is_itself():
    report = audit(strangers(300), families=("fidelity", "artifacts"))
    assert rejudge(report, load_policy("analytics")) == report


def test_coverage_tells_how_much_of_the_real_table_was_compared():
    world = siblings(200)
    report = audit_frames(world.real, world.synthetic.drop(columns=["age", "city"]), checks=("types",))
    assert report.provenance["coverage"] == {"columns_compared": 8, "columns_of_real": 10}
    assert report.alignment.only_real == ("age", "city")


ADDED = '''
from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.model import Better, Family, Measure, Scale, Unit


@check(id="row_balance", title="Row balance", family=Family.ARTIFACTS, question="Are there as many rows?",
       scale=Scale(Unit.RATIO, "ratio", Better.ONE, 0.0, None), next_step="Sample again.")
def row_balance(case: Case) -> Outcome:
    """Synthetic rows for each real row.

    Source: counted.
    """
    value = case.synthetic.rows / case.real.rows
    return Outcome((Measure(value=value, sentence=f"{value:.1f} synthetic rows for each real row."),))
'''


def test_one_new_file_is_one_new_check_in_the_run_and_the_report(tmp_path):
    shutil.copytree(CHECKOUT / "audit", tmp_path / "audit", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "audit" / "checks" / "artifacts" / "row_balance.py").write_text(ADDED, encoding="utf-8")
    world = siblings(100)
    for role, frame in world.frames().items():
        frame.to_csv(tmp_path / f"{role}.csv", index=False)
    command = [sys.executable, "-m", "audit", "run", "--real=real.csv", "--synthetic=synthetic.csv"]
    subprocess.run(
        [*command, "--check=row_balance", "--out=out", "--quiet"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert "Row balance" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert '"row_balance"' in (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
