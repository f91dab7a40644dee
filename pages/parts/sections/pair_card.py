"""One pair of columns in full, the map of all pairs, and what no pair shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from audit.model import Report, Section
from audit.render.number import Number
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text
from pages.parts.base.router import COLUMNS
from pages.parts.sections import pair_table
from pages.parts.widgets import chart, number, table

HELP = (
    "Shape: how many rows sit in the wrong joint cell. Association: how much more or less strongly the two columns "
    "go together than in the real table, by rank correlation, Cramér's V or the correlation ratio."
)
MAX_SETS = 200
SENTENCES = 3


def draw_map(report: Report, found: list[Number], section: Section) -> None:
    """All pairs in one picture."""
    overview = pair_table.heat_map(report, found, section)
    if overview is not None:
        chart.draw(overview, f"map_{section}")


def draw(report: Report, numbers: Mapping[Section, list[Number]], key: str) -> None:
    """One pair: what each check says of it, then real, synthetic and the difference."""
    own = {section: pair for section, found in numbers.items() if (pair := _pair(found, key)) is not None}
    if not own:
        return
    about = next(iter(own.values())).about
    for section, title in pair_table.MEASURES.items():
        if section in own:
            _draw_number(own[section], title)
    picture = pair_table.joint(report, about)
    if picture is not None:
        chart.draw(picture, "pair_joint")
    else:
        st.caption("Joint pictures are kept for the worst pairs only. The columns one by one:")
        for at, one in enumerate(chart.charts_about(report, about)):
            chart.draw(one, f"pair_{at}")
    with st.container(horizontal=True):
        for name in about:
            st.page_link(
                COLUMNS,
                label=f"Column {md_text(name, 40)}",
                icon=":material/bar_chart:",
                query_params=url_state.link_query(col=name),
            )


def draw_beyond(report: Report) -> None:
    """Three columns or more that differ together though no pair of them does."""
    found = pair_table.higher_order_sets(report)[:MAX_SETS]
    if not found:
        return
    st.subheader("Beyond pairs", anchor=False)
    st.caption("Columns that differ together in a way that no two of them show, worst first.")
    for one in found[:SENTENCES]:
        if one.measure.sentence:
            st.markdown(grade.grade_mark(one.grade) + md_sentence(one.measure.sentence, one.about, 400))
    if len(found) <= SENTENCES:
        return
    st.dataframe(
        pair_table.sets_table(found),
        hide_index=True,
        height=table.height(len(found), 300),
        alt="Three columns or more, worst first",
    )


def _pair(found: list[Number], key: str) -> Number | None:
    return next((one for one in found if pair_table.key_of(one.about) == key), None)


def _draw_number(pair: Number, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        grade.chip(pair.grade)
        st.caption(title)
    if pair.measure.sentence:
        st.markdown(md_sentence(pair.measure.sentence, pair.about, 400))
    number.draw(pair, number.what(pair))
    if pair.grade is None:
        st.caption("Not beyond chance when all pairs are looked at together, so it is shown and not judged.")
