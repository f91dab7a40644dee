"""Several synthetic tables in their order: handed in together, sorted by name at first, moved by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import streamlit as st

from audit.declare.options import step_role
from audit.render import formatting
from audit.store import Upload
from pages.parts.base.markdown import md_text

LABELS = {"generations": "Generations, all of them", "settings": "One table per setting, all of them"}
HELP = {
    "generations": "Each made by a generator that was trained on the one before. Choose all files at once or one after another.",
    "settings": "Tables that one generator made under several settings, such as temperatures.",
}
FIRST = {"generations": "made first", "settings": "in use"}
MAX_FILES = 20
_STEPS, _SEEN, _MOVED = "_steps", "_steps_seen", "_steps_moved"


@dataclass(frozen=True, slots=True)
class _Step:
    """A file as the browser names it, and as it lies on disk."""

    file: str
    upload: Upload


def draw(series: str, types: Sequence[str], save: Callable[[str, BinaryIO], Upload | None]) -> None:
    """The place for all files, then the list in its order, with a way to change it."""
    st.file_uploader(
        LABELS[series],
        type=list(types),
        accept_multiple_files=True,
        key="upload_series",
        help=HELP[series],
        on_change=_take,
        args=(save,),
    )
    steps = _steps()
    with st.container(gap=None):
        for at, step in enumerate(steps):
            _draw_step(at, step, len(steps), FIRST[series])
    if len(steps) > 1:
        guessed = not st.session_state.get(_MOVED)
        st.caption(
            "Sorted by name (2 before 10). Move what stands wrong." if guessed else "In the order you gave."
        )
    if len(steps) > MAX_FILES:
        st.error(f"{len(steps)} tables are given; at most {MAX_FILES} can be audited together.")


def by_role() -> dict[str, Upload]:
    """The files in their order, by role; none where there are too many."""
    steps = _steps()
    return {step_role(at): step.upload for at, step in enumerate(steps)} if len(steps) <= MAX_FILES else {}


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key to sort names by as people do: gen2 before gen10."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _steps() -> list[_Step]:
    return [step for step in st.session_state.get(_STEPS, []) if step.upload.path.is_file()]


def _draw_step(at: int, step: _Step, count: int, first: str) -> None:
    """One table: its place, its name, and buttons to move it or take it away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        note = f", {first}" if at == 0 and count > 1 else ""
        name = md_text(step.upload.name, 40)
        st.markdown(f"**{at + 1}** · {name}, {formatting.size(step.upload.bytes)}{note}", width="stretch")
        for icon, way, able in (("arrow_upward", -1, at > 0), ("arrow_downward", 1, at < count - 1)):
            st.button(
                f":material/{icon}:",
                key=f"move_{step.file}_{way}",
                help=f"Move {name} {'up' if way < 0 else 'down'}",
                type="tertiary",
                disabled=not able,
                on_click=_move,
                args=(at, way),
            )
        st.button(
            ":material/close:",
            key=f"leave_{step.file}",
            help=f"Take {name} away",
            type="tertiary",
            on_click=_leave,
            args=(step.file,),
        )


def _take(save: Callable[[str, BinaryIO], Upload | None]) -> None:
    """Keep what is new in the browser's list, and let go of what left it."""
    files = {file.file_id: file for file in st.session_state.get("upload_series") or ()}
    seen: set[str] = st.session_state.get(_SEEN, set())
    for gone in seen - set(files):
        _leave(gone)
    steps = _steps()
    for file_id, file in files.items():
        if file_id not in seen and (upload := save(file.name, file)) is not None:
            steps.append(_Step(file_id, upload))
    if not st.session_state.get(_MOVED):
        steps.sort(key=lambda step: natural_key(step.upload.name))
    st.session_state[_SEEN], st.session_state[_STEPS] = set(files), steps


def _move(at: int, way: int) -> None:
    steps = _steps()
    steps.insert(at + way, steps.pop(at))
    st.session_state[_STEPS], st.session_state[_MOVED] = steps, True


def _leave(file: str) -> None:
    steps = _steps()
    for step in steps:
        if step.file == file:
            step.upload.path.unlink(missing_ok=True)
    st.session_state[_STEPS] = [step for step in steps if step.file != file]
