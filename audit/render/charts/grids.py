"""Heatmaps and joint views as SVG: one path per shade, so that even large ones stay small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from markupsafe import Markup

from audit.model import Cells, Heatmap, JointShares, Series
from audit.render.charts.canvas import Drawing, element, fitted_label, join, px
from audit.render.charts.palette import LIGHT
from audit.render.formatting import number

WIDTH = 460.0
SHADES = 9
MAX_ROWS = 40  # rows and columns of a heatmap; the ones with the largest values stay

Grid = Sequence[Sequence[float | None]]
OfCells = TypeVar("OfCells", bound=Cells)


def heatmap(chart: Heatmap) -> Drawing:
    """Cells in shades of the synthetic colour; where values are negative, in a second colour."""
    left_out = max(0, len(chart.rows) - MAX_ROWS)
    chart = trim_chart(chart, MAX_ROWS)
    shown = grids_of(chart)[0]
    left, top = 120.0, 84.0
    side = min(26.0, (WIDTH - left - 40) / max(1, len(chart.columns)))  # 40 px for the last slanted label
    most = most_of([shown])
    parts = [shaded_cells(shown, left, top, side, side, most)]
    parts += [
        fitted_label(name, left - 6, top + side * (at + 0.5) + 4, left - 8, "end")
        for at, name in enumerate(chart.rows)
        if side >= 10 or at % 2 == 0
    ]
    parts += _across(chart.columns, left, top - 6, side)
    bottom = top + side * len(chart.rows)
    parts.append(_scale(left, bottom + 10, most, chart, _negative([shown])))
    if left_out:
        parts.append(fitted_label(f"{left_out} rows with small values left out", left, bottom + 44, 300))
    return Drawing(join(parts), WIDTH, bottom + (52 if left_out else 36))


def joint(chart: JointShares) -> Drawing:
    """Real, synthetic and their difference beside each other, in the same shades."""
    chart = upright(without_empty(chart))
    real, synthetic, gap = joint_grids(chart)
    left, top, space = 100.0, 84.0, 12.0
    panel = (WIDTH - left - 2 * space - 48) / 3  # 48 px for the last slanted label
    across, down = min(26.0, panel / len(chart.columns)), 15.0
    both, apart = most_of([real, synthetic]), most_of([gap])
    panels = ("real", real, both, "real"), ("synthetic", synthetic, both, "synthetic")
    parts = []
    for place, (title, grid, most, colour) in enumerate(
        (*panels, ("synthetic − real", gap, apart, "synthetic"))
    ):
        x = left + place * (panel + space)
        parts.append(shaded_cells(grid, x, top, across, down, most, colour))
        parts.append(fitted_label(title, x, 12, panel + space))
        parts += _across(chart.columns, x, top - 5, across)
    parts += [
        fitted_label(name, left - 6, top + down * at + 11, left - 8, "end")
        for at, name in enumerate(chart.rows)
    ]
    bottom = top + down * len(chart.rows) + 16
    parts.append(fitted_label(f"strongest: {number(both, chart.unit)}", left, bottom, 2 * panel))
    parts.append(
        fitted_label(
            f"strongest: {number(apart, chart.unit)}", left + 2 * (panel + space), bottom, panel + 48
        )
    )
    return Drawing(join(parts), WIDTH, bottom + 8)


def without_empty(chart: OfCells) -> OfCells:
    """The chart without the rows and columns that are nothing in every series."""
    grids = grids_of(chart)
    rows = [at for at in range(len(chart.rows)) if any(any(grid[at]) for grid in grids)]
    columns = [at for at in range(len(chart.columns)) if any(row[at] for grid in grids for row in grid)]
    return _cut(chart, rows or [0], columns or [0])


def upright(chart: OfCells) -> OfCells:
    """The chart with its longer side downwards, where labels have room."""
    if len(chart.columns) <= len(chart.rows):
        return chart
    series = tuple(
        Series(
            one.name,
            tuple(v for column in zip(*grid, strict=True) for v in column),
        )
        for one, grid in zip(chart.series, grids_of(chart), strict=True)
    )
    return replace(chart, columns=chart.rows, rows=chart.columns, series=series)


def joint_grids(chart: JointShares) -> tuple[Grid, Grid, Grid]:
    """Real, synthetic and synthetic minus real, row by row; None where either is missing."""
    grids = {one.name: grid for one, grid in zip(chart.series, grids_of(chart), strict=True)}
    real, synthetic = grids["real"], grids["synthetic"]
    gap = [
        [None if a is None or b is None else b - a for a, b in zip(*pair, strict=True)]
        for pair in zip(real, synthetic, strict=True)
    ]
    return real, synthetic, gap


def grids_of(chart: Cells) -> list[Grid]:
    """The values of every series as rows."""
    wide = len(chart.columns)
    return [
        [list(one.values[start : start + wide]) for start in range(0, len(one.values), wide or 1)]
        for one in chart.series
    ]


def trim_chart(chart: OfCells, most: int) -> OfCells:
    """The chart with at most `most` rows and columns, those with the largest values, in order."""
    if max(len(chart.columns), len(chart.rows)) <= most:
        return chart
    grids = grids_of(chart)
    rows = _strongest(grids, most)
    if chart.columns == chart.rows:
        return _cut(chart, rows, rows)
    return _cut(chart, rows, _strongest([list(zip(*grid, strict=True)) for grid in grids], most))


def _cut(chart: OfCells, rows: list[int], columns: list[int]) -> OfCells:
    series = tuple(
        Series(one.name, tuple(grid[row][column] for row in rows for column in columns))
        for one, grid in zip(chart.series, grids_of(chart), strict=True)
    )
    across, down = tuple(chart.columns[at] for at in columns), tuple(chart.rows[at] for at in rows)
    return replace(chart, columns=across, rows=down, series=series)


def most_of(grids: Sequence[Grid]) -> float:
    """The largest size of a value, never 0."""
    return max([abs(v) for grid in grids for row in grid for v in row if v is not None] + [1e-12])


def _negative(grids: Sequence[Grid]) -> bool:
    return any(v is not None and v < 0 for grid in grids for row in grid for v in row)


def _strongest(grids: Sequence[Grid], most: int) -> list[int]:
    places = range(len(grids[0]))
    weight = [max([abs(v) for grid in grids for v in grid[at] if v is not None] + [0.0]) for at in places]
    return sorted(sorted(places, key=lambda at: -weight[at])[:most])


def shaded_cells(
    grid: Grid,
    left: float,
    top: float,
    wide: float,
    high: float,
    most: float,
    colour: str = "synthetic",
    most_cover: float = 0.95,
) -> Markup:
    """A matrix in shades of a colour, its largest value covered by at most `most_cover`; None in grey."""
    shades: dict[tuple[str, int], list[str]] = defaultdict(list)
    for down, row in enumerate(grid):
        for across, value in enumerate(row):
            key = (colour, -1) if value is None else _shade(value, most, colour)
            shades[key].append(f"M{px(left + across * wide)} {px(top + down * high)}")
    box = f"h{px(wide - 0.6)}v{px(high - 0.6)}h-{px(wide - 0.6)}z"
    return join(
        element("path", d="".join(start + box for start in starts), **_look(*key, most_cover))
        for key, starts in sorted(shades.items())
    )


def _shade(value: float, most: float, colour: str) -> tuple[str, int]:
    return ("less" if value < 0 else colour, round(abs(value) / most * SHADES))


def _look(colour: str, shade: int, most: float = 0.95) -> dict[str, str]:
    if shade < 0:
        return {"class_": "n", "fill": LIGHT.line, "fill_opacity": "0.35"}
    opacity = 0.05 + (most - 0.05) * shade / SHADES
    return {"class_": f"f-{colour}", "fill": getattr(LIGHT, colour), "fill_opacity": f"{opacity:.2f}"}


def _across(names: Sequence[str], left: float, y: float, wide: float) -> list[Markup]:
    every = -(-15 // max(1.0, wide))  # so that slanted labels do not run into each other
    return [_slanted(name, left + wide * (at + 0.5), y) for at, name in enumerate(names) if at % every == 0]


def _slanted(text: str, x: float, y: float) -> Markup:
    return element("g", fitted_label(text, 0, 0, 76), transform=f"translate({px(x)} {px(y)}) rotate(-45)")


def _scale(x: float, y: float, most: float, chart: Heatmap, negative: bool) -> Markup:
    parts = []
    shades = range(-SHADES if negative else 0, SHADES + 1, 3)
    for place, shade in enumerate(shades):
        look = _look("less" if shade < 0 else "synthetic", abs(shade))
        parts.append(element("rect", x=x + 16.0 * place, y=y, width=16, height=9, **look))
    ends = f"{number(-most if negative else 0.0, chart.unit)} to {number(most, chart.unit)}, {chart.words}"
    parts.append(fitted_label(ends, x + 16.0 * len(shades) + 8, y + 9, WIDTH - x - 16.0 * len(shades) - 12))
    return join(parts)
