"""The app: streamlit run app.py. The router and the frame, nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts.frame import draw_app

st.set_page_config(
    page_title="Synthetic Data Audit",
    page_icon=str(Path(__file__).parent / "pages" / "parts" / "icon.png"),
    layout="wide",
    initial_sidebar_state=230,
)
draw_app()
