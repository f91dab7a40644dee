"""Which findings stand on their own, and which below another."""

from __future__ import annotations

from dataclasses import replace

from audit.model import Finding
from audit.render import finding_tree
from tests.render.example import build


def three_and_one() -> list[Finding]:
    """The first holds the second and the fourth; the third stands alone."""
    findings = [replace(one, folded=()) for one in build().findings[:4]]
    return [replace(findings[0], folded=(findings[1].id, findings[3].id)), *findings[1:]]


def test_details_stand_below_their_root_and_each_finding_once() -> None:
    first, second, third, fourth = findings = three_and_one()
    assert finding_tree.roots(findings) == [first, third]
    assert finding_tree.details(findings, first) == [second, fourth]
    assert finding_tree.details(findings, third) == []
    assert finding_tree.nest_findings(findings) == [first, second, fourth, third]
    assert finding_tree.root_of(findings, fourth) == first
    assert finding_tree.root_of(findings, third) is None


def test_a_detail_stands_alone_where_its_root_is_not_among_them() -> None:
    _, second, third, fourth = three_and_one()
    assert finding_tree.roots([second, third, fourth]) == [second, third, fourth]
    assert finding_tree.nest_findings([second, third, fourth]) == [second, third, fourth]


def test_a_finding_that_names_itself_is_not_lost() -> None:
    one = three_and_one()[2]
    itself = replace(one, folded=(one.id,))
    assert finding_tree.nest_findings([itself]) == finding_tree.roots([itself]) == [itself]


def test_counting_in_words() -> None:
    findings = three_and_one()
    assert finding_tree.count_text(findings) == "2 findings and 2 details that follow from them"
    assert finding_tree.count_text(findings[:2]) == "1 finding and 1 detail that follows from it"
    assert finding_tree.count_text(findings[1:]) == "3 findings"
    assert finding_tree.count_text([]) == "0 findings"
