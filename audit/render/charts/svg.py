"""Chart → SVG that stands in a page without a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from audit.model import Chart
from audit.render.charts.canvas import Drawing, area, element, even, finite, join, label, px, stroke
from audit.render.charts.forest import forest, matrix
from audit.render.charts.grids import heatmap, joint
from audit.render.charts.marks import bars, histogram, intervals, lines, steps
from audit.render.charts.precision_recall_plane import AXES, plane, points
from audit.render.formatting import sentence, visible

SPARK_WIDTH, SPARK_HEIGHT = 132.0, 30.0

DRAW: Mapping[str, Callable[[Chart], Drawing]] = {
    "bars": bars,
    "histogram": histogram,
    "lines": lines,
    "heatmap": heatmap,
    "joint": joint,
    "intervals": intervals,
    "plane": plane,
    "forest": forest,
    "matrix": matrix,
}

TOGETHER: Mapping[str, set[str]] = {"joint": {"real", "synthetic"}, "plane": {*AXES}}


def chart_svg(chart: Chart, *, standalone: bool = False) -> Markup:
    """The chart as an <svg> element with its title and alt text inside.

    Colours come from the classes of the page and fall back to the light theme. Labels are
    escaped and shortened, with the whole text in their <title>. A chart without values, or of
    a kind that this version does not know, says so.

    standalone : with the namespace that a file of its own needs; a page needs none
    """
    draw = DRAW.get(chart.kind)
    if draw is None:
        drawing = _note(f"A picture of kind {chart.kind!r} is unknown to this version.")
    elif not finite(chart.series) or not _fits(chart):
        drawing = _note("There is nothing to draw.")
    else:
        drawing = draw(chart)
    return _frame(chart, drawing, "chart", standalone=standalone)


def sparkline(chart: Chart) -> Markup:
    """The chart as a small picture for a table: real filled, synthetic as an outline."""
    if not finite(chart.series) or not _fits(chart):
        return Markup("")
    tables = [series for series in chart.series if series.name in ("real", "synthetic")]
    top = max([*finite(tables), 1e-9])
    cells = max(1, max((len(series.values) for series in tables), default=1))
    places = [1 + at * (SPARK_WIDTH - 2) / cells for at in range(cells + 1)]
    if chart.kind == "histogram" and even(chart.edges):
        wide = chart.edges[-1] - chart.edges[0]
        places = [1 + (edge - chart.edges[0]) / wide * (SPARK_WIDTH - 2) for edge in chart.edges]
    paths = []
    for series in tables:
        path = steps(places, series, top, SPARK_HEIGHT - 1, SPARK_HEIGHT - 3)
        look = area("real") if series.name == "real" else stroke("synthetic") | {"stroke_width": "1.5"}
        look.pop("stroke_dasharray", None)
        paths.append(element("path", d=path, **look))
    return _frame(chart, Drawing(join(paths), SPARK_WIDTH, SPARK_HEIGHT), "spark")


def _fits(chart: Chart) -> bool:
    tables = {series.name for series in chart.series}
    lengths = [len(series.values) for series in chart.series]
    needed = {
        "bars": len(chart.x),
        "histogram": len(chart.edges) - 1,
        "lines": len(chart.edges),
        "heatmap": len(chart.x) * len(chart.y),
        "joint": len(chart.x) * len(chart.y),
        "intervals": len(chart.y),
        "plane": len(chart.x),
        "forest": len(chart.y),
        "matrix": len(chart.x) * len(chart.y),
    }[chart.kind]
    together = TOGETHER.get(chart.kind, set()) <= tables
    whole = together and needed > 0 and all(length == needed for length in lengths)
    return whole and (chart.kind != "plane" or bool(points(chart)))


def _note(words: str) -> Drawing:
    return Drawing(label(words, 8, 24, 440), 460.0, 40.0)


def _frame(chart: Chart, drawing: Drawing, look: str, *, standalone: bool = False) -> Markup:
    title = element("title", visible(sentence(chart.title, chart.about, 500)) or "chart")
    description = (
        element("desc", visible(sentence(chart.alt, chart.about, 1000)) or "chart")
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
