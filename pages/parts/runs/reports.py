"""Runs and reports for the pages. Cached by run id, digest and version, never by a frame."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from audit.model import VERSION, Card, Report
from audit.declare.options import PURPOSES
from audit.render.report_view import ReportView
from audit.store import Run, Runs, default_folder, new_id
from pages.parts.base import url_state

_COOKIE = "_streamlit_xsrf"
_TOKEN_PARTS = 4  # of Streamlit's token: version, mask, masked token, time


def runs() -> Runs:
    """The runs of this server; settled once when the server starts."""
    return _runs(str(default_folder()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _runs(folder: str) -> Runs:
    store = Runs(Path(folder))
    store.recover()
    return store


def visitor() -> str:
    """Who is looking: one secret per browser, or per tab where cookies are off.

    Streamlit's own token against forged requests is the same in all tabs of a browser and
    on every reload, only masked anew each time.
    """
    secret = _unmasked(st.context.cookies.get(_COOKIE, ""))
    if not secret:
        secret = st.session_state.setdefault("_visitor", new_id()).encode()
    return hashlib.sha256(b"visitor" + secret).hexdigest()


def _unmasked(token: str) -> bytes:
    parts = token.split("|")
    if len(parts) != _TOKEN_PARTS:
        return b""
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return b""
    return bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(masked)) if mask else b""


def tables_of(run: Run) -> list[str]:
    """Names of the tables of a series that have a report of their own, in their order; else none."""
    folder = runs().folder_of(run.id)
    told = [one.get("folder", "") for one in report_of(run).provenance.get("series", {}).get("tables", ())]
    return [name for name in told if name and (folder.table(name) / "report.json").is_file()]


def folder_of(run: Run) -> Path:
    """Where the files of the report on the screen lie: of the run, or of one table of it."""
    folder, table = runs().folder_of(run.id), url_state.table_in_url()
    return folder.table(table) if table and table in tables_of(run) else folder.path


def report_of(run: Run, purpose: str = "") -> Report:
    """The report of a finished run, judged for a purpose (the one asked for by default).

    Raises AuditError where the stored report cannot be read.
    """
    return _view_in(runs().folder_of(run.id).path, run, purpose).report


def view_on_screen(run: Run, purpose: str = "") -> ReportView:
    """The view of the same, or of the report of the one table that the address asks for."""
    return _view_in(folder_of(run), run, purpose)


def _view_in(folder: Path, run: Run, purpose: str) -> ReportView:
    chosen = purpose if purpose in PURPOSES else run.purpose
    return _view(str(folder / "report.json"), run.report_sha256, chosen, VERSION)


@st.cache_resource(show_spinner=False, max_entries=24)
def _measured(path: str, digest: str, version: str) -> Report:  # noqa: ARG001 - the key of the cache
    from audit.render import from_document

    return from_document(json.loads(Path(path).read_text(encoding="utf-8")), _cards)


def _cards() -> Mapping[str, Card]:
    """Of the checks there are; only older reports ask, for loading all checks takes a while."""
    from audit.checks import all_cards

    return all_cards()


@st.cache_resource(show_spinner=False, max_entries=48)
def _judged(path: str, digest: str, purpose: str, version: str) -> Report:
    from audit.judge.judge import rejudge
    from audit.judge.policy import load_policy

    report = _measured(path, digest, version)
    return report if purpose == report.purpose else rejudge(report, load_policy(purpose))


@st.cache_resource(show_spinner=False, max_entries=48)
def _view(path: str, digest: str, purpose: str, version: str) -> ReportView:
    return ReportView(_judged(path, digest, purpose, version))


def report_text(run: Run, form: str, purpose: str) -> str:
    """The report on the screen in a form: "html", "json", "md", "csv" or "croissant"."""
    return _text(str(folder_of(run) / "report.json"), run.report_sha256, purpose, form, VERSION)


@st.cache_data(show_spinner=False, max_entries=32, max_size="128MB")
def _text(path: str, digest: str, purpose: str, form: str, version: str) -> str:
    from audit.render import to_json
    from audit.render.croissant import to_croissant
    from audit.render.html import to_html
    from audit.render.markdown import to_markdown
    from audit.render.table import to_csv

    view = _view(path, digest, purpose, version)
    told = {"html": to_html, "md": to_markdown}
    if form in told:
        return told[form](view)
    plain = {"json": to_json, "csv": to_csv, "croissant": to_croissant}
    return plain[form](view.report)
