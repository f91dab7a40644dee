"""How well an attack on people's privacy works, against people whose rows the generator never saw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.stats.inference.intervals import Z95, Interval, clopper_pearson, normal_tail
from audit.stats.inference.p_values import inverted_p


@dataclass(frozen=True, slots=True)
class SuccessRate:
    """A rate of success: the middle of its Wilson interval, and half the interval's width."""

    value: float
    error: float


def success_rate(hits: float, n: float, z: float = Z95) -> SuccessRate:
    """Rate of success of n attempts as the centre of the score interval, and half its width.

    Source: Wilson (1927), JASA 22, 209-212.

    Examples
    --------
    >>> rate = success_rate(850, 1000)
    >>> round(rate.value, 3), round(rate.error, 3)
    (0.849, 0.022)
    """
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    return SuccessRate(centre, z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))


def residual_risk(attack: SuccessRate, control: SuccessRate) -> SuccessRate:
    """Share of people lost to the attack among those whom it would not have found anyway.

    (attack - control) / (1 - control): 0 where the attack does no better on people in the real
    table than on people who are not, 1 where it finds all of them and none of the others;
    negative where it does worse. The error follows from both errors to first order. A control
    that always succeeds leaves nothing to lose: then 0, with an error of 1.

    Source: Giomi, Boenisch, Wehmeyer and Tasnádi (2023), PoPETs 2023(2), 312-328.

    Examples
    --------
    >>> risk = residual_risk(Rate(0.9, 0.02), Rate(0.85, 0.02))
    >>> round(risk.value, 3), round(risk.error, 3)
    (0.333, 0.16)
    """
    left = 1 - control.value
    if left <= 1e-12:
        return SuccessRate(0.0, 1.0)
    error = math.hypot(attack.error / left, (1 - attack.value) / left**2 * control.error)
    return SuccessRate((attack.value - control.value) / left, error)


@dataclass(frozen=True, slots=True)
class DetectionRate:
    """How many members an attack finds while it accuses a given share of people outside the table.

    rate : of members found, in [0, 1]
    low, high : ends of its interval, the uncertainty of the threshold included
    """

    rate: float
    low: float
    high: float


def detection_rate_at(members: Floats, outsiders: Floats, share: float, level: float = 0.95) -> DetectionRate:
    """Share of members above the threshold that `share` of the outsiders lie above.

    The threshold is set by outsiders alone. Where several hold the score at the threshold, as
    many of them are accused, and members with the same score in the same proportion, as fill the
    share. An attack that accuses nobody finds `share` of the members by drawing lots.

    Parameters
    ----------
    members, outsiders : scores, larger for what looks like a member
    share : of the outsiders that may be accused, in (0, 1)
    level : of the two-sided interval

    Returns
    -------
    Caught; its ends join the exact limits of the members found and of the share of outsiders that
    the threshold really accuses, as those of a difference of two shares

    Source: Carlini and others (2022), IEEE S&P, 1897-1914 (the rate at a low false-positive rate);
    Clopper and Pearson (1934), Biometrika 26, 404-413; Zou and Donner (2008), Statistics in Medicine
    27, 1693-1702 (limits of a sum from the limits of its parts).
    """
    return _limits(_catch(members, outsiders, share), level)


def caught_p(members: Floats, outsiders: Floats, share: float) -> float:
    """Chance that an attack which tells nothing catches as many members: one-sided, by the limits of `detection_rate_at`."""
    caught = _catch(members, outsiders, share)
    return inverted_p(lambda z: _limits(caught, 1 - 2 * normal_tail(z)).low, share)


@dataclass(frozen=True, slots=True)
class _Catch:
    """Members and outsiders beyond a threshold, and members at it, of whom a part counts."""

    over: int
    equal: int
    members: int
    part: float
    above: int
    outsiders: int


def _catch(members: Floats, outsiders: Floats, share: float) -> _Catch:
    n = len(outsiders)
    ordered = np.sort(outsiders)[::-1]
    wanted = share * n
    threshold = ordered[min(int(wanted), n - 1)]
    above = int((outsiders > threshold).sum())
    at = int((outsiders == threshold).sum())
    part = min(max((wanted - above) / at, 0.0), 1.0)
    over, equal = int((members > threshold).sum()), int((members == threshold).sum())
    return _Catch(over, equal, len(members), part, above, n)


def _limits(caught: _Catch, level: float) -> DetectionRate:
    over, equal, m, part = caught.over, caught.equal, caught.members, caught.part
    above, n = caught.above, caught.outsiders
    rate = (over + part * equal) / m
    (low_over, high_over), (low_equal, high_equal) = (
        clopper_pearson(hits, m, level) for hits in (over, equal)
    )
    few, many = _accused(above, n, level)
    down = (over / m - low_over, part * (equal / m - low_equal), many - above / n)
    up = (high_over - over / m, part * (high_equal - equal / m), above / n - few)
    return DetectionRate(rate, max(0.0, rate - math.hypot(*down)), min(1.0, rate + math.hypot(*up)))


def _accused(count: int, n: int, level: float) -> Interval:
    """Share of the population beyond the count-th largest of n outsiders.

    That share is Beta(count, n + 1 - count) distributed, whatever the scores.

    Source: David and Nagaraja (2003), Order Statistics, 3rd edition, chapter 2.
    """
    tail = (1 - level) / 2
    low = float(special.betaincinv(count, n + 1 - count, tail)) if count else 0.0
    return low, float(special.betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0


def chance_of_linking(n: int, k: int) -> float:
    """Chance that two draws of k out of n rows have a row in common.

    Examples
    --------
    >>> chance_of_linking(4, 1)
    0.25
    >>> round(chance_of_linking(4, 2), 4)  # 1 - 1 / 6
    0.8333
    """
    if 2 * k > n:
        return 1.0
    log = special.gammaln([n - k + 1, n - k + 1, n - 2 * k + 1, n + 1])
    return float(-np.expm1(log[0] + log[1] - log[2] - log[3]))
