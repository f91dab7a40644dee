"""Artifacts: the tells of a generator, worst first; each with its picture and its rows; and planted rows."""

from __future__ import annotations

import streamlit as st

from audit.model import Family
from audit.render import formatting
from pages.parts.base import url_state
from pages.parts.base.markdown import md_text, plain_text
from pages.parts.base.router import RULES
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import nothing
from pages.parts.sections import artifact_table, finding, poisoning
from pages.parts.widgets import rows, table

shown = open_report()
report = shown.report
st.title("Artifacts", anchor=False)
results = [one for one in report.results if one.result.card.family is Family.ARTIFACTS]
if not results:
    nothing("No check for artifacts was run.", "The audit was asked for other themes only.")
    poisoning.draw(shown.run, report)
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
    by_id = {one.id: one for one in fitting}
    listed = finding.listed(fitting, st.query_params.get("finding"), every=every)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.caption(finding.caption(fitting, own, listed))
        table.draw(
            finding.table(listed, fitting),
            "finding",
            [one.id for one in listed],
            "Artifacts, worst first",
            finding.column_config(),
            row=finding.LINES,
        )
    with right, st.container(border=True):
        chosen = url_state.choose_one(
            "Finding",
            "finding",
            [one.id for one in listed],
            lambda key: plain_text(formatting.sentence(by_id[key].sentence, by_id[key].about), 90),
            label_visibility="collapsed",
        )
        finding.draw_finding(report, by_id[chosen or listed[0].id])
else:
    nothing(
        "No artifact stands out.", "Every check below stayed inside its tolerance, or could not be asked."
    )

artifact_table.draw(results)
with st.container(horizontal=True):
    st.page_link(
        RULES, label="All rules, broken or not", icon=":material/rule:", query_params=url_state.kept()
    )
    rows.draw_download(shown.run, report)
poisoning.draw(shown.run, report)
