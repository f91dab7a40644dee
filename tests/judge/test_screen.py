from __future__ import annotations

import json
from dataclasses import replace

import pytest

from audit.judge.judge import judge, rejudge
from audit.judge.policy import Tolerance, load_policy
from audit.judge.screen import Screen
from audit.model import Alignment, Grade, Measure, Multiplicity, Redaction, Report, Verdict
from audit.render.records import decode_record, encode
from tests.judge.build import measure, policy, result

BY_CHANCE = Screen(false_alarm=0.01)
EITHER = Screen(false_alarm=0.01, half_width=0.02)

# screen, what the number shows, whether it is judged
ADMITTED = [
    (Screen(), {"p_value": 0.9}, True),
    (BY_CHANCE, {"p_value": 0.009}, True),
    (BY_CHANCE, {"p_value": 0.011}, False),
    (BY_CHANCE, {"p_value": 0.001, "comparisons": 10}, True),
    (BY_CHANCE, {"p_value": 0.001, "comparisons": 11}, False),
    (BY_CHANCE, {}, True),
    (Screen(false_alarm=1.0), {"p_value": 0.9, "comparisons": 50}, True),
    (EITHER, {"p_value": 0.5, "half": 0.019}, True),
    (EITHER, {"p_value": 0.5, "half": 0.03}, False),
    (EITHER, {"p_value": 0.001, "half": 0.03}, True),
    (Screen(half_width=0.02), {"half": 0.03}, False),
    (Screen(least_rows=125), {"n": 125}, True),
    (Screen(least_rows=125), {"n": 124}, False),
    (Screen(least_rows=125), {"n": 5000, "support": 124}, False),
    (Screen(least_rows=125), {"n": 124, "support": 125}, True),
    (Screen(false_alarm=0.01, least_rows=20), {"p_value": 0.5, "support": 20}, True),
    (Screen(false_alarm=0.01, least_rows=20), {"p_value": 0.5, "support": 19}, False),
    (Screen(false_alarm=0.01, least_rows=20), {"p_value": 0.005, "support": 19}, True),
]


@pytest.mark.parametrize(("screen", "shows", "judged"), ADMITTED)
def test_a_number_is_judged_where_it_meets_any_of_what_is_asked(screen, shows, judged):
    half = shows.get("half", 0.0)
    number = measure(0.5, half, **{key: value for key, value in shows.items() if key != "half"})
    assert screen.admits(number) is judged


def test_a_number_without_an_interval_is_as_precise_as_can_be():
    assert Screen(half_width=0.001).admits(Measure(0.5))


def screened(screen, *measures, better="lower", warn=0.02, fail=0.05):
    one = replace(policy({}), tolerances={"shapes": Tolerance(warn, fail, screen=screen)})
    return [j.grade for j in judge([result(*measures, better=better)], one).results[0].measures]


def test_what_is_held_back_is_shown_without_a_grade_and_is_no_test():
    clear, chance = measure(0.5, p_value=0.0), measure(0.5, p_value=0.4)
    one = replace(policy({}), tolerances={"shapes": Tolerance(0.02, 0.05, screen=BY_CHANCE)})
    answer = judge([result(clear, chance)], one)
    judged = answer.results[0].measures
    assert [j.grade for j in judged] == [Grade.FAIL, None]
    assert [j.tolerance_fail for j in judged] == [0.05, None]
    assert answer.multiplicity.tests == 1
    assert len(answer.findings) == 1


def test_what_is_descriptive_stays_so_however_clear_it_is():
    assert screened(Screen(), measure(0.5, descriptive=True, p_value=0.0)) == [None]


@pytest.mark.parametrize(
    ("better", "least", "small", "large"),
    [
        ("lower", 0.1, 0.09, 0.11),
        ("zero", 0.1, -0.09, -0.11),
        ("one", 1.1, 1.05, 1.2),
        ("one", 1.1, 0.95, 0.8),
    ],
)
def test_a_small_effect_is_not_worth_a_grade_however_clear(better, least, small, large):
    screen = Screen(false_alarm=0.01, least_effect=least)
    tolerances = {"warn": 1.01, "fail": 1.1} if better == "one" else {}
    numbers = [measure(value, p_value=0.0) for value in (small, large)]
    grades = screened(screen, *numbers, better=better, **tolerances)
    assert grades == [None, Grade.FAIL]
    assert screened(screen, measure(large, p_value=0.4), better=better, **tolerances) == [None]


def test_a_tolerance_without_a_screen_has_that_of_the_policy():
    one = replace(policy(), screen=BY_CHANCE)
    chance = measure(0.5, p_value=0.4)
    assert judge([result(chance)], one).results[0].measures[0].grade is None
    assert judge([result(chance)], policy()).results[0].measures[0].grade is Grade.FAIL


def written(tmp_path, text):
    (tmp_path / "p.toml").write_text(text)
    return load_policy(tmp_path / "p.toml")


def test_a_policy_says_what_a_number_has_to_show(tmp_path):
    text = "[screen]\nfalse_alarm = 0.2\n[checks.shapes]\nwarn = 1\nfail = 2\nhalf_width = 0.5\nleast_rows = 10\n"
    own = written(tmp_path, text)
    assert own.screen == Screen(false_alarm=0.2)
    assert own.tolerance("shapes", "").screen == Screen(half_width=0.5, least_rows=10)


def test_a_policy_that_says_nothing_screens_as_the_shipped_ones(tmp_path):
    base = load_policy("base")
    own = written(tmp_path, "[checks.closeness]\nwarn = 0.6\nfail = 0.7\n")
    assert own.screen == base.screen and own.screen.false_alarm is not None


def stored(measures, one):
    """A report as it comes back from a file."""
    report = Report(
        id="0" * 32,
        made_at="2024-01-01T00:00:00Z",
        seed=0,
        environment={},
        purpose=one.name,
        policy=one.facts,
        engine="",
        tables={},
        columns=(),
        alignment=Alignment(),
        notices=(),
        results=judge([result(*measures)], one).results,
        findings=(),
        families={},
        verdict=Verdict(Grade.PASS, ""),
        not_assessed=(),
        multiplicity=Multiplicity(0, "", 0.0),
        redaction=Redaction(0, 0),
        provenance={},
    )
    plain = json.loads(json.dumps(encode(report.results[0].result.measures[0])))
    assert {"p_value", "comparisons", "support"} <= plain.keys()
    back = tuple(decode_record(Measure, json.loads(json.dumps(encode(m))), "here") for m in measures)
    return replace(report, results=judge([result(*back)], one).results)


def screening(**asked):
    return replace(policy({}), tolerances={"shapes": Tolerance(0.02, 0.05, screen=Screen(**asked))})


def test_another_screen_opens_and_closes_what_a_stored_report_holds():
    numbers = measure(0.5, p_value=0.0), measure(0.4, p_value=0.004, comparisons=5), measure(0.3, p_value=0.5)
    report = stored(numbers, screening(false_alarm=0.02))
    assert [j.grade for j in report.results[0].measures] == [Grade.FAIL, Grade.FAIL, None]
    looser, stricter, off = (rejudge(report, screening(false_alarm=level)) for level in (0.6, 0.01, 1.0))
    assert [j.grade for j in looser.results[0].measures] == [Grade.FAIL] * 3
    assert [j.grade for j in stricter.results[0].measures] == [Grade.FAIL, None, None]
    assert [len(one.findings) for one in (looser, stricter, off)] == [3, 1, 3]
    assert [one.multiplicity.tests for one in (looser, stricter, off)] == [3, 1, 3]


def test_an_older_report_keeps_what_its_checks_held_back():
    """They said so by themselves, and gave no p-value."""
    names = ("p_value", "comparisons", "support")
    plain = [encode(m) for m in (measure(0.5, 0.1), measure(0.5, descriptive=True))]
    older = [{key: value for key, value in one.items() if key not in names} for one in plain]
    back = [decode_record(Measure, one, "here") for one in older]
    assert [m.comparisons for m in back] == [1, 1]
    one = screening(false_alarm=0.01, half_width=0.001)
    assert [j.grade for j in judge([result(*back)], one).results[0].measures] == [Grade.FAIL, None]


def test_a_policy_of_ones_own_changes_a_screen_and_keeps_the_rest(tmp_path):
    base = load_policy("analytics").tolerance("attribute_inference", "excess")
    text = 'extends = "analytics"\n[checks.attribute_inference.measures.excess]\nfalse_alarm = 0.2\n'
    own = written(tmp_path, text).tolerance("attribute_inference", "excess")
    assert own.screen == replace(base.screen, false_alarm=0.2)
    assert (own.warn, own.fail) == (base.warn, base.fail)


def test_a_policy_that_stands_alone_has_the_shipped_screen_of_what_it_judges(tmp_path):
    text = "[checks.closeness]\nwarn = 0.6\nfail = 0.7\n[checks.closeness.measures.spread]\nwarn = 0.6\nfail = 0.7\n"
    own, base = written(tmp_path, text), load_policy("base")
    assert own.tolerance("closeness", "spread").screen == base.tolerance("closeness", "spread").screen
    assert own.tolerance("closeness", "spread").screen == Screen(false_alarm=0.005)
