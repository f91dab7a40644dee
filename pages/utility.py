"""Utility: what gives synthetic rows away, what models learn from them, how realistic and diverse they are."""

from __future__ import annotations

import streamlit as st

from audit.model import Page
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import utility_card
from pages.parts.widgets import card

shown = open_report()
report = shown.report
st.title("Utility", anchor=False)
if not any(utility_card.shows(one.result.card) for one in report.results):
    draw_nothing("No check of utility was run.", "The audit was asked for other checks only.")
    st.stop()
utility_card.draw_detection(report)
utility_card.draw_learning(report)
utility_card.draw_plane(report)
utility_card.draw_estimands(report)
card.draw_others(report, Page.UTILITY)
