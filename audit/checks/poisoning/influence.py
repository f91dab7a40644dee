"""Whether synthetic rows, added to the real ones, make models worse somewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Bools, Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, check
from audit.learn.estimators import one_thread
from audit.learn.slices import shared_slices
from audit.learn.train_synthetic_test_real import TstrComparison, TstrComparisons, tstr_comparisons
from audit.learn.training import (
    GROUPS,
    Learner,
    Task,
    TaskRows,
    assign_folds,
    boosting,
    linear,
    sample_task_rows,
    usable_rows,
)
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Kind,
    Measure,
    Role,
    Scale,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.multiplicity import benjamini_yekutieli
from audit.stats.inference.p_values import normal_p
from audit.stats.models.scores import group_jackknife_error

_MAX_REAL_ROWS, _MAX_ADDED_ROWS = 20_000, 30_000  # real rows, and synthetic rows added to them, at most
_CELLS = 1_200_000  # of the real rows, at most
_MIN_HOLDOUT_ROWS = 100  # holdout rows of a slice
_WORTH = 0.005  # points by which linear models may get worse by themselves
_T95 = 2.7764  # for the training rows: t with four degrees of freedom, two for the groups of each side
_MAX_SHOWN = 20
_NAMES = ("boosted trees", "a linear model")


@dataclass(frozen=True, slots=True)
class _Slice:
    """Holdout rows that are looked at by themselves.

    words : as a reader would say them; inside : shape (rows,)
    """

    words: str
    about: tuple[str, ...]
    group: Mapping[str, str]
    inside: Bools


@dataclass(frozen=True, slots=True)
class _Worse:
    """How much worse one learner gets in one slice."""

    place: _Slice
    learner: int
    without: float
    added: float
    half: float
    rows: int

    @property
    def value(self) -> float:
        return self.added - self.without

    @property
    def p_value(self) -> float:
        """That a learner which gets no worse shows as much."""
        return normal_p(self.value, self.half / Z95)


@check(
    id="influence",
    title="Influence on models",
    known_as="data poisoning (availability attack)",
    learned=True,
    family=Family.POISONING,
    question="Does adding the synthetic rows to the real ones make models worse for some real rows?",
    scale=Scale(
        Unit.NUMBER, "chance given to wrong outcomes, synthetic rows added less real rows alone", Better.LOWER
    ),
    next_step="Keep the synthetic rows out of training for the slice that is named, or mend them there; for fewer rows the harm is smaller.",
    needs=(Need.TARGET, Need.HOLDOUT),
)
def influence(case: Case) -> Outcome:
    """How much worse models predict fresh real rows once synthetic rows are added.

    Boosted trees and a linear model are trained on the real rows alone, and on the real and the
    synthetic rows together, in the proportion in which the tables are given. Both predict the
    holdout. The number is the mean chance that they give to wrong outcomes, with the synthetic
    rows less without: 0 means that adding them changes nothing, less than 0 that it helps, as
    fresh real rows would, 0.01 that models are wrong one point more. For an outcome that is a
    number it is the share of its variance that is left unexplained. It is told for the boosted
    trees and the linear model, and for slices of the holdout: each class, each group of a
    sensitive category, and where synthetic rows are too many or too few, the worse of both
    learners. A slice is judged only where it is worse beyond chance (Benjamini and Yekutieli, 1
    in 100 over all slices and learners), and none with fewer than 100 holdout rows. Each model
    is trained three times, without one third of its rows, and its answers are averaged. The
    interval counts the luck of the holdout's rows, the same for both, and of the training rows.
    The baseline is 0. At most 20,000 real and 30,000 synthetic rows are used, weighted so that
    the proportion stays; rows without the outcome are left out. A table much larger than the
    real one, or much poorer, makes models worse without anybody's intent.

    Source: poisoning as harm to a learner: Biggio, Nelson and Laskov (2012), ICML 29, 1467-1474;
    Koh and Liang (2017), ICML 34, 1885-1894; Benjamini and Yekutieli (2001), Annals of
    Statistics 29, 1165-1188.
    """
    both = tstr_comparisons(case)
    both.refuse_unlearnable()
    holdout = case.holdout
    assert holdout is not None  # contests refuse to start without one
    real, added, reused = _training(case, both)
    losses = [
        _losses(both, learner, contest if reused else None, real, added, case.rng(f"influence {name}"))
        for learner, contest, name in zip((boosting, linear), (both.trees, both.line), _NAMES, strict=True)
    ]
    slices = [one for one in _slices(case, both, holdout) if one.inside.sum() >= _MIN_HOLDOUT_ROWS]
    whole, *rest = [[_worse(place, i, *pair) for i, pair in enumerate(losses)] for place in slices]
    worse = _worse_learners(rest)
    measures = [_whole(both.task, whole[0]), _linear(both.task, whole[1], both.line.is_learnable)]
    measures += [_sliced(both.task, *pair) for pair in worse]
    used: dict[str, int | None] = {
        "real": len(real.y),
        "synthetic": len(added.y),
        "holdout": len(both.test.y),
    }
    summary = {"loss_real": whole[0].without, "loss_added": whole[0].added, "slices": float(len(rest))}
    return Outcome(tuple(measures), summary, (_chart(both.task, whole, [one for one, _ in worse]),), used)


def _training(case: Case, both: TstrComparisons) -> tuple[TaskRows, TaskRows, bool]:
    """Real rows, the synthetic rows that come with them, and whether models of these real rows are there."""
    task, rng = both.task, case.rng("influence")
    there = len(usable_rows(case.real, task)[0])
    most = min(there, _MAX_REAL_ROWS, max(2000, _CELLS // len(case.distribution_columns)))
    reused = len(both.real.y) >= most
    real = both.real if reused else sample_task_rows(case, case.real, task, most, rng)
    wanted = max(1, round(len(usable_rows(case.synthetic, task)[0]) * len(real.y) / there))
    added = sample_task_rows(case, case.synthetic, task, min(_MAX_ADDED_ROWS, wanted), rng)
    # Weights, even if all alike, make learners much slower: only where not all rows are taken.
    weights = None if len(added.y) == wanted else np.full(len(added.y), wanted / len(added.y))
    return real, TaskRows(added.x, added.y, added.indices, weights), reused


def _losses(
    both: TstrComparisons,
    learner: Learner,
    known: TstrComparison | None,
    real: TaskRows,
    added: TaskRows,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Of every holdout row by every model, without and with the synthetic rows, shape (models, rows) each."""
    task, test = both.task, both.test
    groups, others = assign_folds(task, real.y, rng), assign_folds(task, added.y, rng)
    with one_thread():
        without = (
            known.real.predicted
            if known
            else [learner(task, real.take(groups != g))(test.x.matrix) for g in range(GROUPS)]
        )
        told = [
            learner(task, _together(real.take(groups != g), added.take(others != g)))(test.x.matrix)
            for g in range(GROUPS)
        ]
    alone, together = (np.stack([_loss(task, test.y, one) for one in side]) for side in (without, told))
    return alone, together


def _together(real: TaskRows, added: TaskRows) -> TaskRows:
    rows = real.joined(added)
    if added.weights is None:
        return rows
    weights = np.concatenate([np.ones(len(real.y)), added.weights])
    return TaskRows(rows.x, rows.y, rows.indices, weights)


def _loss(task: Task, truth: Floats, predicted: Floats) -> Floats:
    if task.classes:
        found: Floats = 1 - predicted[np.arange(len(truth)), truth.astype(np.int64)]
        return found
    return np.asarray((truth - predicted) ** 2 / max(float(truth.var()), 1e-300))


def _slices(case: Case, both: TstrComparisons, holdout: CaseTable) -> Iterator[_Slice]:
    """All holdout rows, those of each class and group, and where synthetic rows are too many or too few."""
    task, test = both.task, both.test
    yield _Slice("", (), {}, np.ones(len(test.y), dtype=bool))
    for place, label in enumerate(task.classes):
        yield _Slice(f"{task.target} = {label}", (task.target,), {task.target: str(label)}, test.y == place)
    for column in case.with_role(Role.SENSITIVE):
        if column.kind is Kind.CATEGORY and column.name != task.target:
            cells = holdout.codes[test.indices, case.code_index(column.name)]
            for cell, label in enumerate(case.binning(column.name).labels):
                yield _Slice(f"{column.name} = {label}", (column.name,), {column.name: label}, cells == cell)
    for one in shared_slices(case):
        yield _Slice(one.rule, one.columns, dict(one.words), one.mask(case, holdout)[test.indices])


def _worse(place: _Slice, learner: int, without: Floats, added: Floats) -> _Worse:
    """The difference in one slice with half of its interval."""
    alone, together = without[:, place.inside], added[:, place.inside]
    change = (together - alone).mean(axis=0)
    tested = float(change.std()) / math.sqrt(len(change))
    trained = math.hypot(*(group_jackknife_error(side.mean(axis=1)) for side in (alone, together)))
    half = math.hypot(Z95 * tested, _T95 * trained)
    return _Worse(place, learner, float(alone.mean()), float(together.mean()), half, len(change))


def _worse_learners(found: Sequence[Sequence[_Worse]]) -> list[tuple[_Worse, float]]:
    """For every slice the learner that gets worse, and its p-value, adjusted for all slices and learners."""
    adjusted = benjamini_yekutieli([one.p_value for pair in found for one in pair])
    told: dict[tuple[tuple[str, str], ...], tuple[_Worse, float]] = {}
    for place, pair in enumerate(found):
        chances = adjusted[len(pair) * place : len(pair) * (place + 1)]
        best = min(range(len(pair)), key=lambda i: (chances[i], -pair[i].value))
        # A rule may be one of the groups again.
        told.setdefault(tuple(pair[best].place.group.items()), (pair[best], float(chances[best])))
    return list(told.values())


def _linear(task: Task, one: _Worse, taught: bool) -> Measure:
    """Of the linear model, with the chance that one which gets hardly worse shows as much.

    taught : whether it learns anything from real rows; else there is nothing to get worse
    """
    chance = normal_p(one.value - _WORTH, one.half / Z95)
    measure = replace(_whole(task, one), name="linear", p_value=chance)
    return measure if taught else replace(measure, descriptive=True)


def _whole(task: Task, one: _Worse) -> Measure:
    """Of all holdout rows."""
    return Measure(
        value=one.value,
        low=one.value - one.half,
        high=one.value + one.half,
        baseline=0.0,
        n=one.rows,
        sentence=_sentence(task, one, "fresh real rows"),
    )


def _sliced(task: Task, one: _Worse, p_value: float) -> Measure:
    return Measure(
        value=one.value,
        about=one.place.about,
        name="slice",
        group=one.place.group,
        low=one.value - one.half,
        high=one.value + one.half,
        baseline=0.0,
        n=one.rows,
        sentence=_sentence(task, one, f"fresh real rows with {one.place.words}"),
        p_value=p_value,
    )


def _sentence(task: Task, one: _Worse, rows: str) -> str:
    what = (
        f"give wrong values of {task.target} a mean chance of {one.added:.1%} where synthetic rows are added, {one.without:.1%}"
        if task.classes
        else f"leave {one.added:.1%} of the variance of {task.target} unexplained where synthetic rows are added, {one.without:.1%}"
    )
    return f"For {rows}, models ({_NAMES[one.learner]}) {what} without: {100 * abs(one.value):.1f} points {'worse' if one.value > 0 else 'better'}."


def _chart(task: Task, whole: Sequence[_Worse], rest: Sequence[_Worse]) -> Chart:
    lines = [(f"all rows, {_NAMES[one.learner]}", one) for one in whole]
    lines += [(one.place.words, one) for one in sorted(rest, key=lambda one: -one.value)[: _MAX_SHOWN - 2]]
    label, worst = max(lines, key=lambda line: line[1].value)
    return interval_chart(
        [name for name, _ in lines],
        [Estimate.from_half_width(one.value, one.half) for _, one in lines],
        0.0,
        title=f"Synthetic rows added, models of {task.target} change most for {label}: {100 * worst.value:+.1f} points",
        alt="Change of the chance given to wrong outcomes, in points: "
        + "; ".join(f"{name} {100 * one.value:+.1f}" for name, one in lines)
        + ".",
        about=(task.target,),
        unit=Unit.NUMBER if task.classes else Unit.SHARE,
        words="chance given to wrong outcomes" if task.classes else "share of the variance",
    )
