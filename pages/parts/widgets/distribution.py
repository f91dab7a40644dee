"""One column looked at in four ways: overlaid, as a difference, cumulative, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

import pandas as pd
import streamlit as st

from audit.model import Bars, Chart, Histogram, Lines, Report, Section, Series, Unit, as_series
from pages.parts.base import url_state
from pages.parts.base.markdown import plain_text
from pages.parts.widgets import chart

OVERLAY, DIFFERENCE, CUMULATIVE, TABLE = "overlay", "difference", "cumulative", "table"
NAMES = {
    OVERLAY: "Overlay",
    DIFFERENCE: "Difference",
    CUMULATIVE: "Cumulative",
    TABLE: "Table",
}
MAX_CATEGORIES = 30  # categories of a difference, those that differ most


def draw(report: Report, name: str) -> None:
    """The distribution of a column, in the way that the address asks for."""
    views = views_of(report, name)
    if not views:
        return
    asked = url_state.choose_view(
        "View", "view", list(views), NAMES.__getitem__, label_visibility="collapsed"
    )
    picture = views[asked]
    if asked == TABLE and isinstance(picture, Bars | Histogram):
        st.dataframe(
            bins(picture),
            hide_index=True,
            height=320,
            alt=plain_text(picture.alt, 300),
            column_config=_percents(picture),
        )
        return
    chart.draw(picture, f"column_{asked}", numbers=False)


def views_of(report: Report, name: str) -> Mapping[str, Chart]:
    """By view, the picture it shows; only views that there is something for."""
    shape = next(
        (c for c in _of(report, Section.COLUMN_SHAPE, name) if isinstance(c, Bars | Histogram)), None
    )
    curves = next((c for c in _of(report, Section.COLUMN_DISTANCE, name) if isinstance(c, Lines)), None)
    views: dict[str, Chart] = {}
    if shape is not None:
        views |= {OVERLAY: shape, DIFFERENCE: difference(shape)}
    if curves is None and isinstance(shape, Histogram):
        curves = cumulative(shape)
    if curves is not None:
        views[CUMULATIVE] = curves
    if shape is not None:
        views[TABLE] = shape
    return views


def difference(picture: Bars | Histogram) -> Bars | Histogram:
    """How much larger each share is than in the real table, for synthetic and, for chance, the holdout."""
    series = {one.name: one.values for one in picture.series}
    real = series.pop("real", ())
    gaps = {
        name: [(value or 0.0) - (known or 0.0) for value, known in zip(values, real, strict=False)]
        for name, values in series.items()
    }
    if isinstance(picture, Bars):
        moved = gaps.get("synthetic", [0.0] * len(picture.labels))
        worst = sorted(range(len(picture.labels)), key=lambda at: -abs(moved[at]))[:MAX_CATEGORIES]
        picture = replace(picture, labels=tuple(picture.labels[at] for at in worst))
        gaps = {name: [values[at] for at in worst] for name, values in gaps.items()}
    about = plain_text(picture.about[0], 60) if picture.about else "it"
    return replace(
        picture,
        title=f"{about}: shares of rows more or less than in the real table",
        alt=f"Synthetic minus real share, value by value. {picture.alt}",
        series=as_series(gaps),
        unit=Unit.POINTS,
        words="difference in share of rows",
    )


def cumulative(picture: Histogram) -> Lines:
    """The share of rows up to the end of each bin."""
    series = tuple(
        Series(one.name, (0.0, *accumulate(value or 0.0 for value in one.values))) for one in picture.series
    )
    return Lines(
        picture.edges,
        series,
        title=f"{plain_text(picture.about[0], 60)}: share of rows at or below each value",
        alt=picture.alt,
        about=picture.about,
        unit=Unit.SHARE,
        words="share of rows at or below",
    )


def bins(picture: Bars | Histogram) -> pd.DataFrame:
    """Every bin or category with its share in each table, in percent, and the difference in points."""
    table = chart.table(picture).rename(columns={"": "Value"})
    for one in picture.series:
        table[one.name] = 100 * table[one.name].astype(float)
    if {"real", "synthetic"} <= set(table.columns):
        table["difference"] = table["synthetic"] - table["real"]
    return table


def _percents(picture: Bars | Histogram) -> Mapping[str, object]:
    config = st.column_config
    columns: dict[str, object] = {one.name: config.NumberColumn(format="%.2f%%") for one in picture.series}
    return columns | {
        "Value": config.TextColumn(pinned=True),
        "difference": config.NumberColumn(format="%+.2f", help="Synthetic minus real, in points"),
    }


def _of(report: Report, section: Section, name: str) -> list[Chart]:
    return [c for c in chart.of_section(report, section) if c.about == (name,)]
