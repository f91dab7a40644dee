"""Broken rules are counted on every row, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.declare.rules import Rule, RuleKind
from audit.errors import RuleError
from audit.mining.patterns import pattern_expression
from audit.mining.violations import Violations, rows_violating, violation_counts
from tests.worlds import World, case_of

REAL = pd.DataFrame(
    {
        "town": ["A", "A", "B", "B", "C", None] * 10,
        "land": ["x", "x", "x", "x", "y", "y"] * 10,
        "start": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 10,
        "end": [2.0, 3.0, 4.0, 5.0, 6.0, 7.0] * 10,
        "total": [3.0, 5.0, 7.0, 9.0, 11.0, 13.0] * 10,
        "area": [2.0, 6.0, 12.0, 20.0, 30.0, 42.0] * 10,
        "plate": ["AB-1", "CD-22", "EF-3", "GH-4", "IJ-55", "KL-6"] * 10,
    }
)
SYNTHETIC = pd.DataFrame(
    {
        "town": ["A", "B", "C", "D", None, "A"],
        "land": ["y", "x", "y", "x", "x", None],
        "start": [1.0, 5.0, 3.0, None, 4.0, 7.0],
        "end": [2.0, 4.0, 3.0, 5.0, 4.0, 6.0],
        "total": [3.0, 9.0, 7.0, 5.0, 8.5, 13.0],
        "area": [2.0, 20.0, 9.0, 1.0, 16.0, 43.0],
        "plate": ["AB-1", "ab-1", "EF-333", None, "GH4", "KL-6"],
    }
)

CASES = {
    Rule(RuleKind.DEPENDENCY, ("town", "land")): (Violations(1, 3, 1), {1}),
    Rule(RuleKind.IMPLICATION, ("town", "land"), values=("A", "x")): (Violations(1, 1), {1}),
    Rule(RuleKind.FORBIDDEN, ("town", "land"), values=("B", "x")): (Violations(1, 4), {2}),
    Rule(RuleKind.ORDER, ("start", "end")): (Violations(2, 5), {2, 6}),
    Rule(RuleKind.ORDER, ("start", "end"), strict=True): (Violations(4, 5), {2, 3, 5, 6}),
    Rule(RuleKind.EQUATION, ("start", "end", "total"), coefficients=(1.0, 1.0, -1.0), tolerance=0.01): (
        Violations(2, 5),
        {3, 5},
    ),
    Rule(RuleKind.EQUATION, ("end", "start"), coefficients=(1.0, -1.0), constant=1.0): (
        Violations(4, 5),
        {2, 3, 5, 6},
    ),
    Rule(RuleKind.PRODUCT, ("start", "end", "area"), tolerance=0.5): (Violations(1, 5), {6}),
    Rule(RuleKind.UNIQUE, ("town",)): (Violations(1, 5), {6}),
    Rule(RuleKind.FORMAT, ("plate",), patterns=("AA-9", "AA-99")): (Violations(3, 5), {2, 3, 5}),
}


@pytest.mark.parametrize("rule", CASES, ids=lambda rule: rule.description)
def test_a_rule_by_hand(rule: Rule) -> None:
    with case_of(World(REAL, SYNTHETIC)) as case:
        counts = violation_counts(case, case.synthetic, [rule])
        rows = rows_violating(case, case.synthetic, rule).collect().get_column("row").to_list()
    assert (counts[0], set(rows)) == CASES[rule]
    assert len(rows) == counts[0].rows


def test_many_rules_are_counted_in_their_order() -> None:
    rules = [*CASES] * 15
    with case_of(World(REAL, SYNTHETIC)) as case:
        assert violation_counts(case, case.synthetic, rules) == [CASES[rule][0] for rule in rules]


def test_real_rows_keep_what_they_taught() -> None:
    rules = [rule for rule in CASES if rule.kind in (RuleKind.DEPENDENCY, RuleKind.PRODUCT)]
    with case_of(World(REAL, SYNTHETIC)) as case:
        assert [broken.rows for broken in violation_counts(case, case.real, rules)] == [0, 0]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            Rule(RuleKind.ORDER, ("start", "finish")),
            "The rule 'start ≤ finish' names the column 'finish', which the tables do not share. "
            "Correct the name or switch the rule off.",
        ),
        (
            Rule(RuleKind.ORDER, ("start", "town")),
            "The rule 'start ≤ town' needs numbers or dates, and 'town' holds category. "
            "Change what the column is taken to hold, or switch the rule off.",
        ),
        (
            Rule(RuleKind.FORBIDDEN, ("start", "town"), values=("high", "A")),
            "A rule asks whether start is 'high', but start holds numbers.",
        ),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(rule: Rule, message: str) -> None:
    with case_of(World(REAL, SYNTHETIC)) as case, pytest.raises(RuleError) as refusal:
        violation_counts(case, case.synthetic, [rule])
    assert str(refusal.value) == message


def test_a_pattern_matches_the_whole_cell() -> None:
    assert pattern_expression("A.9") == r"^\p{Lu}\.\p{Nd}$"
