"""Columns: the real and the synthetic distribution of every column, worst first."""

from __future__ import annotations

import streamlit as st

from audit.model import Grade, Kind
from audit.render import formatting
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.base.router import FINDINGS, UTILITY
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import column_table
from pages.parts.widgets import chart, distribution, number, table

shown = open_report()
report = shown.report
st.title("Columns", anchor=False)
if not report.columns:
    draw_nothing(
        "No column is in both tables.", "The notes on the overview say which columns each table has."
    )
    st.stop()

left, right = st.columns([7, 6], gap="small")
with left:
    order = url_state.choose_view(
        "Sort by", "sort", list(column_table.ORDERS), column_table.ORDERS.__getitem__
    )
    grid = column_table.table(report, order)
    names = list(grid.index)
    st.caption(f"{len(grid)} columns. Click a row to look closer.")
    table.draw(grid, "col", names, "Columns with small distributions", column_table.column_config())
with right, st.container(border=True):
    name = url_state.choose_one(
        "Column", "col", names, lambda column: plain_text(column, 80), label_visibility="collapsed"
    )
    column = next(one for one in report.columns if one.name == name)
    role = "" if column.role.value == "none" else f", {formatting.role_word(column.role)}"
    st.caption(
        f"Taken as {formatting.kind_word(column.kind)}{role}: {md_text(column.reason or 'as given', 200)}"
    )
    main = column_table.distance(report, name)
    if main is not None:
        number.draw(main, f"Distance, {number.what(main).lower()}")
    hidden = column_table.hidden_measures(report, name)
    for off in hidden:
        st.markdown(grade.grade_mark(off.grade) + md_sentence(off.measure.sentence, off.measure.about, 300))
    distribution.draw(report, name)
    if column.kind is Kind.VECTOR:
        st.caption(
            "A list of numbers has no shape to draw. It is compared with all columns together, by distances."
        )
        st.page_link(
            UTILITY,
            label="Compared on the page of utility",
            icon=":material/hub:",
            query_params=url_state.link_query(),
        )
    for at, picture in enumerate(column_table.column_charts(report, name)):
        chart.draw(picture, f"column_{at}")
    about = [one for one in report.findings if name in one.about and one.grade is not Grade.INCONCLUSIVE]
    own = [one for one in about if one.about == (name,) and not one.group]
    said = {off.measure.sentence for off in hidden}
    for one in [one for one in own if one.sentence not in said][:3]:
        st.markdown(grade.grade_mark(one.grade) + md_sentence(one.sentence, one.about, 300))
    if about:
        more = "finding" if len(about) == 1 else "findings"
        st.page_link(
            FINDINGS,
            label=f"{len(about)} {more} about {md_text(name, 40)}",
            icon=":material/arrow_forward:",
            query_params=url_state.link_query(text=name, finding=about[0].id),
        )
    measures = column_table.measures_table(report, name)
    if measures.empty:
        draw_nothing(
            "No number is about this column alone.", "It may be left out on purpose; the notes say why."
        )
    else:
        st.dataframe(
            measures,
            hide_index=True,
            height=table.height(len(measures), 330),
            alt="All numbers of this column",
            column_config=column_table.measures_config(),
        )
