"""The three questions about groups, each with its grade and the worst that was found."""

from __future__ import annotations

import streamlit as st

from audit.model import Grade, GroupQuestion, Report
from audit.render import evidence
from pages.parts.base import grade
from pages.parts.base.markdown import md_text

FINE = "No group is off beyond its tolerance."


def draw(report: Report) -> None:
    """The questions side by side."""
    for place, question in zip(st.columns(3, gap="small"), GroupQuestion, strict=True):
        with place, st.container(border=True, height="stretch"):
            _draw(report, question)


def _draw(report: Report, question: GroupQuestion) -> None:
    st.markdown(f"**{question}**")
    worst, numbers = evidence.answer_question(report, question)
    if worst is None:
        grade.chip(Grade.NOT_ASSESSABLE)
        asked = [one.result for one in evidence.checks_answering(report, question)]
        reasons = [f"{one.reason or ''} {one.remedy}" for one in asked]
        st.caption(md_text(reasons[0] if reasons else "No check of this theme was asked for.", 300))
        return
    grade.chip(worst)
    if worst in grade.FINE or not numbers:
        st.caption(FINE)
    else:
        st.caption(md_text(first_sentence(numbers[0].measure.sentence), 300))


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence; a dot within a number ends none."""
    return f"{text.partition('. ')[0].rstrip('.')}."
