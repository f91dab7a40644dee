"""From grades of measures to a check's grade, a family's and the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.judge.judge import column_importance, judge, rejudge
from audit.model import (
    Alignment,
    Column,
    Family,
    FamilyGrade,
    Grade,
    Kind,
    NotAssessed,
    Redaction,
    Report,
    Result,
    Role,
    Status,
)
from tests.judge.build import card, measure, policy, result, skipped

PASS, WARN, OPEN, FAIL = Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL
GOOD, CARE, BAD, UNSURE = measure(0.0), measure(0.03), measure(0.3), measure(0.02, 0.05)
EDGE = measure(0.015, 0.02)  # open, but it cannot fail


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ([GOOD], PASS),
        ([GOOD, CARE], WARN),
        ([GOOD, UNSURE], OPEN),
        ([GOOD, EDGE], OPEN),
        ([CARE, UNSURE], OPEN),
        ([UNSURE, BAD], FAIL),
    ],
)
def test_the_worst_detail_decides_where_there_is_no_headline(details, expected):
    measures = [replace(m, about=(f"c{i}",)) for i, m in enumerate(details)]
    assert judge([result(*measures)], policy()).results[0].grade is expected


@pytest.mark.parametrize(
    ("headline", "detail", "expected"),
    [
        (GOOD, GOOD, PASS),
        (GOOD, UNSURE, WARN),
        (GOOD, EDGE, PASS),
        (CARE, EDGE, WARN),
        (UNSURE, EDGE, OPEN),
        (GOOD, BAD, FAIL),
        (CARE, UNSURE, WARN),
        (UNSURE, GOOD, OPEN),
        (BAD, GOOD, FAIL),
    ],
)
def test_a_decided_headline_turns_open_details_that_may_fail_into_a_warning(headline, detail, expected):
    measures = (headline, replace(detail, about=("age",)))
    assert judge([result(*measures)], policy()).results[0].grade is expected


def test_an_open_detail_is_told_even_where_it_leaves_the_grade_alone():
    answer = judge([result(GOOD, replace(EDGE, about=("age",)))], policy())
    assert [(f.grade, f.about) for f in answer.findings] == [(OPEN, ("age",))]


def test_advice_softens_a_failure_to_a_warning():
    answer = judge([result(BAD)], policy(advisory=("shapes",)))
    assert answer.results[0].measures[0].grade is WARN
    assert answer.verdict.grade is WARN
    assert answer.findings[0].grade is WARN
    assert answer.findings[0].tolerance == 0.02


def verdict(*results, **asked):
    tolerances = {r.card.id: (0.02, 0.05) for r in results}
    return judge(results, policy(tolerances, **asked)).verdict


def test_pass():
    answer = verdict(result(GOOD))
    assert answer.grade is PASS
    assert answer.rule == "Pass: every check that ran lies wholly inside its tolerance for analytics."
    assert answer.reasons == ()


def test_fail_names_the_checks_that_fail():
    answer = verdict(result(BAD), result(GOOD, check="pairs"), result(BAD, check="types"))
    assert answer.grade is FAIL
    assert answer.rule == (
        "Fail: 2 checks found a difference that lies beyond the fail tolerance for analytics, "
        "uncertainty included (shapes, types)."
    )
    assert len(answer.reasons) == 2


def test_one_failure_outweighs_everything():
    answer = verdict(result(GOOD), skipped("pairs"), result(BAD, check="types"), required=("pairs",))
    assert answer.grade is FAIL


def test_warn():
    answer = verdict(result(CARE))
    assert answer.grade is WARN
    assert answer.rule == (
        "Usable with care: nothing is beyond a fail tolerance for analytics, but 1 check found something "
        "to know (shapes)."
    )


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([result(GOOD, check="pairs")], "shapes was left out"),
        ([result(GOOD, check="pairs"), skipped()], "Shapes: No holdout was given"),
        ([result(GOOD, check="pairs"), result(UNSURE)], "Shapes: the interval reaches across the tolerance"),
        (
            [
                result(GOOD, check="pairs"),
                Result(card(), Status.FAILED, reason="It broke.", grade_if_not_run=Grade.ERROR),
            ],
            "Shapes: It broke",
        ),
    ],
)
def test_a_required_check_without_an_answer_leaves_the_verdict_open(results, why):
    answer = judge(
        results, policy({"shapes": (0.02, 0.05), "pairs": (0.02, 0.05)}, required=("shapes",))
    ).verdict
    assert answer.grade is OPEN
    assert answer.rule == f"Cannot tell: for analytics a required check gave no clear answer ({why})."


def test_nothing_judged_is_never_a_pass():
    assert verdict(skipped()).grade is OPEN
    assert verdict(result(measure(0.1, descriptive=True))).grade is OPEN
    assert judge([], policy()).verdict.rule == "Cannot tell: no check gave a number that analytics judges."


def test_families_take_their_worst_grade_and_count_what_did_not_run():
    answer = judge(
        [
            result(GOOD),
            result(CARE, check="pairs"),
            skipped("types"),
            result(measure(1.0, descriptive=True), check="told"),
            skipped("copies"),
        ],
        policy({"shapes": (0.02, 0.05), "pairs": (0.02, 0.05)}),
    )
    assert answer.families == {Family.FIDELITY: FamilyGrade(WARN, 5, 2)}


def test_what_did_not_run_is_listed_with_what_would_allow_it():
    answer = judge([skipped("types"), result(GOOD)], policy())
    assert answer.not_assessed == (NotAssessed("types", "No holdout was given.", "Give one."),)


def test_inconclusive_is_worse_than_warn_in_a_family():
    answer = judge(
        [result(CARE), result(UNSURE, check="pairs")], policy({"shapes": (0.02, 0.05), "pairs": (0.02, 0.05)})
    )
    assert answer.families[Family.FIDELITY].grade is OPEN


def test_importance_by_role_and_kind():
    columns = [
        Column("y", Kind.CATEGORY, Role.TARGET),
        Column("sex", Kind.CATEGORY, Role.SENSITIVE),
        Column("zip", Kind.CATEGORY, Role.QUASI_IDENTIFIER),
        Column("id", Kind.KEY),
        Column("age", Kind.NUMBER),
    ]
    assert column_importance(columns) == {"y": 1.5, "sex": 1.3, "zip": 1.1, "id": 1.2, "age": 1.0}


def report(results, asked, judged):
    return Report(
        id="0" * 32,
        made_at="2024-01-01T00:00:00+00:00",
        seed=0,
        environment={},
        purpose="analytics",
        policy=asked.facts,
        engine="duckdb",
        tables={},
        columns=(Column("age", Kind.NUMBER),),
        alignment=Alignment(),
        notices=(),
        results=judged.results,
        findings=judged.findings,
        families=judged.families,
        verdict=judged.verdict,
        not_assessed=judged.not_assessed,
        multiplicity=judged.multiplicity,
        redaction=Redaction(10, 0),
        provenance={},
    )


def test_judging_again_gives_what_judging_at_once_gives():
    results = [result(CARE, replace(UNSURE, about=("age",))), skipped("types")]
    mild = policy({"shapes": (0.5, 0.9)}, name="software_testing")
    strict = policy({"shapes": (0.001, 0.002)}, required=("types",))
    columns = column_importance((Column("age", Kind.NUMBER),))
    first = report(results, mild, judge(results, mild, columns))
    again = rejudge(first, strict)
    assert again == report(results, strict, judge(results, strict, columns))
    back = rejudge(again, mild)
    assert back == replace(first, purpose="software_testing")
    assert [r.result for r in first.results] == results  # nothing was changed on the way
