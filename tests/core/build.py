"""Small results and policies, to judge by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.model import Card, Family, Grade, Measure, PolicyFacts, Result, Scale, Status
from audit.policy import Policy, Tolerance


def card(check: str = "shapes", better: str = "lower", family: Family = Family.FIDELITY) -> Card:
    scale = Scale("share of rows", better)
    return Card(check, check.capitalize(), family, "What?", scale, "Words.", "Somebody (1900).", "Do this.")


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
