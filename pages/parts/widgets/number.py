"""A number is never shown alone: its interval, what real against real gives, the tolerance, n.

Where there is nothing to compare with, that is said; a bare number cannot be drawn.
"""

from __future__ import annotations

import streamlit as st

from audit.model import Better
from audit.render import formatting
from audit.render.number import Number
from pages.parts.base.markdown import md_text

NO_REFERENCE = "no reference to compare with"


def what(number: Number) -> str:
    """What the number counts, as a label: the words of its scale."""
    words = number.scale.words
    return md_text(words[:1].upper() + words[1:], 80)


def reference(number: Number) -> str:
    """What real against real gives, or that nothing is known about it."""
    if number.measure.baseline is None:
        return NO_REFERENCE
    followed = formatting.is_per_generation(number.scale)
    against = formatting.reference(number.scale) if followed else "real against real"
    return f"{against} {number.baseline}"


def baseline(number: Number) -> str:
    """The same for the cell of a table."""
    return "no reference" if number.measure.baseline is None else number.baseline


def tolerance_text(number: Number) -> str:
    """How far the number may go, as its scale is read."""
    limit, better = formatting.number(number.limit, number.scale), number.scale.better
    if better is Better.ONE:
        return f"tolerated up to {limit} times, either way"
    return {Better.HIGHER: "tolerated from ", Better.ZERO: "tolerated ±"}.get(
        better, "tolerated up to "
    ) + limit


def line(number: Number) -> str:
    """All of it in one line of plain text."""
    return " · ".join([number.estimate, *_beside(number)])


def _beside(number: Number) -> list[str]:
    """What stands beside the number and its interval."""
    parts = [reference(number)]
    if number.limit is not None:
        parts.append(tolerance_text(number))
    if number.measure.n:
        parts.append(f"{number.rows} rows")
    return parts


def draw(number: Number, label: str) -> None:
    """A number as a card. The label is Markdown: pass other people's text through md_text."""
    beside = " · ".join(_beside(number))
    with st.container(gap="xxsmall"):
        st.metric(label, formatting.number(number.value, number.scale))
        counted = number.measure.low == number.measure.high
        st.caption(beside if counted else f"95% interval {number.interval} · {beside}")
