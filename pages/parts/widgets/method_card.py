"""The card of a check: question, explanation, scale, source."""

from __future__ import annotations

import streamlit as st

from audit.model import Better, Card
from audit.render import formatting
from pages.parts.base.markdown import md_text

BEST = {
    Better.LOWER: "lower is better",
    Better.HIGHER: "higher is better",
    Better.ZERO: "best at 0, both sides count",
    Better.ONE: "a ratio, best at 1, both sides count",
}


def draw(card: Card, *, expanded: bool) -> None:
    """One check; closed, it shows the question."""
    with st.expander(f"**{md_text(card.title, 80)}** · {md_text(card.question, 160)}", expanded=expanded):
        for paragraph in card.explanation.split("\n\n"):
            st.markdown(md_text(" ".join(paragraph.split()), 3000))
        known = f"Known as: {md_text(card.known_as, 120)}. " if card.known_as else ""
        st.caption(f"{known}Scale: {md_text(_scale(card), 200)}. Check id: {md_text(card.id)}.")
        st.markdown(f"**If it stands out:** {md_text(card.next_step, 400)}")
        st.caption(f"Source: {md_text(' '.join(card.source.split()), 800)}")


def _scale(card: Card) -> str:
    scale = card.scale
    ends = (
        "" if scale.low is None and scale.high is None else f", from {_end(scale.low)} to {_end(scale.high)}"
    )
    return f"{scale.words}{ends}; {BEST[scale.better]}"


def _end(value: float | None) -> str:
    return "no end" if value is None else formatting.number(value)
