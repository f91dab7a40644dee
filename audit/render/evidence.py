"""Which numbers and pictures of a report a reader should see first. It selects, never judges."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from audit.model import (
    Bars,
    Better,
    Card,
    Chart,
    Family,
    Grade,
    GroupQuestion,
    Heatmap,
    Histogram,
    Intervals,
    JudgedResult,
    Measure,
    Page,
    Report,
    Scale,
    Section,
    Status,
)
from audit.render.number import Number

ORDER = {
    Grade.FAIL: 0,
    Grade.ERROR: 1,
    Grade.INCONCLUSIVE: 2,
    Grade.WARN: 3,
    Grade.PASS: 4,
    Grade.NOT_ASSESSABLE: 5,
    Grade.NOT_APPLICABLE: 6,
    None: 7,
}
RULE = "slice"
MANY = 3  # columns together, or more
DISTANCES = (Section.COLUMN_DISTANCE, Section.COLUMN_SHAPE)  # of a column; the last one known is told


def told_in(report: Report, section: Section) -> JudgedResult | None:
    """What the check of a section gave, whether it ran or not; None where it was not asked for."""
    return next((one for one in report.results if one.result.card.section is section), None)


def answer_in(report: Report, section: Section) -> JudgedResult | None:
    """What the check of a section gave, where it ran."""
    one = told_in(report, section)
    return one if one is not None and one.result.status is Status.RAN else None


def on_page(report: Report, page: Page) -> list[JudgedResult]:
    """The checks of a page in the order of its sections, others last."""
    found = [one for one in report.results if one.result.card.page is page]
    return sorted(found, key=lambda one: place(one.result.card))


def place(card: Card) -> int:
    """Where a check stands on its page, to sort by."""
    return list(Section).index(card.section)


def badness(measure: Measure, scale: Scale) -> float:
    """How far a number lies from the good end of its scale; for sorting only."""
    value = measure.value
    if scale.better is Better.HIGHER:
        return -value
    if scale.better is Better.ZERO:
        return abs(value)
    if scale.better is Better.ONE:
        return abs(math.log(value)) if value > 0 else math.inf
    return value


def is_rule(measure: Measure) -> bool:
    """Whether a number is about rows that a learner picked out, and not about a group of people."""
    return measure.name == RULE


def is_group(card: Card, measure: Measure) -> bool:
    """Whether a number is about a group of people, and not about a rule or the rows a rule picks out."""
    people = card.page is Page.SUBGROUPS and card.section is not Section.WEIGHTS
    return people and measure.group is not None and not is_rule(measure)


def answer_question(report: Report, question: GroupQuestion) -> tuple[Grade | None, list[Number]]:
    """How a question about groups is answered: the worst grade, and the numbers, worst first.

    The grade is None where no check of the question ran.
    """
    ran = [one for one in checks_answering(report, question) if one.result.status is Status.RAN]
    numbers = [one for one in _numbers(ran) if _answers(one, question)]
    grades = [one.grade for one in ran if not _answers_several(one.result.card)]
    grades += [one.grade or Grade.PASS for one in numbers if _answers_several(one.card)] or [
        Grade.PASS for one in ran if _answers_several(one.result.card)
    ]
    worst = min(grades, key=lambda grade: ORDER[grade], default=None)
    return worst, worst_first([one for one in numbers if one.grade is not None])


def checks_answering(report: Report, question: GroupQuestion) -> list[JudgedResult]:
    """The checks that answer a question about groups, whether they ran or not."""
    return [one for one in report.results if question in one.result.card.answers]


def _answers_several(card: Card) -> bool:
    return len(card.answers) > 1


def _answers(number: Number, question: GroupQuestion) -> bool:
    """Whether a number is about the question: a check of shares and of rates answers two."""
    if not _answers_several(number.card):
        return True
    about_gap = number.measure.name.startswith("rate")
    return bool(number.measure.group) and about_gap == (question is GroupQuestion.GAP)


def worst_first(numbers: Sequence[Number]) -> list[Number]:
    """By grade, then by how far from good; the order of the report breaks ties."""
    return sorted(numbers, key=lambda one: (ORDER[one.grade], -badness(one.measure, one.scale)))


def numbers_about(report: Report, columns: int, *, groups: bool = False) -> list[Number]:
    """The numbers about so many columns (any number for groups; three means more as well), worst first."""
    return worst_first(
        [
            one
            for one in _numbers(report.results)
            if (is_group(one.card, one.measure) if groups else _is_about(one.measure, columns))
        ]
    )


def in_turn(numbers: Sequence[Number], most: int) -> list[Number]:
    """Those that stand out, the first of each check in turn, then others; in the order given.

    So no check crowds out another, and nothing that is fine takes the place of what is not.
    """
    seen: Counter[str] = Counter()
    turns = []
    for at, number in enumerate(numbers):
        fine = number.grade not in (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
        turns.append((fine, seen[number.check], at))
        seen[number.check] += 1
    return [numbers[at] for at in sorted(at for *_, at in sorted(turns)[:most])]


def column_numbers(report: Report) -> dict[str, list[Number]]:
    """By column, the judged numbers about this column alone, worst first."""
    found: dict[str, list[Number]] = {}
    for one in numbers_about(report, 1):
        found.setdefault(one.measure.about[0], []).append(one)
    return found


def column_distances(report: Report) -> dict[str, Number]:
    """By column, the one number that says how far its distribution lies from the real one."""
    found: dict[str, Number] = {}
    for section in DISTANCES:
        for one in _numbers(report.results):
            if one.card.section is section and not one.measure.name and _is_about(one.measure, 1):
                found[one.measure.about[0]] = one
    return found


def column_charts(report: Report) -> dict[str, Bars | Histogram]:
    """By column, the picture of its distribution: bars or a histogram."""
    found: dict[str, Bars | Histogram] = {}
    for one in report.results:
        for chart in one.result.charts:
            if not isinstance(chart, Bars | Histogram) or len(chart.about) != 1:
                continue
            if {"real", "synthetic"} <= {series.name for series in chart.series}:
                found.setdefault(chart.about[0], chart)
    return found


def overview_charts(report: Report, family: Family) -> list[Chart]:
    """Pictures of a family that are about the whole table or about no single column or pair."""
    return [
        chart
        for one in report.results
        if one.result.card.family == family
        for chart in one.result.charts
        if not chart.about or isinstance(chart, Heatmap | Intervals)
    ]


def tolerances(one: JudgedResult) -> Mapping[str, tuple[float | None, float | None]]:
    """The tolerances that judged a check, warn and fail, by the name of its number."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for number in one.measures:
        pair = number.tolerance_warn, number.tolerance_fail
        if pair != (None, None):
            found.setdefault(number.measure.name, pair)
    return found


def _numbers(results: Sequence[JudgedResult]) -> Iterator[Number]:
    return (Number.of(one, judged) for one in results for judged in one.measures)


def _is_about(measure: Measure, columns: int) -> bool:
    about = len(measure.about)
    return measure.group is None and (about == columns or about > columns == MANY)
