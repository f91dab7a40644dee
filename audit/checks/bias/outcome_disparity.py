"""Whether the gap in outcome between groups is as real."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, check
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.outcome_rates import (
    ROWS,
    GroupMeans,
    GroupRates,
    Outcomes,
    OutcomeTables,
    RateEstimate,
    comparable_groups,
    comparisons,
    group_means,
    outcome_note,
    pairs,
    rate_counts,
    refuse_nothing_to_compare,
    signed_points,
)
from audit.checks.bias._shared.rate_changes import rate_change_measures
from audit.checks.bias._shared.time_trend import gaps_over_time
from audit.model import Better, Chart, Column, Family, GroupQuestion, Measure, Scale, Unit, share_bars
from audit.stats.inference.intervals import Z95, newcombe, wilson
from audit.stats.inference.multiplicity import bonferroni_z

_BARS = 24


@check(
    id="outcome_disparity",
    title="Gaps in outcome between groups",
    known_as="demographic parity difference",
    answers=(GroupQuestion.GAP,),
    family=Family.BIAS,
    question="Is the gap in outcome between groups as large as in the real table?",
    scale=Scale(Unit.NUMBER, "share of the group, or real standard deviations", Better.ZERO),
    needs=(Need.SENSITIVE, Need.TARGET),
    next_step="Compare the rates by group; generate conditionally on group and outcome, or do not draw conclusions about this gap.",
)
def outcome_disparity(case: Case) -> Outcome:
    """Change in a group's outcome gap: synthetic gap less real gap.

    The gap is a group's rate of an outcome less that of the reference group, the largest real
    one: what the generator added. `inherited`, shown and not judged, is the real gap itself. Of
    an outcome with two levels the favourable one is followed: the level spelt like a yes (yes,
    true, 1, approved, >50K), else the less frequent one; of more levels each is compared with
    all others and the one whose gap changed most is told. For a numeric outcome the gap is one
    of means, in real standard deviations. 0 means that the gap is as real; -0.05 that it moved by
    five points against the group, +0.05 in its favour. `rate`, given only where chance does not
    explain it, is the change of the group's own rate; `over_time`, where a column says when, the
    change of the gap from the first to the last of ten periods less that in the real table,
    judged only where beyond chance. Intervals count the noise of both tables
    and hold for all groups and outcomes at once. The baseline is the holdout against the real
    table; by chance alone the change is 0. Rows without an outcome do not count, rows without a
    group only where ten real people have none; groups of fewer than ten real people are not
    told. It cannot say whether the real gap is fair.

    Source: interval of a sum of rates: Zou and Donner (2008), Statistics in Medicine 27,
    1693-1702; statistical parity: Calders and Verwer (2010), Data Mining and Knowledge
    Discovery 21, 277-292.
    """
    measures: list[Measure] = []
    charts: list[Chart] = []
    followed_rates = rate_counts(case)
    numeric = [(groups, target) for groups, target in pairs(case) if target.kind in NUMERIC_KINDS]
    z = bonferroni_z(comparisons(followed_rates) + sum(len(g.labels) - 1 for g, _ in numeric))
    for one in followed_rates:
        measures += _rate_gaps(one, z)
        charts.append(_rate_chart(one.groups, one.outcomes, one.tables))
    measures += rate_change_measures(followed_rates)
    trends, pictures = gaps_over_time(case, followed_rates)
    measures += trends
    for groups, target in numeric:
        measures += _mean_gaps(case, groups, target, z)
    if not measures:
        refuse_nothing_to_compare(case)
    return Outcome(tuple(measures), charts=(*charts, *pictures))


def _rate_gaps(one: OutcomeTables, z: float) -> Iterator[Measure]:
    groups, outcomes, tables = one.groups, one.outcomes, one.tables
    for g in comparable_groups(groups, tables):
        changes = [
            gap_change(tables["synthetic"], tables["real"], g, level, z)
            for level in range(len(outcomes.levels))
        ]
        level = max(range(len(changes)), key=lambda i: round(abs(changes[i].value), 12))
        base = (
            gap_change(tables["holdout"], tables["real"], g, level, z).value if "holdout" in tables else 0.0
        )
        yield Measure(
            value=changes[level].value,
            about=(groups.column.name, outcomes.column.name),
            group={groups.column.name: groups.labels[g]},
            low=changes[level].low,
            high=changes[level].high,
            baseline=base,
            n=int(tables["synthetic"].sizes[g]),
            sentence=_gap_sentence(groups, outcomes, tables, g, level, changes[level]),
        )
        yield _inherited_rates(one, g, level)


def _inherited_rates(one: OutcomeTables, g: int, level: int) -> Measure:
    groups, real = one.groups, one.tables["real"]
    (a, n), (b, m) = real.counts_of(g, level), real.counts_of(0, level)
    low, high = newcombe(a, n, b, m)
    gap = a / n - b / m
    return Measure(
        value=gap,
        about=(groups.column.name, one.outcomes.column.name),
        name="inherited",
        group={groups.column.name: groups.labels[g]},
        low=low,
        high=high,
        baseline=0.0,
        n=n,
        sentence=(
            f"In the real table {groups.column.name} = {groups.labels[g]} has {one.outcomes.column.name} = "
            f"{one.outcomes.levels[level]} in {signed_points(gap, 'points')} against {groups.reference} "
            f"[{signed_points(low)} to {signed_points(high)}]: a generator inherits this gap."
        ),
        descriptive=True,
    )


def gap_change(table: GroupRates, real: GroupRates, g: int, level: int, z: float) -> RateEstimate:
    """(rate of the group - rate of the reference) in the table, less the same in the real one."""
    cells = [
        (1, table.counts_of(g, level)),
        (-1, table.counts_of(0, level)),
        (-1, real.counts_of(g, level)),
        (1, real.counts_of(0, level)),
    ]
    value, down, up = 0.0, 0.0, 0.0
    for sign, (hits, n) in cells:
        share = hits / n if n else 0.0
        low, high = wilson(hits, n, z) if n else (0.0, 1.0)
        below, above = (share - low, high - share) if sign > 0 else (high - share, share - low)
        value, down, up = value + sign * share, down + below**2, up + above**2
    return RateEstimate(value, value - math.sqrt(down), value + math.sqrt(up))


def _gap_sentence(
    groups: Groups,
    outcomes: Outcomes,
    tables: dict[str, GroupRates],
    g: int,
    level: int,
    change: RateEstimate,
) -> str:
    def gap(table: GroupRates) -> str:
        ours, theirs = table.rate(g, level), table.rate(0, level)
        return f"{ours:.1%} against {theirs:.1%} ({signed_points(ours - theirs, 'points')})"

    return (
        f"{outcomes.column.name} = {outcomes.levels[level]} for {groups.column.name} = {groups.labels[g]} against "
        f"{groups.reference}: {gap(tables['real'])} in the real table, {gap(tables['synthetic'])} in the synthetic one "
        f"({outcome_note(outcomes, level)}). The generator added {signed_points(change.value, 'points')} "
        f"[{signed_points(change.low)} to {signed_points(change.high)}]."
    )


def _mean_gaps(case: Case, groups: Groups, target: Column, z: float) -> Iterator[Measure]:
    means = {part.role: group_means(case, part, groups, target) for part in case.tables()}
    real, synthetic = means["real"], means["synthetic"]
    unit = _spread(real)
    if unit == 0 or real.n[0] < ROWS or synthetic.n[0] == 0:
        return
    for g in range(1, len(groups.labels)):
        if real.n[g] >= ROWS and synthetic.n[g] > 0:
            change = _mean_change(synthetic, real, g, unit, z)
            base = _mean_change(means["holdout"], real, g, unit, z).value if "holdout" in means else 0.0
            yield Measure(
                value=change.value,
                about=(groups.column.name, target.name),
                name="mean_gap",
                group={groups.column.name: groups.labels[g]},
                low=change.low,
                high=change.high,
                baseline=base,
                n=int(synthetic.n[g]),
                sentence=(
                    f"Mean {target.name} of {groups.column.name} = {groups.labels[g]} less that of {groups.reference}: "
                    f"{_gap(real, g, unit):+.2f} real standard deviations in the real table, "
                    f"{_gap(synthetic, g, unit):+.2f} in the synthetic one."
                ),
            )
            yield _inherited_mean(groups, target, real, g, unit)


def _inherited_mean(groups: Groups, target: Column, real: GroupMeans, g: int, unit: float) -> Measure:
    gap = _gap(real, g, unit)
    half = Z95 * math.sqrt(float(sum(real.spread[i] / max(int(real.n[i]), 1) for i in (0, g)))) / unit
    return Measure(
        value=gap,
        about=(groups.column.name, target.name),
        name="inherited",
        group={groups.column.name: groups.labels[g]},
        low=gap - half,
        high=gap + half,
        baseline=0.0,
        n=int(real.n[g]),
        sentence=(
            f"In the real table the mean {target.name} of {groups.column.name} = {groups.labels[g]} lies {gap:+.2f} standard "
            f"deviations from that of {groups.reference}: a generator inherits this gap."
        ),
        descriptive=True,
    )


def _spread(table: GroupMeans) -> float:
    """Standard deviation of the outcome over all groups."""
    total = int(table.n.sum())
    mean = float(np.sum(table.n * table.mean) / max(total, 1))
    squares = np.sum(np.maximum(table.n - 1, 0) * table.spread + table.n * (table.mean - mean) ** 2)
    return math.sqrt(float(squares) / max(total - 1, 1))


def _gap(table: GroupMeans, g: int, unit: float) -> float:
    return float(table.mean[g] - table.mean[0]) / unit


def _mean_change(table: GroupMeans, real: GroupMeans, g: int, unit: float, z: float) -> RateEstimate:
    value = _gap(table, g, unit) - _gap(real, g, unit)
    # One row tells no spread: the real one stands in.
    variances = [
        (t.spread[i] if t.n[i] > 1 else real.spread[i]) / max(int(t.n[i]), 1)
        for t in (table, real)
        for i in (0, g)
    ]
    half = z * math.sqrt(float(sum(variances))) / unit
    return RateEstimate(value, value - half, value + half)


def _rate_chart(groups: Groups, outcomes: Outcomes, tables: dict[str, GroupRates]) -> Chart:
    name, level = groups.column.name, outcomes.levels[0]
    shown = range(min(len(groups.labels), _BARS))
    rates: dict[str, NDArray[np.float64]] = {
        role: table.hits[:, 0] / np.maximum(table.sizes, 1) for role, table in tables.items()
    }
    worst = max(shown, key=lambda g: abs(rates["synthetic"][g] - rates["real"][g]))
    real, synthetic = rates["real"][worst], rates["synthetic"][worst]
    return share_bars(
        groups.labels,
        rates,
        shown,
        title=f"{groups.labels[worst]}: {real:.1%} have {outcomes.column.name} = {level} in the real table, {synthetic:.1%} in the synthetic one",
        alt=f"Share of each group of {name} with {outcomes.column.name} = {level}, real beside synthetic.",
        about=(name, outcomes.column.name),
        words="share of the group",
    )
