"""A run under way: how far it is, how long it will take, and a way to stop it."""

from __future__ import annotations

import streamlit as st

from audit.render import words
from audit.store import Run, State
from pages.parts import stored
from pages.parts.text import md_text

EVERY = "1s"


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
    run = stored.runs().get(run_id)
    if run is None or not run.state.is_open:
        st.rerun()
    if run.state is State.QUEUED:
        stored.runs().start_next()
        _draw_place(run)
    else:
        _draw_steps(run)
    if run.owner == stored.visitor() and st.button("Cancel", icon=":material/stop_circle:", key="cancel"):
        stored.runs().cancel(run_id, run.owner)
        st.rerun()


def _draw_place(run: Run) -> None:
    before = stored.runs().place(run)
    st.progress(0.0, text=f"Waiting: {before} {'audit is' if before == 1 else 'audits are'} before this one.")


def _draw_steps(run: Run) -> None:
    now = stored.runs().folder_of(run.id).progress()
    steps, step = int(now.get("steps", 0)), int(now.get("step", 0))
    if not steps:
        st.progress(0.0, text="Starting")
        return
    label = md_text(str(now.get("label", "")), 80)
    st.progress(
        min(step / steps, 1.0), text=f"Step {min(step + 1, steps)} of {steps}: {label} · {_time_left(now)}"
    )
    partial = now.get("partial") or {}
    if partial:
        so_far = ", ".join(
            f"{words.count(int(number))} {md_text(str(name), 20)}" for name, number in partial.items()
        )
        st.caption(f"So far: {so_far}.")


def _time_left(now: dict[str, object]) -> str:
    left, elapsed = now.get("left"), now.get("elapsed")
    spent = f"{float(elapsed):.0f} s so far" if isinstance(elapsed, int | float) else ""
    if not isinstance(left, int | float):
        return spent
    return (
        f"{spent}, about {max(1, round(left))} s left"
        if left < 90
        else f"{spent}, about {left / 60:.0f} min left"
    )
