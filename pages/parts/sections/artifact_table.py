"""What was looked for among the artifacts, and what each check says in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from audit.model import Finding, JudgedResult, Status
from audit.render import formatting
from pages.parts.base import grade
from pages.parts.base.markdown import plain_text
from pages.parts.widgets import table

LINE = 66  # pixels of a row; only in rows higher than 64 does text break into lines
MAX_CHARACTERS = 200  # characters of a sentence


def checks_of(findings: Sequence[Finding], results: Sequence[JudgedResult]) -> dict[str, str]:
    """The checks that found something, the worst first, with their titles."""
    titles = {one.result.card.id: one.result.card.title for one in results}
    return {one.check: titles.get(one.check, one.check) for one in findings}


def draw(results: Sequence[JudgedResult]) -> None:
    """Every check of the theme, those that found something first."""
    st.subheader("What was looked for", anchor=False)
    frame = overview(results)
    st.dataframe(
        frame,
        hide_index=True,
        height=table.height(len(frame), 520, LINE),
        row_height=LINE,
        alt="Checks for artifacts, worst first",
        column_config={
            "Grade": st.column_config.TextColumn(width=110),
            "Check": st.column_config.TextColumn(width=160),
            "What it says": st.column_config.TextColumn(width=520),
            "Numbers": st.column_config.NumberColumn(width=76, help="Columns, rules or values counted"),
        },
    )


def overview(results: Sequence[JudgedResult]) -> pd.DataFrame:
    """One row a check, worst first."""
    order = sorted(results, key=lambda one: (grade.rank(one.grade), one.result.card.title))
    return pd.DataFrame(
        {
            "Grade": [grade.grade_cell(one.grade) for one in order],
            "Check": [one.result.card.title for one in order],
            "What it says": [plain_text(answer_sentence(one), MAX_CHARACTERS) for one in order],
            "Numbers": [len(one.measures) for one in order],
        }
    )


def answer_sentence(one: JudgedResult) -> str:
    """The sentence of the worst number, or why there is none."""
    if one.result.status is not Status.RAN:
        return one.result.reason or ""
    told = [judged for judged in one.measures if judged.measure.sentence and judged.grade is not None]
    told = told or [judged for judged in one.measures if judged.measure.sentence]
    worst = min(told, key=lambda judged: (grade.rank(judged.grade), -abs(judged.measure.value)), default=None)
    return (
        formatting.sentence(worst.measure.sentence, worst.measure.about)
        if worst
        else one.result.card.question
    )
