"""Rows that are alike but for their label, and blocks of rows that come again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Hashes

_MIX = 0x9E3779B97F4A7C15  # the golden ratio in 64 bits, an odd number
_BLOCK = 8  # rows of a block, at least, and rows from one occurrence to the next


@dataclass(frozen=True, slots=True)
class Contradictions:
    """How many rows contradict each other.

    rows : rows that are like another one which carries another label
    changes : labels that would have to change, at least, until like rows carry like labels
    """

    rows: int
    changes: int


def count_contradictions(kinds: Hashes, labels: Hashes) -> Contradictions:
    """Count rows of the same kind with different labels.

    Parameters
    ----------
    kinds : shape (n,), the same for rows that are alike but for their label
    labels : shape (n,), the same for equal labels

    Examples
    --------
    >>> kinds, labels = np.array([[1, 1, 1, 2, 3, 3], [5, 5, 6, 5, 5, 5]], dtype=np.uint64)
    >>> count_contradictions(kinds, labels)
    Contradictions(rows=3, changes=1)
    """
    if not len(kinds):
        return Contradictions(0, 0)
    order = np.lexsort((labels, kinds))
    kinds, labels = kinds[order], labels[order]
    new_kind = np.r_[True, kinds[1:] != kinds[:-1]]
    starts = np.flatnonzero(new_kind | np.r_[True, labels[1:] != labels[:-1]])  # of each label of a kind
    first = np.flatnonzero(new_kind[starts])  # of these, where a kind begins
    size = np.diff(np.r_[starts, len(kinds)])
    rows, most = np.add.reduceat(size, first), np.maximum.reduceat(size, first)
    several = np.diff(np.r_[first, len(starts)]) > 1
    return Contradictions(int(rows[several].sum()), int((rows - most).sum()))


def count_contradicted(kinds: Hashes, labels: Hashes, known: Hashes, known_labels: Hashes) -> int:
    """Rows whose kind stands in another table, but never with their label.

    Parameters
    ----------
    kinds, labels : shape (n,), as for `count_contradictions`
    known, known_labels : shape (m,), of the other table
    """
    there = np.isin(kinds, known)
    return int((~np.isin(_pairs(kinds[there], labels[there]), _pairs(known, known_labels))).sum())


def _pairs(kinds: Hashes, labels: Hashes) -> Hashes:
    """A number for each kind and label together."""
    return kinds ^ (labels * np.uint64(_MIX))


def repeated_blocks(rows: Hashes) -> int:
    """Rows in blocks of at least eight that come again in the same order.

    A row belongs to a repeated block where it and its neighbours last stood equally many rows
    before, at least eight: one row written many times over is no block.

    Parameters
    ----------
    rows : shape (n,), in the table's order, the same for equal rows

    Examples
    --------
    >>> repeated_blocks(np.r_[np.arange(20), np.arange(5, 15)].astype(np.uint64))
    10
    """
    if len(rows) < 2 * _BLOCK:
        return 0
    order = np.argsort(rows, kind="stable")
    same = np.r_[False, rows[order][1:] == rows[order][:-1]]
    back = np.zeros(len(rows), dtype=np.int64)  # rows since this one last stood there, 0 for never
    back[order[same]] = (order - np.r_[0, order[:-1]])[same]
    starts = np.flatnonzero(np.r_[True, back[1:] != back[:-1]])
    lengths = np.diff(np.r_[starts, len(rows)])
    return int(lengths[(lengths >= _BLOCK) & (back[starts] >= _BLOCK)].sum())
