"""Groups of rows, and counts of pairs of columns inside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from audit.arrays import Ints
from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.model import Column, Kind, Role

Pair = tuple[str, str]

_MIN_ROWS = 100  # rows of a group, in either table, below which its cells are all but empty
_LEVELS = 12  # a category with more values makes no groups
_MAX_COLUMNS = 8  # columns that make groups
_MAX_GROUPS = 60
_WORK = 3e8  # rows times pairs times groupings that the time allows
_PAIRS = (30, 300)  # pairs compared inside a group, at least and at most


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups made of the cells of one or two columns.

    columns : what makes the groups
    cell_indices : shape (g,), cell number of each group (row-major where there are two columns)
    labels : shape (g,), what each group is called
    left_out : groups with rows in the real table but too few to look at
    """

    columns: tuple[str, ...]
    cell_indices: Ints
    labels: tuple[dict[str, str], ...]
    left_out: int


def find_groupings(case: Case) -> list[Grouping]:
    """One per column that makes groups, one per two sensitive columns."""
    shaped = [
        c
        for c in case.distribution_columns
        if c.role in (Role.SENSITIVE, Role.TARGET) or c.kind is Kind.CATEGORY
    ]
    sensitive = [c for c in shaped if c.role is Role.SENSITIVE][:_MAX_COLUMNS]
    target = [c for c in shaped if c.role is Role.TARGET and c.kind is Kind.CATEGORY]
    single = sensitive or _categories(
        case, [c for c in shaped if c.kind is Kind.CATEGORY and c not in target]
    )
    makers = [(c.name,) for c in [*single, *target]]
    crossed = list(combinations(column_names(sensitive), 2))
    found = [
        _grouping(case, columns)
        for columns in [*makers, *crossed]
        if len(case.distribution_columns) - len(columns) >= 2
    ]
    return [grouping for grouping in found if len(grouping.labels) + grouping.left_out > 1]


def _categories(case: Case, columns: list[Column]) -> list[Column]:
    """Categories with few values, those that split the rows most evenly first."""

    def largest(column: Column) -> float:
        return float(case.real.value_counts(column.name).counts.max()) / max(case.real.rows, 1)

    few = [c for c in columns if 2 <= len(case.real.value_counts(c.name).values) <= _LEVELS]
    return sorted(few, key=lambda c: (largest(c), c.name))[:_MAX_COLUMNS]


def _grouping(case: Case, columns: tuple[str, ...]) -> Grouping:
    codings = [case.binning(name) for name in columns]
    shape = tuple(coding.size for coding in codings)
    counts = [part.counts(*columns) for part in (case.real, case.synthetic)]
    whole = np.zeros(shape, dtype=bool)
    whole[tuple(slice(0, size - 1) for size in shape)] = True  # the last cell is "missing"
    enough = whole & (np.minimum(*counts) >= _MIN_ROWS)
    order = np.argsort(-counts[0].ravel(), kind="stable")
    places = np.array([p for p in order if enough.ravel()[p]], dtype=np.int64)[:_MAX_GROUPS]
    labels = []
    for place in places:
        cells = np.unravel_index(int(place), shape)
        labels.append(
            {
                name: coding.labels[int(cell)]
                for name, coding, cell in zip(columns, codings, cells, strict=True)
            }
        )
    left_out = int(np.count_nonzero(whole & (counts[0] > 0))) - len(places)
    return Grouping(columns, places, tuple(labels), left_out)


class GroupRows:
    """The rows of a part that are in a group, and the group of each."""

    def __init__(
        self, case: Case, part: CaseTable, grouping: Grouping | None, rows: Ints | None = None
    ) -> None:
        codes = part.codes if rows is None else part.codes[rows]
        if grouping is None:
            self.group, self.codes = np.zeros(len(codes), dtype=np.int64), codes
            return
        sizes = [case.binning(name).size for name in grouping.columns]
        number = np.full(int(np.prod(sizes)), -1, dtype=np.int64)
        number[grouping.cell_indices] = np.arange(len(grouping.cell_indices))
        flat = np.zeros(len(codes), dtype=np.int64)
        for name, size in zip(grouping.columns, sizes, strict=True):
            flat = flat * size + codes[:, case.code_index(name)]
        group = number[flat]
        inside = np.flatnonzero(group >= 0)
        self.group, self.codes = group[inside], np.asfortranarray(codes[inside])


class GroupTables:
    """Counts of pairs of columns by group, for each table."""

    def __init__(self, case: Case, grouping: Grouping | None) -> None:
        self.case = case
        self.groups = 1 if grouping is None else len(grouping.labels)
        self.rows = {part.role: GroupRows(case, part, grouping) for part in case.tables()}
        self._first: dict[str, tuple[str, Ints]] = {}

    def counts(self, role: str, about: tuple[str, ...]) -> Ints:
        """Shape (groups, cells)."""
        rows, sizes = self.rows[role], [self.case.binning(name).size for name in about]
        held = self._first.get(role)
        if held is None or held[0] != about[0]:  # pairs come sorted by their first column
            held = (about[0], rows.group * sizes[0] + rows.codes[:, self.case.code_index(about[0])])
            self._first[role] = held
        flat = held[1]
        for name, size in zip(about[1:], sizes[1:], strict=True):
            flat = flat * size
            flat += rows.codes[:, self.case.code_index(name)]
        cells = math.prod(sizes)
        return np.bincount(flat, minlength=self.groups * cells).reshape(self.groups, cells)


def some_pairs(case: Case, columns: list[str], groupings: int) -> list[Pair]:
    """All pairs where the time allows, else so many that every column has its share of them."""
    rows = sum(part.rows for part in case.tables())
    most = int(np.clip(_WORK / (rows * max(groupings, 1)), *_PAIRS))
    every = list(combinations(columns, 2))
    if len(every) <= most:
        return every
    ring = [str(name) for name in case.rng("subgroup_shapes").permutation(sorted(columns))]
    steps = max(1, round(most / len(ring)))
    chosen = {
        tuple(sorted((ring[i], ring[(i + step) % len(ring)]), key=case.index))
        for step in range(1, steps + 1)
        for i in range(len(ring))
    }
    return sorted(((a, b) for a, b in chosen), key=lambda pair: [case.index(name) for name in pair])
