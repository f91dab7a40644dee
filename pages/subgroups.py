"""Subgroups: who is missing, whose outcomes change, whom a model treats worse, and what to do."""

from __future__ import annotations

import streamlit as st

from audit.model import Matrix
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.base.router import FINDINGS, SETUP
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import group_profile, group_questions, group_table, weights_card
from pages.parts.widgets import chart, table

MAX_GROUPS = 16  # groups of one picture

shown = open_report()
report = shown.report
st.title("Subgroups", anchor=False)
found = group_table.of_view(shown.view)
profiles = group_profile.charts_of(report)
if not found and not profiles:
    draw_nothing(
        "No group was measured.",
        "Give a column the role “sensitive” when you set up the audit, such as sex or region.",
    )
    st.page_link(SETUP, label="Set up an audit", icon=":material/upload_file:")
    st.stop()

if profiles:
    group_questions.draw(report)
for summary in [] if profiles else group_table.summaries(shown.view):
    st.markdown(grade.grade_mark(summary.grade) + md_sentence(summary.measure.sentence, (), 500))

by = list(dict.fromkeys([*group_profile.attributes(profiles), *map(group_table.made_by, found)]))
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    chosen = (
        url_state.choose_one("Groups by", "by", by, lambda name: plain_text(name, 80), width=240) or by[0]
    )
    if profiles:
        view = url_state.choose_view(
            "Look at", "view", group_profile.available_views(profiles), lambda one: group_profile.VIEWS[one]
        )
        units = group_profile.numbers(profiles, view)
        unit = url_state.choose_view("Number", "number", units, lambda one: group_profile.NUMBERS[one][0])

picture = group_profile.choose_chart(profiles, chosen, unit) if profiles else None
if picture is not None:
    whole = group_profile.choose_chart(profiles, picture.about[0], unit)
    lines = group_profile.lines(picture, whole)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        if isinstance(picture, Matrix):
            chart.draw(group_profile.matrix_chart(picture, view, lines), "crossing")
        else:
            chart.draw(group_profile.forest(picture, view, lines, MAX_GROUPS), "groups")
    with right:
        if isinstance(picture, Matrix) and view != "real":
            chart.draw(group_profile.added_chart(picture, lines), "added")
        elif isinstance(picture, Matrix):
            chart.draw(group_profile.forest(picture, view, lines, MAX_GROUPS), "groups")
        if not isinstance(picture, Matrix):
            rows = group_profile.table(lines, view, unit)
            st.dataframe(
                rows, hide_index=True, height=table.height(len(rows), 420), alt="Groups, worst first"
            )
        st.caption(group_profile.note(picture, report, view))
    if isinstance(picture, Matrix) and view != "real":
        chart.draw(group_profile.forest(picture, view, lines, MAX_GROUPS), "groups")

weights_card.draw(shown.run, report, chosen.split(group_profile.CROSS))

kept = [one for one in found if group_table.made_by(one) == chosen]
if kept:
    st.subheader("What was judged", anchor=False)
    counted = "1 number" if len(kept) == 1 else f"{len(kept)} numbers, worst first,"
    st.caption(f"{counted} about these groups. Small groups have wide intervals.")
    numbers = group_table.table(kept)
    st.dataframe(
        numbers,
        hide_index=True,
        height=table.height(len(numbers), 360),
        alt="Groups and their measures, worst first",
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
    )
with st.container(horizontal=True):
    st.page_link(
        FINDINGS,
        label=f"Findings about {md_text(chosen, 40)}",
        icon=":material/list_alt:",
        query_params=url_state.link_query(text=chosen.partition(group_profile.CROSS)[0], details="on"),
    )

pictures = [] if profiles else group_table.group_charts(shown.view, kept, chosen, chart.MAX_CHARTS)
for left_at in range(0, len(pictures), 2):
    for at, (column, drawn) in enumerate(
        zip(st.columns(2, gap="medium"), pictures[left_at : left_at + 2], strict=False)
    ):
        with column:
            chart.draw(drawn, f"group_{left_at + at}")
