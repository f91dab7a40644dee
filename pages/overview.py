"""Overview: the answer, the rule that gave it, the reasons, and what could not be told."""

from __future__ import annotations

import streamlit as st

from pages.parts.frame.frame import open_report
from pages.parts.sections import verdict

shown = open_report()

verdict.draw_answer(shown.report)
verdict.draw_reasons(shown.report)
verdict.draw_families(shown.report)
left, right = st.columns(2, gap="large")
with left:
    verdict.draw_unknown(shown.report)
with right:
    verdict.draw_next_steps(shown.report)
verdict.draw_data(shown.report, shown.run.id)
