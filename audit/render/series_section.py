"""What a report about several tables says of them as a whole: in a sentence, and table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.declare.options import ORDERS
from audit.model import Chart, Grade, Lines, RatioPlane, Report, Section, Unit
from audit.render import formatting
from audit.render.charts.precision_recall_plane import plane_points
from audit.render.evidence import answer_in

# What is followed from table to table.
FOLLOWED = (
    Section.QUALITY_BY_GENERATION,
    Section.DISTANCE_BY_GENERATION,
    Section.VARIANCE_BY_GENERATION,
    Section.VARIETY_BY_GENERATION,
    Section.GROUPS_BY_GENERATION,
)
# Where each share is drawn, and the name of its line; without one it is the word.
_SHARES = {
    "Realism": (Section.QUALITY_BY_GENERATION, ""),
    "Diversity": (Section.QUALITY_BY_GENERATION, ""),
    "Variance left": (Section.VARIANCE_BY_GENERATION, "synthetic"),
    "Variety left": (Section.VARIETY_BY_GENERATION, "synthetic"),
}
_WORST = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE, Grade.PASS)
_HEADS = {
    Grade.FAIL: "This loop decays",
    Grade.WARN: "This loop begins to decay",
    Grade.INCONCLUSIVE: "Whether this loop decays cannot be told for sure",
    Grade.PASS: "This loop holds",
}


def series_findings(report: Report) -> Mapping[str, Any]:
    """What is known of the series of tables that a report is about; empty where it is about one."""
    series = report.provenance.get("series")
    return series if isinstance(series, dict) else {}


def in_time(report: Report) -> bool:
    """Whether the tables are generations, each made after the one before, and not settings."""
    return series_findings(report).get("order") == ORDERS[0]


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
    found = answer_in(report, Section.SETTINGS_SIDE_BY_SIDE)
    if found is None:
        return None, "Nothing could be told about these settings."
    return found.grade, formatting.sentence(found.measures[0].measure.sentence)


def _loop_answer(report: Report) -> tuple[Grade | None, str]:
    found = [one for section in FOLLOWED if (one := answer_in(report, section)) is not None]
    grades = {one.grade for one in found}
    grade = next((one for one in _WORST if one in grades), None)
    if grade is None:
        return None, "Nothing could be told about these tables as a loop."
    facts = list(_facts({one.result.card.section: one.result.summary for one in found}))
    tables = len(series_findings(report).get("tables", ()))
    said = "; ".join(facts) or "see what is said of groups"
    return grade, f"{_HEADS[grade]}: after {formatting.count(tables)} generations {said}."


def _facts(summaries: Mapping[Section, Mapping[str, float]]) -> Iterator[str]:
    share = Unit.SHARE
    if (told := summaries.get(Section.VARIANCE_BY_GENERATION)) is not None:
        left, chance = (formatting.number(told[name], share) for name in ("variance_kept", "expected_kept"))
        yield f"{left} of the variance of numbers is left, {chance} for a perfect generator"
    if (told := summaries.get(Section.VARIETY_BY_GENERATION)) is not None:
        gone, lost = told["values_lost"], told["values_expected_lost"]
        yield (
            f"{gone:,.0f} values of categories are gone, {lost:,.1f} by chance"
            if gone
            else "no value of a category is gone"
        )
    if (told := summaries.get(Section.QUALITY_BY_GENERATION)) is not None:
        last, first = (formatting.number(told[f"diversity_{end}"], share) for end in ("last", "first"))
        yield f"diversity is {last} of that of real rows, {first} in the first"
    if (told := summaries.get(Section.DISTANCE_BY_GENERATION)) is not None:
        index = told["relative_drift_index"]
        yield f"the last lies {index:,.1f} times as far from fresh real rows as the real table does"


@dataclass(frozen=True, slots=True)
class SeriesStep:
    """One table of a series in numbers.

    shares : of what real rows reach or hold, by word; 1 is all of it
    distance : total variation from fresh real rows, beyond chance
    place : of a setting among the others, in words; empty for generations
    grade : of the table by itself; None where it was not audited alone
    """

    name: str
    folder: str
    rows: int
    shares: Mapping[str, float]
    distance: float | None
    place: str
    grade: Grade | None


def series_steps(report: Report) -> tuple[SeriesStep, ...]:
    """Every table of a series, from the pictures that the checks have drawn."""
    lines = {
        word: path_of(report, section, name or word.lower()) for word, (section, name) in _SHARES.items()
    }
    distance = path_of(report, Section.DISTANCE_BY_GENERATION, "synthetic")
    places = _places(report)
    found = []
    for at, one in enumerate(series_findings(report).get("tables", ()), 1):
        shares = {word: path[at] for word, path in lines.items() if len(path) > at}
        mine, place = places.get(str(one["name"]), ({}, ""))
        known = {word: value for word, value in {**shares, **mine}.items() if value is not None}
        far = distance[at] if len(distance) > at else None
        grade = Grade(one["grade"]) if "grade" in one else None
        found.append(SeriesStep(one["name"], one.get("folder", ""), one["rows"], known, far, place, grade))
    return tuple(found)


def _places(report: Report) -> dict[str, tuple[dict[str, float], str]]:
    """Realism and diversity of settings, whether another beats them in both, and which is in use."""
    drawn = charts_of(report, Section.SETTINGS_SIDE_BY_SIDE)
    found = [one for chart in drawn if isinstance(chart, RatioPlane) for one in plane_points(chart)]
    settings = [one for one in found if not one.is_reference]
    places = {}
    for at, one in enumerate(settings):
        beaten = any(o.across[0] > one.across[0] and o.up[0] > one.up[0] for o in settings)
        said = "beaten in both" if beaten else "beaten by none"
        shares = {"Realism": one.across[0], "Diversity": one.up[0]}
        places[one.name] = (shares, f"{said}, in use" if at == 0 else said)
    return places


def headline(report: Report) -> str:
    """The answer of a report in a sentence or two, of one table or of several."""
    if series_findings(report):
        return series_answer(report)[1]
    return formatting.headline(report.verdict.grade, report.purpose)


def head_and_rest(report: Report) -> tuple[str, str]:
    """The answer as a headline and what stands below it; of a loop the facts stand below."""
    if not in_time(report):
        return headline(report), ""
    head, _, rest = headline(report).partition(": ")
    return (f"{head}.", rest[:1].upper() + rest[1:]) if rest else (head, "")


def loop_charts(report: Report) -> list[Chart]:
    """The pictures of what is followed that are about the whole table, the first of each check."""
    whole = [
        [c for c in charts_of(report, section) if not c.about]
        for section in (*FOLLOWED, Section.SETTINGS_SIDE_BY_SIDE)
    ]
    return [charts[0] for charts in whole if charts]


def tables_line(report: Report) -> str:
    """Which synthetic tables a series has, in a few words."""
    names = [str(one["name"]) for one in series_findings(report)["tables"]]
    return f"{len(names)} tables, {formatting.shorten(names[0], 40)} to {formatting.shorten(names[-1], 40)}"


def path_of(report: Report, section: Section, name: str, about: tuple[str, ...] = ()) -> list[float | None]:
    """A line by generation, from the real table on, as a check has drawn it; empty where it has not."""
    return next(iter(_paths(report, section, name, about)), [])


def _paths(
    report: Report, section: Section, name: str, about: tuple[str, ...]
) -> Iterator[list[float | None]]:
    for chart in charts_of(report, section):
        if isinstance(chart, Lines) and chart.about == about:
            for series in chart.series:
                if series.name == name:
                    yield list(series.values)


def charts_of(report: Report, section: Section) -> tuple[Chart, ...]:
    """The pictures of the check of a section, where it ran."""
    found = answer_in(report, section)
    return () if found is None else found.result.charts
