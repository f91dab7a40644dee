"""Chart → SVG that stands in a page without a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from audit.model import (
    Bars,
    Cells,
    Chart,
    Forest,
    Heatmap,
    Histogram,
    Intervals,
    JointShares,
    Lines,
    Matrix,
    RatioPlane,
    UnknownChart,
)
from audit.render.chart_codec import finite, plain_series
from audit.render.charts.canvas import Drawing, area_style, element, fitted_label, join, px, stroke_style
from audit.render.charts.forest import forest, matrix
from audit.render.charts.grids import heatmap, joint
from audit.render.charts.layout import has_even_bins
from audit.render.charts.marks import bars, histogram, intervals, lines, outline_path
from audit.render.charts.precision_recall_plane import plane, plane_points
from audit.render.formatting import sentence, visible_text

SPARK_WIDTH, SPARK_HEIGHT = 132.0, 30.0

DRAW: Mapping[type[Chart], Callable[[Any], Drawing]] = {
    Bars: bars,
    Histogram: histogram,
    Lines: lines,
    Heatmap: heatmap,
    JointShares: joint,
    Intervals: intervals,
    RatioPlane: plane,
    Forest: forest,
    Matrix: matrix,
}


def chart_svg(chart: Chart, *, standalone: bool = False) -> Markup:
    """The chart as an <svg> element with its title and alt text inside.

    Colours come from the classes of the page and fall back to the light theme. Labels are
    escaped and shortened, with the whole text in their <title>. A chart without values, or of
    a kind that this version does not know, says so.

    standalone : with the namespace that a file of its own needs; a page needs none
    """
    if isinstance(chart, UnknownChart):
        drawing = _note(f"A picture of kind {chart.kind!r} is unknown to this version.")
    elif not _fits(chart):
        drawing = _note("There is nothing to draw.")
    else:
        drawing = DRAW[type(chart)](chart)
    return _frame(chart, drawing, "chart", standalone=standalone)


def sparkline(chart: Bars | Histogram) -> Markup:
    """The chart as a small picture for a table: real filled, synthetic as an outline."""
    if not _fits(chart):
        return Markup("")
    tables = [series for series in chart.series if series.name in ("real", "synthetic")]
    top = max([*(value for one in tables for value in one.values if value is not None), 1e-9])
    cells = max(1, max((len(series.values) for series in tables), default=1))
    places = [1 + at * (SPARK_WIDTH - 2) / cells for at in range(cells + 1)]
    if isinstance(chart, Histogram) and has_even_bins(chart.edges):
        wide = chart.edges[-1] - chart.edges[0]
        places = [1 + (edge - chart.edges[0]) / wide * (SPARK_WIDTH - 2) for edge in chart.edges]
    paths = []
    for series in tables:
        path = outline_path(places, series, top, SPARK_HEIGHT - 1, SPARK_HEIGHT - 3)
        look = (
            area_style("real")
            if series.name == "real"
            else stroke_style("synthetic") | {"stroke_width": "1.5"}
        )
        look.pop("stroke_dasharray", None)
        paths.append(element("path", d=path, **look))
    return _frame(chart, Drawing(join(paths), SPARK_WIDTH, SPARK_HEIGHT), "spark")


def _fits(chart: Chart) -> bool:
    """Whether there is something to draw: every series as long as the chart, and some value there."""
    lengths = {len(one.values) for one in plain_series(chart)}
    if lengths != {_places(chart)} or not finite(chart):
        return False
    if isinstance(chart, RatioPlane):
        return bool(plane_points(chart))
    return not isinstance(chart, JointShares) or {"real", "synthetic"} <= {one.name for one in chart.series}


def _places(chart: Chart) -> int:
    """How many values a series of the chart has."""
    match chart:
        case Cells():
            return len(chart.columns) * len(chart.rows)
        case Histogram():
            return len(chart.edges) - 1
        case Lines():
            return len(chart.positions)
        case RatioPlane():
            return len(chart.names)
        case Forest():
            return len(chart.groups)
        case Bars() | Intervals():
            return len(chart.labels)
    return 0


def _note(words: str) -> Drawing:
    return Drawing(fitted_label(words, 8, 24, 440), 460.0, 40.0)


def _frame(chart: Chart, drawing: Drawing, look: str, *, standalone: bool = False) -> Markup:
    title = element("title", visible_text(sentence(chart.title, chart.about, 500)) or "chart")
    description = (
        element("desc", visible_text(sentence(chart.alt, chart.about, 1000)) or "chart")
        if look == "chart"
        else Markup("")
    )
    namespace = {"xmlns": "http://www.w3.org/2000/svg"} if standalone else {}
    return element(
        "svg",
        title + description + drawing.body,
        class_=look,
        role="img",
        viewBox=f"0 0 {px(drawing.width)} {px(drawing.height)}",
        width=drawing.width,
        height=drawing.height,
        font_size="11",
        font_family="system-ui, sans-serif",
        **namespace,
    )
