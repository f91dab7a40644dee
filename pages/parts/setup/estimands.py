"""The estimates that a user will make: written one to a line, read before the audit starts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from audit.declare.estimands import parse_estimand
from audit.errors import OptionError
from pages.parts.base.markdown import md_text

_MAX_ESTIMANDS = 50


def draw(key: str, columns: Sequence[str]) -> tuple[str, ...] | None:
    """The field; returns what was declared, or None where a line cannot be read.

    key : of the files, for the widget; columns : names in both tables
    """
    with st.expander("Advanced: estimates you will make"):
        text = st.text_area(
            "Estimates, one to a line",
            key=f"estimands_{key}",
            placeholder="mean(age)\nshare(income = high)\ncoefficient(hours ~ age + sex)",
            help="Each is made on the real and on the synthetic rows, and their intervals are compared. "
            "A name with spaces stands between backquotes: mean(`hours per week`).",
        )
        declared = tuple(dict.fromkeys(line.strip() for line in str(text or "").splitlines() if line.strip()))
        if said := problem(declared, columns):
            st.error(md_text(said), icon=":material/error:")
            return None
    return declared


def problem(declared: Sequence[str], columns: Sequence[str]) -> str:
    """What is wrong with the lines, or an empty text."""
    if len(declared) > _MAX_ESTIMANDS:
        return f"{len(declared)} estimates are declared; at most {_MAX_ESTIMANDS} can be."
    try:
        named = [name for text in declared for name in parse_estimand(text).columns]
    except OptionError as error:
        return str(error)
    unknown = next((name for name in named if name not in columns), None)
    return "" if unknown is None else f"There is no column {unknown!r}."
