"""Drift: how far from the real table, column by column in two opinions, over time, and the best mix."""

from __future__ import annotations

import streamlit as st

from audit.model import Page
from audit.render.evidence import on_page
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import drift_card
from pages.parts.widgets import card

shown = open_report()
report = shown.report
st.title("Drift", anchor=False)
if not on_page(report, Page.DRIFT):
    draw_nothing("No check of drift was run.", "The audit was asked for other themes only.")
    st.stop()
drift_card.draw_table(report)
drift_card.draw_columns(report)
drift_card.draw_download(shown.run)
drift_card.draw_concept(report)
drift_card.draw_time(report)
drift_card.draw_mixes(report)
card.draw_others(report, Page.DRIFT)
