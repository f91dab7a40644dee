"""Rows of a class that lie apart along the direction in which the class spreads most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.checks.poisoning._shared.outlying_rows import (
    ALSO,
    OutlierTables,
    TableSample,
    listed_rows,
    outlier_tables,
    rows_used,
)
from audit.learn.estimators import DesignMatrix
from audit.model import Better, Column, Family, Measure, Role, Scale, Unit
from audit.stats.inference.intervals import newcombe
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.neighbours.outlyingness import leading_direction, spectral_scores

_CLASS = 200  # rows of a class in each table

_TAIL = 0.01  # of a class's control rows beyond the cut


@check(
    id="spectral_outliers",
    title="Spectral signature",
    known_as="spectral signatures",
    family=Family.POISONING,
    question="Do rows of a class stand far out along the direction in which the class spreads most?",
    scale=Scale(Unit.SHARE, "share of rows beyond fresh real rows", Better.LOWER, -1.0, 1.0),
    next_step="Look at the rows listed, those that stand farthest out in their class, before a model learns from the table.",
)
def spectral_outliers(case: Case) -> Outcome:
    """Share of synthetic rows that stand out in their class, beyond fresh real rows.

    Rows are turned into numbers (standardised numbers, one for each frequent category, the
    outcome left out), each class less the mean of its real rows. A row's score is its squared projection on
    the direction in which the synthetic rows of the class spread most: rows with the same
    planted mark pull that direction towards themselves. The cut is the score that one in a
    hundred holdout rows of the class exceeds along it. 0 means that as many synthetic rows stand out as fresh
    real ones; 0.02 that two in a hundred more do, -0.01 that none does. Missing numbers count as the mean and
    are marked. Classes of fewer than 200 rows in any table are left out; without a
    target all rows are one class, and without a holdout the real rows are dealt in two. Up to 30,000 rows of each table are
    looked at. It finds marks that are large beside what varies anyway, and cannot see a mark
    within the usual range: `triggers` looks for those.

    Source: Tran, Li and Madry (2018), Spectral signatures in backdoor attacks, NeurIPS 31;
    on tables: Pleiter, Tajalli, Koffas, Abad, Xu, Larson and Picek (2023), arXiv:2311.07550;
    interval: Newcombe (1998), Statistics in Medicine 17, 873-890.
    """
    tables = outlier_tables(case)
    target = _target(case)
    found = list(_by_class(case, tables, target))
    if not found:
        raise Skip(
            f"No class has {_CLASS} rows in each table, and some columns besides the outcome.",
            "Give larger tables.",
            assessable=False,
        )
    n, m = (sum(sizes) for sizes in zip(*((one.n, one.m) for one in found), strict=True))
    hits, control = (sum(c) for c in zip(*((one.hits, one.control) for one in found), strict=True))
    low, high = newcombe(hits, n, control, m)
    value = hits / n - control / m
    classes = (
        f"in {len(found)} {'class' if len(found) == 1 else 'classes'} of {target.name}"
        if target
        else "of the table"
    )
    whose = "holdout rows" if tables.fresh else "real rows that were set aside"
    also = f" {ALSO}" if low > 0 else ""
    whole = Measure(
        value=value,
        low=low,
        high=high,
        baseline=0.0,
        n=n,
        sentence=(
            f"{hits:,} of {n:,} synthetic rows {classes} ({hits / n:.2%}) stand out, and {control / m:.2%} of {whose} do.{also}"
        ),
        rows=listed_rows(tables.synthetic, np.concatenate([one.beyond for one in found]), None),
    )
    z = bonferroni_z(len(found))
    each = [_class_measure(one, target, z, tables) for one in found] if target else []
    return Outcome((whole, *each), {"classes": float(len(found))}, rows_used=rows_used(tables))


@dataclass(frozen=True, slots=True)
class _Class:
    """Rows of a class that stand out: synthetic ones of n, control rows of m.

    beyond : synthetic rows that do, as places in the sample
    """

    label: str
    hits: int
    n: int
    control: int
    m: int
    beyond: Ints


def _by_class(case: Case, tables: OutlierTables, target: Column | None) -> Iterator[_Class]:
    kept = [i for i, name in enumerate(tables.real.features.names) if target is None or name != target.name]
    real, synthetic, control = (
        one.features.of_columns(kept) for one in (tables.real, tables.synthetic, tables.control)
    )
    if not kept:
        return
    design = DesignMatrix(real.matrix, real.categorical)
    labels = ("",) if target is None else case.binning(target.name).labels
    ours, theirs, learned = (
        _cells(case, one, target) for one in (tables.synthetic, tables.control, tables.real)
    )
    for cell, label in enumerate(labels):
        places = np.flatnonzero(ours == cell)
        others = np.flatnonzero(theirs == cell)
        if min(len(places), len(others), int((learned == cell).sum())) < _CLASS:
            continue
        points = design.table(synthetic.matrix[places])
        if points.shape[1] == 0:
            return
        # the mean of the synthetic rows would hide that all of them lie apart
        centre = design.table(real.matrix[learned == cell]).mean(axis=0)
        direction = leading_direction(points, centre)
        scores = spectral_scores(points, centre, direction)
        normal = spectral_scores(design.table(control.matrix[others]), centre, direction)
        cut = float(np.quantile(normal, 1 - _TAIL)) * (1 + 1e-9)
        beyond = places[scores > cut]
        yield _Class(label, len(beyond), len(places), int((normal > cut).sum()), len(others), beyond)


def _class_measure(one: _Class, target: Column | None, z: float, tables: OutlierTables) -> Measure:
    assert target is not None
    low, high = newcombe(one.hits, one.n, one.control, one.m, z)
    also = f" {ALSO}" if low > 0 else ""
    return Measure(
        value=one.hits / one.n - one.control / one.m,
        name="class",
        group={target.name: one.label},
        low=low,
        high=high,
        baseline=0.0,
        n=one.n,
        sentence=(
            f"Where {target.name} is {one.label}, {one.hits:,} of {one.n:,} synthetic rows ({one.hits / one.n:.2%}) stand out, "
            f"{one.control / one.m:.2%} of real ones.{also}"
        ),
        rows=listed_rows(tables.synthetic, one.beyond, None),
    )


def _cells(case: Case, sample: TableSample, target: Column | None) -> NDArray[np.uint8]:
    if target is None:
        return np.zeros(len(sample.rows), dtype=np.uint8)
    cells: NDArray[np.uint8] = sample.part.codes[sample.rows, case.code_index(target.name)]
    return cells


def _target(case: Case) -> Column | None:
    return next(
        (column for column in case.with_role(Role.TARGET) if column in case.distribution_columns), None
    )
