"""Pairs of columns: which belong together less, or more, than in the real table."""

from __future__ import annotations

import math

import pandas as pd

from audit.model import Chart, Judged, Report, Scale, Series
from audit.render import words
from pages.parts import chart, grade
from pages.parts.text import plain_text

CHECK = "pair_shapes"
MOST_LABELS = 40  # of a heat map
MOST_PAIRS = 500  # in one list
Pair = tuple[Judged, Scale]


def pairs(report: Report) -> list[Pair]:
    """The main number of every pair, worst first."""
    found = [
        (judged, result.result.card.scale)
        for result in report.results
        if result.result.card.id == CHECK
        for judged in result.measures
        if len(judged.measure.about) == 2 and not judged.measure.name and judged.measure.group is None
    ]
    return sorted(found, key=lambda pair: (grade.rank(pair[0].grade), -pair[0].measure.value))


def key_of(about: tuple[str, ...]) -> str:
    """The pair as it stands in the address, whichever column comes first."""
    return " × ".join(sorted(about))


def chosen(found: list[Pair], only: str | None, asked: str | None) -> dict[str, Pair]:
    """The pairs to list by key: the worst with a column, and the one that is asked for.

    only : a column that must be in the pair; None for all
    """
    fitting = {
        key_of(one[0].measure.about): one for one in found if only is None or only in one[0].measure.about
    }
    worst = dict(list(fitting.items())[:MOST_PAIRS])
    return worst | ({asked: fitting[asked]} if asked in fitting else {})


def table(found: list[Pair]) -> pd.DataFrame:
    """One row a pair, in the order given."""
    return pd.DataFrame(
        {
            "Grade": [grade.cell(judged.grade) for judged, _ in found],
            "One": [plain_text(judged.measure.about[0], 40) for judged, _ in found],
            "Other": [plain_text(judged.measure.about[1], 40) for judged, _ in found],
            "Distance": [
                words.estimate(j.measure.value, j.measure.low, j.measure.high, scale) for j, scale in found
            ],
            "Real against real": [
                words.number(j.measure.baseline, scale) if j.measure.baseline is not None else "no reference"
                for j, scale in found
            ],
        }
    )


def joint(report: Report, about: tuple[str, ...]) -> Chart | None:
    """The picture of a pair, where one was kept."""
    kept = [c for c in chart.of_check(report, CHECK) if c.kind == "joint" and set(c.about) == set(about)]
    return kept[0] if kept else None


def heat_map(report: Report, found: list[Pair]) -> Chart | None:
    """All pairs in one picture: the one of the check, else drawn from its numbers."""
    for picture in chart.of_check(report, CHECK):
        if picture.kind == "heatmap":
            return picture
    if not found:
        return None
    return _drawn(found)


def _drawn(found: list[Pair]) -> Chart:
    totals: dict[str, float] = {}
    for judged, _ in found:
        for name in judged.measure.about:
            totals[name] = totals.get(name, 0.0) + judged.measure.value
    names = tuple(sorted(totals, key=lambda name: -totals[name])[:MOST_LABELS])
    at = {name: position for position, name in enumerate(names)}
    cells: list[float | None] = [None] * (len(names) ** 2)
    for judged, _ in found:
        one, other = judged.measure.about
        if one in at and other in at and math.isfinite(judged.measure.value):
            cells[at[one] * len(names) + at[other]] = judged.measure.value
            cells[at[other] * len(names) + at[one]] = judged.measure.value
    worst = found[0][0].measure
    return Chart(
        kind="heatmap",
        title="Where pairs differ most",
        alt=f"Distance of every pair; the worst is {' and '.join(worst.about)} with {worst.value:.3f}",
        x=names,
        y=names,
        series=(Series("distance", tuple(cells)),),
        unit=found[0][1].unit,
    )
