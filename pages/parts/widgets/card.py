"""One question on a page: its heading, the answer in words at the left, the picture at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from audit.model import Chart, JudgedResult, Page, Report, Section
from audit.render.evidence import ORDER, on_page, told_in
from pages.parts.base.markdown import md_text
from pages.parts.widgets import chart
from pages.parts.widgets.answer import MAX_SENTENCES, draw_head, draw_sentences, has_answer, measures_named

MAX_CHARTS = 2  # pictures at the right
Say = Callable[[JudgedResult], None]
Choose = Callable[[JudgedResult], Sequence[Chart]]


def say_named(found: JudgedResult) -> None:
    """The main number, then the sentences of the others."""
    draw_head(found)
    draw_sentences([one for one in found.measures if one.measure.name])


def first_pictures(found: JudgedResult) -> Sequence[Chart]:
    """The first pictures of a check."""
    return found.result.charts[:MAX_CHARTS]


def draw(
    report: Report, section: Section, heading: str, say: Say = say_named, choose: Choose = first_pictures
) -> JudgedResult | None:
    """The answer of a section's check under a heading; where it has none, why; nothing where it was not asked for.

    Returns the answer where there is one, for what comes below both halves.
    """
    found = told_in(report, section)
    if found is None:
        return None
    if heading:
        st.subheader(heading, anchor=False)
    if not has_answer(found):
        return None
    _draw_halves(found, say, choose)
    return found


def draw_others(report: Report, page: Page) -> None:
    """The checks of a page that have no section of their own, each under its title."""
    for found in on_page(report, page):
        if found.result.card.section is Section.OTHER:
            st.subheader(md_text(found.result.card.title, 80), anchor=False)
            if has_answer(found):
                _draw_halves(found, say_all, first_pictures)


def say_all(found: JudgedResult) -> None:
    """The main number, then the sentences of the others, worst first, and how many there is no room for."""
    draw_head(found)
    others = [one for one in found.measures if one not in measures_named(found, "")[:1]]
    draw_sentences(sorted(others, key=lambda one: ORDER[one.grade]))
    if len(others) > MAX_SENTENCES:
        st.caption(f"{len(others) - MAX_SENTENCES} more are in the report.")


def _draw_halves(found: JudgedResult, say: Say, choose: Choose) -> None:
    pictures = choose(found)
    left, right = st.columns([5, 6], gap="medium") if pictures else (st.container(), None)
    with left:
        say(found)
    for at, picture in enumerate(pictures):
        with right or left:
            chart.draw(picture, f"{found.result.card.id}_{at}")
