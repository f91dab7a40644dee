"""Training on one table and testing on another: tasks, rows, learners, skill."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Skip
from audit.learn.estimators import (
    DesignMatrix,
    boosted_classifier,
    boosted_regressor,
    fill_empty_columns,
    linear_classifier,
    linear_regressor,
)
from audit.learn.features import Features, features
from audit.model import Column, Kind, Role, Unit
from audit.stats.models.scores import auc_parts, group_jackknife_error, macro_auc_parts, r_squared_parts

GROUPS = 3  # of training rows; every model is trained without one of them
MIN_ROWS = 10  # rows of a class, in the real table and in the holdout
_MAX_CLASSES = 10
_CELLS_AT_ONCE = 1_000_000
_TREES, _MIN_ITERATIONS = 120, 12  # where there are more than two classes, each with its trees
_ITERATIONS, _SEED = 40, 0  # the same rows give the same trees; what is drawn is the groups


@dataclass(frozen=True, slots=True)
class Task:
    """What is predicted: a number, or which of some classes (values of the target).

    classes : empty for a number; the first is the most frequent in the real table
    """

    target: str
    classes: tuple[Any, ...]

    @property
    def score_word(self) -> str:
        """What the score is."""
        if not self.classes:
            return "share of variance explained"
        return "area under the ROC curve" if len(self.classes) == 2 else "mean area under the ROC curve"

    @property
    def score_unit(self) -> Unit:
        """What kind of number the score is."""
        return Unit.AREA if self.classes else Unit.SHARE

    @property
    def baseline_score(self) -> float:
        """The score of who does not look at the other columns."""
        return 0.5 if self.classes else 0.0

    def score(self, truth: Floats, predicted: Floats) -> tuple[float, Floats]:
        """The score and what each row adds to it, see `audit.stats.models.scores`."""
        if not self.classes:
            return r_squared_parts(truth, predicted)
        if len(self.classes) == 2:
            return auc_parts(predicted[:, 1], truth == 1)
        return macro_auc_parts(predicted, truth.astype(np.int64))


@dataclass(frozen=True, slots=True)
class TaskRows:
    """Rows to train on or to test on.

    x : the other columns; y : shape (rows,), the number or the place among the classes
    indices : shape (rows,), where the rows stand in their table, from 0
    weights : shape (rows,), how much each row counts in training; None for all alike
    """

    x: Features
    y: Floats
    indices: Ints
    weights: Floats | None = None

    def joined(self, other: TaskRows) -> TaskRows:
        """These rows and then those of another table; places stay those in their own tables."""
        x = Features(np.vstack([self.x.matrix, other.x.matrix]), self.x.names, self.x.categorical)
        return TaskRows(x, np.concatenate([self.y, other.y]), np.concatenate([self.indices, other.indices]))

    def take(self, rows: NDArray[Any]) -> TaskRows:
        """Some of the rows."""
        x = Features(self.x.matrix[rows], self.x.names, self.x.categorical)
        weights = None if self.weights is None else self.weights[rows]
        return TaskRows(x, self.y[rows], self.indices[rows], weights)


Predict = Callable[[Floats], Floats]
Learner = Callable[[Task, TaskRows], Predict]


@dataclass(frozen=True, slots=True)
class Score:
    """How well models predict the test rows: means over the models.

    influences : of the test rows on the score; spread : standard error from the training rows
    accuracy : share of rows whose class is right; None for a number
    predicted : what each model says of the test rows: chances of shape (rows, classes), or numbers
    """

    value: float
    influences: Floats
    spread: float
    accuracy: float | None
    models: tuple[Predict, ...]
    predicted: tuple[Floats, ...]


def find_task(case: Case) -> Task:
    """What the target asks for; raises `Skip` where nothing can be learnt."""
    (column, *_) = case.with_role(Role.TARGET)
    if column.kind not in (*NUMERIC_KINDS, Kind.CATEGORY):
        raise Skip(f"The target {column.name} holds {column.kind.value}, which no learner predicts.")
    if not [c for c in case.distribution_columns if c.name != column.name]:
        raise Skip("Beside the target no column has a distribution to learn from.")
    task = Task(column.name, _classes(case, column))
    for part in case.tables():
        if not part.value_counts(column.name).filled:
            raise Skip(
                f"The target {column.name} has no value in the {part.role} table.",
                "Give a table that holds the target.",
                assessable=False,
            )
    return task


def _classes(case: Case, column: Column) -> tuple[Any, ...]:
    """The values that enough real rows and enough holdout rows hold, the most frequent first."""
    counts = case.real.value_counts(column.name)
    if column.kind in NUMERIC_KINDS and len(counts.values) > 2:
        return ()
    fresh = case.holdout.value_counts(column.name) if case.holdout is not None else counts
    held = dict(zip(fresh.values.tolist(), fresh.counts.tolist(), strict=True))
    pairs = zip(counts.values.tolist(), counts.counts.tolist(), strict=True)
    kept = [(n, value) for value, n in pairs if min(n, held.get(value, 0)) >= MIN_ROWS]
    if len(kept) < 2:
        raise Skip(
            f"Fewer than two values of the target {column.name} are held by at least {MIN_ROWS} real and {MIN_ROWS} holdout rows.",
            "Give tables with more rows, or another target.",
            assessable=False,
        )
    return tuple(value for _, value in sorted(kept, key=lambda pair: (-pair[0], pair[1]))[:_MAX_CLASSES])


def usable_rows(part: CaseTable, task: Task) -> tuple[Ints, Floats]:
    """Places of the rows whose target can be used, and the target, a class as its place."""
    values = part.column(task.target)
    if not task.classes:
        y = np.asarray(values, dtype=np.float64)
    else:
        y = np.full(len(values), np.nan)
        for place, value in enumerate(task.classes):
            y[values == value] = place
    rows = np.flatnonzero(~np.isnan(y))
    return rows, y[rows]


def sample_task_rows(
    case: Case, part: CaseTable, task: Task, most: int, rng: np.random.Generator
) -> TaskRows:
    """A sample of the rows whose target can be used, without replacement."""
    rows, y = usable_rows(part, task)
    if len(rows) > most:
        chosen = np.sort(rng.choice(len(rows), most, replace=False))
        rows, y = rows[chosen], y[chosen]
    return TaskRows(other_features(case, part, rows, (task.target,)), y, rows)


def other_features(case: Case, part: CaseTable, rows: Ints, left_out: Collection[str]) -> Features:
    """Some rows of a table, without some columns."""
    table = features(case, part, rows)
    keep = [i for i, name in enumerate(table.names) if name not in left_out]
    return table.of_columns(keep)


def boosting(task: Task, rows: TaskRows) -> Predict:
    """Gradient-boosted trees fitted to the rows."""
    if task.classes:
        many = len(task.classes) > 2
        iterations = max(_MIN_ITERATIONS, _TREES // len(task.classes)) if many else _ITERATIONS
        model = boosted_classifier(rows.x.categorical, _SEED, iterations)
        if many:  # without it the steps for a rare class that is told apart wholly have no bound
            model.set_params(l2_regularization=1.0)
        return _classifier(task, rows, model, fill_empty_columns(rows.x.matrix), lambda matrix: matrix)
    regressor = boosted_regressor(rows.x.categorical, _SEED, _ITERATIONS)
    predict: Predict = regressor.fit(fill_empty_columns(rows.x.matrix), rows.y, rows.weights).predict
    return predict


def linear(task: Task, rows: TaskRows) -> Predict:
    """A linear model fitted to the rows: logistic for classes, least squares for a number."""
    design = DesignMatrix(rows.x.matrix, rows.x.categorical)
    table = design.table(rows.x.matrix)
    if task.classes:
        model = linear_classifier(table.shape[1], len(task.classes))
        return _classifier(task, rows, model, table, design.table)
    scale = float(rows.y.std()) or 1.0
    centre = float(rows.y.mean())
    regressor = linear_regressor().fit(table, (rows.y - centre) / scale, rows.weights)
    return lambda matrix: centre + scale * regressor.predict(design.table(matrix))


def _classifier(task: Task, rows: TaskRows, model: Any, table: Floats, encode: Predict) -> Predict:
    """Chances of every class, shape (n, classes); a class that was not learnt has none."""
    y = rows.y
    known = np.unique(y).astype(np.int64)
    if len(known) < 2 or not table.shape[1]:
        chances = np.bincount(y.astype(np.int64), minlength=len(task.classes)) / max(len(y), 1)
        return lambda matrix: np.tile(chances, (len(matrix), 1))
    model.fit(table, y, rows.weights)

    def predict(matrix: Floats) -> Floats:
        chances = np.zeros((len(matrix), len(task.classes)))
        chances[:, known] = model.predict_proba(encode(matrix))
        return chances

    return predict


def assign_folds(task: Task, y: Floats, rng: np.random.Generator) -> Ints:
    """A group for every row, the groups equally large and each class dealt evenly."""
    shuffled = rng.permutation(len(y))
    if task.classes:
        shuffled = shuffled[np.argsort(y[shuffled], kind="stable")]
    groups = np.empty(len(y), dtype=np.int64)
    groups[shuffled] = np.arange(len(y)) % GROUPS
    return groups


def train(task: Task, learner: Learner, rows: TaskRows, test: TaskRows, rng: np.random.Generator) -> Score:
    """Models trained without one group of rows each, tested on the same rows."""
    groups = assign_folds(task, rows.y, rng)
    models = [learner(task, rows.take(groups != group)) for group in range(GROUPS)]
    predicted = [model(test.x.matrix) for model in models]
    parts = [task.score(test.y, one) for one in predicted]
    scores = np.array([score for score, _ in parts])
    return Score(
        value=float(scores.mean()),
        influences=np.mean([row for _, row in parts], axis=0),
        spread=group_jackknife_error(scores),
        accuracy=accuracy(task, test.y, predicted),
        models=tuple(models),
        predicted=tuple(predicted),
    )


def accuracy(task: Task, truth: Floats, predicted: Sequence[Floats]) -> float | None:
    """Share of rows whose class is right, a mean over models; None for a number."""
    if not task.classes:
        return None
    return float(np.mean([np.mean(one.argmax(axis=1) == truth) for one in predicted]))


def importances(task: Task, model: Predict, test: TaskRows, orders: Sequence[Ints]) -> Floats:
    """Score lost on the test rows when a column is shuffled, shape (columns,).

    orders : for each column the order in which its values are shuffled

    Source: Breiman (2001), Machine Learning 45, 5-32.
    """
    whole = task.score(test.y, model(test.x.matrix))[0]
    n, columns = test.x.matrix.shape
    at_once = max(1, _CELLS_AT_ONCE // (n * columns))  # a call has a price of its own
    lost = np.empty(columns)
    for first in range(0, columns, at_once):
        some = range(first, min(first + at_once, columns))
        tables = np.tile(test.x.matrix, (len(some), 1, 1))
        for place, i in enumerate(some):
            tables[place, :, i] = test.x.matrix[orders[i], i]
        predicted = model(tables.reshape(-1, columns))
        for i, one in zip(some, np.split(predicted, len(some)), strict=True):
            lost[i] = whole - task.score(test.y, one)[0]
    return lost
