"""One question on a page: its heading, the answer in words at the left, the picture at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from audit.model import Chart, JudgedResult, Report
from pages.parts.widgets import chart
from pages.parts.widgets.answer import draw_head, draw_sentences, ran, result_of

MOST = 2  # pictures at the right
Say = Callable[[JudgedResult], None]
Choose = Callable[[JudgedResult], Sequence[Chart]]


def say_named(found: JudgedResult) -> None:
    """The main number, then the sentences of the others."""
    draw_head(found)
    draw_sentences([one for one in found.measures if one.measure.name])


def first_pictures(found: JudgedResult) -> Sequence[Chart]:
    """The first pictures of a check."""
    return found.result.charts[:MOST]


def draw(
    report: Report, check: str, heading: str, say: Say = say_named, choose: Choose = first_pictures
) -> JudgedResult | None:
    """A check's answer under a heading; where it has none, why, and where it was not asked for, nothing.

    Returns the answer where there is one, for what comes below both halves.
    """
    found = result_of(report, check)
    if found is None:
        return None
    if heading:
        st.subheader(heading, anchor=False)
    if not ran(found):
        return None
    pictures = choose(found)
    left, right = st.columns([5, 6], gap="medium") if pictures else (st.container(), None)
    with left:
        say(found)
    for at, picture in enumerate(pictures):
        with right or left:
            chart.draw(picture, f"{check}_{at}")
    return found
