"""Small results and policies, to judge by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from audit.checks import all_cards
from audit.judge.judge import judge
from audit.judge.policy import Policy, Tolerance
from audit.model import (
    Better,
    Card,
    Family,
    Finding,
    Grade,
    Measure,
    PolicyFacts,
    Result,
    Scale,
    Status,
    Unit,
)


def card(check: str = "shapes", better: str = "lower", family: Family = Family.FIDELITY) -> Card:
    """A card that folds as that of the check of this id, where there is one."""
    scale = Scale(Unit.SHARE, "share of rows", Better(better))
    mine = Card(check, check.capitalize(), family, "What?", scale, "Words.", "Somebody (1900).", "Do this.")
    known = all_cards().get(check)
    return replace(mine, folds=known.folds, explained_by=known.explained_by) if known else mine


def result(*measures: Measure, check: str = "shapes", better: str = "lower", **more: Any) -> Result:
    family = more.pop("family", Family.FIDELITY)
    return Result(card(check, better, family), Status.RAN, tuple(measures), **more)


def skipped(check: str = "shapes", grade: Grade = Grade.NOT_ASSESSABLE) -> Result:
    return Result(
        card(check),
        Status.SKIPPED,
        reason="No holdout was given.",
        remedy="Give one.",
        grade_if_not_run=grade,
    )


def measure(value: float, half: float = 0.0, **more: Any) -> Measure:
    """A number with an even interval; zero wide unless told."""
    return Measure(value, low=value - half, high=value + half, n=more.pop("n", 1000), **more)


def policy(
    tolerances: Mapping[str, tuple[float, float]] | None = None,
    required: tuple[str, ...] = (),
    advisory: tuple[str, ...] = (),
    rate: float = 0.05,
    name: str = "analytics",
) -> Policy:
    pairs = {"shapes": (0.02, 0.05)} if tolerances is None else tolerances
    return Policy(
        name=name,
        title=name,
        question="Can it?",
        false_discovery_rate=rate,
        tolerances={key: Tolerance(*pair) for key, pair in pairs.items()},
        required=required,
        advisory=advisory,
        facts=PolicyFacts(name, "0" * 64),
    )


SHAPES = {
    "column_shapes": (0.02, 0.05),
    "column_distances": (0.02, 0.05),
    "column_drift": (0.02, 0.05),
    "pair_shapes": (0.02, 0.05),
    "pair_associations": (0.02, 0.05),
    "kway_marginals": (0.02, 0.05),
    "tails": (1.1, 2.0),
    "subgroup_shapes": (0.02, 0.05),
    "utility": (0.02, 0.05),
    "utility.linear": (0.02, 0.05),
    "tails.reach": (1.1, 2.0),
    "value_spikes": (0.02, 0.05),
    "forbidden_combinations": (0.02, 0.05),
    "functional_dependencies": (0.02, 0.05),
    "anonymity": (0.005, 0.01),
    "anonymity.right_secret": (0.005, 0.01),
    "personal_data": (0.001, 0.001),
    "rare_value_leaks": (0.002, 0.005),
    "row_order": (0.02, 1.1),
    "row_order.trend": (0.02, 1.1),
    "too_good": (0.65, 0.5),
    "ratio": (1.1, 1.25),
}


def findings(
    *results: Result, importance: Mapping[str, float] | None = None, **asked: Any
) -> tuple[Finding, ...]:
    """What a policy with these tolerances finds in the results."""
    return judge(results, policy(SHAPES, **asked), importance).findings
