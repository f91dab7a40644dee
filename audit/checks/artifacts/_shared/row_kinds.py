"""Rows that hold the same cells, held once: numbered by sums of random weights, counted, thinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Bytes, Hashes, Ints
from audit.case.case_table import CaseTable
from audit.checks.artifacts._shared.excess_counts import rarefied_distinct
from audit.stats.distributions.distinct import distinct_rows

_SPARSE = 16  # slots for each number from which they are not laid out


@dataclass(frozen=True, slots=True)
class RowKinds:
    """Rows that stand for all rows of some tables; many rows with the same cells are held once.

    rows : of the tables
    keys : shape (k,), a number for the cells of each
    times : shape (k,), rows it stands for; None where each stands for itself
    codes : a code matrix for each table; together they have k rows
    """

    rows: int
    keys: Hashes
    times: Ints | None
    codes: tuple[Bytes, ...]

    def column_codes(self, place: int) -> Bytes:
        """The cells of one column, shape (k,)."""
        return np.concatenate([codes[:, place] for codes in self.codes])

    def without_column(self, place: int, weight: Hashes) -> RowKinds:
        """The same rows with one column left out of the number."""
        return replace(self, keys=self.keys - weight[self.column_codes(place)])

    def sum_by_group(self, groups: Ints, size: int, chosen: Ints | None = None) -> Ints:
        """Rows in each of the groups that are numbered from 0; of the chosen ones only."""
        times = self.times if self.times is None or chosen is None else self.times[chosen]
        sums: Ints = np.bincount(groups, weights=times, minlength=size).astype(np.int64, copy=False)
        return sums


def row_kinds(part: CaseTable, places: Sequence[int], weights: Hashes) -> RowKinds:
    """The rows of a table, numbered by the cells of some columns of its code matrix."""
    total = np.zeros(part.rows, dtype=np.uint64)
    for place, weight in zip(places, weights, strict=True):
        total += weight[part.codes[:, place]]
    found = distinct_rows(total)
    if found is None:
        return RowKinds(part.rows, total, None, (part.codes,))
    rows, times = found
    return RowKinds(part.rows, total[rows], times, (part.codes.T[:, rows].T,))


def pool_kinds(tables: Sequence[RowKinds]) -> RowKinds:
    """The rows of several tables as those of one."""
    times = None
    if any(one.times is not None for one in tables):
        times = np.concatenate(
            [np.ones(len(one.keys), np.int64) if one.times is None else one.times for one in tables]
        )
    codes = tuple(codes for one in tables for codes in one.codes)
    return RowKinds(
        sum(one.rows for one in tables), np.concatenate([one.keys for one in tables]), times, codes
    )


def rows_of_keys(keys: Hashes, pool: RowKinds, places: Ints) -> Ints:
    """Rows of the pool with each of some increasing keys; they lie at these places."""
    others = pool.keys[places]
    at = np.minimum(np.searchsorted(keys, others), len(keys) - 1)
    held = np.flatnonzero(keys[at] == others) if len(keys) else np.empty(0, np.int64)
    return pool.sum_by_group(at[held], len(keys), places[held])


def expected_distinct(kinds: RowKinds, m: int) -> tuple[float, float]:
    """Different combinations expected among m rows, and its standard error as a share of it."""
    if kinds.times is None:
        counts = np.unique(kinds.keys, return_counts=True)[1]
    else:
        keys, kind = np.unique(kinds.keys, return_inverse=True)
        counts = kinds.sum_by_group(kind, len(keys))
    times = np.bincount(counts)
    sizes = np.flatnonzero(times)
    found = rarefied_distinct(sizes, times[sizes], m)
    single = float(times[1]) if len(times) > 1 else 0.0
    variance = single * (1 - single / kinds.rows)
    return found, float(np.sqrt(variance)) / float(times.sum())


def bucket_keys(tables: Sequence[Hashes], bits: int) -> tuple[list[Ints], int]:
    """The leading bits of numbers, and one more than the largest; renumbered where few of them are taken."""
    leading: list[Ints] = [(keys >> np.uint64(64 - bits)).view(np.int64) for keys in tables]
    size = 1 << bits
    if _SPARSE * sum(len(one) for one in leading) > size:
        return leading, size
    taken, numbers = np.unique(np.concatenate(leading), return_inverse=True)
    return np.split(numbers, np.cumsum([len(one) for one in leading])[:-1]), len(taken)
