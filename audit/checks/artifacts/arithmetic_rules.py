"""What numbers and dates of one row say about each other, and whether they still do."""

from __future__ import annotations

from dataclasses import replace

from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import SHARE
from audit.checks.artifacts._shared.rule_outcome import rule_outcome
from audit.mining.active_rules import ARITHMETIC, declared_rules
from audit.mining.arithmetic import MIN_ROWS, arithmetic
from audit.model import Family


@check(
    id="arithmetic_rules",
    title="Arithmetic rules",
    known_as="numeric constraint violations",
    family=Family.ARTIFACTS,
    question="Do sums, products and orders that every real row keeps hold in the synthetic rows?",
    scale=SHARE,
    needs=(Need.NUMBER,),
    next_step="Generate the columns that determine the others only, and calculate the rest from them.",
)
def arithmetic_rules(case: Case) -> Outcome:
    """Share of synthetic rows that break an arithmetic rule, beyond chance.

    The rules are learned from the real table, and every real and every holdout row keeps
    them: one number or date is never larger than another (start ≤ end), some add up to
    another (net + tax = gross), two multiply to a third, or several stand in a fixed relation
    (1.8 celsius + 32 = fahrenheit). Equations are allowed the rounding with which their
    columns are written; times between dates count in seconds. A rule must speak of at least
    1,000 real rows, chance would have to break it in 50 of them or more, and what other rules
    say is left out. 0 means no more breaches than fresh real rows could show, none seen in so
    many; 0.01 that one row in a hundred is impossible. Rows with a missing value break
    nothing. Every row is counted, so there is no sampling interval. It cannot see rules that
    hold under a condition, nor rules that real rows break now and then. Summary: `rules` and
    `broken_rules`; `searched` is the share of pairs and triples of columns that was tried,
    at most 200 columns by two and 60 by three.

    Source: Stoian, Dyrmishi, Cordy, Lukasiewicz and Giunchiglia (2024), ICLR (constraints that
    generators break); rule of three: Hanley and Lippman-Hand (1983), JAMA 249, 1743-1745.
    """
    rows = case.real.rows + (case.holdout.rows if case.holdout is not None else 0)
    if len(case.of_kind(*NUMERIC_KINDS)) < 2:
        raise Skip("Fewer than two columns hold numbers or dates.")
    if rows < MIN_ROWS and not declared_rules(case, *ARITHMETIC):
        raise Skip(
            f"Fewer than {MIN_ROWS:,} real rows prove too little about a rule without exceptions.",
            "Give more real rows.",
            assessable=False,
        )
    found = arithmetic(case)
    outcome = rule_outcome(
        case, ARITHMETIC, "rule", "No sum, product or order of numbers or dates holds in every real row."
    )
    searched = found.n_tested / found.possible if found.possible else 1.0
    return replace(outcome, summary={**outcome.summary, "searched": searched})
