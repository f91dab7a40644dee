"""The last step of setting up: what was read, how long it will take, the button."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from audit.declare.options import PURPOSES, Options
from audit.declare.rules import Rule, plain_rules
from audit.errors import AuditError
from audit.render import formatting
from audit.store import Upload, content_key
from pages.parts.base import url_state
from pages.parts.base.markdown import md_text
from pages.parts.base.router import GENERATIONS, OVERVIEW
from pages.parts.runs import reports
from pages.parts.setup import schema_editor
from pages.parts.setup.group_form import GroupForm

SECONDS_TO_START = 5.0
SECONDS_PER_CELL = 4e-6
SECONDS_PER_PAIR = 0.01


def key_of(uploads: Mapping[str, Upload]) -> str:
    """A short name for these files, for widgets that belong to them."""
    # the order of several synthetic tables does not matter: what was said of their columns stays
    text = "".join(sorted(f"{role.rstrip('0123456789')}{one.sha256}" for role, one in uploads.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def draw_files(looked: Mapping[str, Any]) -> None:
    """What was read, in one line."""
    parts = [
        f"**{_called(role, facts)}** {formatting.count(int(facts['rows']))} rows × {formatting.count(int(facts['columns']))} columns"
        for role, facts in looked.get("files", {}).items()
        if facts
    ]
    st.markdown(f":material/check_circle: Read: {' · '.join(parts)}")


def _called(role: str, facts: Mapping[str, Any]) -> str:
    """Its role, or its name where several have the same role."""
    return md_text(facts["name"], 40) if role[-1].isdigit() else role


def draw_button(
    uploads: Mapping[str, Upload],
    columns: Sequence[Mapping[str, Any]],
    overrides: list[dict[str, str]],
    purpose: str,
    looked: Mapping[str, Any],
    declared: tuple[str, ...] | None = (),
    rules: tuple[Rule, ...] | None = (),
    grouped: GroupForm | None = GroupForm(),  # noqa: B008 - frozen
    more: Mapping[str, Any] | None = None,
    *,
    ready: bool = True,
) -> None:
    """How long it will take, and Run; what cannot be read is None: declared estimates, rules, groups.

    more : other fields of `Options` that were asked for
    ready : False where something of them cannot be read
    """
    roles = {column["name"]: column["role"] for column in columns} | {
        one["name"]: one["role"] for one in overrides
    }
    wrong = schema_editor.problem(list(roles.values())) or not ready
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(
            "Run the audit",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(wrong) or declared is None or rules is None or grouped is None,
            key="run_audit",
        )
        st.caption(f"About {_seconds(looked)}. You may close the tab meanwhile.")
    if not asked or wrong or declared is None or rules is None or grouped is None or purpose not in PURPOSES:
        return
    _submit(
        {**uploads, **grouped.population},
        {
            "purpose": purpose,
            "estimands": declared,
            "rules": plain_rules(rules) if rules else None,
            "bands": dict(grouped.bands) or None,
            "schema": {"columns": overrides} if overrides else None,
            **(more or {}),
        },
    )


def options_of(uploads: Mapping[str, Upload], asked: Mapping[str, Any]) -> Options:
    """What is asked of these files; several synthetic tables are a series, in their order.

    asked : fields of `Options`
    """
    series = tuple(role for role in uploads if role.startswith("synthetic") and role != "synthetic")
    names = {role: upload.name for role, upload in uploads.items()}
    if series:  # what the run is called
        names["synthetic"] = f"{len(series)} tables, {names[series[0]]} to {names[series[-1]]}"
    return Options(real="", synthetic="", names=names, series=series, vulnerable_ids=not series, **asked)


def _submit(uploads: Mapping[str, Upload], asked: Mapping[str, Any]) -> None:
    """Start the audit of these files and go where its progress and then its answer is shown."""
    try:
        options = options_of(uploads, asked)
        key = content_key(options, {role: upload.sha256 for role, upload in uploads.items()})
        run_id = reports.runs().submit(options, reports.visitor(), uploads, key)
    except AuditError as error:
        st.error(md_text(str(error)), icon=":material/error:")
        return
    st.switch_page(GENERATIONS if options.series else OVERVIEW, query_params={url_state.RUN: run_id})


def _seconds(looked: Mapping[str, Any]) -> str:
    """A rough time, from the sizes; measured on two cores."""
    files = [facts for facts in looked.get("files", {}).values() if facts]
    cells = sum(int(facts["rows"]) * int(facts["columns"]) for facts in files)
    widest = max((int(facts["columns"]) for facts in files), default=0)
    made = sum(role.startswith("synthetic") for role in looked.get("files", {}))
    pairs = made * widest * (widest - 1) / 2
    seconds = SECONDS_TO_START * made + cells * SECONDS_PER_CELL + pairs * SECONDS_PER_PAIR
    return f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
