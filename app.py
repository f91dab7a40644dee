"""The app: streamlit run app.py. The router and the frame, nothing else."""

from __future__ import annotations

from pages.parts.frame.frame import draw_app

draw_app()
