"""What is claimed about privacy and what others know: a guarantee, quasi-identifiers, secrets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from audit.model import Kind, Role
from pages.parts.base.markdown import md_text, plain_text

MAX_COLUMNS = 20  # columns that can be named as known to others
CLAIM = (
    "Fill these in if whoever made the table claims differential privacy: epsilon (ε) bounds how much one person's row "
    "can change what comes out, delta (δ) is the chance that this fails. The audit tries to refute the claim; it cannot prove it."
)


def draw(
    columns: Sequence[Mapping[str, Any]], overrides: Sequence[Mapping[str, str]], key: str
) -> dict[str, Any] | None:
    """The fields, filled as they were left for these files: those of `Options` that were told, None where one cannot be used."""
    changed = {one["name"]: one for one in overrides}
    now = [{**column, **changed.get(str(column["name"]), {})} for column in columns]
    with st.expander("Advanced: privacy: what others know, what is secret, a guarantee that is claimed"):
        names = [str(one["name"]) for one in now if one["kind"] != Kind.VECTOR and one["role"] != Role.IGNORE]
        quasi = _choose(
            "Others may know (quasi-identifiers)",
            "What a neighbour or a public register could know of a person, such as age, sex and postal code. "
            "Combinations that only one real person has are looked for in the synthetic table.",
            names, _with_role(now, Role.QUASI_IDENTIFIER), f"quasi_{key}",
        )  # fmt: skip
        secret = _choose(
            "Nobody should learn (secrets)",
            "What must not be told about a person, such as an income or a diagnosis.",
            names, _with_role(now, Role.SECRET), f"secret_{key}",
        )  # fmt: skip
        st.caption(CLAIM)
        epsilon, delta = _draw_claim(key)
        said = problem(epsilon, delta, quasi, secret)
        if said:
            st.error(md_text(said), icon=":material/error:")
    if said:
        return None
    told = {"epsilon": epsilon, "delta": delta, "quasi": quasi, "secret": secret}
    return {name: value for name, value in told.items() if value}


def _with_role(columns: Sequence[Mapping[str, Any]], role: Role) -> list[str]:
    return [str(one["name"]) for one in columns if one["role"] == role]


def _choose(label: str, told: str, names: Sequence[str], given: Sequence[str], key: str) -> tuple[str, ...]:
    """Columns by name; those that have the role in the table above are there without being named."""
    if given:
        st.caption(f"{label}: {md_text(', '.join(given), 200)}, by the table above.")
    chosen = st.multiselect(
        label,
        [name for name in names if name not in given],
        format_func=lambda name: plain_text(name, 60),
        key=key,
        help=told,
        max_selections=MAX_COLUMNS,
        placeholder="Choose columns",
        persist_state="session",
    )
    return tuple(name for name in chosen if name in names)


def _draw_claim(key: str) -> tuple[float | None, float | None]:
    left, right = st.columns(2)
    with left:
        epsilon = st.number_input(
            "Claimed ε (epsilon)", value=None, format="%g", placeholder="such as 1; empty for no claim",
            key=f"epsilon_{key}", persist_state="session",
        )  # fmt: skip
    with right:
        delta = st.number_input(
            "Claimed δ (delta)", value=None, format="%g", placeholder="such as 0.00001; empty for 0",
            key=f"delta_{key}", persist_state="session",
        )  # fmt: skip
    return epsilon, delta


def problem(epsilon: float | None, delta: float | None, quasi: Sequence[str], secret: Sequence[str]) -> str:
    """What is wrong with the fields, or an empty text."""
    if epsilon is not None and not 0 < epsilon < math.inf:
        return "Epsilon is a number above 0, such as 1. Leave it empty if nothing is claimed."
    if delta is not None and not 0 <= delta < 1:
        return "Delta is a chance: a number from 0 to below 1, such as 0.00001."
    if delta and epsilon is None:
        return "Delta says nothing without epsilon: fill in both, or neither."
    both = [name for name in secret if name in quasi]
    if both:
        return f"Column {both[0]} is named both as known to others and as secret; choose one."
    return ""
