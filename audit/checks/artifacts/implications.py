"""Values that bring others with them."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.artifacts._shared.excess_counts import SHARE
from audit.checks.artifacts._shared.rule_outcome import rule_outcome
from audit.declare.rules import RuleKind
from audit.model import Family, Fold


@check(
    id="implications",
    title="Implications",
    known_as="association rule violations",
    folds=(Fold.SAME_COLUMNS, Fold.RULE),
    family=Family.ARTIFACTS,
    question="Where one value nearly always brings another in real rows, does it in synthetic rows?",
    scale=SHARE,
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Look at the rows that break it; if they are impossible, draw them again, or give the generator the rule.",
)
def implications(case: Case) -> Outcome:
    """Share of rows with a value that lack the other value it brings, beyond chance.

    An implication A = a, so B = b holds in at least 99 of 100 real rows with the value a, is
    broken at least five times rarer than independent columns would break it, and speaks of
    at least five rows in a thousand; it must hold in two parts of the real rows. The number is
    taken over the rows that hold the value a: 0 means no more breaches than fresh real rows
    would show, 0.05 that in five of a hundred such rows the other value is wrong. Missing
    values break nothing. Every row is counted, so there is no sampling interval; the
    baseline is the holdout's share. Rare values are in no rule.

    Source: Agrawal, Imielinski and Swami (1993), SIGMOD (support and confidence).
    """
    return rule_outcome(
        case, (RuleKind.IMPLICATION,), "implication", "No value of the real table brings another."
    )
