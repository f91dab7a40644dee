"""Groups of people by a sensitive column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Floats, Ints, Objects
from audit.case.binning import OTHER_LABEL
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.model import Column, Kind
from audit.stats.distributions.round_bands import band_labels, round_edges

MISSING = "(missing)"
_MAX_GROUPS = 50  # groups told one by one; smaller ones share the group of the others


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one sensitive column, the largest real one first, those without a value last.

    labels : shape (g,), what may be shown: every group holds at least k real people
    members : group number by value, for a category; None for a number or date
    edges, bands : for a number or date, where it is cut, and the group number of every band
        from low to high (-1 for none); seconds since 1970 for a date
    missing : group number of those without a value, -1 where they make no group
    """

    column: Column
    labels: tuple[str, ...]
    members: dict[str, int] | None
    edges: tuple[float, ...] = ()
    bands: tuple[int, ...] = ()
    missing: int = -1

    @property
    def reference(self) -> str:
        """The largest real group, which the others are compared with."""
        return self.labels[0]

    @property
    def reading_order(self) -> tuple[int, ...]:
        """Group numbers as a reader expects them: bands from low to high, others largest first."""
        named = [g for g in self.bands if g >= 0] if self.members is None else []
        return (*named, *(g for g in range(len(self.labels)) if g not in named))

    def encode(self, values: Floats | Objects) -> Ints:
        """Group number of every value, shape (n,); -1 for those that belong to no group."""
        if self.members is None:
            numbers = np.asarray(values, dtype=np.float64)
            found = np.asarray(self.bands, dtype=np.int64)[np.searchsorted(self.edges, numbers, side="right")]
            found[np.isnan(numbers)] = self.missing
            return found
        array = pa.array(values, type=pa.string(), from_pandas=True)
        known = pa.array(list(self.members), type=pa.string())
        # One place more for what is unknown, and one for what is missing.
        numbers_of = np.array([*self.members.values(), -1, self.missing], dtype=np.int64)
        places = pc.index_in(array, value_set=known).fill_null(len(self.members))
        return numbers_of[np.where(array.is_null(), len(self.members) + 1, np.asarray(places))]


def make_groups(case: Case, column: Column) -> Groups:
    """Cut a sensitive column into groups of at least k real people each; made once a run.

    The values of a category that fewer people hold share one group, if together they reach
    k; values that no real row holds belong to none. A number is cut into bands: those that the
    options name, else round ones near the fifths of its real rows; a date into the bins of its
    coding. Bands of fewer than k real people are no group. Rows without a value are a group of
    their own where k real people have none.
    """
    return case.shared(f"groups of {column.name}", lambda: _make_groups(case, column))


def _make_groups(case: Case, column: Column) -> Groups:
    if column.kind is Kind.CATEGORY:
        labels, members = _values(case, column)
        groups = Groups(column, tuple(labels), members)
    else:
        groups = _bands(case, column)
    if case.real.value_counts(column.name).missing < case.k:
        return groups
    label = MISSING if MISSING not in groups.labels else "(no value)"
    return Groups(
        column, (*groups.labels, label), groups.members, groups.edges, groups.bands, len(groups.labels)
    )


def _values(case: Case, column: Column) -> tuple[list[str], dict[str, int]]:
    counts = case.real.value_counts(column.name)
    order = sorted(zip(counts.values, counts.counts, strict=True), key=lambda item: (-item[1], str(item[0])))
    own = [str(value) for value, count in order if count >= case.k][:_MAX_GROUPS]
    rest = [(str(value), int(count)) for value, count in order[len(own) :]]
    members = {value: i for i, value in enumerate(own)}
    labels = list(own)
    if sum(count for _, count in rest) >= case.k:
        labels.append(OTHER_LABEL)
        members.update((value, len(own)) for value, _ in rest)
    return labels, members


def _bands(case: Case, column: Column) -> Groups:
    counts = case.real.value_counts(column.name)
    values = np.asarray(counts.values, dtype=np.float64)
    if column.kind is Kind.DATE:
        coding = case.binning(column.name)
        edges = tuple(coding.breaks[1:-1].tolist()) if coding.breaks is not None else ()
        labels = coding.labels[:-1]
    else:
        edges = case.options.all_bands().get(column.name) or round_edges(values, counts.counts, case.k)
        labels = band_labels(edges, values, counts.counts, case.k)
    rows = np.bincount(
        np.searchsorted(edges, values, side="right"), weights=counts.counts, minlength=len(labels)
    )
    kept = [i for i in np.argsort(-rows, kind="stable").tolist() if rows[i] >= case.k]
    numbers = {band: number for number, band in enumerate(kept)}
    bands = tuple(numbers.get(i, -1) for i in range(len(labels)))
    return Groups(column, tuple(labels[i] for i in kept), None, edges, bands)


def group_counts(part: CaseTable, groups: Groups) -> tuple[Ints, int]:
    """Rows of each group, shape (g,), and rows that could belong to one.

    Rows without a value count where they are a group.
    """
    counts = part.value_counts(groups.column.name)
    places = groups.encode(counts.values)
    inside = places >= 0
    sums = np.bincount(places[inside], weights=counts.counts[inside], minlength=len(groups.labels))
    rows = counts.filled
    if groups.missing >= 0:
        sums[groups.missing] += counts.missing
        rows += counts.missing
    return sums.astype(np.int64), rows


def row_groups(case: Case, part: CaseTable, groups: Groups) -> NDArray[np.int16]:
    """Group number of every row of a table, shape (rows,), -1 for none; made once a run."""
    name = groups.column.name
    return case.shared(
        f"rows by group of {name} in {part.role}", lambda: groups.encode(part.column(name)).astype(np.int16)
    )
