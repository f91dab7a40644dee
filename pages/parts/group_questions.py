"""The three questions about groups, each with its grade and the worst that was found."""

from __future__ import annotations

import streamlit as st

from audit.model import Grade, Judged, JudgedResult, Report, Status
from audit.render import evidence
from pages.parts import grade
from pages.parts.text import md_text

FINE = "No group is off beyond its tolerance."


def draw(report: Report) -> None:
    """The questions side by side."""
    for place, (question, checks) in zip(st.columns(3, gap="small"), evidence.QUESTIONS.items(), strict=True):
        with place, st.container(border=True, height="stretch"):
            _draw(question, [r for r in report.results if r.result.card.id in checks])


def _draw(question: str, results: list[JudgedResult]) -> None:
    st.markdown(f"**{question}**")
    ran = [one for one in results if one.result.status is Status.RAN]
    if not ran:
        grade.chip(Grade.NOT_ASSESSABLE)
        reasons = [f"{r.result.reason or ''} {r.result.remedy}" for r in results]
        st.caption(md_text(reasons[0] if reasons else "No check of this theme was asked for.", 300))
        return
    grade.chip(grade.worst(one.grade for one in ran))
    worst = worst_of(ran)
    if worst is None or worst.grade in grade.FINE:
        st.caption(FINE)
    else:
        st.caption(md_text(first_sentence(worst.measure.sentence), 300))


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence; a dot within a number ends none."""
    return f"{text.partition('. ')[0].rstrip('.')}."


def worst_of(results: list[JudgedResult]) -> Judged | None:
    """The worst number that was judged."""
    numbers = [(one, judged) for one in results for judged in one.measures if judged.grade is not None]
    return evidence.worst_first(numbers)[0][1] if numbers else None
