"""Synthetic rows that crowd around one row far more than real rows do, and than their own surroundings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Hashes, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable

SMALLEST = 0.001  # of the synthetic rows that a crowd holds at least
_MIN_ROWS = 10  # and rows
_FALSE_ALARM_RATE = 0.001  # chance that alike tables raise anything, over all places looked at
_TIMES = 3.0  # so many times the rows that real ones explain
_LEVELS = 256
_SOUGHT = 6  # fullest combinations that are looked at, with every column and with each left out in turn
_WIDEST = 60  # columns up to which each is left out in turn
_CENTRES = 60  # places that are looked at closely, at most
_AGREED = 0.95  # of a crowd that holds the same cell where the crowd agrees in a column
_COVERED = 0.5
_MAX_LISTED = 10


@dataclass(frozen=True, slots=True)
class NearDuplicateCluster:
    """Rows that agree in nearly all columns.

    row_indices : synthetic rows, from 0
    expected : rows that as many real ones would put there
    around : rows expected there from how many synthetic rows stand just outside
    columns : in which nearly all of them hold the same
    chance : that as many come about, on all places that were looked at
    """

    row_indices: Ints
    expected: float
    around: float
    columns: tuple[str, ...]
    chance: float


def find_clusters(case: Case) -> list[NearDuplicateCluster]:
    """Crowds of near-identical synthetic rows, the largest first; disjoint but for a few rows.

    Every row is one combination of cells (parts of a number's range, frequent categories,
    missing). The fullest combinations, of all columns and of all but one, are centres. A
    crowd is the rows that agree with a centre in all but about a sixth of the columns. It is
    told when it holds 0.1 % of the synthetic rows, three times the rows that real ones
    explain, and three times what the rows just outside (which agree in somewhat fewer
    columns) make one expect: a generator that is generous to a whole region fills that
    region evenly, while rows that were put in stand alone. Costs O(n d) for each of at most
    60 centres, n rows and d columns.

    Source: exact test of two counts given their sum: Przyborowski and Wilenski (1940),
    Biometrika 31, 313-323; over many: Dunn (1961), JASA 56, 52-64.
    """
    return case.shared("crowds of synthetic rows", lambda: _find(case))


def agreement_limits(columns: int) -> tuple[int, int]:
    """Columns in which a crowd agrees with its centre at least, and those that the surroundings do."""
    free = max(1, round(columns / 6))
    return columns - free, max(columns - 2 * free - 1, 1)


def _find(case: Case) -> list[NearDuplicateCluster]:
    pool = [part for part in case.tables() if part.role != "synthetic"]
    varied = [
        column
        for column in case.distribution_columns
        if (case.real.counts(column.name) > 0).sum() + (case.synthetic.counts(column.name) > 0).sum() > 2
    ]
    names = sorted(column.name for column in varied)
    places = [case.code_index(name) for name in names]
    if len(places) < 4:
        return []
    fewest = max(_MIN_ROWS, math.ceil(SMALLEST * case.synthetic.rows))
    centres = _centres(case, places)
    found = [_crowd(case, pool, names, places, centre, fewest, len(centres)) for centre in centres]
    crowds = [one for one in found if one is not None]
    return _distinct(crowds, case.synthetic.rows)


def _centres(case: Case, places: Sequence[int]) -> Ints:
    """Synthetic rows that stand for the fullest combinations of cells."""
    codes = case.synthetic.codes
    weights = case.rng("crowds").integers(0, 2**64, size=(len(places), _LEVELS), dtype=np.uint64)
    whole = np.zeros(len(codes), dtype=np.uint64)
    for place, weight in zip(places, weights, strict=True):
        whole += weight[codes[:, place]]
    rows: dict[bytes, tuple[int, int]] = {}
    for left_out in (-1, *(range(len(places)) if len(places) <= _WIDEST else ())):
        keys = whole if left_out < 0 else whole - weights[left_out][codes[:, places[left_out]]]
        for row, count in _fullest(keys):
            cells = codes[row, places].tobytes()
            rows[cells] = max(rows.get(cells, (0, row)), (count, row))
    best = sorted(rows.items(), key=lambda item: (-item[1][0], item[0]))[:_CENTRES]
    return np.asarray([row for _, (_, row) in best], dtype=np.int64)


def _fullest(keys: Hashes) -> list[tuple[int, int]]:
    """A row of each of the fullest combinations, and their rows."""
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_SOUGHT]
    return [(int(first[i]), int(counts[i])) for i in most if counts[i] > 1]


def _agreement(part: CaseTable, places: Sequence[int], cells: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """In how many columns each row holds these cells, shape (rows,)."""
    same = np.zeros(part.rows, dtype=np.uint16)
    for place, cell in zip(places, cells, strict=True):
        same += part.codes[:, place] == cell
    return same


def _crowd(
    case: Case,
    pool: Sequence[CaseTable],
    names: Sequence[str],
    places: Sequence[int],
    centre: int,
    fewest: int,
    tests: int,
) -> NearDuplicateCluster | None:
    core, shell = agreement_limits(len(places))
    cells = case.synthetic.codes[centre, places]
    ours = _agreement(case.synthetic, places, cells)
    theirs = [_agreement(part, places, cells) for part in pool]
    inside = np.flatnonzero(ours >= core)
    count = len(inside)
    if count < fewest:
        return None
    near = int((ours >= shell).sum()) - count
    real = sum(int((one >= core).sum()) for one in theirs)
    real_near = sum(int((one >= shell).sum()) for one in theirs) - real
    ratio = case.synthetic.rows / max(sum(part.rows for part in pool), 1)
    expected = real * ratio
    around = (real + 0.5) * (near + 0.5) / (real_near + 0.5)
    # Given their sum, the rows of the crowd are binomial if they are as dense as real ones, or as the rows just outside.
    chance = max(_chance(count, real, ratio), _chance(count, real, (near + 0.5) / (real_near + 0.5)))
    if chance * tests > _FALSE_ALARM_RATE or count < _TIMES * max(expected, around):
        return None
    agreed = tuple(
        name
        for name, place, cell in zip(names, places, cells, strict=True)
        if (case.synthetic.codes[inside, place] == cell).mean() >= _AGREED
    )
    return NearDuplicateCluster(inside, expected, around, agreed, min(1.0, chance * tests))


def _chance(count: int, real: int, ratio: float) -> float:
    return float(special.betainc(count, real + 1.0, ratio / (1 + ratio)))


def _distinct(crowds: Sequence[NearDuplicateCluster], rows: int) -> list[NearDuplicateCluster]:
    """The largest first; those that share their rows with larger ones left out."""
    taken = np.zeros(rows, dtype=bool)
    kept = []
    for one in sorted(crowds, key=lambda one: (-len(one.row_indices), one.columns)):
        if taken[one.row_indices].mean() < _COVERED:
            taken[one.row_indices] = True
            kept.append(one)
    return kept[:_MAX_LISTED]
