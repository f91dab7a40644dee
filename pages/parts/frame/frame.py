"""The frame on every page: which run, for which purpose, the verdict, the link.

And the two ways a page opens: `open_page` for pages without a run, `open_report` for all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from audit.declare.options import PURPOSES
from audit.errors import AuditError
from audit.model import Report
from audit.render.report_view import ReportView
from audit.store import Run, State
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import plain_text
from pages.parts.base.router import draw_menu, frame_is_drawn, inside_frame, navigation
from pages.parts.frame import purpose
from pages.parts.frame.purpose import PURPOSE_WORDS
from pages.parts.runs import progress, reports, states

_RUN = "_run"
PROGRAM = "Synthetic Data Audit"
MENU_WIDTH = 230  # pixels
SETUP_PATH = "setup"  # a new audit has no verdict yet


@dataclass(frozen=True, slots=True)
class OpenRun:
    """What a page shows: a finished run and the view of its report, judged for the purpose on the screen."""

    run: Run
    view: ReportView

    @property
    def report(self) -> Report:
        """The report itself."""
        return self.view.report


def _configure(title: str) -> None:
    st.set_page_config(
        page_title=f"{title} · {PROGRAM}",
        page_icon=str(Path(__file__).parent / "icon.png"),
        layout="wide",
        initial_sidebar_state=MENU_WIDTH,
    )


def draw_app() -> None:
    """All of app.py: the menu, the frame, then the page."""
    page = navigation()
    _configure(page.title)
    draw_menu()
    st.session_state[_RUN] = _draw_frame(about_run=page.url_path != SETUP_PATH)
    frame_is_drawn()
    page.run()


def open_page() -> None:
    """First line of a page that needs no run."""
    inside_frame()


def open_report() -> OpenRun:
    """First line of a page about a run: the finished report, or the page ends in a plain state."""
    inside_frame()
    run: Run | None = st.session_state.get(_RUN)
    view = _view_or_state(run)
    if run is None or view is None:
        st.stop()
    return OpenRun(run, view)


def _view_or_state(run: Run | None) -> ReportView | None:
    """The view of a finished run's report; else draws where the run stands."""
    if run is None:
        (states.draw_not_found if url_state.run_in_url() else states.draw_no_run)()
    elif run.state.is_open:
        progress.draw(run)
    elif run.state is not State.DONE:
        states.draw_ended(run)
    else:
        return _read(run)
    return None


def _read(run: Run) -> ReportView | None:
    try:
        return reports.view_on_screen(run, url_state.purpose_in_url())
    except AuditError as error:
        states.draw_unreadable(error)
    except FileNotFoundError:
        states.draw_not_found()
    return None


def _draw_frame(*, about_run: bool) -> Run | None:
    mine = {run.id: run for run in reports.runs().recent(reports.visitor())}
    run = reports.runs().get(url_state.run_in_url())
    if run is not None:
        mine.setdefault(run.id, run)
    if not mine:
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="frame"):
        _draw_picker(mine)
        if about_run and run is not None and run.state is State.DONE:
            _draw_tables(run)
            _draw_verdict(run)
    if about_run and run is not None and run.state is State.DONE:
        _draw_switch(run)
    return run


def _draw_switch(run: Run) -> None:
    """What another purpose than the one asked for changes."""
    if url_state.purpose_in_url() in ("", run.purpose):
        return
    try:
        before, after = (
            reports.view_on_screen(run, asked).report for asked in ("", url_state.purpose_in_url())
        )
    except (AuditError, FileNotFoundError):
        return
    if before.purpose != after.purpose:
        st.caption(purpose.purpose_change(before, after))


def _draw_picker(mine: dict[str, Run]) -> None:
    st.session_state["pick_run"] = url_state.run_in_url() if url_state.run_in_url() in mine else None
    st.selectbox(
        "Run",
        list(mine),
        index=None,
        format_func=lambda run_id: _title(mine[run_id]),
        key="pick_run",
        on_change=_pick,
        placeholder="Your runs",
        label_visibility="collapsed",
        width=360,
    )


def _pick() -> None:
    """Another run was chosen: show it as it was asked for."""
    run_id = st.session_state["pick_run"]
    st.query_params.from_dict({url_state.RUN: run_id} if run_id else {})


def _draw_tables(run: Run) -> None:
    """Which table of a series is looked at: all together, or one alone."""
    try:
        tables = reports.tables_of(run)
    except (AuditError, FileNotFoundError):
        return  # the page says what is wrong with the report
    if tables:
        url_state.choose_one(
            "Table",
            url_state.TABLE,
            ["", *tables],
            lambda name: f"{plain_text(name, 32)} alone" if name else "all together",
            label_visibility="collapsed",
            width=150,
        )


def _draw_verdict(run: Run) -> None:
    url_state.choose_one(
        "Purpose",
        url_state.PURPOSE,
        sorted(PURPOSES, key=lambda purpose: purpose != run.purpose),  # the one asked for stands first
        lambda purpose: f"for {PURPOSE_WORDS[purpose]}",
        label_visibility="collapsed",
        width=195,
    )
    try:
        verdict = reports.view_on_screen(run, url_state.purpose_in_url()).report.verdict.grade
    except (AuditError, FileNotFoundError):
        return  # the page says what is wrong with the report
    grade.chip(verdict, grade.verdict_word(verdict))
    with st.popover(":material/link:", help="The link of this view"):
        st.caption("Whoever has this link can see this audit. It opens exactly this view.")
        st.code(url_state.link(), language=None, wrap_lines=True)


def _title(run: Run) -> str:
    """A run in the picker: what was compared, and when."""
    when = _local(datetime.fromisoformat(run.made_at)).strftime("%d %b %H:%M")
    state = "" if run.state is State.DONE else f" · {run.state.value}"
    return f"{plain_text(run.names.get('synthetic', 'synthetic'), 32)} · {when}{state}"


def _local(when: datetime) -> datetime:
    """A time on the visitor's clock, as far as the browser tells its zone."""
    try:
        return when.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return when
