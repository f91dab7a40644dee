"""Curves on two logarithmic axes as an SVG, drawn by hand: no package, no fonts, no script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 420  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 56, 170, 64, 48
LEAST = 0.01  # seconds; what is quicker lies on the axis
NAMED = 7  # curves with a colour and a name; the rest are grey
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195")
TEXT, FAINT, GRID = "#222222", "#b8b8b8", "#e6e6e6"
_APART = 14  # between two names


@dataclass(frozen=True)
class Panel:
    """Seconds over sizes: a line for each name, their sum, and a limit at the largest size."""

    title: str
    sizes: Sequence[int]
    lines: Mapping[str, Sequence[float]]
    total: Sequence[float]
    limit: float | None = None


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The panels side by side."""
    top = max(max(p.total) for p in panels)
    top = 10 ** math.ceil(math.log10(max([top, *(p.limit or LEAST for p in panels)])))
    body = "".join(
        f'<g transform="translate({i * WIDTH},0)">{_panel(panel, top)}</g>' for i, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="{TEXT}" role="img" aria-label="{escape(title)}">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">{escape(title)}</text>{body}</svg>\n'
    )


@dataclass(frozen=True)
class _Frame:
    """From sizes and seconds to places."""

    small: float
    large: float
    top: float

    def x(self, size: float) -> float:
        share = math.log(size / self.small) / math.log(self.large / self.small)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        share = math.log(max(seconds, LEAST) / LEAST) / math.log(self.top / LEAST)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _panel(panel: Panel, top: float) -> str:
    frame = _Frame(panel.sizes[0], panel.sizes[-1], top)
    slowest = sorted(panel.lines, key=lambda name: -panel.lines[name][-1])
    ends = [("all checks", TEXT, panel.total[-1])]
    curves = []
    for place, name in reversed(list(enumerate(slowest))):
        colour = COLOURS[place] if place < NAMED else FAINT
        curves.append(_curve(frame, panel.sizes, panel.lines[name], colour, 2 if place < NAMED else 1))
    ends += [(name, COLOURS[place], panel.lines[name][-1]) for place, name in enumerate(slowest[:NAMED])]
    curves.append(_curve(frame, panel.sizes, panel.total, TEXT, 3))
    return _axes(frame, panel) + "".join(curves) + _names(frame, ends)


def _curve(frame: _Frame, sizes: Sequence[int], seconds: Sequence[float], colour: str, width: int) -> str:
    points = " ".join(f"{frame.x(a):.1f},{frame.y(b):.1f}" for a, b in zip(sizes, seconds, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _names(frame: _Frame, ends: Sequence[tuple[str, str, float]]) -> str:
    """Names at the ends of the curves, pushed apart downwards."""
    parts, last = [], -math.inf
    for name, colour, seconds in sorted(ends, key=lambda end: -end[2]):
        y = max(frame.y(seconds) + 4, last + _APART)
        last = y
        text = f"{escape(name)} {seconds:.1f} s"
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{y:.1f}" fill="{colour}">{text}</text>')
    return "".join(parts)


def _axes(frame: _Frame, panel: Panel) -> str:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [f'<text x="{LEFT}" y="48" font-size="13">{escape(panel.title)}</text>']
    seconds = LEAST
    while seconds <= frame.top * 1.001:
        y = frame.y(seconds)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{seconds:g} s</text>')
        seconds *= 10
    for size in panel.sizes:
        x = frame.x(size)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{size:,}</text>')
    if panel.limit is not None:
        y = frame.y(panel.limit)
        parts.append(
            f'<line x1="{right - 40}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{TEXT}" stroke-dasharray="4 3"/>'
        )
        parts.append(
            f'<text x="{right - 44}" y="{y + 4:.1f}" text-anchor="end">limit {panel.limit:g} s</text>'
        )
    return "".join(parts)
