"""Checks measure and the judge judges: no check decides by a number's size whether it may be judged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import Source, no, parsed, sources

# What says how large or how certain a number is; the screen of the policy reads these, checks do not.
SIZES = {
    "value", "low", "high", "p_value", "comparisons", "support", "error", "half", "chance", "excess", "n", "rows",
}  # fmt: skip


def complaints(source: Source) -> Iterator[str]:
    """Where `descriptive` is computed, or given or withheld by the size of a number."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg == "descriptive" and not _is_true(node.value):
            yield source.at(
                node.value, "descriptive is True or left out; the screen of the policy decides the rest"
            )
        if isinstance(node, ast.arg) and node.arg == "descriptive":
            yield source.at(
                node, "descriptive is passed around: build the measure, and replace it where it is only shown"
            )
        if isinstance(node, ast.IfExp | ast.If) and _makes_descriptive(node):
            sizes = SIZES & set(_words(node.test))
            if sizes:
                yield source.at(
                    node, f"descriptive by {', '.join(sorted(sizes))}: leave that to the screen of the policy"
                )


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _makes_descriptive(node: ast.IfExp | ast.If) -> bool:
    below = [n for n in ast.walk(node) if isinstance(n, ast.keyword)]
    return any(keyword.arg == "descriptive" for keyword in below)


def _words(test: ast.expr) -> Iterator[str]:
    for node in ast.walk(test):
        if isinstance(node, ast.Name):
            yield node.id
        if isinstance(node, ast.Attribute):
            yield node.attr


def test_no_check_computes_whether_a_number_may_be_judged() -> None:
    no(c for source in sources("audit/checks") for c in complaints(source))


def test_the_rule_sees_what_it_must_see() -> None:
    bad = [
        "Measure(1.0, descriptive=low <= 0)",
        "Measure(1.0, descriptive=False)",
        "Measure(1.0, descriptive=bool(name))",
        "def f(descriptive): ...",
        "m if m.value > 2 * error else replace(m, descriptive=True)",
        "if p_value > 0.01:\n    found = replace(found, descriptive=True)",
    ]
    good = ["Measure(1.0, descriptive=True)", "m if rule.enabled else replace(m, descriptive=True)"]
    assert [len(list(complaints(parsed(text)))) for text in bad] == [1] * len(bad)
    assert [list(complaints(parsed(text))) for text in good] == [[]] * len(good)
