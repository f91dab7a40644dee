"""Groups of people by two or three attributes at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.crossed_attributes import (
    DEEPEST,
    LEAST_ROWS,
    MEDIAN,
    Crossing,
    attributes_of,
    make_crossing,
)
from audit.checks.bias._shared.overlapping_groups import GroupChange, group_changes, log_odds, log_ratio
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Fold,
    GroupQuestion,
    Measure,
    Role,
    Scale,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.simultaneous import shrunken_rates, simultaneous_z

_BARS = 24
_MAX_LISTED = 20  # groups told one by one
_SPARSE = 200  # rows below which a rate is told shrunken as well
_POWER = 0.8416  # normal quantile of 80 %
_LEVEL = 0.005  # share of equal tables in which any group is told


@check(
    id="intersections",
    title="Groups by several attributes at once",
    known_as="intersectional (subgroup) fairness audit",
    folds=(Fold.WORST_DETAIL,),
    answers=(GroupQuestion.PRESENCE, GroupQuestion.GAP),
    family=Family.BIAS,
    question="Are groups by two or three attributes at once there, and do they fare as in the real table?",
    scale=Scale(Unit.RATIO, "synthetic over real share, or odds of the outcome", Better.ONE, 0.0, None),
    needs=(Need.SENSITIVE,),
    next_step="Generate again with this group fixed in its share and its outcome, or leave it out of what is concluded.",
)
def intersections(case: Case) -> Outcome:
    """The largest ratio of synthetic to real, over all groups of several attributes.

    Every group of two or three sensitive columns with 50 real rows or more is compared: its
    share of the rows (`share`), and the odds of the outcome in it (`rate`; of an outcome that is
    a number, being above the real median). 1 means as real; a group that no synthetic row
    belongs to has the share 0. A group is told only where chance does not explain it in any of
    the groups looked at, all taken together (in 1 of 200 equal tables), where it is off by a
    tenth or more, and where neither a wider nor a narrower group explains it; otherwise the
    number is 1, and the smallest change that could have been told is said. Intervals of a told
    group are its own; the chart shows bands that hold for all groups at once. The baseline is
    the holdout against the real table. People without a value are a group where ten or more
    real people have none. It says nothing about groups of fewer than 50 real people.

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing; shrunken rates: Robbins
    (1956), Third Berkeley Symposium 1, 157-163; intersections: Kearns, Neel, Roth and Wu (2018),
    Proceedings of Machine Learning Research 80, 2564-2572.
    """
    attributes = attributes_of(case)
    if len(attributes) < 2:
        raise Skip(
            "Groups of several attributes need two sensitive columns with two groups each.",
            f"Name more columns with --sensitive; now: {', '.join(c.name for c in case.with_role(Role.SENSITIVE))}.",
        )
    crossing = make_crossing(case, attributes)
    several = np.array([len(group) > 1 for group in crossing.groups])
    compared = np.flatnonzero(several & crossing.crossed_counts.compared_groups)
    if not len(compared):
        raise Skip(
            f"No group of two attributes or more has {LEAST_ROWS} real rows.",
            "Give more rows, or wider bands of the numbers.",
            assessable=False,
        )
    critical = simultaneous_z(crossing.crossed_counts, case.rng("intersections"), _LEVEL)
    found = [one for one in group_changes(crossing.crossed_counts, critical) if several[one.group]]
    tests = len(compared) + int(crossing.crossed_counts.compared_rates[several].sum())
    told = [_measure(crossing, one) for one in found[:_MAX_LISTED]]
    least = _detectable(crossing, critical)
    return Outcome(
        (_whole(crossing, told, compared, least, tests), *told),
        summary={
            "groups": float(len(compared)),
            "tests": float(tests),
            "told": float(len(found)),
            "left_out": float(crossing.left_out),
            "critical_z": round(critical, 3),
            "detectable_best": round(float(least[compared].min()), 4),
            "detectable_worst": round(float(least[compared].max()), 4),
        },
        charts=tuple(_charts(crossing, compared, critical, least)),
    )


def _detectable(crossing: Crossing, critical: float) -> Floats:
    """Smallest ratio of shares that would be told in 4 of 5 tables, for every group, shape (g,)."""
    people = np.maximum(crossing.crossed_counts.member @ crossing.crossed_counts.real, 1)
    rows, real = crossing.crossed_counts.synthetic.sum(), crossing.crossed_counts.real.sum()
    error = np.sqrt((1 - people / real) * (1 / people + real / (people * max(rows, 1))))
    return np.asarray(np.exp((critical + _POWER) * error))


def _whole(
    crossing: Crossing, told: Sequence[Measure], compared: NDArray[np.int64], least: Floats, tests: int
) -> Measure:
    """The worst group's ratio; 1 where none is told."""
    some = f"{len(compared):,} group{'s' if len(compared) != 1 else ''} by two or more of {_named(crossing)}"
    ends = f"{least[compared].min():.2f} in the largest to {least[compared].max():.2f} in the smallest group"
    reach = f"A share off by a factor of {ends} would be told in 4 of 5 tables."
    if not told:
        text = (
            f"None of {some} differs from the real table beyond chance, over {tests:,} comparisons. {reach}"
        )
        return Measure(
            1.0,
            low=1.0,
            high=1.0,
            baseline=1.0,
            n=int(crossing.crossed_counts.synthetic.sum()),
            sentence=text,
        )
    worst = max(told, key=lambda m: abs(math.log(max(m.value, 1e-9))))
    group = " and ".join(f"{name} = {value}" for name, value in (worst.group or {}).items())
    return Measure(
        value=worst.value,
        low=worst.low,
        high=worst.high,
        baseline=worst.baseline,
        n=int(crossing.crossed_counts.synthetic.sum()),
        sentence=(
            f"{len(told)} of {some} {'differs' if len(told) == 1 else 'differ'} from the real table beyond chance, over "
            f"{tests:,} comparisons, most of all {group}. {reach}"
        ),
    )


def _named(crossing: Crossing) -> str:
    names = sorted(groups.column.name for groups in crossing.attributes)
    return ", ".join(names[:DEEPEST]) + (f" and {len(names) - DEEPEST} more" if len(names) > DEEPEST else "")


def _measure(crossing: Crossing, one: GroupChange) -> Measure:
    return _share(crossing, one) if one.level < 0 else _rate(crossing, one)


def _group_words(crossing: Crossing, g: int) -> str:
    return " and ".join(f"{name} = {value}" for name, value in crossing.label(g).items())


def _share(crossing: Crossing, one: GroupChange) -> Measure:
    crossed = crossing.crossed_counts
    inside = crossed.member[[one.group]]
    ours, theirs = (int((inside @ rows)[0]) for rows in (crossed.synthetic, crossed.real))
    n, m = int(crossed.synthetic.sum()), int(crossed.real.sum())
    value, low, high = (math.exp(one.log + shift * Z95 * one.error) for shift in (0, -1, 1))
    label = _group_words(crossing, one.group)
    if ours == 0:
        value = low = 0.0
        text = (
            f"No synthetic row has {label}: {theirs:,} real rows do, {n * theirs / m:,.0f} of {n:,} were to be expected, "
            f"and chance leaves none with a probability of {_probability(n, theirs / m)}."
        )
    else:
        text = f"{label}: {ours / n:.2%} of synthetic rows and {theirs / m:.2%} of real rows, {value:.2f} times the real share."
    return Measure(
        value=value,
        about=tuple(crossing.label(one.group)),
        name="share",
        group=crossing.label(one.group),
        low=low,
        high=high,
        baseline=_baseline(crossing, one),
        n=ours,
        sentence=text,
    )


def _probability(n: int, share: float) -> str:
    chance = math.exp(n * math.log1p(-min(share, 1 - 1e-12)))
    return f"{chance:.1g}" if chance > 1e-12 else "less than one in a trillion"


def _baseline(crossing: Crossing, one: GroupChange) -> float | None:
    """The same ratio of the holdout to the real table."""
    if crossing.holdout is None:
        return None
    cells = np.stack([crossing.holdout, crossing.crossed_counts.real], axis=1)
    rows, sizes, hits = (x[one.group] for x in crossing.crossed_counts.counts(cells))
    if one.level < 0:
        totals = cells.sum(axis=0)
        return math.exp(log_ratio(rows[0], totals[0], rows[1], totals[1])[0])
    mine = hits[one.level]
    return math.exp(log_odds(mine[0], sizes[0], mine[1], sizes[1])[0])


def _rate(crossing: Crossing, one: GroupChange) -> Measure:
    crossed, outcomes = crossing.crossed_counts, crossing.outcomes
    if outcomes is None:
        raise ValueError("a rate needs an outcome")
    cells = np.stack([crossed.synthetic, crossed.real], axis=1)
    _, sizes, hits = crossed.counts(cells)
    n, mine = sizes[one.group], hits[one.group, one.level]
    everyone = (crossed.hit[one.level] @ cells) / np.maximum(crossed.known @ cells, 1)
    rates = mine / np.maximum(n, 1)
    level = outcomes.levels[one.level]
    what = f"{outcomes.column.name} {level}" if level == MEDIAN else f"{outcomes.column.name} = {level}"
    shrunk = _shrunken(crossing, one) if n.min() < _SPARSE else ""
    return Measure(
        value=math.exp(one.log),
        about=(*crossing.label(one.group), outcomes.column.name),
        name="rate",
        group=crossing.label(one.group),
        low=math.exp(one.log - Z95 * one.error),
        high=math.exp(one.log + Z95 * one.error),
        baseline=_baseline(crossing, one),
        n=int(n[0]),
        sentence=(
            f"{_group_words(crossing, one.group)}: {rates[1]:.1%} have {what} in the real table and {rates[0]:.1%} in the "
            f"synthetic one{shrunk}; of all rows {everyone[1]:.1%} and {everyone[0]:.1%}."
        ),
    )


def _shrunken(crossing: Crossing, one: GroupChange) -> str:
    """Rates drawn towards those of the groups by the same attributes, for a group of few rows."""
    by = [a for a, _ in crossing.groups[one.group]]
    alike = [g for g, group in enumerate(crossing.groups) if [a for a, _ in group] == by]
    place = alike.index(one.group)
    cells = np.stack([crossing.crossed_counts.synthetic, crossing.crossed_counts.real], axis=1)
    _, sizes, hits = crossing.crossed_counts.counts(cells)
    ours, theirs = (
        shrunken_rates(hits[alike, one.level, table], sizes[alike, table])[place] for table in (0, 1)
    )
    return (
        f" (drawn towards all groups by these attributes, because it is small: {theirs:.1%} and {ours:.1%})"
    )


def _charts(
    crossing: Crossing, compared: NDArray[np.int64], critical: float, least: Floats
) -> Iterator[Chart]:
    """Shares and rates with bands that hold for all groups at once, the least likely first."""
    crossed = crossing.crossed_counts
    shares, rates = crossed.scores(crossed.synthetic, crossed.real)
    (n, m), rows = (crossed.synthetic.sum(), crossed.real.sum()), crossed.member
    ours, theirs = rows @ crossed.synthetic, rows @ crossed.real
    first = sorted(compared.tolist(), key=lambda g: (-abs(round(float(shares[g]), 9)), g))[:_BARS]
    points = [log_ratio(float(ours[g]), float(n), float(theirs[g]), float(m)) for g in first]
    labels = [f"{_short(crossing, g)} (told from ×{least[g]:.2f})" for g in first]
    yield _intervals(labels, points, critical, "synthetic share over real share", "share")
    rated = [g for g in compared.tolist() if crossed.compared_rates[g].any()]
    if rated and crossing.outcomes is not None:
        cells = np.stack([crossed.synthetic, crossed.real], axis=1)
        _, sizes, hits = crossed.counts(cells)
        rated = sorted(rated, key=lambda g: (-abs(round(float(np.abs(rates[g]).max()), 9)), g))[:_BARS]
        levels = [int(np.argmax(np.abs(rates[g]))) for g in rated]
        points = [
            log_odds(hits[g, i, 0], sizes[g, 0], hits[g, i, 1], sizes[g, 1])
            for g, i in zip(rated, levels, strict=True)
        ]
        what = f"odds of {crossing.outcomes.column.name}"
        labels = [_short(crossing, g) for g in rated]
        yield _intervals(labels, points, critical, f"synthetic over real {what}", what)


def _short(crossing: Crossing, g: int) -> str:
    return ", ".join(crossing.label(g).values())


def _intervals(
    labels: list[str], points: list[tuple[float, float]], critical: float, words: str, what: str
) -> Chart:
    return interval_chart(
        labels,
        [
            Estimate(
                math.exp(log), math.exp(log - critical * error), math.exp(min(log + critical * error, 20.0))
            )
            for log, error in points
        ],
        1.0,
        title=f"{labels[0].partition(' (')[0]} differs most in its {what}: {math.exp(points[0][0]):.2f} times the real one",
        alt=f"Synthetic over real {what} of {len(labels)} groups, with bands that hold for all groups at once; 1 is as real.",
        unit=Unit.RATIO,
        words=words,
    )
