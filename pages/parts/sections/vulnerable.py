"""Who is given away: a file for the owner of the run alone, who must ask for it."""

from __future__ import annotations

import streamlit as st

from audit.model import VULNERABLE_RECORDS
from audit.store import Run
from pages.parts.runs import reports
from pages.parts.widgets import download

_KEY = "vulnerable_asked"


def draw(run: Run) -> None:
    """A button, then the download; nothing for other visitors, or where nobody was found."""
    path = reports.runs().folder_of(run.id).path / VULNERABLE_RECORDS
    if run.owner != reports.visitor() or not path.is_file() or not _holds_records(path.read_text("utf-8")):
        return
    st.subheader("Who is given away", anchor=False)
    st.caption(
        "For you alone, who started this run: hashed row numbers of the real table. They lead back to people with the "
        "secret in the same file, and no report holds them."
    )
    if st.session_state.get(_KEY) != run.id:
        st.button(
            "Ask for their hashed row numbers",
            icon=":material/key:",
            key="ask_vulnerable",
            on_click=_ask,
            args=(run.id,),
        )
        return
    download.draw(
        "Vulnerable records (CSV)",
        path.read_bytes,
        f"vulnerable_records-{run.id}.csv",
        "vulnerable",
        icon=":material/key:",
    )


def _ask(run_id: str) -> None:
    st.session_state[_KEY] = run_id


def _holds_records(text: str) -> bool:
    """Whether anything follows the secret and the header."""
    return len(text.splitlines()) > 2
