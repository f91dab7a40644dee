"""Rows with the format taken off: every value as the real table would have written it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audit.case import MEASURED, Case
from audit.checks.artifacts.categories import fold
from audit.features import Features, levels
from audit.model import Kind

Floats = NDArray[np.float64]


def canonical(case: Case, *tables: Features) -> tuple[Features, ...]:
    """Rows as the real table would have written them.

    A number or date becomes the nearest value that the real table holds. Spellings of a
    category that differ only in case, spaces or Unicode form become one; values the real table
    holds in no spelling become one as well. Missing stays missing.
    """
    place = {name: i for i, name in enumerate(tables[0].names)}
    matrices = [table.matrix.copy() for table in tables]
    for column in case.shaped:
        at = place[column.name]
        if column.kind in MEASURED:
            known = np.asarray(case.real.value_counts(column.name).values, dtype=np.float64)
            for matrix in matrices:
                matrix[:, at] = nearest(matrix[:, at], known)
        elif column.kind is Kind.CATEGORY:
            spelled = _spelled(case, column.name)
            for matrix in matrices:
                matrix[:, at] = _looked_up(matrix[:, at], spelled)
    return tuple(replace(table, matrix=m) for table, m in zip(tables, matrices, strict=True))


def nearest(values: Floats, known: Floats) -> Floats:
    """For every value the nearest known one, the lower of two that are as near.

    Parameters
    ----------
    values : shape (n,), NaN stays NaN
    known : shape (k,), increasing; if empty, the values stay as they are
    """
    if len(known) == 0:
        return values
    above = np.clip(np.searchsorted(known, values), 1, max(len(known) - 1, 1))
    low, high = known[above - 1], known[np.minimum(above, len(known) - 1)]
    # In longdouble the distances do not overflow at the ends of the scale of floats.
    wide = values.astype(np.longdouble)
    found = np.where(np.abs(wide - low) <= np.abs(wide - high), low, high)
    return np.where(np.isnan(values), np.nan, found)


def _spelled(case: Case, name: str) -> Floats:
    """The code that stands for each code of `features`; the last is that of all other values."""
    coded = levels(case, name)
    known = set(case.real.value_counts(name).values.tolist())
    folds = [fold(value) for value in coded]
    held = {f for f, value in zip(folds, coded, strict=True) if value in known}
    if len(held) < len(set(folds)):  # a value among the codes may be a spelling of a rarer real one
        held |= {fold(value) for value in known}
    first = {f: code for code, f in reversed(list(enumerate(folds)))}
    other = len(coded)
    return np.array([*(first[f] if f in held else other for f in folds), other], dtype=np.float64)


def _looked_up(codes: Floats, table: Floats) -> Floats:
    missing = np.isnan(codes)
    return np.where(missing, np.nan, table[np.where(missing, 0, codes).astype(np.int64)])
