"""Chart → Plotly figure for the pages: pre-binned, small, the same colours and styles as the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from audit.model import (
    Bars,
    Captioned,
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
from audit.render.chart_codec import Values, finite
from audit.render.charts.canvas import with_looks
from audit.render.charts.grids import Grid, grids_of, joint_grids, trim_chart, without_empty
from audit.render.charts.layout import (
    bin_places,
    has_whole_positions,
    largest,
    magnitude_ends,
    magnitude_ticks,
    spans_magnitudes,
)
from audit.render.charts.palette import DASHES, Palette, look_colour, palette, with_opacity
from audit.render.charts.plotly_groups import forest, matrix
from audit.render.charts.plotly_labels import LABEL, WHOLE, literal
from audit.render.charts.plotly_plane import ratio_plane
from audit.render.formatting import is_share, shorten, visible_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SMALL = 0.05  # below, whole percents on an axis are too coarse
MAX_ROWS = 60  # rows, columns or categories of one figure

Draw = Callable[["Figure", Any, str], None]


def to_figure(chart: Chart, theme: str = "light") -> Figure:
    """The chart as a Plotly figure on a transparent ground, without a title.

    theme : "light" or "dark", the page it stands on
    Names and values are escaped, so Plotly shows them as they are. Raises ValueError for a
    kind of chart that does not exist.
    """
    import plotly.graph_objects as go

    if isinstance(chart, UnknownChart):
        raise ValueError(f"A chart of kind {chart.kind!r} is unknown to this version.")
    figure = go.Figure()
    colours = palette(theme)
    figure.update_layout(**_layout(colours))
    figure.update_xaxes(**_axis(colours))
    figure.update_yaxes(**_axis(colours))
    DRAW[type(chart)](figure, chart, theme)
    return figure


def _layout(colours: Palette) -> dict[str, Any]:
    return {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "height": 300,
        "barmode": "group",
        "bargap": 0.25,
        "font": {"size": 13, "color": colours.ink},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "hoverlabel": {"align": "left"},
        "modebar": {"remove": ["lasso2d", "select2d", "autoScale2d"]},
    }


def _axis(colours: Palette) -> dict[str, Any]:
    return {
        "gridcolor": colours.line,
        "zerolinecolor": colours.line,
        "linecolor": colours.line,
        "automargin": True,
        "fixedrange": False,
    }


def _percent(chart: Captioned) -> str:
    return ".2~%" if is_share(chart.unit) else ".3~g"


def _look(look: str, theme: str) -> dict[str, Any]:
    colour = look_colour(look, theme)
    if look == "real":
        return {"color": colour, "opacity": 0.7}
    shape = {"synthetic": "/", "holdout": ".", "first": "\\", "second": "x"}.get(look, "")
    pattern = {"shape": shape, "fgcolor": colour, "bgcolor": "rgba(0,0,0,0)", "size": 6, "solidity": 0.25}
    return {"color": colour, "pattern": pattern, "line": {"color": colour, "width": 1.5}}


def _line(look: str, theme: str, shape: str = "linear") -> dict[str, Any]:
    return {"color": look_colour(look, theme), "dash": DASHES[look], "width": 2.2, "shape": shape}


def _bars(figure: Figure, chart: Bars, theme: str) -> None:
    order = largest(chart, MAX_ROWS)
    whole = [literal(chart.labels[at]) for at in order]
    for series, look in with_looks(chart.series):
        figure.add_bar(
            y=list(range(len(order))),
            x=[series.values[at] for at in order],
            orientation="h",
            name=literal(series.name),
            customdata=whole,
            marker=_look(look, theme),
            hovertemplate="%{customdata}: %{x:" + _percent(chart) + "}",
        )
    labels = [_broken(chart.labels[at]) for at in order]
    # positions instead of names: two labels that look alike stay two bars
    figure.update_yaxes(tickvals=list(range(len(order))), ticktext=labels, autorange="reversed")
    figure.update_xaxes(tickformat=_ticks(chart), rangemode="tozero")
    tall = max(22 + 9 * max(0, len(chart.series) - 2), 36 if any("<br>" in text for text in labels) else 0)
    figure.update_layout(height=90 + tall * max(3, len(order)))


def _histogram(figure: Figure, chart: Histogram, theme: str) -> None:
    edges = chart.edges
    bins = [f"{left:,.6g} to {right:,.6g}" for left, right in pairwise(edges)]
    places = bin_places(chart)
    middles = [(left + right) / 2 for left, right in pairwise(places)]
    widths = [right - left for left, right in pairwise(places)]
    hover = "%{customdata}: %{y:" + _percent(chart) + "}"
    for series, look in with_looks(chart.series):
        if look == "real":
            bars = {"x": middles, "y": list(series.values), "width": widths, "customdata": bins}
            figure.add_bar(**bars, name="real", marker=_look("real", theme), hovertemplate=hover)
            continue
        figure.add_scatter(
            x=[places[0], *places],
            y=[0.0, *series.values, 0.0],
            customdata=[bins[0], *bins, bins[-1]],
            mode="lines",
            name=literal(series.name),
            line=_line(look, theme, "hv") | ({"dash": "solid"} if look == "synthetic" else {}),
            hovertemplate=hover,
        )
    figure.update_layout(bargap=0, barmode="overlay")
    figure.update_yaxes(tickformat=_ticks(chart), rangemode="tozero")
    if places != list(edges):
        every = max(1, -(-len(edges) // 9))
        figure.update_xaxes(tickvals=places[::every], ticktext=[f"{edge:,.4g}" for edge in edges[::every]])


def _lines(figure: Figure, chart: Lines, theme: str) -> None:
    for series, look in with_looks(chart.series):
        if series.low is not None and series.high is not None:
            _ribbon(figure, chart.positions, (series.low, series.high), look_colour(look, theme))
        figure.add_scatter(
            x=list(chart.positions),
            y=list(series.values),
            mode="lines",
            name=literal(series.name),
            line=_line(look, theme),
            connectgaps=False,
            hovertemplate="%{x:,.4~g}: %{y:" + _percent(chart) + "}",
        )
    figure.update_yaxes(tickformat=_ticks(chart))
    if has_whole_positions(chart.positions):
        figure.update_xaxes(dtick=1, tickformat="d")


def _ribbon(figure: Figure, positions: tuple[float, ...], ends: tuple[Values, Values], colour: str) -> None:
    """The interval of a line as a tinted band behind it."""
    for values, fill in zip(ends, ("none", "tonexty"), strict=True):
        figure.add_scatter(
            x=list(positions),
            y=list(values),
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=with_opacity(colour, 0.16),
            showlegend=False,
            hoverinfo="skip",
        )


def _heatmap(figure: Figure, chart: Heatmap, theme: str) -> None:
    chart = trim_chart(chart, MAX_ROWS)
    _grid(figure, chart, grids_of(chart)[0], palette(theme), bar=literal(chart.words))
    figure.update_layout(height=140 + 20 * min(MAX_ROWS, len(chart.rows)))


def _joint(figure: Figure, chart: JointShares, theme: str) -> None:
    colours = palette(theme)
    chart = without_empty(trim_chart(chart, MAX_ROWS))
    real, synthetic, gap = joint_grids(chart)
    most = max([*finite(chart), 1e-12])
    figure.set_subplots(rows=1, cols=3, shared_yaxes=True, horizontal_spacing=0.03)
    for place, (grid, ends) in enumerate(((real, most), (synthetic, most), (gap, None)), start=1):
        _grid(figure, chart, grid, colours, column=place, most=ends, ink=colours.real if place == 1 else "")
        text = ("real", "synthetic", "difference")[place - 1]
        figure.update_xaxes(title_text=text, side="bottom", col=place, **_axis(colours))
    figure.update_yaxes(**_axis(colours))
    figure.update_layout(height=150 + 24 * len(chart.rows))


def _grid(
    figure: Figure,
    chart: Cells,
    grid: Grid,
    colours: Palette,
    *,
    column: int | None = None,
    most: float | None = None,
    ink: str = "",
    bar: str = "",
) -> None:
    values = [value for row in grid for value in row if value is not None]
    negative = any(value < 0 for value in values)
    most = most or max([abs(value) for value in values] + [1e-12])
    full = ink or colours.synthetic
    scale = [[0.0, with_opacity(full, 0)], [1.0, full]]
    if negative:
        scale = [
            [0.0, colours.less],
            [0.5, with_opacity(colours.less, 0)],
            [0.5, with_opacity(full, 0)],
            [1.0, full],
        ]
    cell = None if column is None else {"row": 1, "col": column}
    whole = [[f"{literal(y, 80)} × {literal(x, 80)}" for x in chart.columns] for y in chart.rows]
    figure.add_heatmap(
        z=grid,
        customdata=whole,
        zmin=-most if negative else 0.0,
        zmax=most,
        colorscale=scale,
        showscale=bool(bar),
        colorbar={"title": {"text": bar, "side": "right"}, "thickness": 12} if bar else None,
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate="%{customdata}: %{z:" + _percent(chart) + "}<extra></extra>",
        **(cell or {}),
    )
    _label_axes(figure, chart, {} if column is None else {"row": 1, "col": column})


def _label_axes(figure: Figure, chart: Cells, cell: dict[str, int]) -> None:
    tall = {
        "tickvals": list(range(len(chart.rows))),
        "autorange": "reversed",
        "showgrid": False,
        "zeroline": False,
    }
    wide = {
        "tickvals": list(range(len(chart.columns))),
        "tickangle": -45,
        "showgrid": False,
        "zeroline": False,
    }
    figure.update_yaxes(ticktext=[literal(name, LABEL) for name in chart.rows], **tall, **cell)
    figure.update_xaxes(ticktext=[literal(name, 14) for name in chart.columns], **wide, **cell)


def _intervals(figure: Figure, chart: Intervals, theme: str) -> None:
    colours = palette(theme)
    shown = range(min(MAX_ROWS, len(chart.labels)))
    known = {at: one.value for at in shown if (one := chart.estimates[at]).value is not None}
    ends = [(value, chart.estimates[at].low, chart.estimates[at].high) for at, value in known.items()]
    figure.add_scatter(
        x=list(known.values()),
        y=list(known),
        mode="markers",
        name="synthetic, 95% interval",
        customdata=[literal(chart.labels[at]) for at in known],
        marker={"color": colours.synthetic, "size": 9},
        error_x={
            "type": "data",
            "array": [0.0 if high is None else high - value for value, _, high in ends],
            "arrayminus": [0.0 if low is None else value - low for value, low, _ in ends],
            "color": colours.synthetic,
        },
        hovertemplate="%{customdata}: %{x:" + _percent(chart) + "}<extra></extra>",
    )
    if chart.baselines is not None:
        figure.add_scatter(
            x=[chart.baselines[at] for at in known],
            y=list(known),
            mode="markers",
            name="real against real",
            marker={"symbol": "line-ns-open", "size": 14, "color": colours.real, "line": {"width": 3}},
            hovertemplate="real against real: %{x:" + _percent(chart) + "}<extra></extra>",
        )
    labels = [_broken(chart.labels[at]) for at in shown]
    figure.update_yaxes(tickvals=list(shown), ticktext=labels, autorange="reversed")
    figure.update_xaxes(tickformat=_ticks(chart), zeroline=True)
    if spans_magnitudes(chart):
        figure.update_xaxes(
            type="log", tickvals=magnitude_ticks(*magnitude_ends(chart)), tickangle=0, zeroline=False
        )
    figure.update_layout(height=110 + (38 if any("<br>" in text for text in labels) else 26) * len(shown))


def _ticks(chart: Chart) -> str:
    if not _percent(chart).endswith("%"):
        return "~g"
    return ".0~%" if max(map(abs, finite(chart)), default=1.0) > SMALL else ".2~%"


def _broken(text: str) -> str:
    """A label in at most two lines."""
    lines = wrap(shorten(visible_text(text), WHOLE), LABEL) or [""]
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]}…"]
    return "<br>".join(literal(line, LABEL) for line in lines)


DRAW: Mapping[type[Chart], Draw] = {
    Bars: _bars,
    Histogram: _histogram,
    Lines: _lines,
    Heatmap: _heatmap,
    JointShares: _joint,
    Intervals: _intervals,
    RatioPlane: ratio_plane,
    Forest: lambda figure, chart, theme: forest(figure, chart, theme, _percent(chart)),
    Matrix: matrix,
}
