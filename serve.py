"""The app behind security headers: streamlit run serve.py. The same pages as app.py."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.base.headers import SecurityHeaders, UploadBound

FILES_OF_ONE_SESSION = 6  # of the largest size: three, and three that replace them
MEGABYTE = 1 << 20

app = st.App(
    Path(__file__).parent / "app.py",
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(
            UploadBound,
            most_bytes=FILES_OF_ONE_SESSION * int(st.get_option("server.maxUploadSize")) * MEGABYTE,
        ),
    ],
)
