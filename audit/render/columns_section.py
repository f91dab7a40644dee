"""The columns of a report, worst first, each with its picture, its distance and its worst grade."""

from __future__ import annotations

from dataclasses import dataclass

from audit.model import Chart, Column, Grade, Report
from audit.render.evidence import ORDER, badness, column_charts, column_distances, column_numbers
from audit.render.number import Number


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column with its small picture, its distance and the worst grade of its numbers.

    trouble : how many of its numbers failed or warn
    """

    column: Column
    spark: Chart | None
    distance: Number | None
    grade: Grade | None
    trouble: int


def column_views(report: Report) -> list[ColumnView]:
    """Every column, worst first."""
    numbers, distances, charts = column_numbers(report), column_distances(report), column_charts(report)
    views = []
    for column in report.columns:
        mine = [number for number in numbers.get(column.name, []) if number.grade is not None]
        views.append(
            ColumnView(
                column=column,
                spark=charts.get(column.name),
                distance=distances.get(column.name),
                grade=mine[0].grade if mine else None,
                trouble=sum(number.grade in (Grade.FAIL, Grade.WARN) for number in mine),
            )
        )
    return sorted(views, key=_order)


def _order(view: ColumnView) -> tuple[int, float]:
    """The worst grade first, then the farthest."""
    far = badness(view.distance.measure, view.distance.scale) if view.distance else 0.0
    return ORDER[view.grade], -far
