"""Pairs of columns: which belong together less, or more, than in the real table."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from audit.model import Chart, Heatmap, JointShares, JudgedMeasure, Report, Section, as_series
from audit.render import formatting
from audit.render.evidence import told_in
from audit.render.number import Number
from pages.parts.base import grade
from pages.parts.base.markdown import columns_text, plain_text
from pages.parts.widgets import chart, number

SHAPE, ASSOCIATION = Section.PAIR_SHAPE, Section.PAIR_ASSOCIATION
MEASURES = {SHAPE: "Shape", ASSOCIATION: "Association"}
MAX_LABELS = 40  # of a heat map
MAX_PAIRS = 500  # in one list


def pairs(report: Report, section: Section = SHAPE) -> list[Number]:
    """The main number of every pair, worst first."""
    return _about(report, section, 2)


def higher_order_sets(report: Report) -> list[Number]:
    """The numbers about three columns or more that stand out, worst first."""
    return [one for one in _about(report, Section.BEYOND_PAIRS, 3) if one.grade not in (None, *grade.FINE)]


def _about(report: Report, section: Section, columns: int) -> list[Number]:
    """Numbers of a check about two columns, its main ones, or about more, whatever their name."""
    found = [
        Number.of(one, judged)
        for one in [told_in(report, section)]
        if one is not None
        for judged in one.measures
        if _fits(judged, columns) and judged.measure.group is None
    ]
    return sorted(found, key=lambda one: (grade.rank_clear(one.grade), -abs(one.value)))


def _fits(judged: JudgedMeasure, columns: int) -> bool:
    about = len(judged.measure.about)
    return about >= columns if columns > 2 else about == columns and not judged.measure.name


def key_of(about: tuple[str, ...]) -> str:
    """The pair as it stands in the address, whichever column comes first."""
    return " × ".join(sorted(about))


def by_key(found: list[Number]) -> dict[str, Number]:
    """The pairs by key, in the order given."""
    return {key_of(one.about): one for one in found}


def choose_pairs(found: list[Number], only: str | None, asked: str | None) -> dict[str, Number]:
    """The pairs to list by key: the worst with a column, and the one that is asked for.

    only : a column that must be in the pair; None for all
    """
    fitting = by_key([one for one in found if only is None or only in one.about])
    worst = dict(list(fitting.items())[:MAX_PAIRS])
    return worst | ({asked: fitting[asked]} if asked in fitting else {})


def table(found: list[Number], other: Mapping[str, Number], heading: str) -> pd.DataFrame:
    """One row a pair, in the order given.

    other : what else is known of the pairs, by key; shown beside under `heading`
    """
    return pd.DataFrame(
        {
            "Grade": [grade.grade_cell(one.grade) for one in found],
            "One": [plain_text(one.about[0], 40) for one in found],
            "Other": [plain_text(one.about[1], 40) for one in found],
            "Difference": [one.estimate for one in found],
        }
        | ({heading: [_number(other.get(key_of(one.about))) for one in found]} if other else {})
        | {"Real against real": [number.baseline(one) for one in found]}
    )


def column_config() -> Mapping[str, object]:
    """How the columns of `table` are drawn."""
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=92),
        "One": config.TextColumn(width=104),
        "Other": config.TextColumn(width=104),
        "Difference": config.TextColumn(width=132),
        **{name: config.TextColumn(width=80) for name in MEASURES.values()},
    }


def sets_table(found: list[Number]) -> pd.DataFrame:
    """One row for three columns or more that differ together."""
    return pd.DataFrame(
        {
            "Grade": [grade.grade_cell(one.grade) for one in found],
            "Columns": [" × ".join(plain_text(name, 30) for name in one.about) for one in found],
            "Difference": [one.estimate for one in found],
        }
    )


def _number(pair: Number | None) -> str:
    return formatting.NONE if pair is None else formatting.number(pair.value, pair.scale)


def joint(report: Report, about: tuple[str, ...]) -> Chart | None:
    """The picture of a pair, where one was kept."""
    kept = [
        c
        for c in chart.of_section(report, SHAPE)
        if isinstance(c, JointShares) and set(c.about) == set(about)
    ]
    return kept[0] if kept else None


def heat_map(report: Report, found: list[Number], section: Section = SHAPE) -> Chart | None:
    """All pairs in one picture: the one of the check, else drawn from its numbers."""
    for picture in chart.of_section(report, section):
        if isinstance(picture, Heatmap):
            return picture
    if not found:
        return None
    return _drawn(found)


def _drawn(found: list[Number]) -> Heatmap:
    totals: dict[str, float] = {}
    for pair in found:
        for name in pair.about:
            totals[name] = totals.get(name, 0.0) + abs(pair.value)
    names = tuple(sorted(totals, key=lambda name: -totals[name])[:MAX_LABELS])
    at = {name: position for position, name in enumerate(names)}
    cells: list[float | None] = [None] * (len(names) ** 2)
    for pair in found:
        one, other = pair.about
        if one in at and other in at and math.isfinite(pair.value):
            cells[at[one] * len(names) + at[other]] = pair.value
            cells[at[other] * len(names) + at[one]] = pair.value
    worst = found[0]
    return Heatmap(
        names,
        names,
        as_series({"difference": cells}),
        title="Where pairs differ most",
        alt=f"Difference of every pair; the worst is {columns_text(worst.about)} with {worst.value:.3f}",
        unit=worst.scale.unit,
        words=worst.scale.words,
    )
