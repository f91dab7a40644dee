"""One pair of columns in full, the map of all pairs, and what no pair shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from audit.model import Report, Section
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text
from pages.parts.base.router import COLUMNS
from pages.parts.sections import pair_table
from pages.parts.sections.pair_table import Pair
from pages.parts.widgets import chart, number, table
from pages.parts.widgets.number import Reading

HELP = (
    "Shape: how many rows sit in the wrong joint cell. Association: how much more or less strongly the two columns "
    "go together than in the real table, by rank correlation, Cramér's V or the correlation ratio."
)
MOST_BEYOND = 200
SENTENCES = 3


def draw_map(report: Report, found: list[Pair], section: Section) -> None:
    """All pairs in one picture."""
    overview = pair_table.heat_map(report, found, section)
    if overview is not None:
        chart.draw(overview, f"map_{section}")


def draw(report: Report, numbers: Mapping[Section, list[Pair]], key: str) -> None:
    """One pair: what each check says of it, then real, synthetic and the difference."""
    own = {section: pair for section, found in numbers.items() if (pair := _pair(found, key)) is not None}
    if not own:
        return
    about = next(iter(own.values()))[0].measure.about
    for section, title in pair_table.MEASURES.items():
        if section in own:
            _draw_number(own[section], title)
    picture = pair_table.joint(report, about)
    if picture is not None:
        chart.draw(picture, "pair_joint")
    else:
        st.caption("Joint pictures are kept for the worst pairs only. The columns one by one:")
        for at, one in enumerate(chart.about(report, about)):
            chart.draw(one, f"pair_{at}")
    with st.container(horizontal=True):
        for name in about:
            st.page_link(
                COLUMNS,
                label=f"Column {md_text(name, 40)}",
                icon=":material/bar_chart:",
                query_params=url_state.kept(col=name),
            )


def draw_beyond(report: Report) -> None:
    """Three columns or more that differ together though no pair of them does."""
    found = pair_table.beyond(report)[:MOST_BEYOND]
    if not found:
        return
    st.subheader("Beyond pairs", anchor=False)
    st.caption("Columns that differ together in a way that no two of them show, worst first.")
    for judged, _ in found[:SENTENCES]:
        if judged.measure.sentence:
            sentence = md_sentence(judged.measure.sentence, judged.measure.about, 400)
            st.markdown(grade.marked(judged.grade) + sentence)
    if len(found) <= SENTENCES:
        return
    st.dataframe(
        pair_table.beyond_table(found),
        hide_index=True,
        height=table.height(len(found), 300),
        alt="Three columns or more, worst first",
    )


def _pair(found: list[Pair], key: str) -> Pair | None:
    return next((one for one in found if pair_table.key_of(one[0].measure.about) == key), None)


def _draw_number(pair: Pair, title: str) -> None:
    judged, scale = pair
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        grade.chip(judged.grade)
        st.caption(title)
    if judged.measure.sentence:
        st.markdown(md_sentence(judged.measure.sentence, judged.measure.about, 400))
    reading = Reading.of_measure(judged, scale)
    number.draw(reading, reading.what())
    if judged.grade is None:
        st.caption("Not beyond chance when all pairs are looked at together, so it is shown and not judged.")
