"""The field of declared estimates: what is read, what is refused before an audit starts."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.setup.estimands import problem

COLUMNS = ["age", "hours per week", "sex"]


def page():
    import streamlit as st

    from pages.parts.setup import estimands

    st.session_state["read"] = estimands.draw("k", ["age", "hours per week", "sex"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ()),
        ("mean(age)\n\n  share(sex = Male) \nmean(age)", ("mean(age)", "share(sex = Male)")),
        ("mean(age", None),
    ],
)
def test_a_line_is_an_estimate(written, read):
    app = AppTest.from_function(page).run()
    app.text_area[0].set_value(written).run()
    assert not app.exception
    assert app.session_state["read"] == read
    assert len(app.error) == (read is None)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (["mean(age)", "coefficient(age ~ `hours per week` + sex)"], ""),
        (["mean(income)"], "There is no column 'income'."),
        (["median(age)"], "The estimand 'median(age)' cannot be read"),
        (["mean(age)"] * 51, "51 estimates are declared; at most 50 can be."),
    ],
)
def test_what_is_wrong_is_said(declared, said):
    assert problem(declared, COLUMNS).startswith(said)
    assert bool(problem(declared, COLUMNS)) == bool(said)
