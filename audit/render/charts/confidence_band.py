"""A line with its interval: the series "x low" and "x high" are the ends of the line "x"."""

from __future__ import annotations

from collections.abc import Mapping

from audit.model import Chart, Series

LOW, HIGH = " low", " high"
Values = tuple[float | None, ...]
MOST_WHOLE = 30  # positions that are counted one by one on an axis


def with_ribbons(chart: Chart) -> tuple[tuple[Series, ...], Mapping[str, tuple[Values, Values]]]:
    """The lines of a chart, and the ends of those that have an interval, by name."""
    by_name = {one.name: one.values for one in chart.series}
    ends = {
        name: (by_name[name + LOW], by_name[name + HIGH])
        for name in by_name
        if name + LOW in by_name and name + HIGH in by_name
    }
    taken = {name + end for name in ends for end in (LOW, HIGH)}
    return tuple(one for one in chart.series if one.name not in taken), ends


def counted(edges: tuple[float, ...]) -> bool:
    """Whether the positions are a few whole numbers, such as generations, which have nothing between them."""
    return len(edges) <= MOST_WHOLE and all(edge == at + edges[0] for at, edge in enumerate(edges))
