"""A plane of two ratios: where a table stands between realism and diversity, beside real rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audit.model import Estimate, RatioPlane
from audit.render.charts.canvas import Drawing, element, fitted_label, join, line, tick_text
from audit.render.charts.layout import BEST, ticks
from audit.render.charts.palette import OTHERS, look_colour

WIDTH, HEIGHT = 460.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 16.0, 28.0, 44.0
AXES = ("across", "up")
REFERENCE = ("real rows", "holdout")  # names of the point that real rows give
Ends = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A named point; each axis as value, low, high, the ends equal to the value where there are none."""

    name: str
    look: str
    across: Ends
    up: Ends

    @property
    def is_reference(self) -> bool:
        """Whether real rows gave it."""
        return self.name in REFERENCE


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where numbers lie on the paper."""

    across: tuple[float, float]
    up: tuple[float, float]

    def x(self, value: float) -> float:
        low, high = self.across
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.up
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def plane_points(chart: RatioPlane) -> list[Point]:
    """The points of a chart that have both numbers."""
    both = zip(map(_with_ends, chart.across), map(_with_ends, chart.up), strict=True)
    return [
        Point(name, look, across, up)
        for name, look, (across, up) in zip(chart.names, _looks(chart.names), both, strict=True)
        if across is not None and up is not None
    ]


def axis_names(chart: RatioPlane) -> tuple[str, str]:
    """What the axes count, across and up."""
    names = (*chart.axes[:2], "", "")
    return names[0] or AXES[0], names[1] or AXES[1]


def span(ends: Sequence[Ends]) -> tuple[float, float]:
    """Both ends of an axis: every interval and 1, with a little room."""
    numbers = [BEST, *(end for three in ends for end in three)]
    room = 0.12 * max(max(numbers) - min(numbers), 0.1)
    return min(numbers) - room, max(numbers) + room


def plane(chart: RatioPlane) -> Drawing:
    """Points with their intervals both ways; a line at 1 on each axis, what real rows reach."""
    shown = plane_points(chart)
    frame = _Frame(span([one.across for one in shown]), span([one.up for one in shown]))
    parts = [_grid(frame), *(_cross(frame, one) for one in shown)]
    parts += [_name(frame, one, above=one.up[0] >= max(o.up[0] for o in shown)) for one in shown]
    across, up = axis_names(chart)
    parts.append(fitted_label(f"{across} →", WIDTH - RIGHT, HEIGHT - 8, WIDTH - LEFT - RIGHT, "end"))
    parts.append(fitted_label(f"↑ {up}", 8, 14, WIDTH - 16))
    return Drawing(join(parts), WIDTH, HEIGHT)


def _looks(names: Sequence[str]) -> list[str]:
    """Synthetic in its own colour, real rows in that of the holdout, others in turn."""
    others = [name for name in names if name != "synthetic" and name not in REFERENCE]
    own = {"synthetic": "synthetic", **dict.fromkeys(REFERENCE, "holdout")}
    return [own.get(name) or OTHERS[others.index(name) % len(OTHERS)] for name in names]


def _with_ends(one: Estimate) -> Ends | None:
    if one.value is None:
        return None
    return one.value, one.value if one.low is None else one.low, one.value if one.high is None else one.high


def _grid(frame: _Frame) -> Markup:
    top, base, right = TOP, HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for at in ticks(*frame.across, 5):
        x = frame.x(at)
        parts += [line(x, top, x, base), fitted_label(tick_text(at), x, base + 15, 80, "middle")]
    for at in ticks(*frame.up, 5):
        y = frame.y(at)
        parts += [line(LEFT, y, right, y), fitted_label(tick_text(at), LEFT - 6, y + 4, LEFT - 8, "end")]
    look = {"class_": "l-holdout", "stroke": look_colour("holdout"), "stroke_dasharray": "1.5 2.5"}
    x, y = frame.x(BEST), frame.y(BEST)
    parts.append(element("line", x1=x, y1=top, x2=x, y2=base, **look))
    parts.append(element("line", x1=LEFT, y1=y, x2=right, y2=y, **look))
    return join(parts)


def _cross(frame: _Frame, one: Point) -> Markup:
    colour = look_colour(one.look)
    bar = {"class_": f"l-{one.look}", "stroke": colour, "stroke_width": "2"}
    x, y = frame.x(one.across[0]), frame.y(one.up[0])
    parts = [
        element("line", x1=frame.x(one.across[1]), x2=frame.x(one.across[2]), y1=y, y2=y, **bar),
        element("line", x1=x, x2=x, y1=frame.y(one.up[1]), y2=frame.y(one.up[2]), **bar),
    ]
    fill = {"class_": f"f-{one.look}", "fill": colour}
    if one.is_reference:
        parts.append(element("rect", x=x - 5, y=y - 5, width=10, height=10, **fill))
    else:
        parts.append(element("circle", cx=x, cy=y, r=5, **fill))
    return join(parts)


def _name(frame: _Frame, one: Point, *, above: bool) -> Markup:
    """The name beside its point, on the side where there is room."""
    x, y = frame.x(one.across[0]), frame.y(one.up[0]) + (-10 if above else 18)
    left = x < (LEFT + WIDTH - RIGHT) / 2
    room = WIDTH - RIGHT - x if left else x - LEFT
    return fitted_label(one.name, x + 9 if left else x - 9, y, max(room - 12, 60), "start" if left else "end")
