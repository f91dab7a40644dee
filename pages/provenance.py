"""Provenance: what the tables are, where they come from, and how much of that can be checked."""

from __future__ import annotations

import streamlit as st

from pages.parts.base import url_state
from pages.parts.base.router import REPORT
from pages.parts.frame.frame import open_report
from pages.parts.sections import origin_card

shown = open_report()
report = shown.report
origin = shown.view.origin
st.title("Provenance", anchor=False)
st.markdown(
    "What the tables are and where they come from. Hashes and promises can be checked by anybody; what a "
    "generator card states is its owner's word."
)
origin_card.draw_promise(origin)
origin_card.draw_tables(report, origin)
origin_card.draw_card(origin)
left, right = st.columns(2, gap="large")
with left:
    origin_card.draw_shared(report)
with right:
    origin_card.draw_watermark(report)
origin_card.draw_downloads(shown.run, report)
st.page_link(
    REPORT, label="The report as a file", icon=":material/arrow_forward:", query_params=url_state.link_query()
)
