"""Subgroups: who is missing and who fares worse in the synthetic table."""

from __future__ import annotations

import streamlit as st

from pages.parts import address, chart, grade, group_table, table
from pages.parts.frame import open_report
from pages.parts.router import SETUP
from pages.parts.states import nothing
from pages.parts.text import md_sentence, plain_text

shown = open_report()
st.title("Subgroups", anchor=False)
found = group_table.of_report(shown.report)
if not found:
    nothing(
        "No group was measured.",
        "Give a column the role “sensitive” when you set up the audit, such as sex or region.",
    )
    st.page_link(SETUP, label="Set up an audit", icon=":material/upload_file:")
    st.stop()

for summary in group_table.summaries(shown.report):
    st.markdown(grade.marked(summary.grade) + md_sentence(summary.measure.sentence, (), 500))
by = list(dict.fromkeys(one.by for one in found))
chosen = address.choose_one("Groups by", "by", by, lambda name: plain_text(name, 80), width=320)
kept = [one for one in found if one.by == chosen]
st.caption(f"{len(kept)} numbers about these groups, worst first. Small groups have wide intervals.")
numbers = group_table.table(kept)
st.dataframe(
    numbers,
    hide_index=True,
    height=table.height(len(numbers), 360),
    alt="Groups and their measures, worst first",
    column_config={"Rows": st.column_config.NumberColumn(format="localized")},
)

pictures = group_table.pictures(kept, chosen or by[0], chart.MOST)
for left in range(0, len(pictures), 2):
    for at, (column, picture) in enumerate(
        zip(st.columns(2, gap="medium"), pictures[left : left + 2], strict=False)
    ):
        with column:
            chart.draw(picture, f"group_{left + at}")
