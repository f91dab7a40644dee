"""Rows as points: what "near" means wherever rows are compared by distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audit.arrays import Floats, Ints, Points
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.model import Column, Kind

_SPREAD = 1 / 12  # variance of a rank in [0, 1]
_FARTHEST = 10.0  # typical distances from the centre; a broken vector beyond lies there


def has_points(case: Case) -> bool:
    """Whether any column places rows: a number, date, category or vector."""
    return bool(case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR))


def embed(
    case: Case,
    chosen: Sequence[tuple[CaseTable, Ints]],
    like: Sequence[int],
    columns: Sequence[Column] | None = None,
    encoding: str = "ranks",
) -> list[Points]:
    """Rows of each chosen table as points; their Euclidean distance says how unlike two rows are.

    A number or date is its mid-rank among the tables at the places `like`, in [0, 1], in
    proportion between known values. A category is one half at its coding cell and 0 at the
    others, so that two different ones lie the root of one half apart. Missing numbers lie at 0
    and one half apart on a coordinate of their own. A vector is centred and scaled as a whole
    by the tables at `like`, so that its total variance is that of a rank, 1/12: a column of
    vectors weighs as much as one well-spread number, however many coordinates it has, and
    distances inside it keep their proportions.

    Parameters
    ----------
    chosen : tables and the places of their rows, from 0
    like : places in `chosen` of the tables that set ranks and scales
    columns : those that place rows, in the order of their coordinates; all if None
    encoding : "ranks" as above; "spread" puts numbers and dates at their distance from the mean in
        standard deviations, scaled so that the variance is that of a rank as well; "cells" takes
        their coding cell as a category

    Returns
    -------
    one array for each chosen table, shape (rows, coordinates), the same coordinates in all;
    never NaN; no coordinates where no column places rows
    """
    blocks: list[list[Points]] = [[] for _ in chosen]
    for column in case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR) if columns is None else columns:
        for block, found in zip(blocks, _of_column(case, column, chosen, like, encoding), strict=True):
            block.append(found)
    empty = [np.empty((len(rows), 0), dtype=np.float32) for _, rows in chosen]
    return [np.hstack([start, *block]) for start, block in zip(empty, blocks, strict=True)]


def _of_column(
    case: Case, column: Column, chosen: Sequence[tuple[CaseTable, Ints]], like: Sequence[int], encoding: str
) -> list[Points]:
    if column.kind is Kind.VECTOR:
        return _scaled([part.vectors(column.name, rows) for part, rows in chosen], like)
    if column.kind in NUMERIC_KINDS and encoding != "cells":
        values = [np.asarray(part.column(column.name, rows), dtype=np.float64) for part, rows in chosen]
        if encoding == "spread":
            return _scaled([v.astype(np.float32)[:, None] for v in values], like)
        known, ranks = _mid_ranks(np.concatenate([values[place] for place in like]))
        return [_ranked(v, known, ranks) for v in values]
    place = case.code_index(column.name)
    halves = np.eye(case.binning(column.name).size, dtype=np.float32) * np.float32(0.5)
    return [halves[part.codes[rows, place]] for part, rows in chosen]


def _mid_ranks(values: Floats) -> tuple[Floats, Floats]:
    known, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if not len(known):
        return np.zeros(1), np.zeros(1)
    return known, (np.cumsum(counts) - counts / 2) / counts.sum()


def _ranked(values: Floats, known: Floats, ranks: Floats) -> Points:
    """Between known values a rank lies in proportion; missing sits apart."""
    missing = np.isnan(values)
    places = np.interp(np.where(missing, known[0], values), known, ranks)
    return np.column_stack([np.where(missing, 0.0, places), missing * 0.5]).astype(np.float32)


def _scaled(vectors: Sequence[Points], like: Sequence[int]) -> list[Points]:
    """Missing vectors lie at the centre, one half apart."""
    known = np.concatenate([vectors[place] for place in like])
    known = known[~np.isnan(known[:, 0])]
    centre = known.mean(axis=0, dtype=np.float64) if len(known) else np.zeros(known.shape[1])
    around = known - centre.astype(np.float32)
    typical = (
        float(np.sqrt(np.einsum("ij,ij->i", around, around, dtype=np.float64).mean())) if len(known) else 0.0
    )
    return [_placed(v, centre, typical or 1.0) for v in vectors]


def _placed(vectors: Points, centre: Floats, typical: float) -> Points:
    missing = np.isnan(vectors[:, 0])
    around = np.where(missing[:, None], 0.0, (vectors - centre.astype(np.float32)) / np.float32(typical))
    far = np.sqrt(np.einsum("ij,ij->i", around, around, dtype=np.float64))
    shrink = np.sqrt(_SPREAD) * np.minimum(1.0, _FARTHEST / np.maximum(far, 1e-12))
    return np.column_stack([around * shrink[:, None], missing * 0.5]).astype(np.float32)
