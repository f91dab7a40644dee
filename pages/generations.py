"""Generations: what a loop of training on synthetic rows loses, and how many of them it bears."""

from __future__ import annotations

import streamlit as st

from audit.model import Page
from audit.render import evidence
from pages.parts.base import url_state
from pages.parts.base.router import GENERATIONS, SETUP
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import decay_table, loop_card, mix_card
from pages.parts.widgets import card

shown = open_report()
run, report = shown.run, shown.report
st.title("Generations", anchor=False)
if not evidence.on_page(report, Page.GENERATIONS):
    draw_nothing("No check of generations was run.", "The audit was asked for other themes only.")
    st.stop()
if url_state.table_in_url():
    st.page_link(
        GENERATIONS,
        label="Back to all tables together",
        icon=":material/sync:",
        query_params={
            name: value for name, value in url_state.link_query().items() if name != url_state.TABLE
        },
    )
if shown.view.is_series:
    loop_card.draw_answer(report)
    loop_card.draw_tables(run, report)
    loop_card.draw_settings(report)
    loop_card.draw_quality(report)
    decay_table.draw(report)
    decay_table.draw_values(run, report)
    loop_card.draw_groups(report)
elif not url_state.table_in_url():
    with st.container(border=True):
        st.markdown(
            "**This audit is of one table.** It tells how many synthetic rows a training loop bears, whether the real table "
            "is still real, and what a plain generator would do. What your own loop loses is told from its generations, "
            "two or more of them."
        )
        with st.container(horizontal=True):
            for series, label in (("generations", "Audit generations"), ("settings", "Compare settings")):
                st.page_link(
                    SETUP, label=label, icon=":material/upload_file:", query_params={"series": series}
                )
mix_card.draw(run, report)
mix_card.draw_feed(report)
mix_card.draw_projection(report)
card.draw_others(report, Page.GENERATIONS)
