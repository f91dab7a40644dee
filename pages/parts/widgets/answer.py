"""One check's answer on a page: its grade and title, its main number, its sentences, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from audit.model import Grade, JudgedMeasure, JudgedResult, Status
from audit.render.number import Number
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text
from pages.parts.base.router import METHOD, SETUP
from pages.parts.widgets import number

MAX_SENTENCES = 8


def has_answer(found: JudgedResult) -> bool:
    """Whether there is an answer; else what is missing is said, with the way to give it."""
    if found.result.status is Status.RAN:
        return True
    with st.container(border=True, key=f"missing_{found.result.card.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            grade.chip(found.grade)
            st.markdown(f"**{md_text(found.result.card.question, 200)}**")
        st.markdown(md_text(found.result.reason or "It did not run.", 400))
        if found.result.remedy:
            st.caption(md_text(found.result.remedy, 400))
        st.page_link(SETUP, label="Set up another audit", icon=":material/upload_file:")
    return False


def draw_title(found: JudgedResult) -> None:
    """The check's grade and its title, which leads to how it works."""
    card = found.result.card
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = found.grade is Grade.NOT_APPLICABLE and found.result.status is Status.RAN
        grade.chip(found.grade, "Not judged" if told else "")
        st.page_link(
            METHOD,
            label=f"**{md_text(card.title, 60)}**",
            query_params=url_state.link_query(check=card.id),
            help=card.question,
        )


def draw_head(found: JudgedResult) -> None:
    """The question with its grade, then the main number with its sentence."""
    draw_title(found)
    for one in measures_named(found, "")[:1]:
        st.markdown(md_sentence(one.measure.sentence, one.measure.about, 500))
        main = Number.of(found, one)
        number.draw(main, number.what(main))


def draw_sentences(shown: Sequence[JudgedMeasure]) -> None:
    """What some numbers say, each with its grade."""
    for one in shown[:MAX_SENTENCES]:
        if one.measure.sentence:
            st.markdown(
                grade.grade_mark(one.grade) + md_sentence(one.measure.sentence, one.measure.about, 400)
            )


def measures_named(found: JudgedResult, name: str) -> list[JudgedMeasure]:
    """The numbers of a check with this name; the main ones are those about the whole table."""
    return [
        one
        for one in found.measures
        if one.measure.name == name and (name or not (one.measure.about or one.measure.group))
    ]
