"""The fields about privacy: what is read, what is refused, what an audit is asked."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.setup.privacy_form import problem


def page():
    import streamlit as st

    from pages.parts.setup import privacy_form

    columns = [
        {"name": name, "kind": kind, "role": role}
        for name, kind, role in (
            ("age", "number", "none"),
            ("zip", "category", "quasi_identifier"),
            ("wage", "number", "none"),
            ("face", "vector", "none"),
        )
    ]
    st.session_state["read"] = privacy_form.draw(columns, [], "k")


def test_nothing_is_claimed_unless_somebody_does():
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.session_state["read"] == {}
    assert app.multiselect[0].options == ["age", "wage"]  # zip has the role already, lists cannot have it
    assert any("zip, by the table above" in str(one.value) for one in app.caption)


def test_what_is_declared_is_asked_of_the_audit_and_stays():
    app = AppTest.from_function(page).run()
    app.multiselect[0].set_value(["age"])
    app.multiselect[1].set_value(["wage"])
    app.number_input[0].set_value(1.5)
    app.number_input[1].set_value(1e-5).run()
    told = {"epsilon": 1.5, "delta": 1e-5, "quasi": ("age",), "secret": ("wage",)}
    assert app.session_state["read"] == told
    assert app.run().session_state["read"] == told
    assert not app.error


def test_what_cannot_be_is_refused_before_the_audit():
    app = AppTest.from_function(page).run()
    app.number_input[1].set_value(0.1).run()
    assert app.session_state["read"] is None
    assert [one.value.replace("\\", "").replace("\u2060", "") for one in app.error] == [
        "Delta says nothing without epsilon: fill in both, or neither."
    ]


@pytest.mark.parametrize(
    ("epsilon", "delta", "quasi", "secret", "said"),
    [
        (None, None, (), (), ""),
        (1.0, 0.0, ("age",), ("wage",), ""),
        (0.0, None, (), (), "Epsilon is a number above 0, such as 1. Leave it empty if nothing is claimed."),
        (-1.0, None, (), (), "Epsilon is a number above 0, such as 1. Leave it empty if nothing is claimed."),
        (1.0, 1.0, (), (), "Delta is a chance: a number from 0 to below 1, such as 0.00001."),
        (
            None,
            None,
            ("age",),
            ("age",),
            "Column age is named both as known to others and as secret; choose one.",
        ),
    ],
)
def test_what_is_wrong_is_said(epsilon, delta, quasi, secret, said):
    assert problem(epsilon, delta, quasi, secret) == said
