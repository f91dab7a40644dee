"""Groups as SVG: a line for each with the real and the synthetic table, and crossings of two attributes."""

from __future__ import annotations

from markupsafe import Markup

from audit.model import Forest, Matrix, Series
from audit.render.chart_codec import Values, finite
from audit.render.charts.canvas import Drawing, element, fitted_label, join, line, tick_text
from audit.render.charts.grids import WIDTH, grids_of, most_of, shaded_cells
from audit.render.charts.layout import ticks
from audit.render.charts.palette import LIGHT
from audit.render.formatting import number

TABLES = ("real", "synthetic")
_LEFT, _RIGHT, _TOP, _ROW = 150.0, 14.0, 24.0, 24.0
_MAX_GROUPS = 30  # groups of one picture
_SIDE, _HIGH = 62.0, 22.0  # of a cell, at most


def forest(chart: Forest) -> Drawing:
    """For each group a dot with its interval, grey for the real table and blue for the synthetic one."""
    series = {one.name: one for one in chart.series}
    shown = range(min(_MAX_GROUPS, len(chart.groups)))
    bottom = _TOP + _ROW * len(shown)
    low, high = _ends(chart)
    scale = (WIDTH - _LEFT - _RIGHT) / (high - low)
    parts = []
    for at in ticks(low, high, 4):
        x = _LEFT + (at - low) * scale
        parts += [
            line(x, _TOP, x, bottom),
            fitted_label(tick_text(at, chart.unit), x, bottom + 16, 90, "middle"),
        ]
    for at in shown:
        middle = _TOP + _ROW * (at + 0.5)
        parts.append(fitted_label(chart.groups[at], _LEFT - 8, middle + 4, _LEFT - 12, "end"))
        for place, role in enumerate(TABLES):
            found = [values[at] for values in _ends_of(series.get(role))]
            places = [_LEFT + (value - low) * scale for value in found if value is not None]
            parts += _dot(places, middle + (place - 0.5) * 8, role)
    for place, role in enumerate(role for role in TABLES if role in series):
        parts.append(element("circle", cx=_LEFT + 4 + 110 * place, cy=10, r=4, **_fill(role)))
        parts.append(fitted_label(role, _LEFT + 12 + 110 * place, 14, 90))
    if len(chart.groups) > len(shown):
        parts.append(
            fitted_label(f"and {len(chart.groups) - len(shown)} more", _LEFT - 8, bottom + 16, 130, "end")
        )
    return Drawing(join(parts), WIDTH, bottom + 24)


def _ends_of(series: Series | None) -> list[Values]:
    """The values of a table and, where it has them, the ends of their intervals."""
    if series is None:
        return []
    return [values for values in (series.values, series.low, series.high) if values is not None]


def _ends(chart: Forest) -> tuple[float, float]:
    values = [*finite(chart), 0.0]
    room = (max(values) - min(values)) or 1.0
    return min(values), max(values) + 0.04 * room


def _dot(x: list[float], y: float, role: str) -> list[Markup]:
    """A dot at the first place, a line between the others."""
    if not x:
        return []
    stroke = {"class_": f"l-{role}", "stroke": getattr(LIGHT, role), "stroke_width": "2"}
    bar = [element("line", x1=x[1], x2=x[2], y1=y, y2=y, **stroke)] if len(x) > 2 else []
    return [*bar, element("circle", cx=x[0], cy=y, r=4, **_fill(role))]


def _fill(role: str) -> dict[str, str]:
    return {"class_": f"f-{role}", "fill": getattr(LIGHT, role)}


def matrix(chart: Matrix) -> Drawing:
    """The first series in cells of two attributes, each with its number; grey where rows are too few."""
    grid = grids_of(chart)[0]
    wide = min(_SIDE, (WIDTH - _LEFT - _RIGHT) / max(1, len(chart.columns)))
    top = 40.0
    parts = [shaded_cells(grid, _LEFT, top, wide, _HIGH, most_of([grid]), most_cover=0.5)]
    for at, name in enumerate(chart.columns):
        parts.append(fitted_label(name, _LEFT + wide * (at + 0.5), top - 8, wide - 4, "middle"))
    for down, (name, row) in enumerate(zip(chart.rows, grid, strict=True)):
        y = top + _HIGH * (down + 0.5) + 4
        parts.append(fitted_label(name, _LEFT - 8, y, _LEFT - 12, "end"))
        for across, value in enumerate(row):
            text = "few" if value is None else number(value, chart.unit).removesuffix(" points")
            parts.append(fitted_label(text, _LEFT + wide * (across + 0.5), y, wide, "middle"))
    bottom = top + _HIGH * len(chart.rows)
    parts.append(fitted_label(chart.words, _LEFT, bottom + 18, WIDTH - _LEFT))
    return Drawing(join(parts), WIDTH, bottom + 26)
