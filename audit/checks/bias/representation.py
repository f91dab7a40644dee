"""Whether every group of people is there in its share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from audit.arrays import Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.groups import Groups, group_counts, make_groups
from audit.checks.bias._shared.population_benchmark import against_population
from audit.checks.bias._shared.time_trend import shares_over_time
from audit.model import Better, Chart, Family, GroupQuestion, Measure, Role, Scale, Unit, share_bars
from audit.stats.inference.intervals import Z95, Interval, clopper_pearson, normal_tail, ratio_error
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.inference.p_values import normal_p
from audit.stats.inference.simultaneous import score_z

_BARS = 24
_FALSE_ALARM_RATE = 0.005  # share of equal tables in which any shift is told
_LEAST = 1.02  # ratio below which nothing is told
_NOTABLE_RATIO = 1.1  # ratio from which the main number tells it


@check(
    id="representation",
    title="Representation of groups",
    known_as="representation disparity (ratio of group shares)",
    answers=(GroupQuestion.PRESENCE,),
    family=Family.BIAS,
    question="Does every group make up the same share of the synthetic rows as of the real ones?",
    scale=Scale(Unit.RATIO, "synthetic share over real share", Better.ONE, 0.0, None),
    needs=(Need.SENSITIVE,),
    next_step="Generate again with the group's share fixed, or weight the rows back to the real shares before use.",
)
def representation(case: Case) -> Outcome:
    """A group's share of the synthetic rows over its share of the real rows.

    Groups are the values of each sensitive column; values held by fewer than ten real people
    share one group, a number is cut into bands, and rows without a value are a group of their
    own where ten real people or more have none. 1 means the same share, 0.8 that a fifth of the
    group is missing, 0 that no synthetic row belongs to it. `shift` is the same ratio, given only
    where it is small and yet beyond chance among all real rows, those of the holdout too;
    `population` the synthetic share over that in the population table, where one is given, with
    the real rows as its baseline; `over_time`, where a column says when, by how much more the
    group's odds change from the first to the last of ten periods than in the real table, judged
    only where beyond chance. Intervals are those of a ratio of two shares and hold for all groups
    at once, so that they are wide for small groups. The baseline is the holdout against the real table; by chance alone the ratio is 1. It
    says nothing about whether the real shares are fair, nor about groups of fewer than ten real
    people.

    Source: Katz, Baptista, Azen and Pike (1978), Biometrics 34, 469-474 (ratio of shares); all
    groups at once: Dunn (1961), JASA 56, 52-64.
    """
    measures: list[Measure] = []
    charts = []
    every = [make_groups(case, c) for c in case.with_role(Role.SENSITIVE) if c.kind in DISTRIBUTION_KINDS]
    tests = sum(max(len(groups.labels) - 1, 1) for groups in every)  # shares of a column sum to one
    for groups in every:
        measures += _measures(case, groups, tests)
        measures += against_population(case, groups, bonferroni_z(tests))
        charts += [_chart(case, groups)] if groups.labels else []
    trends, pictures = shares_over_time(case, every)
    measures += trends
    if not measures:
        raise Skip(
            "No sensitive column has a group of ten real people or more.",
            "Name a column of labels or numbers as sensitive.",
            assessable=False,
        )
    return Outcome(tuple(measures), charts=(*charts, *pictures))


def _measures(case: Case, groups: Groups, tests: int) -> list[Measure]:
    real, real_rows = group_counts(case.real, groups)
    synthetic, rows = group_counts(case.synthetic, groups)
    holdout = None if case.holdout is None else group_counts(case.holdout, groups)
    found = []
    for i in range(len(groups.labels)):
        ours, theirs = (int(synthetic[i]), rows), (int(real[i]), real_rows)
        base = _base(holdout, i, real, real_rows)
        found.append(_measure(groups, i, ours, theirs, base, bonferroni_z(tests)))
        # Two real tables err less than one.
        more = (0, 0) if holdout is None else (int(holdout[0][i]), holdout[1])
        every = (theirs[0] + more[0], theirs[1] + more[1])
        chance = normal_p(float(score_z(*(np.array(float(x)) for x in (*ours, *every)))), 1.0, two_sided=True)
        if _is_shifted(found[-1]) and chance * tests < _FALSE_ALARM_RATE:
            low, high = ratio_interval(*ours, *theirs)
            shift = replace(found[-1], name="shift", low=low, high=high)
            found.append(replace(shift, p_value=chance, comparisons=tests))
    return found


def _is_shifted(measure: Measure) -> bool:
    """Not so small as to be no matter, and not told anyway."""
    if measure.value <= 0 or abs(math.log(measure.value)) < math.log(_LEAST):
        return False
    told = (measure.low or 0.0) > _NOTABLE_RATIO or (measure.high or math.inf) < 1 / _NOTABLE_RATIO
    return not told


def _base(holdout: tuple[Ints, int] | None, i: int, real: Ints, real_rows: int) -> float:
    if holdout is None:
        return 1.0
    return float(holdout[0][i] / max(holdout[1], 1) / (real[i] / real_rows))


def _measure(
    groups: Groups, i: int, found: tuple[int, int], real: tuple[int, int], baseline: float, z: float
) -> Measure:
    label, name = groups.labels[i], groups.column.name
    hits, n = found
    value = hits / max(n, 1) / (real[0] / real[1])
    low, high = ratio_interval(hits, n, *real, z)
    return Measure(
        value=value,
        about=(name,),
        group={name: label},
        low=low,
        high=high,
        baseline=baseline,
        n=hits,
        sentence=_sentence(name, label, found, real, value),
    )


def ratio_interval(hits: int, n: int, other_hits: int, m: int, z: float = Z95) -> Interval:
    """Interval of the ratio of two shares; from 0 up where the first has no hit, of no rows even."""
    if n == 0:
        return 0.0, m / other_hits
    if hits == 0:
        return 0.0, clopper_pearson(0, n, 1 - 2 * normal_tail(z))[1] / (other_hits / m)
    error = ratio_error(hits, n, other_hits, m)
    middle = (hits / n) / (other_hits / m)
    return middle * math.exp(-z * error), middle * math.exp(z * error)


def _sentence(name: str, label: str, found: tuple[int, int], real: tuple[int, int], value: float) -> str:
    if found[0] == 0:
        return f"No synthetic row has {name} = {label}; {real[0]:,} real rows do ({real[0] / real[1]:.2%})."
    shares = f"{found[0] / found[1]:.1%} of synthetic rows and {real[0] / real[1]:.1%} of real rows"
    return f"{name} = {label} makes up {shares}: {value:.2f} times the real share."


def _chart(case: Case, groups: Groups) -> Chart:
    name = groups.column.name
    shares = {}
    for part in case.tables():
        counts, rows = group_counts(part, groups)
        shares[part.role] = counts / max(rows, 1)
    order = groups.reading_order[:_BARS]
    gap = np.abs(shares["synthetic"] - shares["real"])
    worst = int(np.argmax(gap))
    real, synthetic = shares["real"][worst], shares["synthetic"][worst]
    return share_bars(
        groups.labels,
        shares,
        order,
        title=f"{name}: {groups.labels[worst]} makes up {real:.1%} of real and {synthetic:.1%} of synthetic rows",
        alt=f"Share of each group of {name} in the real and the synthetic rows; {groups.labels[worst]} differs most.",
        about=(name,),
    )
