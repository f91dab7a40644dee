"""What each column is taken to hold: shown with the reason, changed by whoever knows better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Kind, Role
from audit.render import formatting
from pages.parts.base.markdown import md_text, plain_text

KINDS = [kind.value for kind in Kind]
ROLES = [role.value for role in Role]
HEIGHT = 420


def draw(
    columns: Sequence[Mapping[str, Any]], key: str, candidates: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, str]]:
    """The table to confirm; returns what was changed, as overrides of a schema.

    candidates : columns that look like protected attributes ("name", "why"), offered to be ticked
    """
    ticked = _draw_candidates(candidates, key)
    guessed = pd.DataFrame(
        {
            "Column": [plain_text(column["name"], 80) for column in columns],
            "Holds": [column["kind"] for column in columns],
            "Role": [column["role"] for column in columns],
            "Why": [plain_text(column.get("reason", ""), 160) for column in columns],
            "Sure": [float(column.get("confidence", 1.0)) for column in columns],
        }
    )
    edited = st.data_editor(
        guessed,
        key=f"schema_{key}",
        hide_index=True,
        num_rows="fixed",
        disabled=["Column", "Why", "Sure"],
        height=min(HEIGHT, 38 + 35 * max(len(columns), 1)),
        alt="What each column is taken to hold",
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Holds": st.column_config.SelectboxColumn(
                options=KINDS, required=True, format_func=lambda kind: formatting.kind_word(Kind(kind))
            ),
            "Role": st.column_config.SelectboxColumn(
                options=ROLES, required=True, format_func=lambda role: role.replace("_", " ")
            ),
            "Sure": st.column_config.ProgressColumn(
                min_value=0, max_value=1, format="percent", width="small"
            ),
        },
    )
    edited = with_ticked(columns, edited, ticked)
    _draw_roles(columns, edited)
    return changed_rows(columns, edited)


def _draw_candidates(candidates: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """Suggestions to tick; nothing is ticked beforehand."""
    if not candidates:
        return []
    with st.container(border=True):
        st.markdown(
            ":material/balance: **Audit bias by …** These columns look like protected attributes. "
            "Tick those by which groups of people should be compared; none is chosen without you."
        )
        return [
            str(one["name"])
            for i, one in enumerate(candidates)
            if st.checkbox(
                f"{md_text(str(one['name']), 80)}: {md_text(str(one.get('why', '')), 120)}",
                key=f"protected_{key}_{i}",
            )
        ]


def with_ticked(
    columns: Sequence[Mapping[str, Any]], edited: pd.DataFrame, ticked: Sequence[str]
) -> pd.DataFrame:
    """The table with the ticked columns as sensitive, where it gives them no role."""
    roles = [
        Role.SENSITIVE.value if column["name"] in ticked and role == Role.NONE.value else role
        for column, role in zip(columns, edited["Role"], strict=True)
    ]
    return edited.assign(Role=roles)


def changed_rows(columns: Sequence[Mapping[str, Any]], edited: pd.DataFrame) -> list[dict[str, str]]:
    """The rows whose kind or role is not the guessed one; what the browser sent is checked."""
    overrides = []
    for column, kind, role in zip(columns, edited["Holds"], edited["Role"], strict=True):
        if kind in KINDS and role in ROLES and (kind != column["kind"] or role != column["role"]):
            overrides.append({"name": str(column["name"]), "kind": str(kind), "role": str(role)})
    return overrides


def problem(edited_roles: Sequence[str]) -> str:
    """What is wrong with the roles, or an empty text."""
    for role, most in (("target", 1), ("time", 1)):
        if list(edited_roles).count(role) > most:
            return f"{list(edited_roles).count(role)} columns have the role “{role}”; choose one."
    return ""


def _draw_roles(columns: Sequence[Mapping[str, Any]], edited: pd.DataFrame) -> None:
    """Who plays which part, in one line; a missing target or group is said."""
    by_role: dict[str, list[str]] = {}
    for column, role in zip(columns, edited["Role"], strict=True):
        by_role.setdefault(str(role), []).append(str(column["name"]))
    parts = [
        f"**{label}** {md_text(', '.join(by_role[role]), 160)}" if by_role.get(role) else f"**{label}** none"
        for role, label in (("target", "Target"), ("sensitive", "Sensitive groups"), ("time", "Time"))
    ]
    st.markdown(" · ".join(parts))
    if not by_role.get("target"):
        st.caption(
            "Without a target, gaps in outcome between groups are not measured: choose “target” in its row under Role."
        )
    if said := problem(list(edited["Role"])):
        st.error(said, icon=":material/error:")
