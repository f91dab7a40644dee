"""Whether labels of synthetic rows were changed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Ints
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.poisoning._shared.label_audit import (
    AuditedLabels,
    LabelAudit,
    audit_labels,
    neighbour_label_errors,
)
from audit.learn.label_errors import LabelErrors
from audit.learn.training import find_task
from audit.model import Better, Chart, Family, Kind, Measure, Role, Scale, Unit, interval_chart
from audit.stats.inference.intervals import Z95, newcombe
from audit.stats.inference.p_values import difference_p
from audit.stats.models.confident_learning import confident_classes, joint_counts, thresholds
from audit.stats.models.scores import group_jackknife_error

_T95 = 4.3027  # for the training rows: t with two degrees of freedom, three models of one table
_MIN_ROWS = 50  # rows that carry a class, in either table
_MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Excess:
    """Labels beyond those of real rows, as a share of the rows looked at; with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Taken:
    """Rows that carry one class and are confidently taken for another, beyond real rows.

    column, label : the group of rows, both empty for all
    p_value, comparisons : that chance gives as many, over all pairs of classes in all groups
    rows : synthetic rows looked at
    """

    column: str
    label: str
    carried: str
    believed: str
    excess: _Excess
    p_value: float
    comparisons: int
    rows: int


@check(
    id="label_flips",
    title="Flipped labels",
    known_as="label-flipping attack, confident learning",
    learned=True,
    family=Family.POISONING,
    question="Do more labels contradict the other columns than in real rows?",
    scale=Scale(Unit.SHARE, "share of labels beyond the real share", Better.LOWER, -1.0, 1.0),
    next_step="Look at the rows whose label a model of real rows contradicts: if they were changed, drop them or label them anew; if the rule has changed, see the check Concept drift.",
    needs=(Need.TARGET, Need.ROWS),
)
def label_flips(case: Case) -> Outcome:
    """Share of labels that look flipped, beyond the share in real rows.

    Models trained on real rows (boosted trees, three of them) say how likely each label is.
    Labels that contradict them are counted in the synthetic rows and in the holdout, rows of
    which the label is nearly sure weighing most. The number is the share of labels that were
    replaced by another one: 0 means as many as in fresh real rows, 0.02 that one label in
    fifty was changed; less than 0 means that labels follow the other columns more closely than
    real ones do. The baseline is 0. The interval counts the luck of both tables' rows and of
    the models' training rows. For every class, and for every class within the groups of a
    sensitive column, rows are counted that carry it while the models are confident of another
    one, as a share of all rows (of the group); such a number is judged only where chance does
    not explain it (1 in 1,000 over all of them). A second way, told and never judged, asks the
    15 nearest training rows instead of the models. Without a holdout the training rows stand in
    for it, each judged by a model that did not see it. Models learn from at most 20,000 rows
    and judge at most 100,000 of each table. Rows without a label are left out, missing values
    elsewhere are given to the models as such. A label flipped on purpose, a careless one and
    one that follows a changed rule look alike; labels that a generator drew without regard to
    the other columns look flipped too.

    Source: symmetric label noise: Natarajan, Dhillon, Ravikumar and Tewari (2013), NeurIPS 26;
    confident joint: Northcutt, Jiang and Chuang (2021), Journal of Artificial Intelligence
    Research 70, 1373-1411; neighbours: Wilson (1972), IEEE Transactions on Systems, Man, and
    Cybernetics 2, 408-421.
    """
    task = find_task(case)
    if not task.classes:
        raise Skip(f"The target {task.target} is a number; only labels can be flipped.")
    seen = audit_labels(case, task)
    whole = _whole(seen.synthetic.label_errors, seen.fresh.label_errors)
    second = _whole(*neighbour_label_errors(case, seen))
    found = list(_by_class(case, seen))
    measures = [_headline(seen, whole), _second(seen, second), *(_measure(seen, one) for one in found)]
    summary = {
        "error_synthetic": seen.synthetic.error_shares,
        "error_real": seen.fresh.error_shares,
        "neighbours": second.value,
    }
    used: dict[str, int | None] = {
        "real": len(seen.training.y),
        "synthetic": len(seen.synthetic.class_indices),
        "holdout": len(seen.fresh.class_indices) if case.holdout is not None else None,
    }
    return Outcome(tuple(measures), summary, (_chart(seen, whole, second, found),), used)


def _whole(synthetic: LabelErrors, real: LabelErrors) -> _Excess:
    """Share of wrong labels among all rows beyond that in real rows."""
    rows = [np.arange(doubts.error_chance.shape[1]) for doubts in (synthetic, real)]
    shares = synthetic.error_share(rows[0]) - real.error_share(rows[1])
    tested = math.hypot(synthetic.error(rows[0]), real.error(rows[1]))
    trained = group_jackknife_error(shares) if len(shares) > 1 else 0.0
    half, value = math.hypot(Z95 * tested, _T95 * trained), float(shares.mean())
    return _bounded(value, value - half, value + half)


def _bounded(value: float, low: float, high: float) -> _Excess:
    value, low, high = (min(max(x, -1.0), 1.0) for x in (value, low, high))
    return _Excess(value, low, high)


def _by_class(case: Case, seen: LabelAudit) -> Iterator[_Taken]:
    """For every class, in all rows and in every group, what its rows are most often taken for instead."""
    least = thresholds(seen.fresh.chances, seen.fresh.class_indices)
    taken = [confident_classes(one.chances, least) for one in (seen.synthetic, seen.fresh)]
    groups = list(_groups(case, seen))
    classes = len(seen.task.classes)
    comparisons = classes * (classes - 1) * len(groups)
    for column, label, inside in groups:
        tables = [
            joint_counts(one.class_indices[rows], belief[rows], classes)
            for one, belief, rows in zip((seen.synthetic, seen.fresh), taken, inside, strict=True)
        ]
        for carried in range(classes):
            one = _worst(seen, carried, tables)
            if one is not None:
                other, excess, chance = one
                names = [str(seen.task.classes[place]) for place in (carried, other)]
                rows = int(tables[0].sum())
                yield _Taken(column, label, names[0], names[1], excess, chance, comparisons, rows)


def _worst(seen: LabelAudit, carried: int, tables: Sequence[Ints]) -> tuple[int, _Excess, float] | None:
    """The other class that most rows of a class are taken for beyond real rows; None where they are too few."""
    n, m = (int(table[carried].sum()) for table in tables)
    others = [place for place in range(len(seen.task.classes)) if place != carried]
    if min(n, m) < _MIN_ROWS:
        return None
    taken, real = (table[carried] for table in tables)
    best = max(others, key=lambda place: taken[place] / n - real[place] / m)
    hits, known = int(taken[best]), int(real[best])
    share = n / float(tables[0].sum())
    low, high = newcombe(hits, n, known, m)
    excess = _bounded(share * (hits / n - known / m), share * low, share * high)
    return best, excess, difference_p(hits, n, known, m)


def _groups(case: Case, seen: LabelAudit) -> Iterator[tuple[str, str, tuple[Bools, Bools]]]:
    """All rows, then those of every cell of a sensitive category, in the synthetic and the real rows."""
    tables = seen.synthetic, seen.fresh
    whole, other = (np.ones(len(one.class_indices), dtype=bool) for one in tables)
    yield "", "", (whole, other)
    for column in case.with_role(Role.SENSITIVE):
        if column.kind is not Kind.CATEGORY or column.name == seen.task.target:
            continue
        made, real = (_cells(case, one, column.name) for one in tables)
        for cell, label in enumerate(case.binning(column.name).labels):
            if (real == cell).any() and (made == cell).any():
                yield column.name, label, (made == cell, real == cell)


def _cells(case: Case, judged: AuditedLabels, name: str) -> NDArray[np.uint8]:
    cells: NDArray[np.uint8] = judged.part.codes[judged.rows.indices, case.code_index(name)]
    return cells


def _headline(seen: LabelAudit, excess: _Excess) -> Measure:
    target, words = seen.task.target, seen.fresh_name
    text = (
        f"By what real rows teach, {_points(excess.value)} labels of {target} look flipped than in {words} "
        f"(models contradict {seen.synthetic.error_shares:.1%} of synthetic and {seen.fresh.error_shares:.1%} of real labels)"
    )
    drift = (
        "; where the outcome's rule has changed (see Concept drift) it looks the same"
        if excess.low > 0
        else ""
    )
    return Measure(
        value=excess.value,
        low=excess.low,
        high=excess.high,
        baseline=0.0,
        n=len(seen.synthetic.class_indices),
        sentence=f"{text}{drift}.",
    )


def _second(seen: LabelAudit, excess: _Excess) -> Measure:
    return Measure(
        value=excess.value,
        name="neighbours",
        low=excess.low,
        high=excess.high,
        baseline=0.0,
        n=len(seen.synthetic.class_indices),
        sentence=f"By the labels of the nearest real rows, {_points(excess.value)} labels of {seen.task.target} look flipped "
        f"than in {seen.fresh_name}.",
        descriptive=True,
    )


def _measure(seen: LabelAudit, one: _Taken) -> Measure:
    target = seen.task.target
    place = f"rows with {one.column} = {one.label}" if one.column else "synthetic rows"
    carried = {target: one.carried}
    return Measure(
        value=one.excess.value,
        about=(one.column, target) if one.column else (target,),
        name="group" if one.column else "class",
        group={one.column: one.label} | carried if one.column else carried,
        low=one.excess.low,
        high=one.excess.high,
        baseline=0.0,
        n=one.rows,
        sentence=f"{100 * abs(one.excess.value):.1f} in 100 {place} {'more' if one.excess.value >= 0 else 'fewer'} than in "
        f"{seen.fresh_name} carry {target} = {one.carried} although models of real rows are confident of {one.believed}.",
        p_value=one.p_value,
        comparisons=one.comparisons,
    )


def _points(excess: float) -> str:
    return f"{abs(100 * excess):.1f} {'more' if excess >= 0 else 'fewer'} in 100"


def _chart(seen: LabelAudit, whole: _Excess, second: _Excess, found: Sequence[_Taken]) -> Chart:
    shown = sorted(found, key=lambda one: -one.excess.value)[: _MAX_SHOWN - 2]
    lines = [("all rows", whole), ("all rows, by neighbours", second)]
    lines += [
        (
            f"{one.column + ' = ' + one.label + ': ' if one.column else ''}{one.carried}, taken for {one.believed}",
            one.excess,
        )
        for one in shown
    ]
    return interval_chart(
        [label for label, _ in lines],
        [excess for _, excess in lines],
        0.0,
        title=f"{_points(whole.value)} labels of {seen.task.target} look flipped than in {seen.fresh_name}",
        alt="Share of labels that look flipped, beyond real rows: "
        + "; ".join(f"{label} {100 * excess.value:.1f} %" for label, excess in lines)
        + ".",
        about=(seen.task.target,),
        words="share of labels beyond the real share",
    )
