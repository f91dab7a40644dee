"""Runs and reports for the pages. Cached by run id, digest and version, never by a frame."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import streamlit as st

from audit.model import VERSION, Report
from audit.options import PURPOSES
from audit.store import Run, Runs, default_folder, new_id

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


def report_of(run: Run, purpose: str = "") -> Report:
    """The report of a finished run, judged for a purpose (the one asked for by default).

    Raises AuditError where the stored report cannot be read.
    """
    chosen = purpose if purpose in PURPOSES else run.purpose
    return _judged(str(runs().folder_of(run.id).report), run.report_sha256, chosen, VERSION)


@st.cache_resource(show_spinner=False, max_entries=24)
def _measured(path: str, digest: str, version: str) -> Report:  # noqa: ARG001 - the key of the cache
    from audit.render import from_document

    return from_document(json.loads(Path(path).read_text(encoding="utf-8")))


@st.cache_resource(show_spinner=False, max_entries=48)
def _judged(path: str, digest: str, purpose: str, version: str) -> Report:
    from audit.judge import rejudge
    from audit.policy import load_policy

    report = _measured(path, digest, version)
    return report if purpose == report.purpose else rejudge(report, load_policy(purpose))


def report_text(run: Run, report: Report, form: str) -> str:
    """A report in a form: "html", "json", "md" or "csv"."""
    return _text(run.id, run.report_sha256, report.purpose, form, VERSION, report)


@st.cache_data(show_spinner=False, max_entries=32, max_size="128MB")
def _text(run_id: str, digest: str, purpose: str, form: str, version: str, _report: Report) -> str:  # noqa: ARG001 - the key of the cache
    from audit.render import to_json
    from audit.render.html import to_html
    from audit.render.markdown import to_markdown
    from audit.render.table import to_csv

    return {"html": to_html, "json": to_json, "md": to_markdown, "csv": to_csv}[form](_report)
