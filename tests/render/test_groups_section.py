"""The section on groups: three answers in order, what is inherited, who is too few, what weights mend."""

from __future__ import annotations

from dataclasses import replace

import html5lib
import numpy as np
import pandas as pd
import pytest

from audit import audit_frames
from audit.model import Grade, GroupQuestion, Report
from audit.render.evidence import answer_question
from audit.render.groups_section import group_charts, group_section
from audit.render.html import to_html
from audit.render.markdown import to_markdown

CHECKS = ("group_profiles", "representation", "outcome_disparity", "row_weights")


def people(rows: int, women: float, rate: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sex = np.where(rng.random(rows) < women, "<b>f</b>", "m")
    hired = np.where(rng.random(rows) < np.where(sex == "m", 0.5, rate), "yes", "no")
    town = np.where(np.arange(rows) < 30, "Zell", "Bonn")
    return pd.DataFrame({"sex": sex, "town": town, "hired": hired, "x": rng.normal(size=rows)})


@pytest.fixture(scope="module")
def report() -> Report:
    real, synthetic = people(3000, 0.5, 0.4, 1), people(3000, 0.3, 0.1, 2)
    return audit_frames(real, synthetic, target="hired", sensitive=("sex", "town"), checks=CHECKS)


@pytest.fixture(scope="module")
def quiet() -> Report:
    real = people(30_000, 0.5, 0.4, 1)
    return audit_frames(real, real.copy(), target="hired", sensitive=("sex",), checks=CHECKS)


def text_of(report: Report) -> str:
    tree = html5lib.parse(to_html(report), namespaceHTMLElements=False)
    (section,) = [one for one in tree.iter("section") if one.get("aria-labelledby") == "subgroups"]
    return " ".join(" ".join(section.itertext()).split())


def test_the_questions_are_answered_in_their_order(report: Report) -> None:
    section = group_section(report)
    assert section is not None
    assert [one.question for one in section.answers] == list(GroupQuestion)
    assert [one.grade for one in section.answers[:2]] == [Grade.FAIL, Grade.FAIL]
    assert section.answers[2].grade is Grade.NOT_ASSESSABLE
    assert section.answers[2].reason == "No check of this theme was asked for."
    places = [text_of(report).index(question) for question in GroupQuestion]
    assert places == sorted(places)


def test_what_is_inherited_and_added_is_told_with_a_picture(report: Report) -> None:
    section = group_section(report)
    assert section is not None
    assert any("inherited" in text and "added by the generator" in text for text in section.inherited)
    assert {chart.words for kind in group_charts(report) for chart in kind} == {"rate of the outcome"}
    assert 'class="chart"' in to_html(report).partition('id="subgroups"')[2].partition("</section>")[0]


def test_weights_stand_with_their_cost_and_advice(report: Report) -> None:
    section = group_section(report)
    assert section is not None
    assert "rows then tell as much as" in section.gains[-1]
    first = section.weights[0]
    assert first.cell.endswith("hired = yes") and float(first.weight) > 1.5
    assert first.advice.startswith(tuple("0123456789")) and "generate" in first.advice
    assert "The weight of every row stands in row_weights.csv." in text_of(report)


def test_names_stay_text(report: Report) -> None:
    assert "<b>f</b>" in text_of(report)
    assert "<b>f</b>" not in to_html(report)


def test_where_nothing_is_wrong_nothing_is_advised(quiet: Report) -> None:
    section = group_section(quiet)
    assert section is not None
    assert (section.gains, section.weights) == ((), ())
    assert [one.sentences for one in section.answers] == [(), (), ()]
    assert "No group is off beyond its tolerance." in text_of(quiet)
    assert "What weights would mend" not in text_of(quiet)


def test_without_checks_of_groups_there_is_no_section(report: Report) -> None:
    assert group_section(replace(report, results=())) is None
    assert "Groups of people" not in to_markdown(replace(report, results=()))


def test_markdown_tells_the_same(report: Report) -> None:
    told = to_markdown(report).partition("## Groups of people")[2].partition("\n## ")[0]
    for question in GroupQuestion:
        assert question.rstrip("?") in told
    assert "added by the generator" in told and "tell as much as" in told
    assert "<b>" not in told


def test_a_crossing_answers_by_what_it_is_about(report: Report) -> None:
    """A crossing that is too rare is no gap in outcome, and one whose outcome moved is still there."""
    (shares,) = [r for r in report.results if r.result.card.id == "representation"]
    (gaps,) = [r for r in report.results if r.result.card.id == "outcome_disparity"]
    card = replace(
        shares.result.card, id="intersections", answers=(GroupQuestion.PRESENCE, GroupQuestion.GAP)
    )
    number = next(one for one in shares.measures if one.grade is Grade.FAIL)
    for name, question in (
        ("share", "Is every group still there?"),
        ("rate", "Does the gap in outcome grow?"),
    ):
        measure = replace(number, measure=replace(number.measure, name=name))
        crossed = replace(
            shares, result=replace(shares.result, card=card, measures=(measure.measure,)), measures=(measure,)
        )
        only = replace(report, results=(crossed,))
        told = {question: answer_question(only, question)[0] for question in GroupQuestion}
        assert [question for question, grade in told.items() if grade is Grade.FAIL] == [question]
    assert gaps.grade is Grade.FAIL
