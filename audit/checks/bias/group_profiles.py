"""Every group in the real table, in the synthetic one, and in what models decide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.group_counts import (
    MIN_ROWS,
    OUTCOME,
    SHARE,
    GroupCounts,
    RateQuestion,
    cross_groups,
    group_sizes,
    large_groups,
    questions,
)
from audit.checks.bias._shared.groups import Groups, make_groups, row_groups
from audit.model import Better, Chart, Family, Forest, Matrix, Measure, Role, Scale, Section, Series, Unit
from audit.stats.inference.intervals import newcombe, wilson

_ATTRIBUTES = 6  # of which every pair is crossed
_LABELS = 15  # of an attribute in a crossing
EVERYONE = "everyone"


@check(
    id="group_profiles",
    title="Groups side by side",
    known_as="demographic parity difference",
    section=Section.SIDE_BY_SIDE,
    descriptive=True,
    family=Family.BIAS,
    question="How do groups compare in the real table, in the synthetic one and in what a model decides?",
    scale=Scale(Unit.POINTS, "points of the rate between groups", Better.ZERO, -1.0, 1.0),
    needs=(Need.SENSITIVE,),
    next_step="Look which gaps the real table already has, and which the generator or a model adds.",
)
def group_profiles(case: Case) -> Outcome:
    """How much wider the gap between groups is in the synthetic table.

    It is shown and not judged. The gap is the rate of the favourable outcome in the real table's best-off group less that
    in its worst-off one, and both are looked at again in the synthetic table; without a
    target, the same is done with shares of the rows. Of a numeric target, values above the
    real median count as the outcome. 0 means that the two groups lie as far apart as among
    real people, 0.05 that five points were added. The baseline is the same in the holdout.
    The pictures hold, for every group and every crossing of two attributes: its share of the
    rows, the rate of the outcome, and, where models can be tested on a holdout, how often
    models trained on real and on synthetic rows decide for the outcome, find it and give it
    wrongly. Intervals are 95 %, each for itself. Groups of fewer than 50 real rows are
    counted and not shown, and a small group at either end of the real gap is there partly by
    luck, which the synthetic table does not repeat; rows without a group or an outcome do not count. It cannot say
    whether a gap is fair.

    Source: intervals: Wilson (1927), JASA 22, 209-212; of a difference: Newcombe (1998),
    Statistics in Medicine 17, 873-890; rates of decisions by group: Hardt, Price and Srebro
    (2016), NeurIPS 29.
    """
    columns = [column for column in case.with_role(Role.SENSITIVE) if column.kind in DISTRIBUTION_KINDS]
    groups = [one for one in (make_groups(case, c) for c in columns) if len(large_groups(case, one)) > 1]
    if not groups:
        raise Skip(
            f"No sensitive column has two groups of {MIN_ROWS} real people or more.",
            "Name a column with larger groups as sensitive, or cut it into wider bands.",
            assessable=False,
        )
    asked = list(questions(case))
    measures = [m for one in groups for m in (_gap(case, asked, one), *_too_small(case, one))]
    pairs = list(combinations(groups[:_ATTRIBUTES], 2))
    charts = [_forest(case, question, one) for question in asked for one in groups]
    charts += [_matrix(case, question, a, b) for question in asked for a, b in pairs]
    return Outcome(tuple(measures), _summary(case, groups, pairs), tuple(charts))


def _summary(case: Case, groups: list[Groups], pairs: list[tuple[Groups, Groups]]) -> dict[str, float]:
    small = sum(int((group_sizes(case, one) < MIN_ROWS).sum()) for one in groups)
    crossings = 0
    for a, b in pairs:
        codes = cross_groups(case, case.real, a, b)
        rows = np.bincount(codes[codes >= 0])
        crossings += int(((rows > 0) & (rows < MIN_ROWS)).sum())
    return {"groups_too_small": float(small), "crossings_too_small": float(crossings)}


def _too_small(case: Case, groups: Groups) -> Iterator[Measure]:
    """How many groups of an attribute are not shown, where there are any."""
    count = int((group_sizes(case, groups) < MIN_ROWS).sum())
    if count:
        some = "1 group" if count == 1 else f"{count} groups"
        yield Measure(
            value=float(count),
            about=(groups.column.name,),
            name="too_small",
            sentence=f"{groups.column.name}: {some} of fewer than {MIN_ROWS} real rows {'is' if count == 1 else 'are'} not shown.",
            descriptive=True,
        )


def _counted(case: Case, question: RateQuestion, role: str, groups: Groups) -> GroupCounts:
    codes = row_groups(case, question.sides[role].part, groups).astype(np.int64)
    return question.count(role, codes, len(groups.labels))


# --- the gap --------------------------------------------------------------------------------


def _gap(case: Case, asked: list[RateQuestion], groups: Groups) -> Measure:
    question = next((one for one in asked if one.pictured == OUTCOME), asked[0])
    counted = {role: _counted(case, question, role, groups) for role in question.sides}
    real = counted["real"]
    places = [g for g in large_groups(case, groups) if real.rows[g] >= MIN_ROWS]
    rates = [real.hits[g] / real.rows[g] for g in places] or [0.0]
    if len(places) < 2:
        places, rates = [0, 0], [0.0, 0.0]
    best, worst = places[int(np.argmax(rates))], places[int(np.argmin(rates))]
    gaps = {role: _difference(one, best, worst) for role, one in counted.items()}
    (ours, low, high), (theirs, real_low, real_high) = gaps["synthetic"], gaps["real"]
    change = ours - theirs
    name, change_words = groups.column.name, f"{100 * change:+.1f}".replace("-", "−")
    return Measure(
        value=change,
        about=(name, *_target(case)) if question.pictured == OUTCOME else (name,),
        low=change - float(np.hypot(ours - low, real_high - theirs)),
        high=change + float(np.hypot(high - ours, theirs - real_low)),
        baseline=gaps["holdout"][0] - theirs if "holdout" in gaps else 0.0,
        n=int(counted["synthetic"].all_rows),
        sentence=(
            f"The {question.words} lies {100 * theirs:.1f} points apart between {name} = {groups.labels[best]} and "
            f"{groups.labels[worst]} in the real table, and {100 * ours:.1f} points in the synthetic one: "
            f"{100 * theirs:.1f} inherited, {change_words} added by the generator."
        ),
        descriptive=True,
    )


def _difference(counted: GroupCounts, best: int, worst: int) -> tuple[float, float, float]:
    """Rate of one group less that of another, with its interval; widest where a group has no rows."""
    cells = [(counted.hits[g], counted.rows[g]) for g in (best, worst)]
    if best == worst or min(n for _, n in cells) == 0:
        rates = [h / n if n else 0.0 for h, n in cells]
        return rates[0] - rates[1], -1.0, 1.0
    (h, n), (k, m) = ((round(h), int(n)) for h, n in cells)
    return h / n - k / m, *newcombe(h, n, k, m)


def _target(case: Case) -> tuple[str, ...]:
    return tuple(column.name for column in case.with_role(Role.TARGET))[:1]


# --- pictures -------------------------------------------------------------------------------


def _roles(question: RateQuestion) -> list[str]:
    return [role for role in ("real", "synthetic") if role in question.sides]


def _forest(case: Case, question: RateQuestion, groups: Groups) -> Chart:
    """A line for each group, after one for everyone where that says anything."""
    places, whole = large_groups(case, groups), question.pictured != SHARE
    series: list[Series] = []
    for role in _roles(question):
        one = _counted(case, question, role, groups)
        cells = [_cell(one, g) for g in places]
        series.append(_with_ends(role, [(one.all_hits, one.all_rows), *cells] if whole else cells))
    labels = ((EVERYONE,) if whole else ()) + tuple(groups.labels[g] for g in places)
    name = groups.column.name
    return Forest(
        labels,
        tuple(series),
        title=f"{question.words[:1].upper()}{question.words[1:]} by {name}",
        alt=_told(labels, series),
        about=(name,) if question.pictured == SHARE else (name, *_target(case)),
        words=question.pictured,
    )


def _with_ends(role: str, cells: list[tuple[float, float]]) -> Series:
    """Shares, and the ends of their intervals; None for groups without rows."""
    ends = [wilson(h, n) if n else (None, None) for h, n in cells]
    low, high = zip(*ends, strict=True) if ends else ((), ())
    return Series(role, tuple(h / n if n else None for h, n in cells), low, high)


def _told(labels: tuple[str, ...], series: list[Series]) -> str:
    parts = []
    for at, label in enumerate(labels[:8]):
        both = [f"{one.name} {value:.1%}" for one in series if (value := one.values[at]) is not None]
        parts.append(f"{label}: {', '.join(both)}")
    return "; ".join(parts) + "."


def _matrix(case: Case, question: RateQuestion, first: Groups, second: Groups) -> Chart:
    """A cell for each crossing of two attributes; empty where real people are too few."""
    down, across = large_groups(case, first)[:_LABELS], large_groups(case, second)[:_LABELS]
    cells = [a * len(second.labels) + b for a in down for b in across]
    size = len(first.labels) * len(second.labels)
    codes = cross_groups(case, case.real, first, second)
    enough = np.bincount(codes[codes >= 0], minlength=size) >= MIN_ROWS
    series: list[Series] = []
    for role in _roles(question):
        source = question.sides[role].part
        one = question.count(role, cross_groups(case, source, first, second), size)
        series.append(_with_ends(role, [_cell(one, i) if enough[i] else (0.0, 0.0) for i in cells]))
    names = first.column.name, second.column.name
    return Matrix(
        tuple(second.labels[b] for b in across),
        tuple(first.labels[a] for a in down),
        tuple(series),
        title=f"{question.words[:1].upper()}{question.words[1:]} by {names[0]} and {names[1]}",
        alt=_told(tuple(f"{first.labels[a]}, {second.labels[b]}" for a in down for b in across), series),
        about=names if question.pictured == SHARE else (*names, *_target(case)),
        words=question.pictured,
    )


def _cell(counted: GroupCounts, place: int) -> tuple[float, float]:
    return float(counted.hits[place]), float(counted.rows[place])
