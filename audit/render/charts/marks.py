"""Bars, histograms, lines and intervals as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from audit.model import Bars, Estimate, Histogram, Intervals, Lines, Series, Unit
from audit.render.chart_codec import Values, finite
from audit.render.charts.canvas import (
    CHARACTER,
    Drawing,
    area_style,
    element,
    fitted_label,
    join,
    legend,
    line,
    px,
    stroke_style,
    tick_text,
    top_of,
    with_looks,
)
from audit.render.charts.layout import (
    bin_places,
    has_whole_positions,
    largest,
    magnitude_ends,
    magnitude_ticks,
    spans_magnitudes,
    ticks,
)
from audit.render.charts.palette import LIGHT, look_colour

WIDTH = 460.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 24.0, 24.0
NAMES = 150.0  # room for the labels at the left of horizontal charts
WIDEST = 220.0  # the same where they are long
MAX_ROWS = 20  # categories or rows of a chart; the rest is counted in words


def bars(chart: Bars) -> Drawing:
    """Horizontal bars, real above synthetic, largest categories first where there are many."""
    order = largest(chart, MAX_ROWS)
    left_out = len(chart.labels) - len(order)
    thick = 9.0 if len(chart.series) < 3 else 7.0
    row = thick * len(chart.series) + 8
    bottom = TOP + row * len(order)
    top = top_of(chart)
    axis = _Axis(_room(chart.labels), 0.0, top)
    parts = [_value_axis(axis, bottom, chart.unit), legend(chart.series, NAMES, 14)]
    for place, at in enumerate(order):
        y = TOP + row * place
        parts.append(fitted_label(chart.labels[at], axis.left - 8, y + row / 2 + 3, axis.left - 12, "end"))
        for lane, (series, look) in enumerate(with_looks(chart.series)):
            value = series.values[at] or 0.0
            size = axis.x(max(0.0, value)) - axis.left
            place_y = y + 3 + lane * thick
            parts.append(
                element("rect", x=axis.left, y=place_y, width=size, height=thick - 2, **area_style(look))
            )
    if left_out:
        parts.append(fitted_label(f"and {left_out} more", axis.left - 8, bottom + 16, NAMES - 12, "end"))
    return Drawing(join(parts), WIDTH, bottom + BOTTOM)


def histogram(chart: Histogram) -> Drawing:
    """Steps over bins. Bins of very different width get equal room and their edges as labels."""
    height = 190.0
    places = paper_places(chart, LEFT, WIDTH - LEFT - RIGHT)
    top = top_of(chart)
    base = height - BOTTOM
    parts = [_share_axis(top, base, chart.unit), legend(chart.series, LEFT, 14)]
    for series, look in with_looks(chart.series):
        path = outline_path(places, series, top, base, base - TOP)
        parts.append(element("path", d=path, **area_style(look)))
    parts.append(_edge_labels(chart.edges, places, height))
    return Drawing(join(parts), WIDTH, height)


def outline_path(places: list[float], series: Series, top: float, base: float, room: float) -> str:
    """The closed outline of a histogram as a path."""
    path = [f"M{px(places[0])} {px(base)}"]
    for value, right in zip(series.values, places[1:], strict=False):
        path.append(f"V{px(base - (value or 0.0) / top * room)}H{px(right)}")
    return "".join(path) + f"V{px(base)}Z"


def lines(chart: Lines) -> Drawing:
    """One line per series over the positions; a gap where there is no value."""
    height = 190.0
    base = height - BOTTOM
    low = min(0.0, *finite(chart), 0.0)
    top = max([*finite(chart), low + 1e-9]) + 0.03 * abs(top_of(chart))
    first, last = chart.positions[0], chart.positions[-1]
    wide = (last - first) or 1.0

    def places(values: Values) -> list[tuple[float, float] | None]:
        return [
            None
            if value is None
            else (
                LEFT + (edge - first) / wide * (WIDTH - LEFT - RIGHT),
                base - (value - low) / (top - low) * (base - TOP),
            )
            for edge, value in zip(chart.positions, values, strict=False)
        ]

    parts = [_share_axis(top, base, chart.unit, low), legend(chart.series, LEFT, 14, lines=True)]
    for series, look in with_looks(chart.series):
        if series.low is not None and series.high is not None:
            lower, upper = places(series.low), places(series.high)
            band = {
                **stroke_style(look),
                "class_": f"f-{look}",
                "fill": look_colour(look),
                "fill_opacity": "0.16",
            }
            outline = _polyline([*lower, *reversed(upper)])
            parts.append(element("path", d=outline, **band | {"stroke": "none"}))
        parts.append(element("path", d=_polyline(places(series.values)), **stroke_style(look)))
    whole = chart.positions[:: -(-len(chart.positions) // 12)]
    for at in whole if has_whole_positions(chart.positions) else ticks(first, last, 5):
        x = LEFT + (at - first) / wide * (WIDTH - LEFT - RIGHT)
        parts.append(fitted_label(tick_text(at), x, height - 8, 200, "middle"))
    return Drawing(join(parts), WIDTH, height)


def intervals(chart: Intervals) -> Drawing:
    """A dot with its interval per row, and a grey tick where real against real lies."""
    shown = range(min(MAX_ROWS + 10, len(chart.labels)))
    bottom = TOP + 20.0 * len(shown)
    axis = _axis_of(chart)
    parts = [_value_axis(axis, bottom, chart.unit)]
    if axis.low < 0 < axis.high:
        parts.append(line(axis.x(0.0), TOP - 4, axis.x(0.0), bottom))
    for at in shown:
        y = TOP + 20.0 * at + 10
        parts.append(fitted_label(chart.labels[at], axis.left - 8, y + 4, axis.left - 12, "end"))
        baseline = chart.baselines[at] if chart.baselines else None
        parts.extend(_interval(chart.estimates[at], baseline, y, axis))
    start = min(axis.left, WIDTH - 312)
    parts.append(fitted_label("● synthetic, 95% interval", start, 14, 170))
    if chart.baselines is not None:
        parts.append(fitted_label("│ real against real", start + 176, 14, 136))
    if len(chart.labels) > len(shown):
        parts.append(
            fitted_label(f"and {len(chart.labels) - len(shown)} more", axis.left - 8, bottom + 16, 130, "end")
        )
    return Drawing(join(parts), WIDTH, bottom + BOTTOM)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where values lie across, from `left` on; by factors where `log`."""

    left: float
    low: float
    high: float
    log: bool = False

    def x(self, value: float) -> float:
        value, low, high = (math.log(v) if self.log else v for v in (value, self.low, self.high))
        return self.left + (value - low) / (high - low) * (WIDTH - self.left - RIGHT)

    def ticks(self) -> list[float]:
        return magnitude_ticks(self.low, self.high) if self.log else ticks(self.low, self.high, 4)


def _room(names: Sequence[str]) -> float:
    """Room for the labels at the left, more where they are long."""
    longest = max((len(name) for name in names), default=0)
    return min(WIDEST, max(NAMES, CHARACTER * longest + 12))


def _axis_of(chart: Intervals) -> _Axis:
    left = _room(chart.labels)
    if spans_magnitudes(chart):
        low, high = magnitude_ends(chart)
        return _Axis(left, low / 1.2, high * 1.2, log=True)
    ends = [*finite(chart), 0.0]
    room = (max(ends) - min(ends)) or 1.0
    return _Axis(left, min(ends) - 0.04 * room, max(ends) + 0.04 * room)


def _interval(one: Estimate, baseline: float | None, y: float, axis: _Axis) -> list[Markup]:
    if one.value is None:
        return []
    parts = []
    start = axis.x(one.value if one.low is None else one.low)
    end = axis.x(one.value if one.high is None else one.high)
    look = {"class_": "l-synthetic", "stroke": LIGHT.synthetic, "stroke_width": "2"}
    parts.append(element("line", x1=start, x2=end, y1=y, y2=y, **look))
    if baseline is not None:
        x = axis.x(baseline)
        tick = {"class_": "l-real", "stroke": LIGHT.real, "stroke_width": "3"}
        parts.append(element("line", x1=x, x2=x, y1=y - 6, y2=y + 6, **tick))
    dot = {"class_": "f-synthetic", "fill": LIGHT.synthetic}
    parts.append(element("circle", cx=axis.x(one.value), cy=y, r=4, **dot))
    return parts


def paper_places(chart: Histogram, left: float, room: float) -> list[float]:
    """Where the edges of a histogram lie on the paper, from `left` on."""
    places = bin_places(chart)
    wide = (places[-1] - places[0]) or 1.0
    return [left + (place - places[0]) / wide * room for place in places]


def _edge_labels(edges: tuple[float, ...], places: list[float], height: float) -> Markup:
    every = max(1, -(-len(edges) // 7))
    step = min([right - left for left, right in pairwise(places)] or [60.0]) * every
    return join(
        _edge_label(edges[at], places[at], height - 8, max(30.0, step)) for at in range(0, len(edges), every)
    )


def _edge_label(edge: float, x: float, y: float, room: float) -> Markup:
    inside = x < WIDTH - 24
    return fitted_label(tick_text(edge), x if inside else WIDTH, y, room, "middle" if inside else "end")


def _share_axis(top: float, base: float, unit: Unit, low: float = 0.0) -> Markup:
    parts = []
    for at in ticks(low, top, 3):
        y = base - (at - low) / (top - low) * (base - TOP)
        parts += [
            line(LEFT, y, WIDTH - RIGHT, y),
            fitted_label(tick_text(at, unit), LEFT - 6, y + 4, 44, "end"),
        ]
    return join(parts)


def _value_axis(axis: _Axis, bottom: float, unit: Unit) -> Markup:
    parts = []
    for at in axis.ticks():
        x = axis.x(at)
        parts += [line(x, TOP, x, bottom), fitted_label(tick_text(at, unit), x, bottom + 16, 200, "middle")]
    return join(parts)


def _polyline(points: list[tuple[float, float] | None]) -> str:
    path, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path.append(f"{pen}{px(point[0])} {px(point[1])}")
        pen = "L"
    return "".join(path) or "M0 0"
