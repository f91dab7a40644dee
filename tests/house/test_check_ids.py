"""What a check means elsewhere stands on its card: no file but its own names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from audit.checks import all_cards
from tests.house.source import APP, Source, no, parsed, sources

# A check names itself in its own file, a policy names what it judges. Recipes of bench and tests name
# checks as what they expect.
ITS_OWN = ("audit/checks/", "audit/judge/policies/")


def named(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and node.value in all_cards():
            yield source.at(node, f"the string {node.value!r} is the id of a check")


def test_no_file_names_a_check() -> None:
    others = (source for source in sources(*APP) if not source.path.startswith(ITS_OWN))
    no(said for source in others for said in named(source))


@pytest.mark.parametrize("text", ["x = 'utility'", "x = {'column_shapes': 1}", "def f(x='keys'): ..."])
def test_a_name_is_seen(text: str) -> None:
    assert len(list(named(parsed(text)))) == 1
