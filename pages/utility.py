"""Utility: what gives synthetic rows away, what models learn from them, how realistic and diverse they are."""

from __future__ import annotations

import streamlit as st

from pages.parts.frame.frame import open_report
from pages.parts.runs.states import nothing
from pages.parts.sections import utility_card

shown = open_report()
report = shown.report
st.title("Utility", anchor=False)
if not any(one.result.card.id in utility_card.CHECKS for one in report.results):
    nothing("No check of utility was run.", "The audit was asked for other checks only.")
    st.stop()
utility_card.draw_detection(report)
utility_card.draw_learning(report)
utility_card.draw_plane(report)
utility_card.draw_estimands(report)
