"""Rules from a user: a file of them, or one at a time from a small form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from audit.declare.rules import Rule, RuleKind, read_rules, rule_from_plain
from audit.errors import RuleError
from pages.parts.base.markdown import md_text, plain_text
from pages.parts.sections.rule_table import KINDS

MAX_MEGABYTES = 2
HELP = {
    RuleKind.DEPENDENCY: "The last column follows from the ones before it: postal code, then town.",
    RuleKind.IMPLICATION: "Where the first column holds its value, the second holds its own.",
    RuleKind.FORBIDDEN: "The values never stand in one row.",
    RuleKind.ORDER: "The first column is never larger than the second: start, then end.",
    RuleKind.EQUATION: "The columns times their factors add up to the constant: net, tax, gross with 1, 1, -1.",
    RuleKind.PRODUCT: "The first column times the second is the third.",
    RuleKind.UNIQUE: "The columns together differ in every row.",
    RuleKind.FORMAT: "Cells look like a pattern: A capital letter, a small letter, 9 digit, * letter or digit, {2,4} how many.",
}
_MIN_COLUMNS = {RuleKind.UNIQUE: 1, RuleKind.FORMAT: 1, RuleKind.PRODUCT: 3}


def unknown_column(rules: Sequence[Rule], columns: Sequence[str]) -> str:
    """The first rule that is on and names a column that is not here, in words; else an empty text."""
    for rule in rules:
        for name in rule.columns:
            if rule.enabled and name not in columns:
                return (
                    f"The rule {rule.description!r} names the column {name!r}, which the tables do not share."
                )
    return ""


def read_file(key: str, columns: Sequence[str]) -> tuple[Rule, ...] | None:
    """A place for a rules file; its rules, none where there is no file, None where it cannot be used."""
    file = st.file_uploader(
        "Rules file (TOML)",
        type=["toml"],
        key=key,
        max_upload_size=MAX_MEGABYTES,
        help="As downloaded on the Rules page: rules to add, or to switch off.",
    )
    if file is None:
        return ()
    try:
        rules = read_rules(file.getvalue().decode("utf-8"), file.name)
    except UnicodeDecodeError:
        st.error("The rules file is not UTF-8 text.", icon=":material/error:")
        return None
    except RuleError as error:
        st.error(md_text(str(error)), icon=":material/error:")
        return None
    if said := unknown_column(rules, columns):
        st.error(md_text(said), icon=":material/error:")
        return None
    return rules


def ask_rule(key: str, columns: Sequence[str]) -> Rule | None:
    """A form for one rule; the rule when it was sent and can be used."""
    kind = RuleKind(
        st.selectbox("Kind", [one.value for one in RuleKind], format_func=_kind, key=f"{key}_kind", width=260)
    )
    st.caption(HELP[kind])
    names = st.multiselect(
        "Columns, in order",
        list(columns),
        format_func=lambda name: plain_text(name, 60),
        key=f"{key}_columns",
        max_selections=8,
    )
    plain = {"kind": kind.value, "columns": names, **_details(kind, names, key)}
    ready = len(names) >= _MIN_COLUMNS.get(kind, 2)
    if not st.button("Add the rule", icon=":material/add:", key=f"{key}_add", disabled=not ready):
        return None
    try:
        return rule_from_plain(plain, "This rule")
    except (RuleError, ValueError) as error:
        st.error(md_text(str(error)), icon=":material/error:")
        return None


def _kind(name: str) -> str:
    return KINDS[RuleKind(name)].capitalize()


def _details(kind: RuleKind, names: Sequence[str], key: str) -> dict[str, Any]:
    """What a kind needs besides its columns."""
    if kind in (RuleKind.IMPLICATION, RuleKind.FORBIDDEN):
        return {"values": [_text(f"Value of {name}", f"{key}_value_{name}") for name in names]}
    if kind is RuleKind.ORDER:
        return {"strict": st.checkbox("Equal values are broken too", key=f"{key}_strict")}
    if kind is RuleKind.FORMAT:
        text = _text("Patterns, separated by spaces", f"{key}_patterns")
        return {"patterns": text.split()}
    more: dict[str, Any] = {}
    if kind is RuleKind.EQUATION:
        factors = [
            st.number_input(f"Factor of {md_text(name, 40)}", value=1.0, key=f"{key}_factor_{name}")
            for name in names
        ]
        more = {"coefficients": factors, "constant": st.number_input("Constant", value=0.0, key=f"{key}_sum")}
    if kind in (RuleKind.EQUATION, RuleKind.PRODUCT):
        label = "May be off by"
        more["tolerance"] = st.number_input(label, value=0.005, min_value=0.0, format="%g", key=f"{key}_off")
    return more


def _text(label: str, key: str) -> str:
    return str(st.text_input(md_text(label, 80), key=key) or "")
