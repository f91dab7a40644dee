"""A second process gives the same numbers, answers in part, and ends with whoever asked."""

from __future__ import annotations

import dataclasses
import math

import pytest

from audit.checks import all_checks
from audit.model import Measure, Result, Status
from audit.run.measure import measure
from audit.run.second_process import ASIDE, SecondProcess, _from_line, _to_line, checks_for_second_process
from tests.worlds import case_of, siblings

QUICK = ("copied_rows", "too_good", "near_copies")


def named(*wanted):
    return [check for check in all_checks() if check.card.id in wanted]


def timeless(results):
    return {r.card.id: dataclasses.replace(r, seconds=0.0) for r in results}


@pytest.fixture
def case():
    with case_of(siblings(300)) as case:
        yield case


def test_the_same_numbers_as_in_this_process(case):
    checks = named(*QUICK)
    with SecondProcess(case, checks) as lane:
        there = list(lane.drain())
    assert timeless(there) == timeless(measure(check, case) for check in checks)
    assert {r.status for r in there} == {Status.RAN}


def test_what_it_does_not_answer_is_measured_here(case, caplog):
    checks = named(*QUICK)
    with SecondProcess(case, checks) as lane:
        lane._child.kill()
        results = list(lane.drain())
    assert sorted(r.card.id for r in results) == sorted(QUICK)
    assert "ended early" in caplog.text


def test_leaving_ends_it(case):
    with SecondProcess(case, named(*QUICK)) as lane:
        assert lane._child.poll() is None
    assert lane._child.poll() is not None


def test_endless_intervals_come_back_endless(case):
    (check,) = named("copied_rows")
    result = Result(check.card, Status.RAN, (Measure(1.0, low=-math.inf, high=math.inf), Measure(2.0)))
    line = _to_line(result)
    assert _from_line(line, {check.card.id: check.card}) == result
    assert b"Infinity" not in line


@pytest.mark.parametrize(
    ("rows", "threads", "families", "pays"),
    [
        (30_000, 0, None, True),
        (3_000, 0, None, False),
        (30_000, 1, None, False),
        (30_000, 0, ASIDE, False),
    ],
    ids=["large", "small", "one thread asked for", "nothing else to do"],
)
def test_it_starts_where_it_pays(case, monkeypatch, rows, threads, families, pays):
    monkeypatch.setattr("audit.run.second_process._cores", lambda: 2)
    case.options = dataclasses.replace(case.options, threads=threads)
    case.real.rows = rows
    checks = [c for c in all_checks() if families is None or c.card.family in families]
    assert bool(checks_for_second_process(case, checks)) is pays


def test_it_never_starts_on_one_core(case, monkeypatch):
    monkeypatch.setattr("audit.run.second_process._cores", lambda: 1)
    case.real.rows = 30_000
    assert checks_for_second_process(case, list(all_checks())) == ()
