"""Where synthetic rows stand among real ones: measured once a case, told by several checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Ints, Points
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.learn.embedding import embed, has_points
from audit.learn.estimators import one_thread
from audit.stats.neighbours.realism import PrecisionRecall, compare_samples

_NEIGHBOURS = 5
_MIN_ROWS = 250  # a table, at least: below, the interval spans every tolerance
_GROUP = 1000  # rows of a table that are compared with each other, at most
_GROUPS = 16
_TURNS = 2  # groups of rows that a group of balls meets
_WORK = 5e10  # products of coordinates, at most: wide tables have fewer groups


@dataclass(frozen=True, slots=True)
class SamplePrecisionRecall:
    """The standing and the rows it is about.

    rows : of the reference, of the other real rows and of the synthetic ones: the table and the places
    """

    precision_recall: PrecisionRecall
    rows: list[tuple[CaseTable, Ints]]


def sample_precision_recall(case: Case) -> SamplePrecisionRecall:
    """Realism and diversity of the synthetic rows; raises `Skip` where they cannot be told."""
    found: SamplePrecisionRecall | Skip = case.shared("realism and diversity", lambda: _look(case))
    if isinstance(found, Skip):
        raise found
    return found


def _look(case: Case) -> SamplePrecisionRecall | Skip:
    """A refusal is kept too, so that the second check need not find it again."""
    if not has_points(case):
        return Skip("No column has a distribution to compare.")
    rng = case.rng("realism and diversity")
    fewest = min(_least_real(case), case.synthetic.rows)
    if fewest < _MIN_ROWS:
        return Skip(
            f"It needs at least {_MIN_ROWS} rows of each table, and twice as many real ones where there is no holdout.",
            "Give tables with more rows.",
            assessable=False,
        )
    groups = min(_GROUPS, -(-fewest // _GROUP))
    size = min(fewest // groups, _GROUP)
    chosen = _choose(case, groups * size, rng)
    # Ranks are those of the reference rows alone: real and synthetic rows are strangers to it alike.
    clouds = embed(case, chosen, like=(0,))
    groups = max(1, min(groups, int(_WORK / ((1 + 2 * _TURNS) * size**2 * max(clouds[0].shape[1], 1)))))
    orders = [_order(cloud, clouds[0], rng)[: groups * size] for cloud in clouds]
    with one_thread():
        reference, real, synthetic = (cloud[order] for cloud, order in zip(clouds, orders, strict=True))
        turns = min(_TURNS, groups)
        standing = compare_samples(reference, real, synthetic, groups, turns, _NEIGHBOURS, rng)
    if standing is None:
        return Skip(
            "No real row lies near other real rows.", "Leave out columns that are noise.", assessable=False
        )
    rows = [(part, places[order]) for (part, places), order in zip(chosen, orders, strict=True)]
    return SamplePrecisionRecall(standing, rows)


def _least_real(case: Case) -> int:
    """Rows that reference and comparison can both have."""
    return case.real.rows // 2 if case.holdout is None else min(case.real.rows, case.holdout.rows)


def _choose(case: Case, n: int, rng: np.random.Generator) -> list[tuple[CaseTable, Ints]]:
    """Reference, comparison and synthetic rows, n of each."""
    synthetic = (case.synthetic, rng.permutation(case.synthetic.rows)[:n])
    if case.holdout is not None:
        reference = (case.holdout, rng.permutation(case.holdout.rows)[:n])
        return [reference, (case.real, rng.permutation(case.real.rows)[:n]), synthetic]
    split = rng.permutation(case.real.rows)
    return [(case.real, split[:n]), (case.real, split[n : 2 * n]), synthetic]


def _order(cloud: Points, reference: Points, rng: np.random.Generator) -> Ints:
    """A random order that does not depend on the one in the file: rows are sorted by where they lie first."""
    centre = reference.mean(axis=0, dtype=np.float64)
    away = np.square(cloud - centre).sum(axis=1)
    return rng.permutation(np.argsort(away, kind="stable"))
