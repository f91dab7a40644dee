"""Two ratios against each other as a Plotly figure: realism and diversity, each point with its intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.model import RatioPlane
from audit.render.charts.layout import BEST
from audit.render.charts.palette import look_colour, palette
from audit.render.charts.plotly_labels import LABEL, literal
from audit.render.charts.precision_recall_plane import Point, axis_names, plane_points, span

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FEW_POINTS = 4  # of a plane: as many as there are colours


def ratio_plane(figure: Figure, chart: RatioPlane, theme: str) -> None:
    """Two ratios of each point with their intervals, and lines at the best of both."""
    shown = plane_points(chart)
    across, up = (literal(name, LABEL * 2) for name in axis_names(chart))
    colours = palette(theme)
    for place in ("hline", "vline"):
        at = {"y": BEST} if place == "hline" else {"x": BEST}
        getattr(figure, f"add_{place}")(**at, line={"color": colours.holdout, "dash": "dot", "width": 1.5})
    many = len(shown) > FEW_POINTS  # then colours come again, and names stand beside the points
    for one in shown:
        figure.add_scatter(**_crossed(one, look_colour(one.look, theme), (across, up), named=many))
    figure.update_xaxes(title_text=across, range=span([one.across for one in shown]), tickformat="~g")
    figure.update_yaxes(title_text=up, range=span([one.up for one in shown]), tickformat="~g")
    figure.update_layout(height=360)


def _crossed(one: Point, colour: str, names: tuple[str, str], *, named: bool) -> dict[str, Any]:
    """A point with its intervals both ways, as a trace of its own; its name beside it where wanted."""
    bars = {
        f"error_{axis}": {
            "type": "data",
            "array": [high - value],
            "arrayminus": [value - low],
            "color": colour,
        }
        for axis, (value, low, high) in (("x", one.across), ("y", one.up))
    }
    return {
        "x": [one.across[0]],
        "y": [one.up[0]],
        "mode": "markers+text" if named else "markers",
        "text": [literal(one.name, LABEL)],
        "textposition": "bottom center" if one.is_reference else "top right",
        "name": literal(one.name),
        "marker": {"color": colour, "size": 12, "symbol": "square" if one.is_reference else "circle"},
        "hovertemplate": f"{names[0]} %{{x:.3f}}, {names[1]} %{{y:.3f}}",
        **bars,
    }
