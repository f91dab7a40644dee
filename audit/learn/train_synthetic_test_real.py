"""The same learners on real and on synthetic rows, tested on the holdout: fitted once, told by several checks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audit.case.case import Case
from audit.case.check import Skip
from audit.case.streams import Stream
from audit.learn.estimators import one_thread
from audit.learn.training import (
    Learner,
    Score,
    Task,
    TaskRows,
    boosting,
    find_task,
    linear,
    sample_task_rows,
    train,
    usable_rows,
)
from audit.stats.inference.intervals import Z95
from audit.stats.models.scores import influence_error

T95 = 2.7764  # for the training rows: t with four degrees of freedom, two for each table's three groups
_CELLS = 1_200_000  # of the training rows, at most
_MAX_TRAINED, _MIN_TESTED = 20_000, 100  # rows to train on, and to test on
_MIN_Z = 4.0  # standard errors by which real skill must exceed guessing, or a share of it means nothing


@dataclass(frozen=True, slots=True)
class TstrComparison:
    """The same learner on real and on synthetic rows."""

    real: Score
    synthetic: Score
    baseline_score: float

    @property
    def real_gain(self) -> float:
        """What real rows teach."""
        return self.real.value - self.baseline_score

    @property
    def retained(self) -> float:
        """The share of it that synthetic rows teach."""
        return (self.synthetic.value - self.baseline_score) / self.real_gain

    @property
    def half_width(self) -> float:
        """Half of the interval of the share: chance in the test rows, and in the training rows."""
        share = self.retained
        tested = influence_error(self.synthetic.influences - share * self.real.influences)
        trained = math.hypot(self.synthetic.spread, share * self.real.spread)
        return math.hypot(Z95 * tested, T95 * trained) / self.real_gain

    @property
    def is_learnable(self) -> bool:
        """Whether real rows teach something beyond doubt."""
        return self.real_gain > _MIN_Z * half_width(self.real) / Z95


def half_width(skill: Score) -> float:
    """Half of the interval of a score."""
    return math.hypot(Z95 * influence_error(skill.influences), T95 * skill.spread)


@dataclass(frozen=True, slots=True)
class TstrComparisons:
    """Boosted trees and a linear model, each trained on as many real as synthetic rows.

    real, synthetic : the training rows; test : holdout rows
    rng : dice for what is drawn after training
    """

    task: Task
    real: TaskRows
    synthetic: TaskRows
    test: TaskRows
    trees: TstrComparison
    line: TstrComparison
    rng: np.random.Generator

    def refuse_unlearnable(self) -> None:
        """Raise `Skip` where real rows teach nothing that could be kept or lost."""
        if not self.trees.is_learnable:
            raise skip_unlearnable(self.task, len(self.real.y), self.trees.real.value)


def skip_unlearnable(task: Task, rows: int, score: float) -> Skip:
    """What is said where models of so many real rows hardly beat guessing."""
    return Skip(
        f"Real rows do not clearly teach to predict {task.target}: a model trained on {rows:,} of them "
        f"scores {score:.3f} ({task.score_word}), guessing {task.baseline_score:g}.",
        "Name a target that depends on the other columns, or give more rows.",
        assessable=False,
    )


def tstr_comparisons(case: Case) -> TstrComparisons:
    """The contests of a case, made when the first check asks; raises `Skip` where they cannot be held."""
    return case.shared("contests", lambda: _hold(case))


def _hold(case: Case) -> TstrComparisons:
    task, rng = find_task(case), case.rng(Stream.UTILITY)
    real, synthetic, test = _draw_all(case, task, rng)
    with one_thread():
        trees, line = (_contest(task, way, real, synthetic, test, rng) for way in (boosting, linear))
    return TstrComparisons(task, real, synthetic, test, trees, line, rng)


def _draw_all(case: Case, task: Task, rng: np.random.Generator) -> tuple[TaskRows, TaskRows, TaskRows]:
    """As many real as synthetic rows, and the rows to test on."""
    holdout = case.holdout
    if holdout is None:
        raise Skip("It tests on real rows that the generator never saw, and no holdout was given.")
    there = {part.role: len(usable_rows(part, task)[0]) for part in case.tables()}
    for role, rows in there.items():
        if rows < _MIN_TESTED:
            raise Skip(
                f"Only {rows:,} rows of the {role} table have a value of {task.target} that can be used; "
                f"a learner needs at least {_MIN_TESTED}.",
                "Give tables with more rows, or another target.",
                assessable=False,
            )
    most = min(_MAX_TRAINED, max(2000, _CELLS // len(case.distribution_columns)))
    rows = min(most, there["real"], there["synthetic"])
    real, synthetic = (sample_task_rows(case, part, task, rows, rng) for part in (case.real, case.synthetic))
    test = sample_task_rows(case, holdout, task, most, rng)
    if len(np.unique(test.y)) < max(2, len(task.classes)) or not np.ptp(real.y):
        raise Skip(f"The target {task.target} hardly varies in the real rows.", assessable=False)
    return real, synthetic, test


def _contest(
    task: Task,
    learner: Learner,
    real: TaskRows,
    synthetic: TaskRows,
    test: TaskRows,
    rng: np.random.Generator,
) -> TstrComparison:
    skills = [train(task, learner, rows, test, rng) for rows in (real, synthetic)]
    return TstrComparison(skills[0], skills[1], task.baseline_score)
