"""Findings: everything that stands out, worst first; one of them in full beside the list."""

from __future__ import annotations

import streamlit as st

from audit.model import Family, Grade
from audit.render import formatting
from pages.parts.base import grade, url_state
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import finding

shown = open_report()
report = shown.report
st.title("Findings", anchor=False)
if not report.findings:
    draw_nothing(
        "Nothing stands out.", "Every check that ran stayed inside its tolerance. Method says what was run."
    )
    st.stop()

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
    draw_nothing("No finding fits this filter.", "Take a filter away to see the others.")
    st.stop()

finding.draw_list(shown.view, fitting, report.findings, "Findings, worst first", every=every)
