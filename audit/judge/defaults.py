"""Tolerances of checks that a policy names nowhere: those of their family, for the unit of their scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from audit.judge.policy import WHOLE, Policy, Tolerance
from audit.model import Card, Scale

_RATIO = "ratio"


def with_defaults(policy: Policy, cards: Iterable[Card]) -> Policy:
    """The policy with a tolerance for the number about the whole table of checks it names nowhere.

    A default is a distance from the best end of the scale; of a ratio it is the ratio itself.
    """
    found = {f"{card.id}.{WHOLE}": _default(policy, card) for card in _unnamed(policy, cards)}
    known = {key: tolerance for key, tolerance in found.items() if tolerance is not None}
    return replace(policy, tolerances={**policy.tolerances, **known}) if known else policy


def without_tolerance(policy: Policy, cards: Iterable[Card]) -> list[Card]:
    """The checks that should be judged and that neither the policy nor a default of it can judge."""
    return [card for card in _unnamed(policy, cards) if _default(policy, card) is None]


def _unnamed(policy: Policy, cards: Iterable[Card]) -> list[Card]:
    named = {key.partition(".")[0] for key in policy.tolerances}
    return [card for card in cards if card.id not in named and not card.descriptive]


def _default(policy: Policy, card: Card) -> Tolerance | None:
    given = policy.defaults.get(f"{card.family}.{_unit(card.scale)}")
    if given is None or card.scale.better != "higher":
        return given
    best = card.scale.high
    return None if best is None else replace(given, warn=best - given.warn, fail=best - given.fail)


def _unit(scale: Scale) -> str:
    """The word by which a policy names a unit: "ratio", or the first of the scale's own."""
    return _RATIO if scale.better == "one" else scale.unit.split()[0]
