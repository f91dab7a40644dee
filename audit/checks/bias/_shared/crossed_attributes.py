"""Sensitive columns crossed with each other and with the outcome, in every table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from audit.arrays import Floats, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.checks.bias._shared.groups import Groups, group_counts, make_groups, row_groups
from audit.checks.bias._shared.outcome_rates import Outcomes, make_outcomes, outcome_rows
from audit.model import Column, Kind, Role
from audit.stats.inference.simultaneous import CrossedCounts

MAX_ATTRIBUTES = 6
DEEPEST = 3  # attributes crossed at most
LEAST_ROWS = 50  # real rows of a group
_LEAST_HITS = 5  # real rows with the outcome, and without it
MEDIAN = "above the real median"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Groups of one to three attributes, counted in every table.

    attributes : the sensitive columns' groups
    outcomes : what rates are of; None without an outcome
    groups : shape (g,), each the attributes' places and their group numbers
    crossed_counts : the counts; holdout : shape (c,), of the same cells, None without one
    left_out : groups of real people that are too small to compare
    """

    attributes: tuple[Groups, ...]
    outcomes: Outcomes | None
    groups: tuple[tuple[tuple[int, int], ...], ...]
    crossed_counts: CrossedCounts
    holdout: Floats | None
    left_out: int

    def label(self, g: int) -> dict[str, str]:
        """Column and value of a group."""
        return {self.attributes[a].column.name: self.attributes[a].labels[i] for a, i in self.groups[g]}


def attributes_of(case: Case) -> list[Groups]:
    """The sensitive columns that make two groups or more, in an order that names have no part in."""
    made = [make_groups(case, c) for c in case.with_role(Role.SENSITIVE) if c.kind in DISTRIBUTION_KINDS]
    several = [groups for groups in made if len(groups.labels) > 1]
    return sorted(several, key=lambda groups: group_counts(case.real, groups)[0].tolist())[:MAX_ATTRIBUTES]


def make_crossing(case: Case, attributes: list[Groups]) -> Crossing:
    """Count every group of up to three attributes in every table, on every row."""
    outcomes, target = _outcome(case)
    sizes = [len(groups.labels) + 1 for groups in attributes]
    levels = len(outcomes.levels) if outcomes is not None else 0
    found = {
        part.role: np.unique(_codes(case, part, attributes, sizes, outcomes, target), return_counts=True)
        for part in case.tables()
    }
    cells = np.unique(np.concatenate([codes for codes, _ in found.values()]))
    rows = {role: _spread(cells, codes, n) for role, (codes, n) in found.items()}
    outcome, places = _decoded(cells, sizes)
    groups, member = _groups(places, sizes)
    hit = np.array(
        [outcome == 1 + level for level in range(levels)] or [np.zeros(len(cells))], dtype=np.float64
    )
    known = (outcome > 0).astype(np.float64)
    people = member @ rows["real"]
    n, hits = (
        member @ (rows["real"] * known),
        np.stack([member @ (rows["real"] * one) for one in hit], axis=1),
    )
    judged = people >= LEAST_ROWS
    enough = np.minimum(hits, n[:, None] - hits) >= _LEAST_HITS
    crossed = CrossedCounts(
        rows["real"], rows["synthetic"], member, known, hit, judged, judged[:, None] & enough & (levels > 0)
    )
    several = np.array([len(group) > 1 for group in groups], dtype=bool)
    left_out = int(np.sum(several & ~judged & (people > 0)))
    return Crossing(tuple(attributes), outcomes, groups, crossed, rows.get("holdout"), left_out)


def _outcome(case: Case) -> tuple[Outcomes | None, Column | None]:
    for target in case.with_role(Role.TARGET):
        if target.kind in NUMERIC_KINDS:
            return Outcomes(target, (MEDIAN,), MEDIAN), target
        if target.kind is Kind.CATEGORY and (outcomes := make_outcomes(case, target)) is not None:
            return outcomes, target
    return None, None


def _codes(
    case: Case,
    part: CaseTable,
    attributes: list[Groups],
    sizes: list[int],
    outcomes: Outcomes | None,
    target: Column | None,
) -> Ints:
    """One number a row: outcome and group of every attribute; 0 stands for none."""
    codes = np.zeros(part.rows, dtype=np.int64)
    if outcomes is not None and target is not None:
        codes += _outcome_codes(case, part, outcomes, target)
    for groups, size in zip(attributes, sizes, strict=True):
        codes *= size
        codes += row_groups(case, part, groups) + 1
    return codes


def _outcome_codes(case: Case, part: CaseTable, outcomes: Outcomes, target: Column) -> Ints:
    """0 without an outcome, then the levels, then any other."""
    if target.kind in NUMERIC_KINDS:
        real = case.real.value_counts(target.name)
        at = np.searchsorted(np.cumsum(real.counts), real.filled / 2)
        middle = float(real.values[at]) if real.filled else 0.0
        values = np.asarray(part.column(target.name), dtype=np.float64)
        return np.where(np.isnan(values), 0, np.where(values > middle, 1, 2)).astype(np.int64)
    return outcome_rows(case, part, outcomes).astype(np.int64) + 1


def _spread(cells: Ints, codes: Ints, n: Ints) -> Floats:
    rows = np.zeros(len(cells))
    rows[np.searchsorted(cells, codes)] = n
    return rows


def _decoded(cells: Ints, sizes: list[int]) -> tuple[Ints, Ints]:
    """Outcome of every cell, and group of every attribute, shape (a, c); 0 for none."""
    places = np.empty((len(sizes), len(cells)), dtype=np.int64)
    rest = cells.copy()
    for a in range(len(sizes) - 1, -1, -1):
        rest, places[a] = np.divmod(rest, sizes[a])
    return rest, places


def _groups(
    places: Ints, sizes: list[int]
) -> tuple[tuple[tuple[tuple[int, int], ...], ...], sparse.csr_array]:
    """Every group of one to three attributes that has a row in any table, and its cells."""
    named: list[tuple[tuple[int, int], ...]] = []
    rows, columns = [], []
    for depth in range(1, min(DEEPEST, len(sizes)) + 1):
        for combination in combinations(range(len(sizes)), depth):
            inside = np.flatnonzero(np.all(places[list(combination)] > 0, axis=0))
            shape = tuple(sizes[a] for a in combination)
            keys = np.ravel_multi_index(tuple(places[a, inside] for a in combination), shape)
            distinct, inverse = np.unique(keys, return_inverse=True)
            rows.append(inverse + len(named))
            columns.append(inside)
            members = np.stack(np.unravel_index(distinct, shape), axis=1) - 1
            named += [tuple(zip(combination, (int(i) for i in one), strict=True)) for one in members.tolist()]
    row, column = np.concatenate(rows), np.concatenate(columns)
    member = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(named), places.shape[1]))
    return tuple(named), member
