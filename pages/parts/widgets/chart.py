"""Pictures: a takeaway title, the picture, the same in words for those who cannot see it, a table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Cells, Chart, Heatmap, Histogram, JointShares, Lines, Report, Section
from audit.render import formatting
from audit.render.chart_codec import plain_series, to_plain
from audit.render.evidence import told_in
from pages.parts.base.grade import theme
from pages.parts.base.markdown import md_text, plain_text

FONT = '"Source Sans", sans-serif'  # that of the page
LABELS = 6  # below each of the panels of a joint view
LABELS_OF_ONE = 10  # below a heat map
FEW = 3  # pictures of a check that are all about its one question
MAX_CHARTS = 12  # live charts on one view
CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True}


def draw(chart: Chart, key: str, *, numbers: bool = True) -> None:
    """One chart with its title and, where wanted, a switch to the numbers behind it."""
    from audit.render.charts.plotly import to_figure

    with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
        st.markdown(f"**{md_text(formatting.sentence(chart.title, chart.about), 160)}**", width="stretch")
        as_table = numbers and st.toggle("Numbers", key=f"{key}_numbers")
    if as_table:
        st.dataframe(table(chart), hide_index=True, alt=plain_text(chart.title, 160), height=320)
        return
    figure = to_figure(chart, theme())
    figure.update_layout(font_family=FONT)
    if isinstance(chart, JointShares):
        figure.for_each_xaxis(lambda axis: _thin(axis, LABELS))
    elif isinstance(chart, Heatmap):
        figure.for_each_xaxis(lambda axis: _thin(axis, LABELS_OF_ONE))
    st.plotly_chart(figure, key=key, theme=None, alt=plain_text(chart.alt, 400), config=CONFIG)


def _thin(axis: Any, most: int) -> None:
    """Leave out labels below a narrow panel, so that none lies on another."""
    step = -(-len(axis.tickvals or ()) // most)
    if step > 1:
        axis.update(tickvals=axis.tickvals[::step], ticktext=axis.ticktext[::step])


def table(chart: Chart) -> pd.DataFrame:
    """The numbers of a chart: one row a bar, bin, cell or line of intervals."""
    if isinstance(chart, Cells):
        rows: list[dict[str, Any]] = [
            {"across": plain_text(x, 80), "down": plain_text(y, 80)} for x, y in _cells(chart)
        ]
    else:
        rows = [{"": label} for label in _labels(chart)]
    for series in plain_series(chart):
        for row, value in zip(rows, series.values, strict=False):
            row[plain_text(series.name, 40)] = value
    return pd.DataFrame(rows)


def charts_about(
    report: Report, columns: tuple[str, ...], check: str = "", most: int = 2, *, own: bool = False
) -> list[Chart]:
    """The pictures that belong to a number.

    Those of its check about its columns, then of the columns themselves, then of the whole check.

    own : the picture of the whole check comes before those of the columns
    """
    wanted = set(columns)
    drawn = of_check(report, check)
    exact = [c for c in drawn if columns and set(c.about) == wanted]
    joint = [
        c
        for c in of_section(report, Section.PAIR_SHAPE)
        if isinstance(c, JointShares) and set(c.about) == wanted
    ]
    shapes = [
        c
        for c in of_section(report, Section.COLUMN_SHAPE)
        if len(wanted) <= 2 and c.about and set(c.about) <= wanted
    ]
    whole = [c for c in drawn if not c.about] or (drawn if not columns and len(drawn) <= FEW else [])
    rest = [*whole, *shapes] if own and not exact else [*shapes, *whole]
    return _unique([*exact, *joint, *rest])[:most]


def of_check(report: Report, check: str) -> list[Chart]:
    """All pictures of one check."""
    return [c for r in report.results if r.result.card.id == check for c in r.result.charts]


def of_section(report: Report, section: Section) -> list[Chart]:
    """All pictures of the check of a section."""
    found = told_in(report, section)
    return [] if found is None else list(found.result.charts)


def _unique(charts: list[Chart]) -> list[Chart]:
    seen: list[Chart] = []
    for chart in charts:
        if all(chart is not other for other in seen):
            seen.append(chart)
    return seen


def _cells(chart: Cells) -> list[tuple[str, str]]:
    """The labels of the cells of a matrix, row by row."""
    return [(x, y) for y in chart.rows for x in chart.columns]


def _labels(chart: Chart) -> list[str]:
    if isinstance(chart, Histogram):
        return [f"{low:g} to {high:g}" for low, high in pairwise(chart.edges)]
    if isinstance(chart, Lines):
        return [f"{edge:g}" for edge in chart.positions]
    plain = to_plain(chart)
    return [plain_text(label, 80) for label in plain.x or plain.y]
