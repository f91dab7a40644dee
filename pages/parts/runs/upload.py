"""The files to audit: handed in, kept on disk under names of our own, shown by their names."""

from __future__ import annotations

from typing import BinaryIO

import streamlit as st

from audit.errors import AuditError
from audit.file_formats import ENDINGS, PACKED_ENDINGS
from audit.render import formatting
from audit.store import Upload, new_id
from pages.parts.runs import series_order
from pages.parts.runs import reports
from pages.parts.base.markdown import md_text

TYPES = [*ENDINGS, *PACKED_ENDINGS]
LABELS = {
    "real": "Real table",
    "synthetic": "Synthetic table",
    "holdout": "Holdout (recommended)",
}
HELP = {
    "real": "The table the generator was trained on.",
    "synthetic": "The table that should stand in for it.",
    "holdout": "Real rows that the generator never saw. Without them, privacy and chance are judged more weakly.",
}
POPULATION = "population"
_UPLOADS, _DRAFT, _PROBLEM = "_uploads", "_draft", "_upload_problem"


def draw(series: str = "") -> dict[str, Upload]:
    """Three places for files; returns what is there by role.

    series : how several synthetic tables belong together ("generations", "settings"); one place
        then takes them all, as "synthetic1", "synthetic2" … in their order
    """
    limit = st.get_option("server.maxUploadSize")
    for column, role in zip(st.columns(3), LABELS, strict=True):
        with column:
            if series and role == "synthetic":
                series_order.draw(series, TYPES, _save)
            else:
                _draw_place(role)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(problem, icon=":material/error:")
    st.caption(
        f"CSV, Parquet, Feather, JSON or Excel, also compressed; at most {limit} MB each. Files are read on this server "
        "only, and deleted after twelve hours, or at once when you take them away."
    )
    wanted = [role for role in LABELS if not (series and role == "synthetic")]
    found = {role: one for role, one in uploads_of_visitor().items() if role in wanted}
    return found | (series_order.by_role() if series else {})


def _draw_place(role: str) -> None:
    st.file_uploader(
        LABELS[role], type=TYPES, key=f"upload_{role}", help=HELP[role], on_change=_take, args=(role,)
    )
    _draw_kept(role)


def uploads_of_visitor() -> dict[str, Upload]:
    """What this visitor handed in and did not take away, by role."""
    return dict(_uploads())


def draw_population() -> dict[str, Upload]:
    """A place for a table of the population's groups; it is read when the audit runs."""
    st.file_uploader(
        "Population table (optional)",
        type=TYPES,
        key=f"upload_{POPULATION}",
        help="One row per group: columns such as sex and share (or count). Groups are then compared with it too.",
        on_change=_take,
        args=(POPULATION,),
    )
    _draw_kept(POPULATION)
    return {role: one for role, one in uploads_of_visitor().items() if role == POPULATION}


def _uploads() -> dict[str, Upload]:
    kept: dict[str, Upload] = st.session_state.get(_UPLOADS, {})
    return {role: upload for role, upload in kept.items() if upload.path.is_file()}


def _draw_kept(role: str) -> None:
    """A file that was handed in before this page was opened again."""
    upload = _uploads().get(role)
    if upload is not None and st.session_state.get(f"upload_{role}") is None:
        st.markdown(f":material/description: {md_text(upload.name, 60)}, {formatting.size(upload.bytes)}")
        st.button("Remove", key=f"remove_{role}", icon=":material/close:", on_click=_drop, args=(role,))


def _take(role: str) -> None:
    file = st.session_state.get(f"upload_{role}")
    if file is None:
        _drop(role)
        return
    upload = _save(file.name, file)
    if upload is not None:
        _drop(role)
        st.session_state[_UPLOADS] = {**_uploads(), role: upload}


def _save(name: str, file: BinaryIO) -> Upload | None:
    """A file on disk; None where it cannot be stored, which is said when the page is drawn."""
    draft = st.session_state.setdefault(_DRAFT, new_id())
    try:
        reports.runs().drafts.purge()
        return reports.runs().drafts.save(draft, name, file)
    except AuditError as error:
        st.session_state[_PROBLEM] = md_text(str(error))
        return None


def _drop(role: str) -> None:
    kept = _uploads()
    upload = kept.pop(role, None)
    if upload is not None:
        upload.path.unlink(missing_ok=True)
    st.session_state[_UPLOADS] = kept
