"""Patterns and crowds of rows that may have been planted, as lines of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.model import Family, Grade, JudgedMeasure, JudgedResult, Report, Section
from audit.render.evidence import told_in

QUESTION = "Did somebody plant rows, flip outcomes or hide a trigger in this table?"
NOBODY = (
    "What stands here is not proof that anybody meant harm: a generator that repeats itself or ties values too closely "
    "leaves the same marks."
)


@dataclass(frozen=True, slots=True)
class PatternView:
    """Values that go with one outcome.

    shares : of the synthetic and of the real rows, with the values and the outcome
    rows : synthetic rows with both
    of : synthetic rows with the values
    """

    values: str
    outcome: str
    synthetic: float
    real: float
    rows: int
    of: int
    grade: Grade | None


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Near-identical rows.

    agree : columns in which nearly all hold the same
    expected : synthetic rows that real ones explain
    outcome_share : of the rows, that have the outcome; None without a target
    """

    rows: int
    expected: float
    agree: tuple[str, ...]
    outcome: str
    outcome_share: float | None
    grade: Grade | None


@dataclass(frozen=True, slots=True)
class PlantedView:
    """The section on poisoning: the question, the answer of all checks, a caution, and the two tables."""

    question: str
    answer: str
    caution: str
    patterns: tuple[PatternView, ...]
    clusters: tuple[ClusterView, ...]


def planted_view(report: Report) -> PlantedView:
    """What a report says about planted rows."""
    return PlantedView(
        QUESTION, planted_answer(poisoning(report)), NOBODY, tuple(patterns(report)), tuple(clusters(report))
    )


def poisoning(report: Report) -> list[JudgedResult]:
    """The checks on poisoning."""
    return [one for one in report.results if one.result.card.family is Family.POISONING]


def planted_answer(results: Sequence[JudgedResult]) -> str:
    """The state of all checks in a sentence; a pass is worded as absence of evidence."""
    ran = [one for one in results if one.grade in (Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL)]
    marked = [one.result.card.title.lower() for one in ran if one.grade in (Grade.FAIL, Grade.WARN)]
    if not ran:
        return "Cannot tell: no check on poisoning could be run."
    if marked:
        return (
            f"{len(marked)} of {len(ran)} checks found marks that planted rows leave ({', '.join(marked)})."
        )
    if any(one.grade is Grade.INCONCLUSIVE for one in ran):
        return "No mark of planted rows was found, but not every check could decide."
    return f"{len(ran)} checks found no mark that planted rows leave. A mark nobody has thought of yet would not show."


def patterns(report: Report) -> list[PatternView]:
    """What the check on triggers lists, most rows first."""
    n = _rows(report)
    found = []
    for judged in _named(report, Section.PLANTED_PATTERNS, "trigger"):
        measure, group = judged.measure, judged.measure.group or {}
        values = " and ".join(f"{name} {_is(group[name])} {group[name]}" for name in measure.about)
        outcome = ", ".join(value for name, value in group.items() if name not in measure.about)
        rows = measure.rows.count if measure.rows else 0
        found.append(
            PatternView(values, outcome, rows / n, measure.baseline or 0.0, rows, measure.n, judged.grade)
        )
    return found


def clusters(report: Report) -> list[ClusterView]:
    """What the check on clusters lists, largest first."""
    n = _rows(report)
    found = []
    for i, judged in enumerate(_named(report, Section.PLANTED_CROWDS, "cluster")):
        measure = judged.measure
        outcome = ", ".join((measure.group or {}).values())
        found.append(
            ClusterView(
                rows=measure.rows.count if measure.rows else 0,
                expected=(measure.baseline or 0.0) * n,
                agree=measure.about,
                outcome=outcome,
                outcome_share=_summary(report).get(f"outcome_share_{i + 1}"),
                grade=judged.grade,
            )
        )
    return found


def _is(value: str) -> str:
    return "is" if " " in value else "="


def _rows(report: Report) -> int:
    facts = report.tables.get("synthetic")
    return max(facts.rows if facts else 1, 1)


def _named(report: Report, section: Section, name: str) -> Iterator[JudgedMeasure]:
    found = told_in(report, section)
    for judged in found.measures if found is not None else ():
        if judged.measure.name == name:
            yield judged


def _summary(report: Report) -> dict[str, float]:
    found = told_in(report, Section.PLANTED_CROWDS)
    return {} if found is None else dict(found.result.summary)
