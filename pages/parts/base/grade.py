"""Grades on the screen: always an icon and a word, never colour alone."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from audit.model import Grade
from audit.render import formatting
from audit.render.charts.palette import grade_colour

COLOURS = {
    Grade.PASS: "green",
    Grade.WARN: "orange",
    Grade.INCONCLUSIVE: "violet",
    Grade.FAIL: "red",
    Grade.NOT_APPLICABLE: "gray",
    Grade.NOT_ASSESSABLE: "gray",
    Grade.ERROR: "red",
}
ICONS = {
    Grade.PASS: "check_circle",
    Grade.WARN: "warning",
    Grade.INCONCLUSIVE: "help",
    Grade.FAIL: "cancel",
    Grade.NOT_APPLICABLE: "remove",
    Grade.NOT_ASSESSABLE: "radio_button_unchecked",
    Grade.ERROR: "report",
}
ANSWERS = {
    Grade.PASS: "Yes",
    Grade.WARN: "Yes, with care",
    Grade.INCONCLUSIVE: "Cannot tell",
    Grade.FAIL: "No",
}
VERDICTS = {Grade.WARN: "Usable with care", Grade.INCONCLUSIVE: "Cannot tell"}  # else the word of the grade
CLEAR_FIRST = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
FINE = (Grade.PASS, Grade.NOT_APPLICABLE, Grade.NOT_ASSESSABLE)
WORST_FIRST = (
    Grade.FAIL,
    Grade.INCONCLUSIVE,
    Grade.WARN,
    Grade.PASS,
    Grade.ERROR,
    Grade.NOT_ASSESSABLE,
    Grade.NOT_APPLICABLE,
)


def chip(grade: Grade | None, text: str = "") -> None:
    """A badge with the icon and the word of a grade; text, if given, must be safe Markdown."""
    word = text or formatting.grade_word(grade)
    if grade is None:
        st.badge(word, color="gray")
    else:
        st.badge(word, icon=icon(grade), color=COLOURS[grade])  # type: ignore[arg-type]


def icon(grade: Grade) -> str:
    """The icon of a grade as Streamlit writes it."""
    return f":material/{ICONS[grade]}:"


def grade_mark(grade: Grade | None) -> str:
    """The icon of a grade in its colour, before a sentence of Markdown; nothing where none was given."""
    return "" if grade is None else f":{COLOURS[grade]}[{icon(grade)}] "


def grade_cell(grade: Grade | None) -> str:
    """A grade as text, for a cell of a table."""
    return f"{formatting.grade_icon(grade)} {formatting.grade_word(grade)}"


def rank(grade: Grade | None) -> int:
    """0 for the worst; what was not judged comes last."""
    return len(WORST_FIRST) if grade is None else WORST_FIRST.index(grade)


def rank_clear(grade: Grade | None) -> int:
    """0 for the worst in a long list of details: what is known to be off comes before what is open."""
    return CLEAR_FIRST.index(grade) if grade in CLEAR_FIRST else len(CLEAR_FIRST) + rank(grade)


def worst_grade(grades: Iterable[Grade | None]) -> Grade | None:
    """The worst of some grades; None where none was judged."""
    return min(grades, key=rank, default=None)


def theme() -> str:
    """The theme on the screen, "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def verdict_word(grade: Grade) -> str:
    """The grade of a whole audit, as the rule that fired calls it."""
    return VERDICTS.get(grade, formatting.grade_word(grade))


def headline(grade: Grade) -> None:
    """The answer of a verdict, large, in the colour of its grade."""
    answer = ANSWERS.get(grade, formatting.grade_word(grade))
    st.markdown(f"## :{COLOURS[grade]}[{icon(grade)} {answer}]")


def colour(grade: Grade) -> str:
    """The colour of a grade on this screen, as #rrggbb."""
    return grade_colour(grade, theme())
