"""Groups of people by a sensitive column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.case import MEASURED, Case, Part
from audit.coding import OTHER_LABEL, Coding
from audit.model import Column

Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

_MOST = 50  # groups told one by one; smaller ones share the group of the others


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one sensitive column, the largest real one first.

    labels : shape (g,), what may be shown: every group holds at least k real people
    members : group number by value, for a category; None for a number or date
    coding, cells : for a number or date, its cells and their group numbers (-1 for none)
    """

    column: Column
    labels: tuple[str, ...]
    members: dict[str, int] | None
    coding: Coding | None = None
    cells: tuple[int, ...] = ()

    @property
    def reference(self) -> str:
        """The largest real group, which the others are compared with."""
        return self.labels[0]

    def encode(self, values: NDArray[np.float64] | Objects) -> Ints:
        """Group number of every value, -1 for missing ones and those that belong to no group."""
        if self.members is not None:
            return np.array(
                [self.members.get(str(v), -1) if v is not None else -1 for v in values], dtype=np.int64
            )
        if self.coding is None:
            raise ValueError("a group is made of values or of cells")
        return np.asarray(self.cells, dtype=np.int64)[self.coding.encode(values)]


def make_groups(case: Case, column: Column) -> Groups:
    """Cut a sensitive column into groups of at least k real people each.

    The values of a category that fewer people hold share one group, if together they reach
    k; values that no real row holds belong to none. A number or date is cut into the cells
    of its coding.
    """
    if column.kind in MEASURED:
        return _cell_groups(case, column)
    counts = case.real.value_counts(column.name)
    order = sorted(zip(counts.values, counts.counts, strict=True), key=lambda item: (-item[1], str(item[0])))
    own = [str(value) for value, count in order if count >= case.k][:_MOST]
    rest = [(str(value), int(count)) for value, count in order[len(own) :]]
    members = {value: i for i, value in enumerate(own)}
    labels = list(own)
    if sum(count for _, count in rest) >= case.k:
        labels.append(OTHER_LABEL)
        members.update((value, len(own)) for value, _ in rest)
    return Groups(column, tuple(labels), members)


def _cell_groups(case: Case, column: Column) -> Groups:
    coding, counts = case.coding(column.name), case.real.counts(column.name)[:-1]
    kept = [i for i in np.argsort(-counts, kind="stable") if counts[i] >= case.k]
    cells = np.full(coding.size, -1)
    cells[kept] = np.arange(len(kept))
    return Groups(column, tuple(coding.labels[i] for i in kept), None, coding, tuple(int(c) for c in cells))


def group_counts(part: Part, groups: Groups) -> tuple[Ints, int]:
    """Rows of each group, shape (g,), and rows with any value at all."""
    counts = part.value_counts(groups.column.name)
    places = groups.encode(counts.values)
    inside = places >= 0
    sums = np.bincount(places[inside], weights=counts.counts[inside], minlength=len(groups.labels))
    return sums.astype(np.int64), counts.filled
