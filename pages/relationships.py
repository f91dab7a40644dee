"""Relationships: pairs of columns, worst first; one pair real, synthetic and their difference."""

from __future__ import annotations

import streamlit as st

from pages.parts import address, chart, grade, number, pair_table, table
from pages.parts.frame import open_report
from pages.parts.number import Reading
from pages.parts.router import COLUMNS
from pages.parts.states import nothing
from pages.parts.text import md_sentence, md_text, plain_text

shown = open_report()
report = shown.report
st.title("Relationships", anchor=False)
found = pair_table.pairs(report)
if not found:
    nothing("No pair was measured.", "It takes two columns with a distribution in both tables.")
    st.stop()
names = sorted({name for judged, _ in found for name in judged.measure.about})
left, right = st.columns([1, 1], gap="medium")
with left:
    only = address.choose_one(
        "With the column", "with", names, plain_text, placeholder="All columns", width=260
    )
    by_key = pair_table.chosen(found, only, st.query_params.get("pair"))
    st.caption(f"{len(by_key)} of {len(found)} pairs, worst first. Click a row to see the pair.")
    kept = list(by_key.values())
    table.draw(pair_table.table(kept), "pair", list(by_key), "Pairs of columns, worst first", {}, most=330)
    overview = pair_table.heat_map(report, found)
    if overview is not None:
        chart.draw(overview, "pairs_map")
with right, st.container(border=True):
    key = address.choose_one(
        "Pair", "pair", list(by_key), lambda pair: plain_text(pair, 90), label_visibility="collapsed"
    )
    judged, scale = by_key[key or next(iter(by_key))]
    grade.chip(judged.grade)
    if judged.measure.sentence:
        st.markdown(md_sentence(judged.measure.sentence, judged.measure.about, 400))
    reading = Reading.of_measure(judged, scale)
    number.draw(reading, reading.what())
    picture = pair_table.joint(report, judged.measure.about)
    if picture is not None:
        chart.draw(picture, "pair_joint")
    else:
        st.caption("Pictures are kept for the worst pairs only. The columns one by one:")
        for at, one in enumerate(chart.about(report, judged.measure.about)):
            chart.draw(one, f"pair_{at}")
    with st.container(horizontal=True):
        for name in judged.measure.about:
            st.page_link(
                COLUMNS,
                label=f"Column {md_text(name, 40)}",
                icon=":material/bar_chart:",
                query_params=address.kept(col=name),
            )
