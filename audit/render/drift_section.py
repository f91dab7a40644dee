"""Drift in the report: every column in two opinions side by side, and what the other checks of drift say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.model import Chart, Grade, JudgedMeasure, JudgedResult, Page, Report, Section, Status
from audit.render import formatting
from audit.render.evidence import answer_in, on_page

_BY_COLUMN = (Section.DRIFT_BY_COLUMN, Section.SECOND_OPINION)  # side by side in a table
SENTENCES, COLUMNS = 3, 100


@dataclass(frozen=True, slots=True)
class OpinionView:
    """A column with this audit's number and the second opinion, in words.

    differ : whether the two opinions differ; their sentence says why
    """

    column: str
    grade: Grade | None
    estimate: str
    baseline: str
    sentence: str
    differ: bool


@dataclass(frozen=True, slots=True)
class DriftView:
    """A check of drift with its worst sentences."""

    title: str
    grade: Grade
    sentences: tuple[str, ...]


def opinions(report: Report) -> tuple[OpinionView, ...]:
    """Columns worst first: those that differ, then the farthest; empty where drift was not asked for."""
    found = answer_in(report, Section.DRIFT_BY_COLUMN)
    if found is None:
        return ()
    second = answer_in(report, Section.SECOND_OPINION)
    theirs = {} if second is None else {m.measure.about: m for m in second.measures if m.measure.about}
    ours = [m for m in found.measures if not m.measure.name and len(m.measure.about) == 1]
    views = [(m.measure.value, _view(found, m, theirs)) for m in ours]
    views.sort(key=lambda pair: (not pair[1].differ, -pair[0], pair[1].column))
    return tuple(view for _, view in views[:COLUMNS])


def _view(
    found: JudgedResult, ours: JudgedMeasure, theirs: Mapping[tuple[str, ...], JudgedMeasure]
) -> OpinionView:
    measure, scale = ours.measure, found.result.card.scale
    second = theirs.get(measure.about)
    return OpinionView(
        column=measure.about[0],
        grade=ours.grade,
        estimate=formatting.estimate(measure.value, measure.low, measure.high, scale),
        baseline=formatting.number(measure.baseline, scale),
        sentence="" if second is None else formatting.sentence(second.measure.sentence, measure.about),
        differ=second is not None and bool(second.measure.next_step),
    )


def drift_views(report: Report) -> tuple[DriftView, ...]:
    """What the checks of the whole table, the rule, time and mixes say, those that ran."""
    found = [(one, _sentences(one)) for one in _of_the_table(report)]
    return tuple(DriftView(one.result.card.title, one.grade, told) for one, told in found if told)


def _sentences(one: JudgedResult) -> tuple[str, ...]:
    told = [m for m in one.measures if m.measure.sentence]
    # What is only shown of a column may be chance.
    judged = [m for m in told if m.grade is not None or not m.measure.about] or told
    judged.sort(key=lambda m: (m.grade not in (Grade.FAIL, Grade.WARN), m.grade is None))
    return tuple(formatting.sentence(m.measure.sentence, m.measure.about) for m in judged[:SENTENCES])


def drift_charts(report: Report) -> list[Chart]:
    """The first picture of each of these checks."""
    return [one.result.charts[0] for one in _of_the_table(report) if one.result.charts]


def _of_the_table(report: Report) -> list[JudgedResult]:
    """The checks of drift that ran, other than those of single columns."""
    found = (one for one in on_page(report, Page.DRIFT) if one.result.status is Status.RAN)
    return [one for one in found if one.result.card.section not in _BY_COLUMN]
