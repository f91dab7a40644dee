"""Labels of synthetic rows and of real rows, judged by models that learned from neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.learn.embedding import embed
from audit.learn.estimators import one_thread
from audit.learn.label_errors import LabelErrors, estimate_label_errors
from audit.learn.train_synthetic_test_real import skip_unlearnable, tstr_comparisons
from audit.learn.training import (
    GROUPS,
    Predict,
    Task,
    TaskRows,
    assign_folds,
    boosting,
    sample_task_rows,
    usable_rows,
)
from audit.stats.models.scores import influence_error
from audit.stats.neighbours.nearest import nearest

_JUDGED = 100_000  # rows of a table
_TAUGHT, _CELLS = 20_000, 1_200_000  # rows a model learns from, and their cells, at most
_MIN_ROWS = 100  # rows of a table
_MIN_Z = 4.0  # standard errors by which skill must exceed guessing
_NEAR, _QUERIES, _AMONG = 15, 2500, 6000  # neighbours, rows that ask, and rows among which they look


@dataclass(frozen=True, slots=True)
class AuditedLabels:
    """Rows of one table with what models say of their labels.

    part : the table; rows : its rows
    class_indices : shape (n,), places among the classes
    chances : shape (n, classes), of every class
    """

    part: CaseTable
    rows: TaskRows
    chances: Floats
    label_errors: LabelErrors

    @property
    def class_indices(self) -> Ints:
        """The class of every row."""
        return self.rows.y.astype(np.int64)

    @property
    def error_shares(self) -> float:
        """Share of rows that carry another class than the likeliest."""
        return float(np.mean(self.chances.argmax(axis=1) != self.class_indices))


@dataclass(frozen=True, slots=True)
class LabelAudit:
    """Synthetic rows and the real rows they are held against.

    fresh : rows of the holdout, or without one training rows, each judged by a model that did not
        learn from it
    training : training rows of the models
    """

    task: Task
    training: TaskRows
    synthetic: AuditedLabels
    fresh: AuditedLabels

    @property
    def fresh_name(self) -> str:
        """What the real rows are called."""
        return "fresh real rows" if self.fresh.part.role == "holdout" else "real rows"


def audit_labels(case: Case, task: Task) -> LabelAudit:
    """Judge the labels; raises `Skip` where rows are too few or models of real rows know nothing."""
    return _by_holdout(case, task) if case.holdout is not None else _by_turns(case, task)


def _by_holdout(case: Case, task: Task) -> LabelAudit:
    both, holdout = tstr_comparisons(case), case.holdout
    both.refuse_unlearnable()
    assert holdout is not None  # contests refuse to start without one
    rng, skill = case.rng("label_flips"), both.trees.real
    fresh, told = both.test, list(skill.predicted)
    if len(usable_rows(holdout, task)[0]) > len(fresh.y):
        fresh = sample_task_rows(case, holdout, task, _JUDGED, rng)
        told = _ask(skill.models, fresh)
    made = sample_task_rows(case, case.synthetic, task, _JUDGED, rng)
    return LabelAudit(
        task,
        both.real,
        _judged(case.synthetic, made, _ask(skill.models, made)),
        _judged(holdout, fresh, told),
    )


def _judged(part: CaseTable, rows: TaskRows, told: Sequence[Floats]) -> AuditedLabels:
    doubts = estimate_label_errors(told, rows.y.astype(np.int64))
    return AuditedLabels(part, rows, np.mean(told, axis=0), doubts)


def _ask(models: Sequence[Predict], rows: TaskRows) -> list[Floats]:
    with one_thread():
        return [model(rows.x.matrix) for model in models]


def _by_turns(case: Case, task: Task) -> LabelAudit:
    """Without a holdout: every row, real or synthetic, is judged by one of three models that did not learn from it."""
    rng = case.rng("label_flips")
    real = sample_task_rows(
        case, case.real, task, min(_TAUGHT, max(2000, _CELLS // len(case.distribution_columns))), rng
    )
    made = sample_task_rows(case, case.synthetic, task, _JUDGED, rng)
    if min(len(real.y), len(made.y)) < _MIN_ROWS:
        raise Skip(
            f"Models of the outcome need at least {_MIN_ROWS} rows of each table that hold it.",
            "Give tables with more rows.",
            assessable=False,
        )
    groups, turns = assign_folds(task, real.y, rng), rng.integers(GROUPS, size=len(made.y))
    with one_thread():
        models = [boosting(task, real.take(groups != group)) for group in range(GROUPS)]
    fresh = _by_one(case.real, real, _ask(models, real), groups)
    score, influences = task.score(fresh.rows.y, fresh.chances)
    if score - task.baseline_score <= _MIN_Z * influence_error(influences):
        raise skip_unlearnable(task, len(real.y), score)
    return LabelAudit(task, real, _by_one(case.synthetic, made, _ask(models, made), turns), fresh)


def _by_one(part: CaseTable, rows: TaskRows, told: Sequence[Floats], groups: Ints) -> AuditedLabels:
    """Each row judged by the model of its group alone."""
    chances = np.stack(told)[groups, np.arange(len(groups))]
    return AuditedLabels(
        part, rows, chances, estimate_label_errors(told, rows.y.astype(np.int64)).of_group_models(groups)
    )


def neighbour_label_errors(case: Case, seen: LabelAudit) -> tuple[LabelErrors, LabelErrors]:
    """A second way: the labels of some synthetic and real rows by those of the nearest training rows.

    Real rows never find themselves: without a holdout they look among the other training rows.
    """
    rng = case.rng("label_flips neighbours")
    fresh, taught = seen.fresh.rows, seen.training
    if seen.fresh.part.role != "holdout":
        order = rng.permutation(len(taught.y))
        half = min(len(order) // 2, _QUERIES)
        fresh, taught = taught.take(np.sort(order[:half])), taught.take(np.sort(order[half:]))
    rows = [_some(one, most, rng) for one, most in ((seen.synthetic.rows, _QUERIES), (fresh, _QUERIES))]
    among = _some(taught, _AMONG, rng)
    parts = (seen.synthetic.part, seen.fresh.part, case.real)
    columns = [c for c in case.columns if c.name in set(among.x.names)]
    placed = embed(
        case, list(zip(parts, (*(r.indices for r in rows), among.indices), strict=True)), (2,), columns
    )
    told = [_votes(one, placed[2], among.y.astype(np.int64), len(seen.task.classes)) for one in placed[:2]]
    made, real = (estimate_label_errors([t], r.y.astype(np.int64)) for t, r in zip(told, rows, strict=True))
    return made, real


def _some(rows: TaskRows, most: int, rng: np.random.Generator) -> TaskRows:
    if len(rows.y) <= most:
        return rows
    return rows.take(np.sort(rng.choice(len(rows.y), most, replace=False)))


def _votes(rows: NDArray[np.float32], others: NDArray[np.float32], labels: Ints, classes: int) -> Floats:
    """Shares of the classes among the nearest others, drawn a little towards all others' shares."""
    k = min(_NEAR, len(others))
    shares = np.bincount(labels, minlength=classes) / len(labels)
    found = []
    for place in range(classes):
        mine = others[labels == place]
        near = nearest(rows, mine, min(k, len(mine))) if len(mine) else np.empty((len(rows), 0))
        found.append(np.pad(near, ((0, 0), (0, k - near.shape[1])), constant_values=np.inf))
    distances = np.hstack(found)
    nearest_ones = np.argpartition(distances, k - 1, axis=1)[:, :k] // k
    votes = np.stack([(nearest_ones == place).sum(axis=1) for place in range(classes)], axis=1)
    told: Floats = (votes + shares) / (k + 1)
    return told
