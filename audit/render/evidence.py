"""Which numbers and pictures of a report a reader should see first. It selects, never judges."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from audit.model import (
    Bars,
    Better,
    Card,
    Chart,
    Family,
    Finding,
    Grade,
    Heatmap,
    Histogram,
    Intervals,
    JointShares,
    Judged,
    JudgedResult,
    Measure,
    Report,
    Scale,
    Status,
)

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
DISTRIBUTIONS = (Bars, Histogram, JointShares)
RULE = "slice"
GAP = "Does the gap in outcome grow?"
CROSSED = "intersections"  # looks at shares and at rates
# The three questions about groups, and the checks that answer each.
QUESTIONS = {
    "Is every group still there?": ("representation", CROSSED),
    GAP: ("disparity_amplification", "outcome_disparity", CROSSED),
    "Does a model treat groups worse?": ("model_bias_amplification", "label_noise"),
}
SIDE_BY_SIDE = "group_profiles"  # shown on its own; its numbers are in no list
WEIGHTS = "row_weights"
GROUP_CHECK = "subgroup_shapes"  # of fidelity; the other checks of groups are those of bias
MANY = 3  # columns together, or more
FEW = 3  # pictures that a check has, all of them about its one question
COLUMN_CHECKS = ("column_shapes", "column_distances")


def cards(report: Report) -> dict[str, Card]:
    """The card of every check in the report, by id."""
    return {one.result.card.id: one.result.card for one in report.results}


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


def is_group(one: JudgedResult, measure: Measure) -> bool:
    """Whether a number is about a group of people, and not about a rule or the rows a rule picks out."""
    check = one.result.card
    people = (check.family is Family.BIAS and check.id != WEIGHTS) or check.id == GROUP_CHECK
    return people and measure.group is not None and not is_rule(measure)


def answering(report: Report, question: str) -> tuple[Grade | None, list[tuple[JudgedResult, Judged]]]:
    """How a question about groups is answered: the worst grade, and the numbers, worst first.

    The grade is None where no check of the question ran.
    """
    ran = [
        one
        for one in report.results
        if one.result.card.id in QUESTIONS[question] and one.result.status is Status.RAN
    ]
    numbers = [(one, number) for one in ran for number in one.measures if _answers(one, number, question)]
    grades = [one.grade for one in ran if one.result.card.id != CROSSED]
    grades += [number.grade or Grade.PASS for one, number in numbers if one.result.card.id == CROSSED] or [
        Grade.PASS for one in ran if one.result.card.id == CROSSED
    ]
    worst = min(grades, key=lambda grade: ORDER[grade], default=None)
    return worst, worst_first([pair for pair in numbers if pair[1].grade is not None])


def _answers(one: JudgedResult, number: Judged, question: str) -> bool:
    """Whether a number is about the question: a check of shares and of rates answers two."""
    if one.result.card.id != CROSSED:
        return True
    return bool(number.measure.group) and number.measure.name.startswith("rate") == (question == GAP)


def worst_first(numbers: list[tuple[JudgedResult, Judged]]) -> list[tuple[JudgedResult, Judged]]:
    """By grade, then by how far from good; the order of the report breaks ties."""

    def key(pair: tuple[JudgedResult, Judged]) -> tuple[int, float]:
        one, number = pair
        return ORDER[number.grade], -badness(number.measure, one.result.card.scale)

    return sorted(numbers, key=key)


def numbers_about(report: Report, columns: int, *, groups: bool = False) -> list[tuple[JudgedResult, Judged]]:
    """The numbers about so many columns (any number for groups; three means more as well), worst first."""
    found = [
        (one, number)
        for one, number in _numbers(report)
        if (is_group(one, number.measure) if groups else _is_about(number.measure, columns))
    ]
    return worst_first(found)


def in_turn(numbers: list[tuple[JudgedResult, Judged]], most: int) -> list[tuple[JudgedResult, Judged]]:
    """Those that stand out, the first of each check in turn, then others; in the order given.

    So no check crowds out another, and nothing that is fine takes the place of what is not.
    """
    seen: Counter[str] = Counter()
    turns = []
    for at, (one, number) in enumerate(numbers):
        fine = number.grade not in (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
        turns.append((fine, seen[one.result.card.id], at))
        seen[one.result.card.id] += 1
    return [numbers[at] for at in sorted(at for *_, at in sorted(turns)[:most])]


def column_numbers(report: Report) -> dict[str, list[tuple[JudgedResult, Judged]]]:
    """By column, the judged numbers about this column alone, worst first."""
    found: dict[str, list[tuple[JudgedResult, Judged]]] = {}
    for one, number in numbers_about(report, 1):
        found.setdefault(number.measure.about[0], []).append((one, number))
    return found


def column_distances(report: Report) -> dict[str, tuple[JudgedResult, Judged]]:
    """By column, the one number that says how far its distribution lies from the real one."""
    found: dict[str, tuple[JudgedResult, Judged]] = {}
    for check in reversed(COLUMN_CHECKS):
        for one, number in _numbers(report):
            main = not number.measure.name and _is_about(number.measure, 1)
            if main and one.result.card.id == check:
                found[number.measure.about[0]] = (one, number)
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


class Gallery:
    """The pictures of a report, each handed out once at most, so that none is printed twice."""

    def __init__(self, report: Report) -> None:
        self._charts: dict[tuple[str, ...], list[tuple[str, Chart]]] = {}
        self._only: dict[str, list[Chart]] = {}
        self._given: set[int] = set()
        for one in report.results:
            if len(one.result.charts) <= FEW:
                self._only[one.result.card.id] = list(one.result.charts)
            for chart in one.result.charts:
                self._charts.setdefault(chart.about, []).append((one.result.card.id, chart))

    def take(self, charts: list[Chart], most: int | None = None) -> list[Chart]:
        """The first few of the charts that were not handed out before."""
        fresh = [chart for chart in charts if id(chart) not in self._given][:most]
        self._given.update(id(chart) for chart in fresh)
        return fresh

    def for_finding(self, finding: Finding) -> Chart | None:
        """The picture that shows a finding best: of its check and columns, else of its columns."""
        about = self._charts.get(finding.about, []) if finding.about else []
        own = [chart for check, chart in about if check == finding.check]
        whole = [chart for check, chart in self._charts.get((), []) if check == finding.check]
        if not finding.about:
            whole += self._only.get(finding.check, [])
        other = sorted((chart for _, chart in about), key=lambda chart: not isinstance(chart, DISTRIBUTIONS))
        for chart in (*own, *other, *whole):
            if id(chart) not in self._given:
                return self.take([chart])[0]
        return None


def tolerances(one: JudgedResult) -> Mapping[str, tuple[float | None, float | None]]:
    """The tolerances that judged a check, warn and fail, by the name of its number."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for number in one.measures:
        pair = number.tolerance_warn, number.tolerance_fail
        if pair != (None, None):
            found.setdefault(number.measure.name, pair)
    return found


def _numbers(report: Report) -> Iterator[tuple[JudgedResult, Judged]]:
    for one in report.results:
        for number in one.measures:
            yield one, number


def _is_about(measure: Measure, columns: int) -> bool:
    about = len(measure.about)
    return measure.group is None and (about == columns or about > columns == MANY)
