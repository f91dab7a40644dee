"""Columns that determine another in the real table, and whether they still do."""

from __future__ import annotations

from dataclasses import replace

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.artifacts._shared.excess_counts import SHARE
from audit.checks.artifacts._shared.rule_outcome import rule_outcome
from audit.declare.rules import RuleKind
from audit.mining.dependencies import dependencies
from audit.model import Family, Fold


@check(
    id="functional_dependencies",
    title="Dependencies",
    known_as="functional dependency violations",
    folds=(Fold.SAME_COLUMNS, Fold.RULE),
    family=Family.ARTIFACTS,
    question="Do columns that determine another one in the real table still determine it?",
    scale=SHARE,
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Generate the columns on the left only and look the determined one up in the real table's map.",
)
def functional_dependencies(case: Case) -> Outcome:
    """Share of synthetic rows that break a dependency between columns, beyond chance.

    A column is determined by one or two others when real rows that are alike in those are
    always alike in it: each postal code lies in one town. The rules are learned from the real
    table; every real and every holdout row must keep a rule, and it must say something that
    chance would not give. A synthetic row breaks it when it holds another value than the
    real rows with the same left side. 0 means no more breaches than fresh real rows could
    show, none seen in so many; 0.18 that eighteen rows in a hundred are impossible. Rows
    with a missing value break nothing; rows whose left side no real row has are counted
    apart. Every row is counted, so there is no sampling interval. It cannot see rules over
    more than three columns, nor rules that real rows break now and then. Summary: `rules`
    and `broken_rules`; `searched` is the share of the possible left sides that was tried.

    Source: Huhtala, Karkkainen, Porkka and Toivonen (1999), The Computer Journal 42, 100-111;
    rule of three: Hanley and Lippman-Hand (1983), JAMA 249, 1743-1745.
    """
    found = dependencies(case)
    outcome = rule_outcome(
        case,
        (RuleKind.DEPENDENCY,),
        "dependency",
        "No column of the real table is determined by one or two others.",
    )
    searched = found.n_tested / found.possible if found.possible else 1.0
    return replace(outcome, summary={**outcome.summary, "searched": searched})
