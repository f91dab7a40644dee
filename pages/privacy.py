"""Privacy: copies and closeness, what each number assumes, and what it cannot show."""

from __future__ import annotations

import streamlit as st

from audit.model import Family
from pages.parts import address, privacy_card
from pages.parts.frame import open_report
from pages.parts.router import REPORT
from pages.parts.states import nothing

shown = open_report()
report = shown.report
st.title("Privacy", anchor=False)
st.markdown(
    "**Absence of evidence is not evidence of privacy.** These checks look for known kinds of "
    "leaks; that they find none proves no table safe."
)
if report.tables.get("holdout") is None:
    st.info(
        "No holdout was given. Without real rows that the generator never saw, closeness to real people cannot be "
        "told from a table that is simply good. Hold back a random part of the real rows next time.",
        icon=":material/info:",
    )
results = [one for one in report.results if one.result.card.family is Family.PRIVACY]
if not results:
    nothing("No privacy check was run.", "The audit was asked for other themes only.")
    st.stop()
for result in sorted(results, key=privacy_card.order):
    privacy_card.draw(report, result)
st.page_link(REPORT, label="Take the report along", icon=":material/download:", query_params=address.kept())
