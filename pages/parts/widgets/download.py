"""A button that hands out a file; nothing else on the page moves when it is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal

import streamlit as st

TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".toml": "application/toml",
}


def draw(
    label: str,
    content: str | bytes | Callable[[], bytes],
    name: str,
    key: str,
    icon: str | None = ":material/download:",
    kind: Literal["primary", "secondary"] = "secondary",
    mime: str = "",
) -> None:
    """The button.

    content : text or bytes, or how to read them once somebody asks
    name : of the file; its ending says what it holds
    key : of the button among those of its page, after "download_"
    mime : where the ending alone does not say it
    """
    st.download_button(
        label,
        content,
        file_name=name,
        mime=mime or TYPES[PurePath(name).suffix],
        key=f"download_{key}",
        icon=icon,
        type=kind,
        on_click="ignore",
    )
