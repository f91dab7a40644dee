"""Groups as Plotly figures: a line for each with the real and the synthetic table, and crossings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.model import Forest, Matrix
from audit.render.charts.grids import grids_of, most_of
from audit.render.charts.palette import Palette, look_colour, palette, with_opacity
from audit.render.charts.plotly_labels import LABEL, literal
from audit.render.formatting import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TABLES = ("real", "synthetic")
_APART = 0.16  # of a line between the tables' dots
_COVER = 0.55  # of a cell at most, so that the number in it can be read


def forest(figure: Figure, chart: Forest, theme: str, percent: str) -> None:
    """For each group a dot with its interval, grey for the real table and blue for the synthetic one.

    percent : Plotly's format of a number. The first line is everyone's where the chart says so;
    dotted lines lead it down the picture.
    """
    tables = sorted(
        (one for one in chart.series if one.name in TABLES), key=lambda one: TABLES.index(one.name)
    )
    for place, table in enumerate(tables):
        role = table.name
        colour = look_colour(role, theme)
        there = [at for at, value in enumerate(table.values) if value is not None]
        shift = _APART * (2 * place - 1) if len(tables) > 1 else 0.0
        value, low, high = (
            [float(values[at] or 0.0) for at in there]
            for values in (table.values, table.low or table.values, table.high or table.values)
        )
        figure.add_scatter(
            x=value,
            y=[at + shift for at in there],
            mode="markers",
            name=role,
            customdata=[[literal(chart.groups[at]), a, b] for at, a, b in zip(there, low, high, strict=True)],
            marker={"color": colour, "size": 9, "symbol": "square" if role == "real" else "circle"},
            error_x={
                "type": "data",
                "array": [b - v for b, v in zip(high, value, strict=True)],
                "arrayminus": [v - a for a, v in zip(low, value, strict=True)],
                "color": colour,
                "thickness": 1.5,
                "width": 3,
            },
            hovertemplate=f"%{{customdata[0]}}, {role}: %{{x:{percent}}} "
            f"(%{{customdata[1]:{percent}}} to %{{customdata[2]:{percent}}})<extra></extra>",
        )
        if chart.groups[:1] == ("everyone",) and there[:1] == [0]:
            figure.add_vline(value[0], line={"color": colour, "dash": "dot", "width": 1}, opacity=0.7)
    labels = [literal(name, LABEL) for name in chart.groups]
    figure.update_yaxes(tickvals=list(range(len(labels))), ticktext=labels, range=[len(labels) - 0.4, -0.6])
    figure.update_xaxes(tickformat=".0~%", rangemode="tozero")
    figure.update_layout(height=96 + 34 * len(labels))


def matrix(figure: Figure, chart: Matrix, theme: str) -> None:
    """The first series in cells of two attributes, each with its number; grey where rows are too few."""
    colours = palette(theme)
    grid = grids_of(chart)[0]
    most, signed = most_of([grid]), any(value is not None and value < 0 for row in grid for value in row)
    whole = [[f"{literal(y)} × {literal(x)}" for x in chart.columns] for y in chart.rows]
    figure.add_heatmap(
        z=[[1.0 if value is None else None for value in row] for row in grid],
        customdata=whole,
        colorscale=[[0.0, colours.line], [1.0, colours.line]],
        hovertemplate="%{customdata}: too few rows<extra></extra>",
        **_CELLS,
    )
    figure.add_heatmap(
        z=grid,
        customdata=whole,
        zmin=-most if signed else 0.0,
        zmax=most,
        colorscale=_shades(colours, signed=signed),
        text=[
            ["" if v is None else number(v, chart.unit).removesuffix(" points") for v in row] for row in grid
        ],
        texttemplate="%{text}",
        textfont={"color": colours.ink},
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        **_CELLS,
    )
    wide = {"showgrid": False, "zeroline": False}
    figure.update_xaxes(
        tickvals=list(range(len(chart.columns))),
        ticktext=[literal(x, 16) for x in chart.columns],
        side="top",
        **wide,
    )
    figure.update_yaxes(
        tickvals=list(range(len(chart.rows))),
        ticktext=[literal(y, LABEL) for y in chart.rows],
        autorange="reversed",
        **wide,
    )
    figure.update_layout(height=80 + 34 * len(chart.rows))


_CELLS: dict[str, Any] = {"showscale": False, "xgap": 2, "ygap": 2, "hoverongaps": False}


def _shades(colours: Palette, *, signed: bool) -> list[list[Any]]:
    more = [with_opacity(colours.synthetic, 0.0), with_opacity(colours.synthetic, _COVER)]
    if not signed:
        return [[0.0, more[0]], [1.0, more[1]]]
    return [
        [0.0, with_opacity(colours.less, _COVER)],
        [0.5, with_opacity(colours.less, 0.0)],
        [0.5, more[0]],
        [1.0, more[1]],
    ]
