"""Tolerances of checks that a policy names nowhere: those of their family, for the unit of their scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from audit.judge.policy import Policy, Tolerance
from audit.model import Better, Card, Unit


def with_defaults(policy: Policy, cards: Iterable[Card]) -> Policy:
    """The policy with a tolerance for the main number of checks it names nowhere.

    A default is a distance from the best end of the scale; of a ratio it is the ratio itself.
    """
    found = {card.id: _default(policy, card) for card in _unnamed(policy, cards)}
    known = {key: tolerance for key, tolerance in found.items() if tolerance is not None}
    return replace(policy, tolerances={**policy.tolerances, **known}) if known else policy


def without_tolerance(policy: Policy, cards: Iterable[Card]) -> list[Card]:
    """The checks that should be judged and that neither the policy nor a default of it can judge."""
    return [card for card in _unnamed(policy, cards) if _default(policy, card) is None]


def _unnamed(policy: Policy, cards: Iterable[Card]) -> list[Card]:
    named = {key.partition(".")[0] for key in policy.tolerances}
    return [card for card in cards if card.id not in named and not card.descriptive]


def _default(policy: Policy, card: Card) -> Tolerance | None:
    scale = card.scale
    given = policy.defaults.get(f"{card.family}.{scale.unit}")
    if given is None or (scale.unit is Unit.RATIO) != (scale.better is Better.ONE):
        return None
    if scale.better is not Better.HIGHER:
        return given
    return (
        None
        if scale.high is None
        else replace(given, warn=scale.high - given.warn, fail=scale.high - given.fail)
    )
