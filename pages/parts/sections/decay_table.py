"""What every column loses from generation to generation, worst first, and the values that die out."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from audit.model import Bars, Chart, JudgedMeasure, JudgedResult, Report, Section, Unit
from audit.render import formatting, series_section
from audit.render.evidence import answer_in, told_in
from audit.store import Run
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, plain_text
from pages.parts.base.router import COLUMNS
from pages.parts.widgets import chart, table
from pages.parts.widgets.answer import draw_head, draw_sentences, has_answer

LEFT = "left"
HOLDS = {Section.VARIANCE_BY_GENERATION: "variance", Section.VARIETY_BY_GENERATION: "variety"}
LOST, GONE = "lost by chance", "gone now"  # bars of the values most at risk
MAX_VALUES = 200


def draw(report: Report) -> None:
    """Variance of numbers and variety of categories against a perfect generator, then column by column."""
    both = [found for section in HOLDS if (found := told_in(report, section)) is not None]
    if not both:
        return
    st.subheader("What dies out?", anchor=False)
    answered = [found for found in both if has_answer(found)]
    for place, found in zip(st.columns(2, gap="medium"), answered, strict=False):
        with place:
            draw_head(found)
            for picture in [c for c in found.result.charts if not c.about][:1]:
                chart.draw(picture, f"{found.result.card.id}_whole")
    rows = [row for found in answered for row in _rows(found)]
    if not rows:
        return
    rows.sort(key=lambda row: (row["rank"], row["Per generation"]))
    names = [str(row["name"]) for row in rows]
    frame = pd.DataFrame([{k: v for k, v in row.items() if k not in ("name", "rank")} for row in rows])
    left, right = st.columns([7, 5], gap="medium")
    with left:
        table.draw(frame, "col", names, "Columns with what each generation keeps, worst first", _config())
        st.caption(
            "A perfect generator loses a little by chance alone, more with fewer rows; what is kept is counted beyond that."
        )
    with right, st.container(border=True):
        name = url_state.choose_one(
            "Column", "col", names, lambda column: plain_text(column, 80), label_visibility="collapsed"
        )
        _draw_column(report, answered, name or names[0])


def _rows(found: JudgedResult) -> Iterator[dict[str, object]]:
    """One row a column: what one generation keeps, and what the last has left."""
    remains = {m.measure.about: m for m in found.measures if m.measure.name == LEFT}
    for one in found.measures:
        about = one.measure.about
        if one.measure.name or len(about) != 1:
            continue
        left = remains.get(about)
        worst = grade.worst_grade([m.grade for m in found.measures if m.measure.about == about])
        yield {
            "name": about[0],
            "rank": grade.rank(worst),
            "Grade": grade.grade_cell(worst),
            "Column": plain_text(about[0], 60),
            "Of its": HOLDS[found.result.card.section],
            "Per generation": 100 * one.measure.value,
            "95% interval": formatting.interval(one.measure.low, one.measure.high, Unit.SHARE),
            "Left": 100 * left.measure.value if left is not None else None,
        }


def _config() -> dict[str, object]:
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=88),
        "Column": config.TextColumn(width=104, pinned=True),
        "Of its": config.TextColumn(width=62),
        "Per generation": config.NumberColumn(
            format="%.1f%%",
            width=88,
            help="Share that one generation keeps, beyond chance; 100% loses nothing",
        ),
        "95% interval": config.TextColumn(width=92),
        "Left": config.NumberColumn(
            format="%.1f%%", width=66, help="Share that the last generation has left, beyond chance"
        ),
    }


def _draw_column(report: Report, answered: list[JudgedResult], name: str) -> None:
    """One column in words, then its way through the generations, then where else to look at it."""
    for found in answered:
        mine = [one for one in found.measures if one.measure.about == (name,)]
        draw_sentences(_without_repeats(mine))
    for found in answered:
        for at, picture in enumerate(c for c in found.result.charts if c.about == (name,)):
            chart.draw(picture, f"{found.result.card.id}_{at}")
    moved = told_in(report, Section.DISTANCE_BY_GENERATION)
    for one in moved.measures if moved is not None else ():
        if one.measure.about == (name,):
            st.markdown(md_sentence(one.measure.sentence, one.measure.about, 400))
    last = [str(one.get("folder", "")) for one in series_section.series_findings(report)["tables"]][-1]
    if last:
        st.page_link(
            COLUMNS,
            label="Its distribution in the last table",
            icon=":material/bar_chart:",
            query_params=url_state.link_query(col=name, table=last),
        )


def _without_repeats(found: list[JudgedMeasure]) -> list[JudgedMeasure]:
    """Two numbers may tell one sentence: the worse grade tells it."""
    told: dict[str, JudgedMeasure] = {}
    for one in sorted(found, key=lambda m: grade.rank(m.grade)):
        told.setdefault(one.measure.sentence, one)
    return list(told.values())


def draw_values(run: Run, report: Report) -> None:
    """Values that are gone, or that even a perfect generator is likely to lose soon."""
    found = answer_in(report, Section.VARIETY_BY_GENERATION)
    if found is None:
        return
    rows = [row for picture in found.result.charts for row in _at_risk(picture)]
    st.markdown("**Values that die out**")
    told = found.result.summary
    gone = f"{told['values_lost']:,.0f} values are" if told["values_lost"] else "No value is"
    st.markdown(
        f"{gone} gone by now, where chance alone takes {told['values_expected_lost']:,.1f}; in ten "
        f"more generations even a perfect generator would lose {told['values_expected_lost_ahead']:,.1f}."
    )
    if not rows:
        st.caption("None of the values that may be named is gone or at risk.")
        return
    frame = pd.DataFrame(rows[:MAX_VALUES])
    st.dataframe(
        frame,
        hide_index=True,
        height=table.height(len(frame), 330),
        alt="Values that are gone or at risk, those gone first",
        column_config={
            "Lost by chance in ten more": st.column_config.ProgressColumn(
                format="percent",
                min_value=0.0,
                max_value=1.0,
                help="Chance that even a perfect generator loses the value",
            )
        },
    )
    table.draw_download(frame, "Values (CSV)", "values", run)
    st.caption("Only values that at least ten real rows hold are named; rarer ones are counted above.")


def _at_risk(picture: Chart) -> Iterator[dict[str, object]]:
    """The values of one column that are gone, or that one loop in a hundred loses."""
    if not isinstance(picture, Bars):
        return
    bars = {series.name: series.values for series in picture.series}
    if not {LOST, GONE} <= set(bars):
        return
    for value, lost, gone in zip(picture.labels, bars[LOST], bars[GONE], strict=True):
        if gone or (lost or 0.0) >= 0.01:
            yield {
                "Column": plain_text(picture.about[0], 60),
                "Value": plain_text(value, 80),
                "Now": "gone" if gone else "still there",
                "Lost by chance in ten more": lost,
            }
