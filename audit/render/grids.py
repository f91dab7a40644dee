"""Heatmaps and joint views as SVG: one path per shade, so that even large ones stay small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from audit.model import Chart, Series
from audit.palette import LIGHT
from audit.render.canvas import Drawing, by_name, element, join, label, px
from audit.render.words import number

WIDTH = 460.0
SHADES = 9
MOST = 40  # rows and columns of a heatmap; the ones with the largest values stay

Grid = Sequence[Sequence[float | None]]


def heatmap(chart: Chart) -> Drawing:
    """Cells in shades of the synthetic colour; where values are negative, in a second colour."""
    left_out = max(0, len(chart.y) - MOST)
    chart = trimmed(chart, MOST)
    shown = rows_of(chart.series[0].values, len(chart.x))
    left, top = 120.0, 84.0
    side = min(26.0, (WIDTH - left - 8) / max(1, len(chart.x)))
    most = _most([shown])
    parts = [_cells(shown, left, top, side, side, most)]
    parts += [
        label(name, left - 6, top + side * (at + 0.5) + 4, left - 8, "end")
        for at, name in enumerate(chart.y)
        if side >= 10 or at % 2 == 0
    ]
    parts += [
        _slanted(name, left + side * (at + 0.5), top - 6)
        for at, name in enumerate(chart.x)
        if side >= 10 or at % 2 == 0
    ]
    bottom = top + side * len(chart.y)
    parts.append(_scale(left, bottom + 10, most, chart.unit, _negative([shown])))
    if left_out:
        parts.append(label(f"{left_out} rows with small values left out", left, bottom + 44, 300))
    return Drawing(join(parts), WIDTH, bottom + (52 if left_out else 36))


def joint(chart: Chart) -> Drawing:
    """Real, synthetic and their difference beside each other, in the same shades."""
    real, synthetic, gap = joint_grids(chart)
    wide = len(chart.x)
    left, top, space = 84.0, 92.0, 14.0
    panel = (WIDTH - left - 2 * space - 4) / 3
    across = min(30.0, panel / max(1, wide))
    down = min(22.0, max(10.0, across))
    parts = []
    for place, (title, grid, most) in enumerate(
        (
            ("real", real, _most([real, synthetic])),
            ("synthetic", synthetic, _most([real, synthetic])),
            ("synthetic − real", gap, _most([gap])),
        )
    ):
        x = left + place * (panel + space)
        parts.append(_cells(grid, x, top, across, down, most, "real" if title == "real" else "synthetic"))
        parts.append(label(title, x, 14, panel))
        parts += [_slanted(name, x + across * (at + 0.5), top - 5) for at, name in enumerate(chart.x)]
    parts += [
        label(name, left - 6, top + down * (at + 0.5) + 4, left - 8, "end") for at, name in enumerate(chart.y)
    ]
    bottom = top + down * len(chart.y)
    words = f"darkest: {number(_most([real, synthetic]), chart.unit)}"
    parts.append(label(words, left, bottom + 16, 2 * panel))
    parts.append(
        label(f"darkest: {number(_most([gap]), chart.unit)}", left + 2 * (panel + space), bottom + 16, panel)
    )
    return Drawing(join(parts), WIDTH, bottom + 24)


def joint_grids(chart: Chart) -> tuple[Grid, Grid, Grid]:
    """Real, synthetic and synthetic minus real, row by row; None where either is missing."""
    series = by_name(chart)
    real, synthetic = (rows_of(series[name].values, len(chart.x)) for name in ("real", "synthetic"))
    gap = [
        [None if a is None or b is None else b - a for a, b in zip(*pair, strict=True)]
        for pair in zip(real, synthetic, strict=True)
    ]
    return real, synthetic, gap


def rows_of(values: Sequence[float | None], wide: int) -> Grid:
    """A row-major matrix as rows of `wide` values."""
    return [list(values[start : start + wide]) for start in range(0, len(values), wide or 1)]


def trimmed(chart: Chart, most: int) -> Chart:
    """The chart with at most `most` rows and columns, those with the largest values, in order."""
    if max(len(chart.x), len(chart.y)) <= most:
        return chart
    grids = [rows_of(series.values, len(chart.x)) for series in chart.series]
    rows = _strongest(grids, most)
    columns = (
        rows if chart.x == chart.y else _strongest([list(zip(*grid, strict=True)) for grid in grids], most)
    )
    series = tuple(
        Series(one.name, tuple(grid[row][column] for row in rows for column in columns))
        for one, grid in zip(chart.series, grids, strict=True)
    )
    x, y = tuple(chart.x[at] for at in columns), tuple(chart.y[at] for at in rows)
    return replace(chart, x=x, y=y, series=series)


def _most(grids: Sequence[Grid]) -> float:
    return max([abs(v) for grid in grids for row in grid for v in row if v is not None] + [1e-12])


def _negative(grids: Sequence[Grid]) -> bool:
    return any(v is not None and v < 0 for grid in grids for row in grid for v in row)


def _strongest(grids: Sequence[Grid], most: int) -> list[int]:
    places = range(len(grids[0]))
    weight = [max([abs(v) for grid in grids for v in grid[at] if v is not None] + [0.0]) for at in places]
    return sorted(sorted(places, key=lambda at: -weight[at])[:most])


def _cells(
    grid: Grid, left: float, top: float, wide: float, high: float, most: float, colour: str = "synthetic"
) -> Markup:
    shades: dict[tuple[str, int], list[str]] = defaultdict(list)
    for down, row in enumerate(grid):
        for across, value in enumerate(row):
            key = (colour, -1) if value is None else _shade(value, most, colour)
            shades[key].append(f"M{px(left + across * wide)} {px(top + down * high)}")
    box = f"h{px(wide - 0.6)}v{px(high - 0.6)}h-{px(wide - 0.6)}z"
    return join(
        element("path", d="".join(start + box for start in starts), **_look(*key))
        for key, starts in sorted(shades.items())
    )


def _shade(value: float, most: float, colour: str) -> tuple[str, int]:
    return ("less" if value < 0 else colour, round(abs(value) / most * SHADES))


def _look(colour: str, shade: int) -> dict[str, str]:
    if shade < 0:
        return {"class_": "n", "fill": LIGHT.line, "fill_opacity": "0.35"}
    opacity = 0.05 + 0.9 * shade / SHADES
    return {"class_": f"f-{colour}", "fill": getattr(LIGHT, colour), "fill_opacity": f"{opacity:.2f}"}


def _slanted(text: str, x: float, y: float) -> Markup:
    return element("g", label(text, 0, 0, 88), transform=f"translate({px(x)} {px(y)}) rotate(-45)")


def _scale(x: float, y: float, most: float, unit: str, negative: bool) -> Markup:
    parts = []
    shades = range(-SHADES if negative else 0, SHADES + 1, 3)
    for place, shade in enumerate(shades):
        look = _look("less" if shade < 0 else "synthetic", abs(shade))
        parts.append(element("rect", x=x + 16.0 * place, y=y, width=16, height=9, **look))
    ends = f"{number(-most if negative else 0.0, unit)} to {number(most, unit)}, {unit}"
    parts.append(label(ends, x + 16.0 * len(shades) + 8, y + 9, WIDTH - x - 16.0 * len(shades) - 12))
    return join(parts)
