"""Whether the ratio of outcomes between groups is widened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.outcome_rates import (
    GroupRates,
    Outcomes,
    OutcomeTables,
    RateEstimate,
    comparable_groups,
    outcome_note,
    rate_counts,
    refuse_nothing_to_compare,
)
from audit.checks.bias._shared.overlapping_groups import log_odds
from audit.model import (
    Better,
    Chart,
    Family,
    GroupQuestion,
    Kind,
    Measure,
    Role,
    Scale,
    Unit,
    compared_intervals,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.multiplicity import bonferroni_z

_BARS = 24
_SOME = 50  # favourable outcomes of a group below which it is said that they are few
_FEW = 5  # favourable outcomes of a group below which a ratio of rates says nothing
_FOUR_FIFTHS = "The four-fifths line (0.80) comes from United States employment guidance and is a screening aid, no test of fairness."


@check(
    id="disparity_amplification",
    title="Amplified disparity",
    known_as="ratio of disparate impact (four-fifths rule)",
    answers=(GroupQuestion.GAP,),
    family=Family.BIAS,
    question="Does the synthetic table widen or narrow the ratio of favourable outcomes between groups?",
    scale=Scale(Unit.RATIO, "synthetic disparate impact over real disparate impact", Better.ONE, 0.0, None),
    needs=(Need.SENSITIVE, Need.TARGET),
    next_step="Do not train decisions on this table before the ratio is put right: generate conditionally on group and outcome.",
)
def disparity_amplification(case: Case) -> Outcome:
    """Disparate impact in the synthetic rows over that in the real rows.

    Disparate impact is a group's rate of the favourable outcome over that of the reference
    group, the largest real one; which outcome is followed is said in `outcome_disparity`. 1
    means that the ratio is as real, 0.65 that a group which had half the rate of the other is
    left with a third, above 1 that the ratio moved in the group's favour: what the generator
    added. The interval counts the noise of both tables and holds for all groups at once.
    `inherited`, shown and not judged, is the real disparate impact; `odds_change` the same change
    in odds, which does not depend on which of two outcomes is called favourable. The baseline is the holdout against the real table; by
    chance alone the number is 1. A group with fewer than five favourable real rows is told
    and not judged; groups of fewer than ten real people are not told. Rows without a group
    or outcome do not count. `impact_ratio`, shown and not judged, is the synthetic disparate
    impact itself, with the real one as its baseline. A ratio as real can still hide that a
    model trained on these rows treats groups worse.

    Source: error of the logarithm of a ratio: Katz, Baptista, Azen and Pike (1978), Biometrics
    34, 469-474; half a row added where a cell is empty: Haldane (1956), Annals of Human Genetics 20, 309-311.
    """
    measures: list[Measure] = []
    charts: list[Chart] = []
    followed_rates = rate_counts(case)
    z = bonferroni_z(sum(len(_ratios(one)) for one in followed_rates))
    for one in followed_rates:
        found = list(_amplifications(one, z))
        measures += found
        charts += _ratio_chart([m for m in found if not m.descriptive])
    if not measures:
        if not any(target.kind is Kind.CATEGORY for target in case.with_role(Role.TARGET)):
            raise Skip(
                "A ratio of rates needs an outcome of labels; gaps of a number are told in `outcome_disparity`.",
                "Name such a column as the target.",
            )
        refuse_nothing_to_compare(case)
    judged = [m for m in measures if not m.descriptive]
    return Outcome(tuple(measures), summary=_summary(judged, z), charts=tuple(charts))


def _summary(judged: list[Measure], z: float) -> dict[str, float]:
    """The clearest change in its own standard errors, and how many were looked at."""
    if not judged:
        return {}
    scores: list[float] = [
        math.log(m.value) / ((math.log(m.high or m.value) - math.log(m.low or m.value)) / (2 * z))
        for m in judged
    ]
    clearest: float = max(scores, key=abs)
    return {"groups": float(len(judged)), "clearest_z": round(clearest, 3)}


def _ratios(one: OutcomeTables) -> list[tuple[int, int]]:
    """Groups and outcomes of which the real table has enough for a ratio of rates."""
    real = one.tables["real"]
    return [
        (g, i)
        for g in comparable_groups(one.groups, one.tables)
        for i in range(len(one.outcomes.levels))
        if min(real.hits[g, i], real.hits[0, i]) >= _FEW
    ]


def _amplifications(one: OutcomeTables, z: float) -> Iterator[Measure]:
    groups, outcomes, tables = one.groups, one.outcomes, one.tables
    real, enough = tables["real"], _ratios(one)
    for g in comparable_groups(groups, tables):
        levels = [i for group, i in enough if group == g]
        if not levels:
            yield _too_few(groups, outcomes, tables, g)
            continue
        ratios = {i: ratio_change(tables["synthetic"], real, g, i, z) for i in levels}
        level = max(levels, key=lambda i: round(abs(math.log(ratios[i].value)), 12))
        yield _amplification(groups, outcomes, tables, g, level, ratios[level])
        yield _impact(groups, outcomes, tables, g, level)
        yield _inherited(groups, outcomes, real, g, level)
        yield _odds(groups, outcomes, tables, g, level)


def _log_ratio(table: GroupRates, g: int, level: int) -> tuple[float, float]:
    """Logarithm of the disparate impact and its variance."""
    (a, n), (b, m) = table.counts_of(g, level), table.counts_of(0, level)
    half = 0.5 if a == 0 or b == 0 else 0.0
    p, q = (a + half) / (n + 2 * half), (b + half) / (m + 2 * half)
    return math.log(p / q), (1 - p) / ((n + 2 * half) * p) + (1 - q) / ((m + 2 * half) * q)


def ratio_change(table: GroupRates, real: GroupRates, g: int, level: int, z: float) -> RateEstimate:
    """Disparate impact of a group in a table over that in the real one, with its interval."""
    (ours, error), (theirs, real_error) = _log_ratio(table, g, level), _log_ratio(real, g, level)
    change, half = ours - theirs, z * math.sqrt(error + real_error)
    return RateEstimate(math.exp(change), math.exp(change - half), math.exp(change + half))


def _amplification(
    groups: Groups,
    outcomes: Outcomes,
    tables: dict[str, GroupRates],
    g: int,
    level: int,
    change: RateEstimate,
) -> Measure:
    real, synthetic = (math.exp(_log_ratio(tables[role], g, level)[0]) for role in ("real", "synthetic"))
    base = (
        ratio_change(tables["holdout"], tables["real"], g, level, Z95).value if _has_both(tables, g) else 1.0
    )
    return Measure(
        value=change.value,
        about=(groups.column.name, outcomes.column.name),
        group={groups.column.name: groups.labels[g]},
        low=change.low,
        high=change.high,
        baseline=base,
        n=int(tables["synthetic"].sizes[g]),
        sentence=(
            f"{groups.column.name} = {groups.labels[g]} has {real:.2f} times the rate of {outcomes.column.name} = "
            f"{outcomes.levels[level]} of {groups.reference} in the real table and {synthetic:.2f} times in the synthetic "
            f"one: {change.value:.2f} of the real ratio [{change.low:.2f} to {change.high:.2f}] ({outcome_note(outcomes, level)})."
            f"{_few_words(tables, g, level)}"
        ),
    )


def _few_words(tables: dict[str, GroupRates], g: int, level: int) -> str:
    """Said where fewer than fifty people make the ratio."""
    hits = int(min(tables["real"].hits[g, level], tables["real"].hits[0, level]))
    return (
        f" Only {hits} real rows of one of the groups have it, so that little can be told."
        if hits < _SOME
        else ""
    )


def _has_both(tables: dict[str, GroupRates], g: int) -> bool:
    """The holdout has rows of the group and of the reference."""
    return "holdout" in tables and bool(tables["holdout"].sizes[g] > 0 and tables["holdout"].sizes[0] > 0)


def _impact(groups: Groups, outcomes: Outcomes, tables: dict[str, GroupRates], g: int, level: int) -> Measure:
    inherited = math.exp(_log_ratio(tables["real"], g, level)[0])
    told = _rate_ratio(groups, outcomes, tables["synthetic"], g, level, "impact_ratio")
    text = f"In the synthetic table {told.sentence}. {_FOUR_FIFTHS}"
    return replace(told, baseline=inherited, sentence=text)


def _inherited(groups: Groups, outcomes: Outcomes, real: GroupRates, g: int, level: int) -> Measure:
    told = _rate_ratio(groups, outcomes, real, g, level, "inherited")
    ends = f"[{told.low:.2f} to {told.high:.2f}]"
    text = f"In the real table {told.sentence} {ends}: a generator inherits this ratio."
    return replace(told, baseline=1.0, sentence=text)


def _rate_ratio(
    groups: Groups, outcomes: Outcomes, rates: GroupRates, g: int, level: int, name: str
) -> Measure:
    """A group's rate of an outcome over that of the reference in one table; shown, not judged."""
    log, variance = _log_ratio(rates, g, level)
    half = Z95 * math.sqrt(variance)
    return Measure(
        value=math.exp(log),
        about=(groups.column.name, outcomes.column.name),
        name=name,
        group={groups.column.name: groups.labels[g]},
        low=math.exp(log - half),
        high=math.exp(log + half),
        n=int(rates.sizes[g]),
        sentence=(
            f"{groups.column.name} = {groups.labels[g]} has {math.exp(log):.2f} times the rate of "
            f"{outcomes.column.name} = {outcomes.levels[level]} of {groups.reference}"
        ),
        descriptive=True,
    )


def _odds(groups: Groups, outcomes: Outcomes, tables: dict[str, GroupRates], g: int, level: int) -> Measure:
    """Odds ratio of the group against the reference, synthetic over real."""

    def odds_ratio(table: GroupRates) -> tuple[float, float]:
        (a, n), (b, m) = table.counts_of(g, level), table.counts_of(0, level)
        return log_odds(a, n, b, m)

    (ours, error), (theirs, real_error) = odds_ratio(tables["synthetic"]), odds_ratio(tables["real"])
    change, half = ours - theirs, Z95 * math.hypot(error, real_error)
    return Measure(
        value=math.exp(change),
        about=(groups.column.name, outcomes.column.name),
        name="odds_change",
        group={groups.column.name: groups.labels[g]},
        low=math.exp(change - half),
        high=math.exp(change + half),
        baseline=1.0,
        n=int(tables["synthetic"].sizes[g]),
        sentence=(
            f"{groups.column.name} = {groups.labels[g]}: the odds of {outcomes.column.name} = {outcomes.levels[level]} "
            f"against {groups.reference} are {math.exp(theirs):.2f} to 1 in the real table and {math.exp(ours):.2f} to 1 in the "
            f"synthetic one (log-odds changed by {change:+.2f})."
        ),
        descriptive=True,
    )


def _too_few(groups: Groups, outcomes: Outcomes, tables: dict[str, GroupRates], g: int) -> Measure:
    change = ratio_change(tables["synthetic"], tables["real"], g, 0, Z95)
    return Measure(
        value=change.value,
        about=(groups.column.name, outcomes.column.name),
        group={groups.column.name: groups.labels[g]},
        low=change.low,
        high=change.high,
        n=int(tables["synthetic"].sizes[g]),
        sentence=(
            f"{groups.column.name} = {groups.labels[g]}: fewer than {_FEW} real rows have "
            f"{outcomes.column.name} = {outcomes.levels[0]}, too few to compare its ratio."
        ),
        descriptive=True,
    )


def _ratio_chart(measures: list[Measure]) -> list[Chart]:
    shown = sorted(measures, key=lambda m: -abs(math.log(m.value)))[:_BARS]
    if not shown:
        return []
    worst, about = shown[0], shown[0].about
    return [
        compared_intervals(
            [_label(m) for m in shown],
            shown,
            title=f"{about[0]} = {_label(worst)}: its ratio of {about[1]} rates is {worst.value:.2f} times the real one",
            alt=f"Synthetic over real disparate impact for {len(shown)} groups of {about[0]}, with intervals; 1 is as real.",
            about=about,
            unit=Unit.RATIO,
            words="synthetic over real disparate impact",
        )
    ]


def _label(measure: Measure) -> str:
    return next(iter((measure.group or {}).values()), "")
