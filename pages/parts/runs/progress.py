"""A run under way: how far it is, how long it will take, and a way to stop it."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from audit.model import Grade
from audit.render import formatting
from audit.store import Run, State
from pages.parts.base import grade
from pages.parts.runs import reports
from pages.parts.base.markdown import md_text

EVERY = "1s"
BEST_FIRST = (Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL)


def draw(run: Run) -> None:
    """The progress of a run; the page follows it until it ends, then shows the result."""
    names = run.names
    st.title("Measuring", anchor=False)
    st.markdown(
        f"{md_text(names.get('synthetic', 'The synthetic table'), 80)} against "
        f"{md_text(names.get('real', 'the real table'), 80)}. You may close this tab: the audit goes on, and this "
        "link shows its result."
    )
    _follow(run.id)


@st.fragment(run_every=EVERY)
def _follow(run_id: str) -> None:
    run = reports.runs().get(run_id)
    if run is None or not run.state.is_open:
        st.rerun()
    if run.state is State.QUEUED:
        reports.runs().start_next()
        _draw_place(run)
    else:
        _draw_steps(run)
    if run.owner == reports.visitor() and st.button("Cancel", icon=":material/stop_circle:", key="cancel"):
        reports.runs().cancel(run_id, run.owner)
        st.rerun()


def _draw_place(run: Run) -> None:
    before = reports.runs().place(run)
    st.progress(0.0, text=f"Waiting: {before} {'audit is' if before == 1 else 'audits are'} before this one.")


def _draw_steps(run: Run) -> None:
    now = reports.runs().folder_of(run.id).progress()
    steps, step = int(now.get("steps", 0)), int(now.get("step", 0))
    if not steps:
        st.progress(0.0, text="Starting")
        return
    label = md_text(str(now.get("label", "")), 80)
    st.progress(
        min(step / steps, 1.0), text=f"Step {min(step + 1, steps)} of {steps}: {label} · {_time_left(now)}"
    )
    if counts := so_far(now.get("partial") or {}):
        st.markdown(f"Checks so far: {counts}")
        st.caption("The grades may still change: chance is taken into account over all checks together.")


def so_far(partial: dict[str, Any]) -> str:
    """How many checks got which grade, as Markdown with icon, number and word; the rest unnamed."""
    rest = sum(int(number) for name, number in partial.items() if name not in list(BEST_FIRST))
    parts = [
        f":{grade.COLOURS[one]}[{grade.icon(one)}] {formatting.count(int(partial[one.value]))} {formatting.grade_word(one).lower()}"
        for one in BEST_FIRST
        if partial.get(one.value)
    ]
    return ", ".join([*parts, f"{formatting.count(rest)} without a number"] if rest else parts)


def _time_left(now: dict[str, Any]) -> str:
    """The time spent, and the rest where it can be told; both go on between two steps."""
    since = time.time() - float(now.get("written", time.time()))
    spent = f"{float(now.get('elapsed', 0.0)) + since:.0f} s so far"
    if now.get("left") is None:
        return spent
    left = max(1.0, float(now["left"]) - since)
    return f"{spent}, about {left:.0f} s left" if left < 90 else f"{spent}, about {left / 60:.0f} min left"
