"""The same learners on real and on synthetic rows, tested on the holdout: fitted once, told by several checks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audit.case.case import Case
from audit.case.check import Skip
from audit.case.streams import Stream
from audit.learn.estimators import one_thread
from audit.learn.training import Learner, Rows, Skill, Task, boosting, draw, find_task, linear, train, usable
from audit.stats.inference.intervals import Z95
from audit.stats.models.scores import influence_error

T95 = 2.7764  # for the training rows: t with four degrees of freedom, two for each table's three groups
_CELLS = 1_200_000  # of the training rows, at most
_MOST, _FEWEST = 20_000, 100  # rows to train on, and to test on
_CLEAR = 4.0  # standard errors by which real skill must exceed guessing, or a share of it means nothing


@dataclass(frozen=True, slots=True)
class Contest:
    """The same learner on real and on synthetic rows."""

    real: Skill
    synthetic: Skill
    guessing: float

    @property
    def learnt(self) -> float:
        """What real rows teach."""
        return self.real.score - self.guessing

    @property
    def retained(self) -> float:
        """The share of it that synthetic rows teach."""
        return (self.synthetic.score - self.guessing) / self.learnt

    @property
    def half(self) -> float:
        """Half of the interval of the share: chance in the test rows, and in the training rows."""
        share = self.retained
        tested = influence_error(self.synthetic.influences - share * self.real.influences)
        trained = math.hypot(self.synthetic.spread, share * self.real.spread)
        return math.hypot(Z95 * tested, T95 * trained) / self.learnt

    @property
    def clear(self) -> bool:
        """Whether real rows teach something beyond doubt."""
        return self.learnt > _CLEAR * half(self.real) / Z95


def half(skill: Skill) -> float:
    """Half of the interval of a score."""
    return math.hypot(Z95 * influence_error(skill.influences), T95 * skill.spread)


@dataclass(frozen=True, slots=True)
class Contests:
    """Boosted trees and a linear model, each trained on as many real as synthetic rows.

    real, synthetic : the training rows; test : holdout rows
    rng : dice for what is drawn after training
    """

    task: Task
    real: Rows
    synthetic: Rows
    test: Rows
    trees: Contest
    line: Contest
    rng: np.random.Generator

    def refuse_unclear(self) -> None:
        """Raise `Skip` where real rows teach nothing that could be kept or lost."""
        if not self.trees.clear:
            raise unclear(self.task, len(self.real.y), self.trees.real.score)


def unclear(task: Task, rows: int, score: float) -> Skip:
    """What is said where models of so many real rows hardly beat guessing."""
    return Skip(
        f"Real rows do not clearly teach to predict {task.target}: a model trained on {rows:,} of them "
        f"scores {score:.3f} ({task.score_word}), guessing {task.guessing:g}.",
        "Name a target that depends on the other columns, or give more rows.",
        assessable=False,
    )


def contests(case: Case) -> Contests:
    """The contests of a case, made when the first check asks; raises `Skip` where they cannot be held."""
    return case.once("contests", lambda: _hold(case))


def _hold(case: Case) -> Contests:
    task, rng = find_task(case), case.rng(Stream.UTILITY)
    real, synthetic, test = _draw_all(case, task, rng)
    with one_thread():
        trees, line = (_contest(task, way, real, synthetic, test, rng) for way in (boosting, linear))
    return Contests(task, real, synthetic, test, trees, line, rng)


def _draw_all(case: Case, task: Task, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
    """As many real as synthetic rows, and the rows to test on."""
    holdout = case.holdout
    if holdout is None:
        raise Skip("It tests on real rows that the generator never saw, and no holdout was given.")
    there = {part.role: len(usable(part, task)[0]) for part in case.parts()}
    for role, rows in there.items():
        if rows < _FEWEST:
            raise Skip(
                f"Only {rows:,} rows of the {role} table have a value of {task.target} that can be used; "
                f"a learner needs at least {_FEWEST}.",
                "Give tables with more rows, or another target.",
                assessable=False,
            )
    most = min(_MOST, max(2000, _CELLS // len(case.shaped)))
    rows = min(most, there["real"], there["synthetic"])
    real, synthetic = (draw(case, part, task, rows, rng) for part in (case.real, case.synthetic))
    test = draw(case, holdout, task, most, rng)
    if len(np.unique(test.y)) < max(2, len(task.classes)) or not np.ptp(real.y):
        raise Skip(f"The target {task.target} hardly varies in the real rows.", assessable=False)
    return real, synthetic, test


def _contest(
    task: Task, learner: Learner, real: Rows, synthetic: Rows, test: Rows, rng: np.random.Generator
) -> Contest:
    skills = [train(task, learner, rows, test, rng) for rows in (real, synthetic)]
    return Contest(skills[0], skills[1], task.guessing)
