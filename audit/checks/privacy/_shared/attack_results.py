"""Several attacks tried on people in the real table and on others: the worst of them, chance paid for the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.model import Chart, interval_chart
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.privacy.attacks import residual_risk, success_rate

LEVEL = 0.05  # of all attacks together, two-sided


@dataclass(frozen=True, slots=True)
class AttackResult:
    """One attack.

    description : what it does, to stand in a sentence
    hits, control : share of tries that succeed on people in the real table and on others, in [0, 1]
    tries, control_tries : how many independent tries the two shares are worth
    parts : parts of the size of the control that the real table was cut into; each is attacked
    """

    description: str
    hits: float
    control: float
    tries: float
    control_tries: float
    parts: int = 1


@dataclass(frozen=True, slots=True)
class AttackRisk:
    """What an attack finds beyond its control, in [-1, 1], and the ends of its interval."""

    value: float
    low: float
    high: float


def attack_risk(tried: AttackResult, z: float) -> AttackRisk:
    """Share of tries that succeed because of the real table, among those that would not succeed anyway.

    Parts of the real table add up: somebody whose row was copied is found in one of them.

    z : normal quantile of the interval

    Source: Giomi, Boenisch, Wehmeyer and Tasnádi (2023), PoPETs 2023(2), 312-328.
    """
    pairs = ((tried.hits, tried.tries), (tried.control, tried.control_tries))
    error = tried.parts * residual_risk(*(success_rate(share * n, n, z) for share, n in pairs)).error
    value = tried.parts * (tried.hits - tried.control) / max(1 - tried.control, 1e-12)
    ends = np.clip([value, value - error, value + error], -1.0, 1.0)
    return AttackRisk(*(float(end) for end in ends))


def strongest_attack(attacks: Sequence[AttackResult]) -> tuple[AttackResult, AttackRisk]:
    """The attack whose interval starts highest; that none finds more must be sure, so it ends where the highest ends."""
    z = bonferroni_z(len(attacks), LEVEL)
    risks = [attack_risk(tried, z) for tried in attacks]
    place = max(range(len(risks)), key=lambda i: (risks[i].low, risks[i].value))
    found = risks[place]
    return attacks[place], AttackRisk(found.value, found.low, max(one.high for one in risks))


def attacks_chart(attacks: Sequence[AttackResult], subject: str) -> Chart:
    """Every attack with its interval, beside 0."""
    z = bonferroni_z(len(attacks), LEVEL)
    risks = [attack_risk(tried, z) for tried in attacks]
    most, strongest = max(zip(risks, attacks, strict=True), key=lambda pair: pair[0].low)
    return interval_chart(
        [tried.description for tried in attacks],
        risks,
        0.0,
        title=f"{subject} beyond the control, by attack",
        alt=f"Risk of {len(attacks)} attacks with intervals; the strongest, by {strongest.description}, finds {most.value:.1%}.",
        words="share beyond the control",
    )
