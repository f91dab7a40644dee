"""What a report about several tables says of them as a whole: in a sentence, and table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from audit.model import Chart, Grade, JudgedResult, Report, Status
from audit.options import ORDERS
from audit.render import words

QUALITY, DISTANCE = "generation_quality", "generation_distance"
VARIANCE, VARIETY, GROUPS = "variance_decay", "category_decay", "bias_over_generations"
TRADEOFF = "tradeoff"
FOLLOWED = (QUALITY, DISTANCE, VARIANCE, VARIETY, GROUPS)  # what is followed from table to table
_WORST = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE, Grade.PASS)
_HEADS = {
    Grade.FAIL: "This loop decays",
    Grade.WARN: "This loop begins to decay",
    Grade.INCONCLUSIVE: "Whether this loop decays cannot be told for sure",
    Grade.PASS: "This loop holds",
}


def told_of_series(report: Report) -> Mapping[str, Any]:
    """What is known of the series of tables that a report is about; empty where it is about one."""
    series = report.provenance.get("series")
    return series if isinstance(series, dict) else {}


def in_time(report: Report) -> bool:
    """Whether the tables are generations, each made after the one before, and not settings."""
    return told_of_series(report).get("order") == ORDERS[0]


def series_question(report: Report) -> str:
    """What is asked of several tables."""
    if in_time(report):
        return "What does this loop do to the data?"
    return "Which setting of the generator should be used?"


def series_answer(report: Report) -> tuple[Grade | None, str]:
    """What a loop does, or whether another setting is better, in one sentence, and its grade.

    Of a loop it is the worst of what is followed; None where nothing could be told.
    """
    return _loop_answer(report) if in_time(report) else _settings_answer(report)


def _settings_answer(report: Report) -> tuple[Grade | None, str]:
    found = answer_of(report, TRADEOFF)
    if found is None:
        return None, "Nothing could be told about these settings."
    return found.grade, words.sentence(found.measures[0].measure.sentence)


def _loop_answer(report: Report) -> tuple[Grade | None, str]:
    found = [one for check in FOLLOWED if (one := answer_of(report, check)) is not None]
    grades = {one.grade for one in found}
    grade = next((one for one in _WORST if one in grades), None)
    if grade is None:
        return None, "Nothing could be told about these tables as a loop."
    facts = list(_facts({one.result.card.id: one.result.summary for one in found}))
    tables = len(told_of_series(report).get("tables", ()))
    said = "; ".join(facts) or "see what is said of groups"
    return grade, f"{_HEADS[grade]}: after {words.count(tables)} generations {said}."


def _facts(summaries: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    share = "share"
    if (told := summaries.get(VARIANCE)) is not None:
        left, chance = (words.number(told[name], share) for name in ("variance_kept", "expected_kept"))
        yield f"{left} of the variance of numbers is left, {chance} for a perfect generator"
    if (told := summaries.get(VARIETY)) is not None:
        gone, lost = told["values_lost"], told["values_expected_lost"]
        yield (
            f"{gone:,.0f} values of categories are gone, {lost:,.1f} by chance"
            if gone
            else "no value of a category is gone"
        )
    if (told := summaries.get(QUALITY)) is not None:
        last, first = (words.number(told[f"diversity_{end}"], share) for end in ("last", "first"))
        yield f"diversity is {last} of that of real rows, {first} in the first"
    if (told := summaries.get(DISTANCE)) is not None:
        index = told["relative_drift_index"]
        yield f"the last lies {index:,.1f} times as far from fresh real rows as the real table does"


def answer_of(report: Report, check: str) -> JudgedResult | None:
    """What a check gave, where it ran."""
    return next(
        (r for r in report.results if r.result.card.id == check and r.result.status is Status.RAN), None
    )


def path_of(report: Report, check: str, name: str, about: tuple[str, ...] = ()) -> list[float | None]:
    """A line by generation, from the real table on, as a check has drawn it; empty where it has not."""
    return next(iter(_paths(report, check, name, about)), [])


def _paths(report: Report, check: str, name: str, about: tuple[str, ...]) -> Iterator[list[float | None]]:
    for chart in charts_of(report, check):
        if chart.kind == "lines" and chart.about == about:
            for series in chart.series:
                if series.name == name:
                    yield list(series.values)


def charts_of(report: Report, check: str) -> tuple[Chart, ...]:
    """The pictures of a check, where it ran."""
    found = answer_of(report, check)
    return () if found is None else found.result.charts
