"""Rules in words, as plain values and as a file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from audit.declare.rules import Rule, RuleKind, read_rules, rule_from_plain, write_rules
from audit.errors import RuleError

EXAMPLES = {
    "education determines education-num": Rule(RuleKind.DEPENDENCY, ("education", "education-num")),
    "zip and street determine city": Rule(RuleKind.DEPENDENCY, ("zip", "street", "city")),
    "where relationship is Husband, sex is Male": Rule(
        RuleKind.IMPLICATION, ("relationship", "sex"), values=("Husband", "Male"), confidence=0.999
    ),
    "never relationship Wife with sex Male": Rule(
        RuleKind.FORBIDDEN, ("relationship", "sex"), values=("Wife", "Male")
    ),
    "start ≤ end": Rule(RuleKind.ORDER, ("start", "end")),
    "start < end": Rule(RuleKind.ORDER, ("start", "end"), strict=True),
    "net + tax = gross": Rule(
        RuleKind.EQUATION, ("net", "tax", "gross"), coefficients=(1.0, 1.0, -1.0), tolerance=0.01
    ),
    "2 a - b + 3 = c": Rule(
        RuleKind.EQUATION, ("a", "b", "c"), coefficients=(2.0, -1.0, -1.0), constant=-3.0
    ),
    "- a + b = c": Rule(RuleKind.EQUATION, ("a", "b", "c"), coefficients=(-1.0, 1.0, -1.0)),
    "a + b = 100": Rule(RuleKind.EQUATION, ("a", "b"), coefficients=(1.0, 1.0), constant=100.0),
    "price x pieces = amount": Rule(RuleKind.PRODUCT, ("price", "pieces", "amount"), tolerance=0.005),
    "id differs in every row": Rule(RuleKind.UNIQUE, ("id",)),
    "order and line together differ in every row": Rule(RuleKind.UNIQUE, ("order", "line")),
    "plate looks like AA-99 or A-999": Rule(RuleKind.FORMAT, ("plate",), patterns=("AA-99", "A-999")),
}


@pytest.mark.parametrize("words", EXAMPLES)
def test_a_rule_in_words(words: str) -> None:
    assert EXAMPLES[words].description == words


def test_rules_come_back_from_a_file() -> None:
    rules = tuple(EXAMPLES.values())
    assert read_rules(write_rules(rules)) == rules


def test_the_file_is_readable() -> None:
    assert write_rules([EXAMPLES["never relationship Wife with sex Male"]]) == (
        "format = 1\n\n# never relationship Wife with sex Male\n[[rules]]\n"
        'kind = "forbidden"\ncolumns = ["relationship", "sex"]\nvalues = ["Wife", "Male"]\n'
        'origin = "mined"\nenabled = true\n'
    )


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=2, unique=True
    )
)
def test_any_name_survives_the_file(names: list[str]) -> None:
    rule = Rule(RuleKind.FORBIDDEN, tuple(names), values=tuple(reversed(names)))
    assert read_rules(write_rules([rule])) == (rule,)


def test_what_is_written_by_hand_is_declared() -> None:
    (rule,) = read_rules('[[rules]]\nkind = "order"\ncolumns = ["start", "end"]\n')
    assert rule == Rule(RuleKind.ORDER, ("start", "end"), origin="declared")


def test_the_id_names_what_is_said() -> None:
    rules = list(EXAMPLES.values())
    assert len({rule.id for rule in rules}) == len(rules)
    assert (
        Rule(RuleKind.ORDER, ("a", "b"), support=5, enabled=False).id == Rule(RuleKind.ORDER, ("a", "b")).id
    )


REFUSED = {
    "x = [": "the rules file is not TOML",
    "title = 'mine'": "the rules file has the key 'title'. It may hold format and [[rules]].",
    "format = 2": "the rules file has the format 2. This version reads format 1.",
    "rules = 3": "the rules file: rules is not a list of tables. Write each rule under [[rules]].",
    "[[rules]]\nkind = 'guess'": "the rules file, rule 1 has the kind 'guess'. Known: dependency, implication, "
    "forbidden, order, equation, product, unique, format.",
    "[[rules]]\nkind = 'order'\ncolumn = 'a'": "the rules file, rule 1 has the key 'column'. Known: ",
    "[[rules]]\nkind = 'order'\ncolumns = ['a']": "the rules file, rule 1: a rule of the kind order has 1 columns. "
    "Name 2 different columns.",
    "[[rules]]\nkind = 'order'\ncolumns = ['a', 'a']": "the rules file, rule 1: a rule of the kind order has 2 "
    "columns. Name 2 different columns.",
    "[[rules]]\nkind = 'order'\ncolumns = 'a'": "the rules file, rule 1: columns is 'a'. Write a list of texts in quotes.",
    "[[rules]]\nkind = 'forbidden'\ncolumns = ['a', 'b']\nvalues = ['x']": "the rules file, rule 1: values has 1 "
    "entries for 2 columns. Give values for each column in order.",
    "[[rules]]\nkind = 'equation'\ncolumns = ['a', 'b']\ncoefficients = [1, nan]": "the rules file, rule 1: "
    "coefficients holds nan. Write a finite number.",
    "[[rules]]\nkind = 'format'\ncolumns = ['a']": "the rules file, rule 1: patterns has 0 entries for 1 columns. "
    "Give at least one pattern.",
    "[[rules]]\nkind = 'order'\ncolumns = ['a', 'b']\nstrict = 'yes'": "the rules file, rule 1: strict is 'yes'. "
    "Write true or false.",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_used_is_refused_in_words(text: str) -> None:
    with pytest.raises(RuleError) as refusal:
        read_rules(text)
    assert str(refusal.value).startswith(REFUSED[text])


def test_a_rule_from_plain_values_names_its_place() -> None:
    with pytest.raises(RuleError, match="row 3 has the kind None"):
        rule_from_plain({}, "row 3")
