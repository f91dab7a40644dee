"""Groups of people in a report: three questions, what is inherited, what weights would mend."""

from __future__ import annotations

from dataclasses import dataclass

from audit.model import (
    Chart,
    Family,
    Forest,
    Grade,
    GroupQuestion,
    JudgedResult,
    Measure,
    Report,
    Section,
    Status,
)
from audit.render import formatting
from audit.render.evidence import answer_in, answer_question, checks_answering
from audit.render.number import group_words

MAX_SENTENCES = 3  # sentences that answer a question
CELLS = 20  # with a weight
_SHOWN = ("rate of the outcome", "share of rows", "true positive rate of a model")
_OFF = (Grade.FAIL, Grade.WARN)


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """A question about groups, the grade of its checks and the worst of what they say.

    reason : why there is no answer; empty where there is one
    """

    question: str
    grade: Grade
    sentences: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class WeightView:
    """A group with an outcome, the weight of its rows, and what else could be done."""

    cell: str
    weight: str
    rows: str
    advice: str


@dataclass(frozen=True, slots=True)
class GroupSection:
    """All that a report says of groups.

    inherited : sentences on what the real table has and the generator adds, by attribute
    small : who is not shown; gains, weights : what weights would mend, where a finding asks
    """

    answers: tuple[GroupAnswer, ...]
    inherited: tuple[str, ...]
    small: tuple[str, ...]
    gains: tuple[str, ...]
    weights: tuple[WeightView, ...]
    weights_left: int


def group_section(report: Report) -> GroupSection | None:
    """The section on groups; None where no check looked at groups side by side."""
    if not any(one.result.card.answers and one.result.status is Status.RAN for one in report.results):
        return None
    profiles = _measures(answer_in(report, Section.SIDE_BY_SIDE))
    asked = any(f.family is Family.BIAS and f.grade in _OFF for f in report.findings)
    weights = _measures(answer_in(report, Section.WEIGHTS)) if asked else []
    gains = _measures(answer_in(report, Section.GAINS_OF_WEIGHTS)) if asked else []
    cells = sorted((m for m in weights if m.group), key=lambda m: -abs(m.value - 1))
    return GroupSection(
        answers=tuple(_answer(report, question) for question in GroupQuestion),
        inherited=tuple(_said(m) for m in profiles if not m.name),
        small=tuple(_said(m) for m in profiles if m.name == "too_small"),
        gains=tuple(_said(m) for m in [*gains, *(m for m in weights if not m.group)]),
        weights=tuple(_weighed(m) for m in cells[:CELLS]),
        weights_left=max(0, len(cells) - CELLS),
    )


def _measures(one: JudgedResult | None) -> list[Measure]:
    return [] if one is None else [number.measure for number in one.measures]


def _said(measure: Measure) -> str:
    return formatting.sentence(measure.sentence, measure.about)


def _answer(report: Report, question: GroupQuestion) -> GroupAnswer:
    grade, numbers = answer_question(report, question)
    if grade is None:
        asked = [one.result for one in checks_answering(report, question)]
        reasons = [f"{one.reason} {one.remedy}" for one in asked]
        told = reasons[0].strip() if reasons else "No check of this theme was asked for."
        return GroupAnswer(question, Grade.NOT_ASSESSABLE, (), told)
    off = dict.fromkeys(number.sentence for number in numbers if number.grade in _OFF)
    return GroupAnswer(question, grade, tuple(off)[:MAX_SENTENCES], "")


def group_charts(report: Report) -> list[list[Chart]]:
    """The pictures of groups side by side, by what they count."""
    profiles = answer_in(report, Section.SIDE_BY_SIDE)
    drawn = [] if profiles is None else [one for one in profiles.result.charts if isinstance(one, Forest)]
    pictured = [words for words in _SHOWN if any(chart.words == words for chart in drawn)]
    if "rate of the outcome" in pictured:
        pictured.remove("share of rows")
    return [[chart for chart in drawn if chart.words == words] for words in pictured]


def _weighed(measure: Measure) -> WeightView:
    return WeightView(
        cell=group_words(measure.group),
        weight=formatting.number(measure.value, decimals=2),
        rows=formatting.count(measure.n),
        advice=_said(measure).partition(": ")[2],
    )
