"""How far every pair of columns is off, as a map of the columns that are off most."""

from __future__ import annotations

from collections.abc import Sequence

from audit.case.case import Case
from audit.model import Heatmap, Measure, Unit, as_series

_COLUMNS = 40  # of a map


def difference_map(case: Case, worst_first: Sequence[Measure], alt: str, unit: Unit, words: str) -> Heatmap:
    """The columns with the largest differences, in the order of the table.

    worst_first : a measure for each pair of columns, the largest first
    alt : with "{columns}" for how many columns the map has
    """
    ranked = dict.fromkeys(name for m in worst_first for name in m.about)
    columns = tuple(sorted(list(ranked)[:_COLUMNS], key=case.index))
    place = {name: i for i, name in enumerate(columns)}
    grid: list[float | None] = [None] * len(columns) ** 2
    for m in worst_first:
        if all(name in place for name in m.about):
            a, b = (place[name] for name in m.about)
            grid[a * len(columns) + b] = grid[b * len(columns) + a] = m.value
    return Heatmap(
        columns,
        columns,
        as_series({"difference": grid}),
        title="{} with {} differs most from the real table".format(*worst_first[0].about),
        alt=alt.format(columns=len(columns)),
        unit=unit,
        words=words,
    )
