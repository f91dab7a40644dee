"""Rows with the format shown, and rows with the format taken off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.checks.artifacts._shared.category_values import fold_spelling
from audit.learn.features import Features, category_levels
from audit.model import Kind

_DECIMALS = 6  # that are told apart; more count as one more


def with_format(case: Case, real: Features, synthetic: Features) -> tuple[Features, Features]:
    """Rows with the number of decimals beside each number of which one table shows more than the other.

    Trees cut a line into few parts, so they would hardly see 31.37 among whole numbers. The new
    columns have the name of the number's. The same objects where nothing was added.
    """
    names, added = [], []
    for column in case.of_kind(Kind.NUMBER):
        at = real.names.index(column.name)
        pair = decimal_counts(real.matrix[:, at]), decimal_counts(synthetic.matrix[:, at])
        if np.nanmax(pair[0], initial=0) != np.nanmax(pair[1], initial=0):
            names.append(column.name)
            added.append(pair)
    if not added:
        return real, synthetic
    one, other = (
        Features(
            np.column_stack([table.matrix, *(pair[i] for pair in added)]),
            (*table.names, *names),
            (*table.categorical, *(False for _ in names)),
        )
        for i, table in enumerate((real, synthetic))
    )
    return one, other


def decimal_counts(values: Floats) -> Floats:
    """Decimals that each value has, up to 7, which stands for more than 6; NaN stays NaN."""
    found = np.where(np.isnan(values), np.nan, _DECIMALS + 1.0)
    left = ~np.isnan(values)
    for count in range(_DECIMALS + 1):
        scaled = values[left] * 10.0**count
        whole = np.abs(scaled - np.rint(scaled)) <= np.maximum(1e-9, 1e-14 * np.abs(scaled))
        places = np.flatnonzero(left)[whole]
        found[places], left[places] = count, False
    return found


def canonical_rows(case: Case, real: Features, synthetic: Features) -> tuple[Features, Features]:
    """Rows as the real table would have written them.

    A number or date becomes the nearest value that the real table holds. Spellings of a
    category that differ only in case, spaces or Unicode form become one; values the real table
    holds in no spelling become one as well. Missing stays missing.
    """
    place = {name: i for i, name in enumerate(real.names)}
    matrices = real.matrix.copy(), synthetic.matrix.copy()
    for column in case.distribution_columns:
        at = place[column.name]
        if column.kind in NUMERIC_KINDS:
            known = np.asarray(case.real.value_counts(column.name).values, dtype=np.float64)
            for matrix in matrices:
                matrix[:, at] = nearest_known(matrix[:, at], known)
        elif column.kind is Kind.CATEGORY:
            spelled = _spelled(case, column.name)
            for matrix in matrices:
                matrix[:, at] = _looked_up(matrix[:, at], spelled)
    return replace(real, matrix=matrices[0]), replace(synthetic, matrix=matrices[1])


def nearest_known(values: Floats, known: Floats) -> Floats:
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
    # The middle of the halves does not overflow at the ends of the scale of floats.
    found = np.where(values <= low / 2 + high / 2, low, high)
    return np.where(np.isnan(values), np.nan, found)


def _spelled(case: Case, name: str) -> Floats:
    """The code that stands for each code of `features`; the last is that of all other values."""
    coded = category_levels(case, name)
    known = set(case.real.value_counts(name).values.tolist())
    folds = [fold_spelling(value) for value in coded]
    held = {f for f, value in zip(folds, coded, strict=True) if value in known}
    if len(held) < len(set(folds)):  # a value among the codes may be a spelling of a rarer real one
        held |= {fold_spelling(value) for value in known}
    first = {f: code for code, f in reversed(list(enumerate(folds)))}
    other = len(coded)
    return np.array([*(first[f] if f in held else other for f in folds), other], dtype=np.float64)


def _looked_up(codes: Floats, table: Floats) -> Floats:
    missing = np.isnan(codes)
    return np.where(missing, np.nan, table[np.where(missing, 0, codes).astype(np.int64)])
