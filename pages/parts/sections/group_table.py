"""Groups of rows: every measure that is about a group, as a table and as intervals."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from audit.model import Chart, Intervals, Judged, JudgedResult, Report, Scale, compared_intervals
from audit.render import evidence, formatting
from pages.parts.base import grade
from pages.parts.base.markdown import plain_text

MOST_GROUPS = 30  # in one picture


@dataclass(frozen=True, slots=True)
class GroupMeasure:
    """A number about a group of rows, and the check that gave it."""

    result: JudgedResult
    judged: Judged

    @property
    def by(self) -> str:
        """The columns that make the group, in the order of their names."""
        return " × ".join(sorted(self.judged.measure.group or {}))

    @property
    def group(self) -> str:
        """The group in words: "sex = F"."""
        pairs = (self.judged.measure.group or {}).items()
        return ", ".join(f"{plain_text(key, 30)} = {plain_text(value, 40)}" for key, value in pairs)

    @property
    def what(self) -> str:
        """What was measured: the check, the number's name and the column it is about."""
        measure = self.judged.measure
        name = f", {formatting.measure_name(measure.name)}" if measure.name else ""
        other = [column for column in measure.about if column not in (measure.group or {})]
        about = f" of {plain_text(' and '.join(other), 60)}" if other else ""
        return f"{self.result.result.card.title}{name}{about}"

    @property
    def scale(self) -> Scale:
        """The scale of the number."""
        return self.result.result.card.scale


def of_report(report: Report) -> list[GroupMeasure]:
    """Every number about a group, worst first."""
    found = [
        GroupMeasure(r, m)
        for r in report.results
        for m in r.measures
        if evidence.is_group(r.result.card, m.measure)
    ]
    return sorted(found, key=_badness)


def _badness(one: GroupMeasure) -> tuple[int, float, int]:
    measure = one.judged.measure
    return grade.rank_clear(one.judged.grade), -evidence.badness(measure, one.scale), -measure.n


def summaries(report: Report) -> list[Judged]:
    """What checks of groups say of all groups together: the worst, and how many were too small."""
    checks = {one.result.result.card.id for one in of_report(report)}
    return [
        judged
        for result in report.results
        if result.result.card.id in checks
        for judged in result.measures
        if not judged.measure.group and not judged.measure.about and judged.measure.sentence
    ]


def table(found: list[GroupMeasure]) -> pd.DataFrame:
    """One row a group and measure, in the order given."""
    return pd.DataFrame(
        [
            {
                "Grade": grade.cell(one.judged.grade),
                "Group": one.group,
                "Measure": one.what,
                "Value": formatting.number(one.judged.measure.value, one.scale),
                "95% interval": formatting.interval(
                    one.judged.measure.low, one.judged.measure.high, one.scale
                ),
                "Real against real": formatting.number(one.judged.measure.baseline, one.scale)
                if one.judged.measure.baseline is not None
                else "no reference",
                "Rows": one.judged.measure.n,
                "Unit": plain_text(one.scale.words, 60),
            }
            for one in found
        ]
    )


def pictures(found: list[GroupMeasure], by: str, most: int) -> list[Chart]:
    """The pictures of these numbers: those their checks drew, else the groups side by side."""
    shown: list[Chart] = []
    for check in dict.fromkeys(one.result.result.card.id for one in found):
        own = [one for one in found if one.result.result.card.id == check]
        drawn = [c for c in own[0].result.result.charts if set(by.split(" × ")) <= set(c.about)]
        main = [one for one in own if not one.judged.measure.name]
        shown += drawn or ([intervals(main)] if len(main) > 1 else [])
    return shown[:most]


def intervals(found: list[GroupMeasure]) -> Intervals:
    """The groups of one measure as values with their intervals."""
    some = found[:MOST_GROUPS]
    worst = some[0]
    return compared_intervals(
        [one.group for one in some],
        [one.judged.measure for one in some],
        title=f"{worst.what}: {worst.group} stands out most",
        alt="; ".join(
            f"{one.group} {formatting.number(one.judged.measure.value, one.scale)}" for one in some[:8]
        ),
        unit=worst.scale.unit,
        words=worst.scale.words,
    )
