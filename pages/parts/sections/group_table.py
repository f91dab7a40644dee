"""Groups of rows: every measure that is about a group, as a table and as intervals."""

from __future__ import annotations

import pandas as pd

from audit.model import Chart, Intervals, JudgedMeasure, compared_intervals
from audit.render import evidence, formatting
from audit.render.number import Number
from audit.render.report_view import ReportView
from pages.parts.base import grade
from pages.parts.base.markdown import plain_text
from pages.parts.widgets import number

MAX_GROUPS = 30  # in one picture


def made_by(one: Number) -> str:
    """The columns that make the group, in the order of their names."""
    return " × ".join(sorted(one.measure.group or {}))


def group(one: Number) -> str:
    """The group in words: "sex = F"."""
    pairs = (one.measure.group or {}).items()
    return ", ".join(f"{plain_text(key, 30)} = {plain_text(value, 40)}" for key, value in pairs)


def what(one: Number) -> str:
    """What was measured: the check, the number's name and the column it is about."""
    name = f", {one.name}" if one.name else ""
    about = f" of {plain_text(' and '.join(one.about), 60)}" if one.about else ""
    return f"{one.title}{name}{about}"


def of_view(view: ReportView) -> list[Number]:
    """Every number about a group, worst first."""
    return sorted(view.groups, key=_badness)


def _badness(one: Number) -> tuple[int, float, int]:
    return grade.rank_clear(one.grade), -evidence.badness(one.measure, one.scale), -one.measure.n


def summaries(view: ReportView) -> list[JudgedMeasure]:
    """What checks of groups say of all groups together: the worst, and how many were too small."""
    checks = {one.check for one in view.groups}
    return [
        judged
        for check, result in view.results.items()
        if check in checks
        for judged in result.measures
        if not judged.measure.group and not judged.measure.about and judged.measure.sentence
    ]


def table(found: list[Number]) -> pd.DataFrame:
    """One row a group and measure, in the order given."""
    return pd.DataFrame(
        [
            {
                "Grade": grade.grade_cell(one.grade),
                "Group": group(one),
                "Measure": what(one),
                "Value": formatting.number(one.value, one.scale),
                "95% interval": one.interval,
                "Real against real": number.baseline(one),
                "Rows": one.measure.n,
                "Unit": plain_text(one.scale.words, 60),
            }
            for one in found
        ]
    )


def group_charts(view: ReportView, found: list[Number], by: str, most: int) -> list[Chart]:
    """The pictures of these numbers: those their checks drew, else the groups side by side."""
    shown: list[Chart] = []
    for check in dict.fromkeys(one.check for one in found):
        charts = view.results[check].result.charts
        drawn = [one for one in charts if set(by.split(" × ")) <= set(one.about)]
        main = [one for one in found if one.check == check and not one.name]
        shown += drawn or ([intervals(main)] if len(main) > 1 else [])
    return shown[:most]


def intervals(found: list[Number]) -> Intervals:
    """The groups of one measure as values with their intervals."""
    some = found[:MAX_GROUPS]
    worst = some[0]
    return compared_intervals(
        [group(one) for one in some],
        [one.measure for one in some],
        title=f"{what(worst)}: {group(worst)} stands out most",
        alt="; ".join(f"{group(one)} {formatting.number(one.value, one.scale)}" for one in some[:8]),
        unit=worst.scale.unit,
        words=worst.scale.words,
    )
