"""A first look at uploaded files, in a process of its own: nothing is ever parsed in the server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import streamlit as st

from audit.declare.options import ORDERS, Options
from audit.store import Upload
from audit.store.process import ROOT
from pages.parts.base.markdown import md_text

SECONDS = 300
MAX_MESSAGES = 12
_LOOKED = "_looked"
_ICONS = {"error": "error", "warning": "warning", "note": "info"}


def preview(uploads: Mapping[str, Upload], order: str = "") -> dict[str, Any]:
    """What the files hold and what was noticed: the object of `preflight --json`, with columns.

    order : of several synthetic tables, as in `Options`; empty for one
    """
    key = "-".join([order, *(f"{role}:{upload.sha256}" for role, upload in sorted(uploads.items()))])
    known = st.session_state.get(_LOOKED)
    if known is None or known[0] != key:
        with st.spinner("Reading the files", show_time=True):
            known = (key, _look(uploads, order))
        st.session_state[_LOOKED] = known
    return dict(known[1])


def draw_messages(looked: Mapping[str, Any]) -> None:
    """What was noticed, worst first."""
    messages = sorted(
        looked.get("messages", ()), key=lambda one: list(_ICONS).index(one.get("level", "note"))
    )
    serious = [one for one in messages if one.get("level") != "note"]
    notes = [one for one in messages if one.get("level") == "note"]
    for one in serious[:MAX_MESSAGES]:
        draw = st.error if one["level"] == "error" else st.warning
        draw(_text(one), icon=f":material/{_ICONS[one['level']]}:")
    rest = [*serious[MAX_MESSAGES:], *notes]
    if rest:
        with st.expander(f"{len(rest)} note{'' if len(rest) == 1 else 's'}", icon=":material/info:"):
            for one in rest[:200]:
                st.markdown(f"- {_text(one)}")


def _text(message: Mapping[str, Any]) -> str:
    text, where = str(message.get("text", "")), str(message.get("where", ""))
    return md_text(text, 800) + ("" if not where or where in text else f" ({md_text(where, 80)})")


def _look(uploads: Mapping[str, Upload], order: str) -> dict[str, Any]:
    synthetic = [str(upload.path) for role, upload in uploads.items() if role.startswith("synthetic")]
    options = Options(
        real=str(uploads["real"].path),
        synthetic=synthetic[-1],
        holdout=str(uploads["holdout"].path) if "holdout" in uploads else "",
        names={role: upload.name for role, upload in uploads.items()},
        series=tuple(synthetic) if order else (),
        order=order or ORDERS[0],
    )
    request = uploads["real"].path.with_suffix(".look.json")
    request.write_text(options.to_json(), encoding="utf-8")
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "audit.run.worker", "--look", str(request)],
            cwd=ROOT,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return _rejected(f"Reading the files took longer than {SECONDS} seconds. Try a sample of the rows.")
    except ValueError:
        return _rejected(
            "The files could not be read: the reading process ended. They may be damaged or too large."
        )
    finally:
        request.unlink(missing_ok=True)
    return answer if isinstance(answer, dict) else _rejected("The files could not be read.")


def _rejected(text: str) -> dict[str, Any]:
    return {"status": "rejected", "messages": [{"level": "error", "text": text, "where": ""}], "files": {}}
