"""How well the group of a row is told from its other columns, in real and in synthetic rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.checks.bias._shared.groups import Groups, make_groups
from audit.learn.estimators import one_thread
from audit.learn.training import GROUPS, Task, TaskRows, assign_folds, boosting, other_features
from audit.model import Role
from audit.stats.models.scores import auc_parts

MIN_ROWS = 50  # rows of a group that are trained on, in either table
_MAX_ROWS = 10_000  # rows of a table
_MAX_GROUPS = 6


@dataclass(frozen=True, slots=True)
class GroupModel:
    """Groups of one sensitive column told from the other columns of a row.

    group_indices : places in `groups` of those with enough rows, the largest real one first
    weights : their shares of the real rows
    real, synthetic, fresh : rows of the three tables; fresh is None without a holdout
    chances_real, chances_synthetic : chances of the kept groups for rows that the models have not
        seen, shape (n, kept), each table by models of its own
    by_real, by_synthetic : chances for fresh rows by either table's models
    """

    groups: Groups
    group_indices: tuple[int, ...]
    weights: Floats
    real: TaskRows
    synthetic: TaskRows
    fresh: TaskRows | None
    chances_real: Floats
    chances_synthetic: Floats
    by_real: Floats | None
    by_synthetic: Floats | None

    @property
    def group_labels(self) -> tuple[str, ...]:
        """What the kept groups are called."""
        return tuple(self.groups.labels[g] for g in self.group_indices)


def fit_all(case: Case) -> tuple[GroupModel, ...]:
    """One for each sensitive column that has two groups with enough rows; made once a run."""
    return case.shared("groups told from other columns", lambda: tuple(_each(case)))


def _each(case: Case) -> Iterator[GroupModel]:
    rng = case.rng("proxies")
    left_out = {column.name for column in case.with_role(Role.TARGET)}
    for column in case.with_role(Role.SENSITIVE):
        if column.kind in DISTRIBUTION_KINDS and any(
            c.name not in {*left_out, column.name} for c in case.distribution_columns
        ):
            told = _tell(case, make_groups(case, column), {*left_out, column.name}, rng)
            if told is not None:
                yield told


def _tell(case: Case, groups: Groups, left_out: set[str], rng: np.random.Generator) -> GroupModel | None:
    number = {part.role: groups.encode(part.column(groups.column.name)) for part in case.tables()}
    counts = {role: np.bincount(g[g >= 0], minlength=len(groups.labels)) for role, g in number.items()}
    enough = [g for g in range(len(groups.labels)) if min(n[g] for n in counts.values()) >= MIN_ROWS]
    kept = tuple(sorted(enough, key=lambda g: (-counts["real"][g], g))[:_MAX_GROUPS])
    if len(kept) < 2:
        return None
    place = np.full(len(groups.labels) + 1, -1)  # the last one is for rows without a group
    place[list(kept)] = np.arange(len(kept))
    most = min(_MAX_ROWS, *(int((place[number[role]] >= 0).sum()) for role in ("real", "synthetic")))
    rows = {
        part.role: _rows(case, part, place[number[part.role]], left_out, most, rng) for part in case.tables()
    }
    if any(
        (np.bincount(r.y.astype(np.int64), minlength=len(kept)) < GROUPS * 2).any() for r in rows.values()
    ):
        return None
    task = Task(groups.column.name, tuple(groups.labels[g] for g in kept))
    fresh = rows.get("holdout")
    with one_thread():
        told = [_cross_fitted(task, rows[role], fresh, rng) for role in ("real", "synthetic")]
    shares = counts["real"][list(kept)] / counts["real"][list(kept)].sum()
    return GroupModel(
        groups, kept, shares, rows["real"], rows["synthetic"], fresh,
        told[0][0], told[1][0], told[0][1], told[1][1],
    )  # fmt: skip


def _rows(
    case: Case, part: CaseTable, place: Ints, left_out: set[str], most: int, rng: np.random.Generator
) -> TaskRows:
    rows = np.flatnonzero(place >= 0)
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    return TaskRows(other_features(case, part, rows, left_out), place[rows].astype(np.float64), rows)


def _cross_fitted(
    task: Task, rows: TaskRows, fresh: TaskRows | None, rng: np.random.Generator
) -> tuple[Floats, Floats | None]:
    """Chances for the rows by models that have not seen them, and for fresh rows."""
    fold = assign_folds(task, rows.y, rng)
    told = np.empty((len(rows.y), len(task.classes)))
    beyond = []
    for left in range(GROUPS):
        model = boosting(task, rows.take(fold != left))
        told[fold == left] = model(rows.x.matrix[fold == left])
        if fresh is not None:
            beyond.append(model(fresh.x.matrix))
    return told, np.mean(beyond, axis=0) if beyond else None


def group_auc(chances: Floats, y: Floats, weights: Floats) -> tuple[float, Floats]:
    """Mean area under the ROC curve of each group against the rest, weighted, and the rows' influences.

    Source: Provost and Domingos (2000), CeDER working paper IS-00-04 (weights by share).
    """
    if len(weights) == 2:
        return auc_parts(chances[:, 1], y == 1)
    parts = [auc_parts(chances[:, g], y == g) for g in range(len(weights))]
    value = float(weights @ np.array([one for one, _ in parts]))
    return value, weights @ np.stack([rows for _, rows in parts])
