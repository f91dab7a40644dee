"""Artifacts: the tells of a generator, worst first; each with its picture and its rows; and planted rows."""

from __future__ import annotations

import streamlit as st

from audit.model import Family
from pages.parts.base import url_state
from pages.parts.base.markdown import md_text
from pages.parts.base.router import RULES
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import artifact_table, finding, poisoning
from pages.parts.widgets import rows

shown = open_report()
report = shown.report
st.title("Artifacts", anchor=False)
results = [one for one in report.results if one.result.card.family is Family.ARTIFACTS]
if not results:
    draw_nothing("No check for artifacts was run.", "The audit was asked for other themes only.")
    poisoning.draw(shown.run, shown.view)
    st.stop()
st.markdown(
    "What a generator leaves behind and no score of shapes sees: counted on every row, beside what real rows show by "
    "chance."
)
own = [one for one in report.findings if one.family is Family.ARTIFACTS]
checks = artifact_table.checks_of(own, results)
if own:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen_checks = url_state.choose_some(
            "Check", "check", list(checks), lambda check: md_text(checks[check], 40)
        )
        every = url_state.turn_on("Show details too", "details", help=finding.DETAILS_HELP)
    fitting = [one for one in own if not chosen_checks or one.check in chosen_checks]
    finding.draw_list(shown.view, fitting, own, "Artifacts, worst first", every=every)
else:
    draw_nothing(
        "No artifact stands out.", "Every check below stayed inside its tolerance, or could not be asked."
    )

artifact_table.draw(results)
with st.container(horizontal=True):
    st.page_link(
        RULES, label="All rules, broken or not", icon=":material/rule:", query_params=url_state.link_query()
    )
    rows.draw_download(shown.run, report)
poisoning.draw(shown.run, shown.view)
