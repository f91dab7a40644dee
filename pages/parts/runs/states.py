"""What a page says when there is no report to show: plainly, with one next step."""

from __future__ import annotations

import streamlit as st

from audit.errors import AuditError
from audit.store import Run, State
from pages.parts.runs import samples
from pages.parts.runs import reports
from pages.parts.base.router import SETUP
from pages.parts.base.markdown import md_text


def draw_no_run() -> None:
    """Nobody has asked for anything yet: say what this is and offer the shortest way in."""
    st.title("Can this synthetic table stand in for the real one?", anchor=False)
    st.markdown(
        "Give the real table and the synthetic one. You get an answer with its reasons: what differs, by how much, "
        "how much of that is chance, and what to do about it."
    )
    own, sample = st.columns(2, gap="medium")
    with own, st.container(border=True, height="stretch"):
        st.markdown("**Your files**")
        if st.button("Audit my own files", type="primary", icon=":material/upload_file:", key="own_files"):
            st.switch_page(SETUP)
        st.caption("A real table, a synthetic one and, for privacy, real rows held back from the generator.")
    with sample, st.container(border=True, height="stretch"):
        st.markdown("**Just looking?**")
        samples.draw()


def draw_not_found() -> None:
    """The link names a run that is not here (one text for unknown, expired and deleted)."""
    st.title("This run is not here", anchor=False)
    st.markdown("The link may be incomplete, or the run was deleted or is older than 30 days.")
    _start_again()


def draw_ended(run: Run) -> None:
    """A run that ended without a report."""
    draw = {State.FAILED: _failed, State.CANCELLED: _cancelled, State.INTERRUPTED: _interrupted}[run.state]
    draw(run)
    _start_again()


def draw_unreadable(error: AuditError) -> None:
    """A report that was written by another version, or was damaged on disk."""
    st.title("This report cannot be opened", anchor=False)
    st.error(md_text(error.message), icon=":material/error:")
    st.markdown(md_text(error.hint or "Run the audit again."))
    _start_again()


def draw_nothing(what: str, why: str) -> None:
    """A page of a finished run that has nothing to show. Both texts are our own words."""
    st.markdown(f"**{what}**")
    st.caption(why)


def _failed(run: Run) -> None:
    error = reports.runs().folder_of(run.id).error()
    st.title("This audit could not be done", anchor=False)
    where = f" ({md_text(error['where'], 80)})" if error.get("where") else ""
    st.error(
        md_text(error.get("message", "The worker ended without saying why."), 1000) + where,
        icon=":material/error:",
    )
    if error.get("hint"):
        st.markdown(f"**Next step:** {md_text(error['hint'], 600)}")


def _cancelled(_run: Run) -> None:
    st.title("This audit was cancelled", anchor=False)
    st.markdown("Nothing was kept: the uploaded files and all intermediate results are deleted.")


def _interrupted(_run: Run) -> None:
    st.title("This audit was interrupted", anchor=False)
    st.markdown(
        "Its process ended before the result was written: the server was restarted, or the machine ran out of "
        "memory. Nothing is wrong with your files as far as we know."
    )


def _start_again() -> None:
    st.page_link(SETUP, label="Start a new audit", icon=":material/restart_alt:")
