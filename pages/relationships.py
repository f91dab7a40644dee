"""Relationships: pairs of columns, worst first; one pair real, synthetic and their difference."""

from __future__ import annotations

import streamlit as st

from audit.render.evidence import told_in
from pages.parts.base import url_state
from pages.parts.base.markdown import plain_text
from pages.parts.frame.frame import open_report
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import pair_card, pair_table
from pages.parts.widgets import table

shown = open_report()
report = shown.report
st.title("Relationships", anchor=False)
numbers = {part: found for part in pair_table.MEASURES if (found := pair_table.pairs(report, part))}
if not numbers:
    draw_nothing("No pair was measured.", "It takes two columns with a distribution in both tables.")
    st.stop()

# by id, as the address names them
checks = {one.result.card.id: part for part in numbers if (one := told_in(report, part)) is not None}
left, right = st.columns([1, 1], gap="medium")
with left:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        compared = url_state.choose_view(
            "Compare by",
            "compare",
            list(checks),
            lambda check: pair_table.MEASURES[checks[check]],
            help=pair_card.HELP,
        )
        section = checks[compared]
        found = numbers[section]
        names = sorted({name for pair in found for name in pair.about})
        only = url_state.choose_one(
            "With the column", "with", names, plain_text, placeholder="All columns", width=220
        )
    by_key = pair_table.choose_pairs(found, only, st.query_params.get("pair"))
    st.caption(f"{len(by_key)} of {len(found)} pairs, worst first. Click a row to see the pair.")
    kept = list(by_key.values())
    other = next((part for part in numbers if part is not section), None)
    beside = pair_table.by_key(numbers[other]) if other else {}
    table.draw(
        pair_table.table(kept, beside, pair_table.MEASURES[other] if other else ""),
        "pair",
        list(by_key),
        "Pairs of columns, worst first",
        pair_table.column_config(),
        most=330,
    )
    pair_card.draw_map(report, found, section)
with right, st.container(border=True):
    key = url_state.choose_one(
        "Pair", "pair", list(by_key), lambda pair: plain_text(pair, 90), label_visibility="collapsed"
    )
    pair_card.draw(report, numbers, key or next(iter(by_key)))
pair_card.draw_beyond(report)
