"""Findings: everything that stands out, worst first; one of them in full beside the list."""

from __future__ import annotations

import streamlit as st

from audit.model import Family, Grade
from audit.render import formatting
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import plain_text
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import nothing
from pages.parts.sections import finding
from pages.parts.widgets import table

shown = open_report()
report = shown.report
st.title("Findings", anchor=False)
if not report.findings:
    nothing(
        "Nothing stands out.", "Every check that ran stayed inside its tolerance. Method says what was run."
    )
    st.stop()

by_id = {one.id: one for one in report.findings}
families = [family.value for family in Family if any(one.family is family for one in report.findings)]
grades = [worst.value for worst in grade.WORST_FIRST if any(one.grade is worst for one in report.findings)]
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    chosen_themes = url_state.choose_some(
        "Theme", "theme", families, lambda one: formatting.family_word(Family(one))
    )
    chosen_grades = url_state.choose_some(
        "Grade", "grade", grades, lambda one: formatting.grade_word(Grade(one))
    )
    text = url_state.ask_text("Holds the text", "text", icon=":material/search:", width=150)
    every = url_state.turn_on("Show details too", "details", help=finding.DETAILS_HELP)

fitting = [
    one
    for one in report.findings
    if (not chosen_themes or one.family in chosen_themes)
    and (not chosen_grades or one.grade in chosen_grades)
    and text.lower() in f"{one.sentence} {' '.join(one.about)}".lower()
]
if not fitting:
    nothing("No finding fits this filter.", "Take a filter away to see the others.")
    st.stop()

asked = st.query_params.get("finding")
shown_ones = finding.listed(fitting, asked, every=every)
left, right = st.columns([6, 5], gap="medium")
with left:
    st.caption(finding.caption(fitting, report.findings, shown_ones))
    table.draw(
        finding.table(shown_ones, fitting),
        "finding",
        [one.id for one in shown_ones],
        "Findings, worst first",
        finding.column_config(),
        row=finding.LINES,
    )
with right, st.container(border=True):
    chosen = url_state.choose_one(
        "Finding",
        "finding",
        [one.id for one in shown_ones],
        lambda key: plain_text(formatting.sentence(by_id[key].sentence, by_id[key].about), 90),
        label_visibility="collapsed",
    )
    finding.draw_finding(report, by_id[chosen or shown_ones[0].id])
