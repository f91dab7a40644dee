"""Which of many overlapping groups to tell: those that the others do not explain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audit.arrays import Bools
from audit.stats.inference.simultaneous import CrossedCounts, score_z

_MAX_EXAMINED = 300  # groups beyond chance, the clearest first
_LEAST = 1.1  # ratio of a share or of odds below which nothing is told


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A group whose share or rate is beyond chance.

    level : number of the outcome whose rate changed, -1 for the share of the group
    z : standard errors; log : logarithm of the ratio of shares or odds, half a row added
    """

    group: int
    level: int
    z: float
    log: float
    error: float


def group_changes(crossed: CrossedCounts, critical: float) -> list[GroupChange]:
    """Groups beyond chance, the clearest first, without those that others explain.

    A change that wider groups already tell, or that is gone without the rows of narrower ones
    already told, is not told again; of the levels of an outcome the clearest is. Groups of one attribute explain as well.
    """
    shares, rates = crossed.scores(crossed.synthetic, crossed.real)
    found = [_share(crossed, int(g), float(shares[g])) for g in np.flatnonzero(np.abs(shares) > critical)]
    for g, level in np.argwhere(np.abs(rates) > critical):
        found.append(_rate(crossed, int(g), int(level), float(rates[g, level])))
    found = [one for one in found if abs(one.log) >= math.log(_LEAST)]
    found.sort(key=lambda one: (-abs(round(one.z, 9)), one.group, one.level))
    kept: list[GroupChange] = []
    for one in found[:_MAX_EXAMINED]:
        if any(k.group == one.group and (k.level < 0) == (one.level < 0) for k in kept):
            continue  # of an outcome of many levels the clearest is told
        if not _explained(crossed, one, [k for k in kept if k.level == one.level], critical):
            kept.append(one)
    return kept


def _cells(crossed: CrossedCounts, group: int) -> Bools:
    inside = np.zeros(crossed.member.shape[1], dtype=bool)
    inside[crossed.member.indices[crossed.member.indptr[group] : crossed.member.indptr[group + 1]]] = True
    return inside


def _share(crossed: CrossedCounts, group: int, z: float) -> GroupChange:
    ours, theirs = (float((crossed.member[[group]] @ rows)[0]) for rows in (crossed.synthetic, crossed.real))
    log, error = log_ratio(ours, float(crossed.synthetic.sum()), theirs, float(crossed.real.sum()))
    return GroupChange(group, -1, z, log, error)


def _rate(crossed: CrossedCounts, group: int, level: int, z: float) -> GroupChange:
    inside = _cells(crossed, group)
    log, error = log_odds(*_of_rate(crossed, inside, level))
    return GroupChange(group, level, z, log, error)


def _of_rate(crossed: CrossedCounts, inside: Bools, level: int) -> tuple[float, float, float, float]:
    """Rows with the outcome and rows with any, synthetic and real, in these cells."""
    mine, known = inside & (crossed.hit[level] > 0), inside & (crossed.known > 0)
    return (
        float(crossed.synthetic[mine].sum()),
        float(crossed.synthetic[known].sum()),
        float(crossed.real[mine].sum()),
        float(crossed.real[known].sum()),
    )


def log_ratio(hits: float, n: float, other: float, m: float) -> tuple[float, float]:
    """Logarithm of a ratio of shares and its error, half a row added where one is empty."""
    half = 0.5 if hits == 0 or other == 0 else 0.0
    a, b = hits + half, other + half
    log = math.log(a / (n + 2 * half)) - math.log(b / (m + 2 * half))
    return log, math.sqrt(max(1 / a - 1 / (n + 2 * half) + 1 / b - 1 / (m + 2 * half), 0.0))


def log_odds(hits: float, n: float, other: float, m: float) -> tuple[float, float]:
    """Logarithm of a ratio of odds and its error, half a row added where a cell is empty."""
    table = np.array([hits, n - hits, other, m - other])
    if table.min() == 0:
        table = table + 0.5
    log = math.log(table[0] * table[3] / (table[1] * table[2]))
    return log, math.sqrt(float(np.sum(1 / table)))


def _explained(crossed: CrossedCounts, one: GroupChange, kept: list[GroupChange], critical: float) -> bool:
    """Whether the change is gone without the narrower groups told, or no more than a wider one's."""
    mine = _cells(crossed, one.group)
    rest = mine.copy()
    for other in kept:
        theirs = _cells(crossed, other.group)
        if not np.any(mine & ~theirs):  # a group inside one that was told
            if abs(_beyond(crossed, one, other, mine, theirs)) <= critical:
                return True
        else:
            rest &= ~theirs
    return bool(np.any(rest != mine)) and abs(_z(crossed, rest, one.level)) <= critical


def _beyond(
    crossed: CrossedCounts, one: GroupChange, other: GroupChange, mine: Bools, theirs: Bools
) -> float:
    """Z of what a group shows beyond the wider group it lies in."""
    if one.level < 0:
        rows = [float(t[cells].sum()) for t in (crossed.synthetic, crossed.real) for cells in (mine, theirs)]
        return float(score_z(*(np.array(x) for x in rows)))
    return (one.log - other.log) / max(one.error, 1e-12)


def _z(crossed: CrossedCounts, cells: Bools, level: int) -> float:
    if level < 0:
        rows = [x for t in (crossed.synthetic, crossed.real) for x in (float(t[cells].sum()), float(t.sum()))]
        return float(score_z(*(np.array(x) for x in rows)))
    return float(score_z(*(np.array(x) for x in _of_rate(crossed, cells, level))))
