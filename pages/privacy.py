"""Privacy: gates first, each with what the attacker knows, the control and what guessing gives."""

from __future__ import annotations

import streamlit as st

from audit.model import Page
from pages.parts.base import url_state
from pages.parts.base.router import REPORT
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import privacy_card, vulnerable

shown = open_report()
report = shown.report
st.title("Privacy", anchor=False)
results = [one for one in report.results if one.result.card.page is Page.PRIVACY]
if not results:
    draw_nothing("No privacy check was run.", "The audit was asked for other themes only.")
    st.stop()
st.markdown(privacy_card.answer(results))
st.caption(
    "Absence of evidence is not evidence of privacy: these are known attacks, and that they find nothing "
    "proves no table safe. One gate that fails blocks the whole."
)
if report.tables.get("holdout") is None:
    st.info(
        "No holdout was given. Without real rows that the generator never saw, closeness to real people cannot be "
        "told from a table that is simply good. Hold back a random part of the real rows next time.",
        icon=":material/info:",
    )
gates, diagnostics = privacy_card.split_gates(results)
for result in gates:
    privacy_card.draw(report, result)
if diagnostics:
    st.subheader("Diagnostics", anchor=False)
    st.caption("They point to a cause. A good number here says nothing about the risk of a person.")
for result in diagnostics:
    privacy_card.draw(report, result)
vulnerable.draw(shown.run)
st.page_link(
    REPORT, label="Take the report along", icon=":material/download:", query_params=url_state.link_query()
)
