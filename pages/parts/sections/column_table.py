"""All columns at a glance: small distributions side by side and the numbers that matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Chart, Grade, JudgedMeasure, JudgedResult, Report, Section
from audit.render import evidence, formatting
from audit.render.chart_codec import plain_series
from audit.render.number import Number
from pages.parts.base import grade
from pages.parts.base.markdown import plain_text
from pages.parts.widgets import chart, number

BARS = 24  # in a small distribution
WORST = "worst"
ORDERS = {WORST: "Worst first", "distance": "Distance", "missing": "Missing", "name": "Name"}
DRAWN = (Section.COLUMN_SHAPE, Section.COLUMN_DISTANCE, Section.LEARNING)  # elsewhere, with their pictures
BESIDE = ("atoms", "between_atoms")  # numbers of a shape that a histogram does not show


def of_column(report: Report, name: str) -> list[tuple[JudgedResult, JudgedMeasure]]:
    """Every measure about one column alone, worst grade first."""
    found = [
        (r, m)
        for r in report.results
        for m in r.measures
        if m.measure.about == (name,) and not _inside_groups(r) and not evidence.is_rule(m.measure)
    ]
    return sorted(found, key=lambda pair: grade.rank(pair[1].grade))


def table(report: Report, order: str = WORST) -> pd.DataFrame:
    """One row a column, in an order of `ORDERS`; what has no number comes last."""
    distance, missing = _main(report, Section.COLUMN_SHAPE), _main(report, Section.MISSING_CELLS)
    pictures = {c.about[0]: c for c in chart.of_section(report, Section.COLUMN_SHAPE) if len(c.about) == 1}
    worst = _worst(report)
    names = [column.name for column in report.columns]
    by_name = {column.name: column for column in report.columns}
    keys: Mapping[str, Callable[[str], Any]] = {
        WORST: lambda name: (grade.rank(worst.get(name)), -_value(distance.get(name))),
        "distance": lambda name: -_value(distance.get(name), -math.inf),
        "missing": lambda name: -abs(_value(missing.get(name), 0.0)),
        "name": lambda name: (name.casefold(), name),
    }
    names.sort(key=keys[order])
    return pd.DataFrame(
        {
            "Column": [plain_text(name, 60) for name in names],
            "Grade": [grade.grade_cell(worst.get(name)) for name in names],
            "Real": [_bars(pictures.get(name), "real") for name in names],
            "Synthetic": [_bars(pictures.get(name), "synthetic") for name in names],
            "Distance": [_percent(_value(distance.get(name), None)) for name in names],
            "Missing": [_percent(_value(missing.get(name), None)) for name in names],
            "Kind": [formatting.kind_word(by_name[name].kind) for name in names],
            "Role": [formatting.role_word(by_name[name].role) for name in names],
        },
        index=pd.Index(names, name="name"),
    )


def column_charts(report: Report, name: str, most: int = 2) -> list[Chart]:
    """The pictures about one column other than its distribution."""
    results = [r for r in report.results if r.result.card.section not in DRAWN]
    return [c for r in results for c in r.result.charts if c.about == (name,)][:most]


def hidden_measures(report: Report, name: str, most: int = 2) -> list[JudgedMeasure]:
    """What the overlay of a column hides: its frequent values and what lies between them, where off."""
    return [
        judged
        for result, judged in of_column(report, name)
        if result.result.card.section is Section.COLUMN_SHAPE
        and judged.measure.name in BESIDE
        and judged.grade in (Grade.FAIL, Grade.WARN)
    ][:most]


def distance(report: Report, name: str) -> Number | None:
    """The number that says how far a column is off."""
    judged = _main(report, Section.COLUMN_SHAPE).get(name)
    found = evidence.told_in(report, Section.COLUMN_SHAPE)
    return None if judged is None or found is None else Number.of(found, judged)


def measures_table(report: Report, name: str) -> pd.DataFrame:
    """All numbers about one column, worst first."""
    rows = [
        {
            "Grade": grade.grade_cell(judged.grade),
            "Measure": _label(result, judged),
            "Value (95% interval)": formatting.estimate(
                judged.measure.value, judged.measure.low, judged.measure.high, result.result.card.scale
            ),
            "Real against real": number.reference(Number.of(result, judged)),
            "Tolerated": formatting.number(judged.tolerance_fail, result.result.card.scale),
        }
        for result, judged in of_column(report, name)
    ]
    return pd.DataFrame(rows)


def measures_config() -> Mapping[str, object]:
    """How the columns of `measures_table` are drawn."""
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=98),
        "Measure": config.TextColumn(width=165),
        "Value (95% interval)": config.TextColumn(width=150),
    }


def column_config() -> Mapping[str, object]:
    """How the columns of `table` are drawn."""
    config = st.column_config
    return {
        "Column": config.TextColumn(pinned=True, width=118),
        "Grade": config.TextColumn(width=96),
        "Real": config.BarChartColumn(y_min=0, color="gray", width=62),
        "Synthetic": config.BarChartColumn(y_min=0, color="blue", width=74),
        "Distance": config.NumberColumn(
            format="%.1f%%",
            help="Rows that would have to change to make the shapes equal, beyond what chance explains",
            width=70,
        ),
        "Missing": config.NumberColumn(
            format="%.1f%%", help="Share of missing values, synthetic minus real, in points", width=66
        ),
        "Kind": config.TextColumn(width="small"),
        "Role": config.TextColumn(width="small"),
    }


def _main(report: Report, section: Section) -> dict[str, JudgedMeasure]:
    """The main number of the check of a section by column."""
    told = evidence.told_in(report, section)
    return {
        judged.measure.about[0]: judged
        for judged in (told.measures if told is not None else ())
        if len(judged.measure.about) == 1 and not judged.measure.name and judged.measure.group is None
    }


def _inside_groups(one: JudgedResult) -> bool:
    """Whether a check says what is off in a group, not in the column."""
    return one.result.card.section is Section.GROUP_SHAPES


def _worst(report: Report) -> dict[str, object]:
    """The worst grade by column, of all measures about it alone."""
    found: dict[str, object] = {}
    for result in report.results:
        for judged in result.measures:
            if len(judged.measure.about) == 1 and judged.grade is not None and not _inside_groups(result):
                name = judged.measure.about[0]
                found[name] = grade.worst_grade([judged.grade, found.get(name)])  # type: ignore[list-item]
    return found


def _value(judged: JudgedMeasure | None, missing: float | None = 0.0) -> float:
    return judged.measure.value if judged else missing  # type: ignore[return-value]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1) + 0.0  # no "−0.0"


def _bars(picture: Chart | None, role: str) -> list[float]:
    """At most so many bars of a distribution; neighbours are added up where there are more."""
    values = next((s.values for s in plain_series(picture) if s.name == role), ()) if picture else ()
    heights = [value or 0.0 for value in values]
    step = -(-len(heights) // BARS) or 1
    return [sum(heights[at : at + step]) for at in range(0, len(heights), step)]


def _label(result: JudgedResult, judged: JudgedMeasure) -> str:
    name = f", {formatting.measure_name(judged.measure.name)}" if judged.measure.name else ""
    group = judged.measure.group or {}
    where = "".join(f", {plain_text(key, 30)} = {plain_text(value, 30)}" for key, value in group.items())
    return f"{result.result.card.title}{name}{where}"
