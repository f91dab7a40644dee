"""Whether the labels of every group are as reliable as in the real table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.groups import Groups, make_groups
from audit.learn.estimators import one_thread
from audit.learn.label_errors import LabelErrors, estimate_label_errors
from audit.learn.train_synthetic_test_real import TstrComparisons, tstr_comparisons
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    GroupQuestion,
    Measure,
    Role,
    Scale,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p
from audit.stats.models.scores import group_jackknife_error

_MIN_ROWS = 50  # rows of a group in either table
_T95 = 4.3027  # for the training rows: t with two degrees of freedom, three models of one table


@dataclass(frozen=True, slots=True)
class _Noise:
    """Share of wrong labels of one group beyond that in fresh real rows, and half of its interval.

    Cautious models put either share a little below the truth; the difference is not touched.
    """

    groups: Groups
    place: int
    excess: float
    half: float
    rows: int

    @property
    def label(self) -> str:
        return self.groups.labels[self.place]


@check(
    id="label_noise",
    title="Label noise by group",
    known_as="confident learning, group-dependent label noise",
    answers=(GroupQuestion.MODEL,),
    learned=True,
    family=Family.BIAS,
    question="Are the labels of every group as reliable as in the real table?",
    scale=Scale(Unit.SHARE, "share of labels beyond the real share", Better.LOWER, -1.0, 1.0),
    next_step="Look at the group's rows whose label contradicts the other columns; label them anew by a model of real rows, or generate the outcome from the other columns.",
    needs=(Need.SENSITIVE, Need.TARGET, Need.HOLDOUT),
)
def label_noise(case: Case) -> Outcome:
    """Share of a group's labels that look wrong, beyond the share in fresh real rows.

    Models trained on real rows say how likely each label is, and labels that contradict them
    are counted in the synthetic rows and in the holdout, rows of which the label is nearly
    sure weighing most. The result is read as the share of labels that were replaced by another
    one: 0 means as many as in fresh real rows, 0.025 what is left when the labels of one row in
    twenty are drawn by the toss of a coin, 1 that every label is wrong; less than 0 means that
    labels follow the other columns more closely than real ones do. The baseline is 0: by
    chance alone synthetic and fresh real rows contradict the models as often. The interval
    counts the luck of both tables' rows and of the models' training rows. A group so small
    that its interval reaches further than 0.7 points either way is judged only where chance
    does not explain its number, and none with fewer than 50 rows. At most 20,000 rows of each
    table are used. Rows without a label or group do not count, and missing values elsewhere are given to
    the models as such. It cannot tell a wrong label from other columns that do not fit the
    label, and it is not made for outcomes that are numbers.

    Source: symmetric label noise: Natarajan, Dhillon, Ravikumar and Tewari (2013), NeurIPS 26;
    confident predictions: Northcutt, Jiang and Chuang (2021), Journal of Artificial
    Intelligence Research 70, 1373-1411.
    """
    both = tstr_comparisons(case)
    if not both.task.classes:
        raise Skip(f"The target {both.task.target} is a number; only labels can be wrong or right.")
    both.refuse_unlearnable()
    tables = _labels(both)
    found = [noise for column in _columns(case) for noise in _by_group(case, both, tables, column)]
    if not found:
        raise Skip(
            f"No group has {_MIN_ROWS} holdout and {_MIN_ROWS} synthetic rows with a label.",
            "Give larger tables, or a sensitive column with larger groups.",
            assessable=False,
        )
    used: dict[str, int | None] = {
        "real": len(both.real.y),
        "synthetic": len(both.synthetic.y),
        "holdout": len(both.test.y),
    }
    return Outcome(
        tuple(_measure(both, noise, len(found)) for noise in found),
        {"largest": max(noise.excess for noise in found)},
        tuple(_charts(both, found)),
        used,
    )


def _columns(case: Case) -> Iterator[Groups]:
    for column in case.with_role(Role.SENSITIVE):
        if column.kind in DISTRIBUTION_KINDS:
            yield make_groups(case, column)


def _labels(both: TstrComparisons) -> tuple[LabelErrors, LabelErrors]:
    """Of the holdout rows and of the synthetic rows, by the boosted trees of real rows."""
    models = both.trees.real
    with one_thread():
        told = tuple(model(both.synthetic.x.matrix) for model in models.models)
    fresh, made = (rows.y.astype(np.int64) for rows in (both.test, both.synthetic))
    return estimate_label_errors(models.predicted, fresh), estimate_label_errors(told, made)


def _by_group(
    case: Case, both: TstrComparisons, tables: tuple[LabelErrors, LabelErrors], groups: Groups
) -> Iterator[_Noise]:
    if case.holdout is None or groups.column.name == both.task.target:
        return
    name = groups.column.name
    fresh = groups.encode(case.holdout.column(name, both.test.indices))
    made = groups.encode(case.synthetic.column(name, both.synthetic.indices))
    for place in range(len(groups.labels)):
        rows = [np.flatnonzero(group == place) for group in (fresh, made)]
        if min(map(len, rows)) >= _MIN_ROWS and all(
            t.weight[:, r].sum() > 0 for t, r in zip(tables, rows, strict=True)
        ):
            real, synthetic = (table.error_share(r) for table, r in zip(tables, rows, strict=True))
            tested = math.hypot(*(table.error(r) for table, r in zip(tables, rows, strict=True)))
            trained = group_jackknife_error(synthetic - real)
            half = math.hypot(Z95 * tested, _T95 * trained)
            yield _Noise(groups, place, float((synthetic - real).mean()), half, len(rows[1]))


def _measure(both: TstrComparisons, noise: _Noise, comparisons: int) -> Measure:
    column, target = noise.groups.column.name, both.task.target
    return Measure(
        value=min(max(noise.excess, -1.0), 1.0),
        about=(column, target),
        group={column: noise.label},
        low=max(noise.excess - noise.half, -1.0),
        high=min(noise.excess + noise.half, 1.0),
        baseline=0.0,
        n=noise.rows,
        sentence=f"By what real rows teach, {_points(noise.excess)} labels of {target} look wrong for "
        f"{column} = {noise.label} than in fresh real rows.",
        p_value=normal_p(noise.excess, noise.half / Z95, two_sided=True),
        comparisons=comparisons,
    )


def _points(excess: float) -> str:
    return f"{abs(100 * excess):.1f} points {'more' if excess >= 0 else 'fewer'}"


def _charts(both: TstrComparisons, found: list[_Noise]) -> Iterator[Chart]:
    for name in dict.fromkeys(noise.groups.column.name for noise in found):
        mine = [noise for noise in found if noise.groups.column.name == name]
        worst = max(mine, key=lambda noise: noise.excess)
        yield interval_chart(
            [noise.label for noise in mine],
            [Estimate.from_half_width(noise.excess, noise.half) for noise in mine],
            0.0,
            title=f"{name} = {worst.label}: {_points(worst.excess)} labels of {both.task.target} look wrong than in real rows",
            alt=f"Share of labels of {both.task.target} that look wrong, beyond fresh real rows: "
            + "; ".join(f"{noise.label} {_points(noise.excess)}" for noise in mine)
            + ".",
            about=(name, both.task.target),
            words="share of labels beyond the real share",
        )
