"""Overview: the answer, the rule that gave it, the reasons, and what could not be told."""

from __future__ import annotations

import streamlit as st

from pages.parts.frame.frame import open_report
from pages.parts.sections import verdict

shown = open_report()
view = shown.view

verdict.draw_answer(view)
verdict.draw_reasons(view)
verdict.draw_families(view)
left, right = st.columns(2, gap="large")
with left:
    verdict.draw_unknown(view)
with right:
    verdict.draw_next_steps(view)
verdict.draw_data(view, shown.run.id)
