"""Values that never meet in real rows."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.artifacts._shared.excess_counts import SHARE
from audit.checks.artifacts._shared.rule_outcome import rule_outcome
from audit.declare.rules import RuleKind
from audit.model import Family, Fold


@check(
    id="forbidden_combinations",
    title="Forbidden combinations",
    known_as="structural zeros",
    folds=(Fold.SAME_COLUMNS, Fold.RULE),
    family=Family.ARTIFACTS,
    question="Do synthetic rows hold pairs of values that real rows never hold together?",
    scale=SHARE,
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Drop the rows that hold the pair and draw them again, or give the generator the pair as a constraint.",
)
def forbidden_combinations(case: Case) -> Outcome:
    """Share of synthetic rows that hold two values which never meet, beyond chance.

    A pair of values of two columns is taken as forbidden when independent columns would
    give at least 50 such real rows and at most two in a hundred of those are seen, in two
    parts of the real rows. 0 means no more of them than fresh real rows could show; 0.03
    that three rows in a hundred hold the pair. Missing values are in no pair. Every row is
    counted, so there is no sampling interval; the baseline is the holdout's share. It sees
    pairs of values only, and only of columns with at most 200 different ones. Pairs that
    a dependency between the columns already rules out are counted there.

    Source: Brin, Motwani and Silverstein (1997), SIGMOD (dependence of values); rule of
    three: Hanley and Lippman-Hand (1983), JAMA 249, 1743-1745.
    """
    return rule_outcome(
        case,
        (RuleKind.FORBIDDEN,),
        "forbidden pair",
        "No two values that could meet are kept apart in the real table.",
    )
