from __future__ import annotations

import pytest

from audit.declare.estimands import Estimand, parse_estimand
from audit.declare.options import Options
from audit.errors import OptionError


@pytest.mark.parametrize(
    ("text", "kind", "outcome", "value", "terms", "wanted"),
    [
        ("mean(age)", "mean", "age", "", (), ()),
        ("  mean ( age ) ", "mean", "age", "", (), ()),
        ("mean(`hours per week`)", "mean", "hours per week", "", (), ()),
        ("mean(capital-gain)", "mean", "capital-gain", "", (), ()),
        ("mean(`odd ``name``, (x) = y`)", "mean", "odd `name`, (x) = y", "", (), ()),
        ("mean(Größe_in_%)", "mean", "Größe_in_%", "", (), ()),
        ("share(income = >50K)", "share", "income", ">50K", (), ()),
        ("share(income=`a b`)", "share", "income", "a b", (), ()),
        ("coefficient(y ~ x)", "coefficient", "y", "", ("x",), ("x",)),
        ("coefficient(y ~ a + b + a: b)", "coefficient", "y", "", ("a", "b"), ("b",)),
        ("coefficient(`y y`~`a a`+b:`a a`+b)", "coefficient", "y y", "", ("a a", "b"), ("a a", "b")),
    ],
)
def test_what_is_read(text, kind, outcome, value, terms, wanted):
    assert parse_estimand(text) == Estimand(text.strip(), kind, outcome, value, terms, wanted)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing stands where what is estimated should"),
        ("median(age)", "'median' is not one of mean, share, coefficient"),
        ("mean age", "'age' stands where '(' should"),
        ("mean()", "')' stands where a column should"),
        ("mean(age", "nothing stands where ')' should"),
        ("mean(age) + 1", "'+' stands after the end"),
        ("mean(hours per week)", "'per' stands where ')' should"),
        ("mean(`age)", "a backquote is not closed"),
        ("share(income)", "')' stands where '=' should"),
        ("coefficient(y = x)", "'=' stands where '~' should"),
        ("coefficient(y ~ x +)", "')' stands where a column should"),
        ("coefficient(y ~ x: z)", "'z' stands after the colon but not before it"),
        ("coefficient(y ~ x + y)", "'y' stands on both sides of '~'"),
        ("coefficient(y ~ " + " + ".join(f"x{i}" for i in range(31)) + ")", "31 columns are more than 30"),
    ],
)
def test_what_is_refused_and_why(text, why):
    with pytest.raises(OptionError) as refusal:
        parse_estimand(text)
    assert refusal.value.message.endswith(f"cannot be read: {why}.")
    assert refusal.value.hint.startswith("Write mean(age), share(income = high) or")


def test_a_very_long_text_is_refused():
    with pytest.raises(OptionError, match=r"has 3,000 characters; 2,000 are allowed"):
        parse_estimand("x" * 3000)


def test_options_hold_estimands():
    asked = Options("r", "s", estimands=("mean(age)", "share(income = >50K)"))
    assert Options.from_json(asked.to_json()) == asked
    with pytest.raises(OptionError, match="cannot be read"):
        Options("r", "s", estimands=("mean age",))
