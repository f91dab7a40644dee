"""How far the real and the synthetic rows of a group differ, beyond what chance gives at its size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case, column_names
from audit.checks.fidelity._shared.groupings import Grouping, GroupRows, GroupTables, Pair, some_pairs
from audit.learn.features import sample_rows
from audit.stats.distributions.distances import total_variation_error
from audit.stats.inference.permutation import (
    grouped_slopes,
    grouped_total_variation,
    larger_by_chance,
    relabelled_total_variation,
)

BOTH = ("real", "synthetic")
_ERROR_ROWS = 6_000  # rows of a table that tell how much the means vary
_STEADY = 0.0037  # error at which chance stays within 0.02; groups with a larger one are small
_MIN_Z = 4.0  # errors beyond which a small group tells enough to stand for the table


@dataclass(frozen=True, slots=True)
class GroupDistance:
    """What was found in one group.

    value, error : mean distance of the pairs beyond chance, and its standard error
    single : the same mean over single columns
    columns : the mean and its error over the pairs of each column
    pair, pair_value : the pair that chance explains least, and its distance beyond chance
    pair_chance, pair_error : probability that chance gives as much, and standard error
    """

    labels: dict[str, str]
    real: int
    synthetic: int
    value: float
    error: float
    single: float
    baseline: float
    columns: dict[str, tuple[float, float]]
    pairs: list[Pair]
    pair: Pair
    pair_value: float
    pair_chance: float
    pair_error: float

    @property
    def is_conclusive(self) -> bool:
        """Whether the rows are enough to tell, or the difference is clear."""
        return self.error <= _STEADY or self.value > _MIN_Z * self.error

    @property
    def description(self) -> str:
        """The group in words."""
        return " and ".join(f"{name} = {label}" for name, label in self.labels.items())


def compare_groups(case: Case, grouping: Grouping, groupings: int) -> list[GroupDistance]:
    """The mean distance of pairs and columns inside each group of a grouping."""
    groups = len(grouping.labels)
    if groups == 0:
        return []
    columns = [name for name in column_names(case.distribution_columns) if name not in grouping.columns]
    tables, pairs = GroupTables(case, grouping), some_pairs(case, columns, groupings)
    slopes = _Slopes(case, grouping, columns)
    values, chances = np.empty((2, len(pairs), groups))
    baseline = np.zeros(groups)
    fresh = "holdout" in tables.rows and _all_have_rows(tables, groups)
    for i, pair in enumerate(pairs):
        real, synthetic = tables.counts("real", pair), tables.counts("synthetic", pair)
        distance = grouped_total_variation(real, synthetic)
        mean, spread = relabelled_total_variation(real, synthetic)
        values[i], chances[i] = distance - mean, larger_by_chance(distance, mean, spread)
        slopes.add(pair, grouped_slopes(real, synthetic))
        if fresh:
            baseline += _excess(real, tables.counts("holdout", pair)) / len(pairs)
    single = np.mean([_excess(*(tables.counts(r, (c,)) for r in BOTH)) for c in columns], axis=0)
    found = _Found(tables, pairs, values, chances, slopes, single, baseline)
    return [found.group(g, labels) for g, labels in enumerate(grouping.labels)]


def _all_have_rows(tables: GroupTables, groups: int) -> bool:
    return bool((np.bincount(tables.rows["holdout"].group, minlength=groups) > 0).all())


class _Slopes:
    """How each row moves the mean distance, over all pairs and over the pairs of each column."""

    def __init__(self, case: Case, grouping: Grouping, columns: list[str]) -> None:
        self.case, self.columns = case, columns
        self.parts, self.sums = [], []
        rng = case.rng("subgroup_shapes rows")
        for part in (case.real, case.synthetic):
            rows = GroupRows(case, part, grouping, sample_rows(part, _ERROR_ROWS, rng))
            self.parts.append(rows)
            self.sums.append(np.zeros((len(columns), len(rows.group))))
        self.pairs = np.zeros(len(columns))

    def add(self, pair: Pair, slopes: Floats) -> None:
        a, b = (self.columns.index(name) for name in pair)
        left, right = (self.case.code_index(name) for name in pair)
        size = self.case.binning(pair[1]).size
        self.pairs[[a, b]] += 1
        for rows, sums in zip(self.parts, self.sums, strict=True):
            cells = rows.codes[:, left].astype(np.int64) * size + rows.codes[:, right]
            moved = slopes[rows.group, cells]
            sums[a] += moved
            sums[b] += moved

    def errors(self, group: int, sizes: tuple[int, int]) -> tuple[float, Floats]:
        """Standard errors of the mean over pairs, and over the pairs of each column."""
        total, each = 0.0, np.zeros(len(self.columns))
        for rows, sums, size in zip(self.parts, self.sums, sizes, strict=True):
            inside = sums[:, rows.group == group]
            if inside.shape[1] == 0:
                return 1.0, np.ones(len(self.columns))
            total += float((inside.sum(axis=0) / self.pairs.sum()).var()) / size
            each += (inside / np.maximum(self.pairs, 1)[:, None]).var(axis=1) / size
        return math.sqrt(total), np.sqrt(each)


@dataclass(frozen=True, slots=True)
class _Found:
    """Distances beyond chance inside the groups of a grouping.

    values, chances : shape (pairs, groups)
    single, baseline : shape (groups,), means over columns, and over pairs of the holdout
    """

    tables: GroupTables
    pairs: list[Pair]
    values: Floats
    chances: Floats
    slopes: _Slopes
    single: Floats
    baseline: Floats

    def group(self, g: int, labels: dict[str, str]) -> GroupDistance:
        """One group of them."""
        real, synthetic = (int(np.count_nonzero(self.tables.rows[r].group == g)) for r in BOTH)
        error, errors = self.slopes.errors(g, (real, synthetic))
        inside, chances = self.values[:, g], self.chances[:, g]
        least = min(range(len(inside)), key=lambda i: (chances[i], -inside[i]))
        pair = self.pairs[least]
        return GroupDistance(
            labels,
            real,
            synthetic,
            value=float(inside.mean()),
            error=error,
            single=float(self.single[g]),
            baseline=float(self.baseline[g]),
            columns={name: (v, float(e)) for (name, v), e in zip(self._means(inside), errors, strict=True)},
            pairs=self.pairs,
            pair=pair,
            pair_value=float(inside[least]),
            pair_chance=float(chances[least]),
            pair_error=total_variation_error(*(self.tables.counts(r, pair)[g] for r in BOTH)),
        )

    def _means(self, inside: Floats) -> Iterator[tuple[str, float]]:
        """Mean over the pairs of each column; every column is in one."""
        for name in self.slopes.columns:
            yield (
                name,
                float(np.mean([v for v, pair in zip(inside, self.pairs, strict=True) if name in pair])),
            )


class WholeTable:
    """The same distances over the whole table, found when asked for."""

    def __init__(self, case: Case, groupings: int) -> None:
        self._tables = GroupTables(case, None)
        self._found: dict[Pair, float] = {}
        self.mean = self.mean_excess(
            some_pairs(case, list(column_names(case.distribution_columns)), groupings)
        )

    def mean_excess(self, pairs: Sequence[Pair]) -> float:
        """Mean distance of these pairs beyond chance."""
        for pair in pairs:
            if pair not in self._found:
                real, synthetic = (self._tables.counts(role, pair) for role in BOTH)
                self._found[pair] = float(_excess(real, synthetic)[0])
        return float(np.mean([self._found[pair] for pair in pairs]))


def _excess(left: Ints, right: Ints) -> Floats:
    return grouped_total_variation(left, right) - relabelled_total_variation(left, right)[0]
