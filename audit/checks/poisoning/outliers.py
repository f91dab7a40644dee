"""Rows that lie apart: by the tails of their columns, and within a class by a spectral signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case, Part
from audit.case.check import Outcome, Skip, check
from audit.learn.estimators import Design
from audit.learn.features import Features, features, sample_rows
from audit.model import Better, Column, Family, Measure, Role, Rows, Scale, Unit
from audit.stats.distributions.tails import rate_ratio
from audit.stats.inference.intervals import newcombe
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.neighbours.outlyingness import Tails, leading_direction, spectral_scores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROWS = 30_000  # of each table, at most
_EXAMPLES = 50  # row numbers that go into a report
_FEWEST = 300  # rows of each table
_SMALLEST_TAIL = 0.001  # of the control rows that lie beyond the cut
_IN_TAIL = 30  # control rows beyond the cut, at least
_CLASS = 200  # rows of a class in each table
_TAIL = 0.01  # of a class's control rows beyond the cut
_ENDLESS = 1e6  # stands for a ratio without an upper end

ALSO = (
    "Injected rows can look like this; a generator that misses what goes together, or rows of people that the real "
    "ones lack, look the same."
)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Rows of a table as numbers, and where they stand there."""

    part: Part
    rows: Ints
    features: Features


@dataclass(frozen=True, slots=True)
class _Tables:
    """Rows to learn from, rows that stand for what is normal, and the synthetic ones.

    fresh : False where the control rows are a part of the real table, for want of a holdout
    """

    real: _Sample
    control: _Sample
    synthetic: _Sample
    fresh: bool


@check(
    id="outlier_share",
    title="Outlying rows",
    family=Family.POISONING,
    question="Are there more extreme rows than among fresh real ones?",
    scale=Scale(Unit.RATIO, "ratio of shares", Better.LOWER, 0.0),
    next_step="Look at the rows listed, the most extreme of the table, before a model learns from it.",
)
def outlier_share(case: Case) -> Outcome:
    """How many times more synthetic than fresh real rows lie far out.

    A row's score adds up how rare each of its values is among real rows: for a number how few
    rows lie as far in its tail, for a category how few hold it, and the same for missing values. The
    cut is the score that one in a thousand holdout rows exceeds (or thirty rows, where those are
    more). 1 means that as many synthetic rows lie beyond as fresh real ones would; 3 three times as many; below 1
    there are fewer, which is no sign of poison. The interval is exact, for two counts given
    their sum. Without a holdout the real rows are dealt in two at random, one half to learn the tails, the other as
    control. Up to 30,000 rows of each table are looked at. Keys and free text are left out.
    It cannot see rows that hide among the others, nor tell why a row lies apart.

    Source: Li, Zhao, Hu, Botta, Ionescu and Chen (2022), ECOD, IEEE Transactions on Knowledge
    and Data Engineering 35, 12181-12193; interval: Przyborowski and Wilenski (1940),
    Biometrika 31, 313-323.
    """
    tables = _tables(case)
    codes = np.asarray(tables.real.features.categorical, dtype=bool)
    tails = Tails(tables.real.features.matrix, codes)
    ours = tails.scores(tables.synthetic.features.matrix)
    control = tails.scores(tables.control.features.matrix)
    n, m = len(ours), len(control)
    share = max(_SMALLEST_TAIL, _IN_TAIL / m)
    cut = float(np.quantile(control, 1 - share))
    beyond = np.flatnonzero(ours > cut)
    hits = int((control > cut).sum())
    if hits == 0 and len(beyond) == 0:
        raise Skip("All rows lie equally far out: no value is rarer than the others.")
    ratio, (low, high) = rate_ratio(len(beyond), n, hits, m)
    whose = "holdout rows" if tables.fresh else "real rows that were set aside"
    also = f" {ALSO}" if low > 1 else ""
    whole = Measure(
        value=ratio,
        low=low,
        high=min(high, _ENDLESS),
        baseline=1.0,
        n=n,
        sentence=(
            f"{len(beyond):,} of {n:,} synthetic rows ({len(beyond) / n:.2%}) are as extreme as the {share:.2%} most extreme "
            f"{whose}.{also}"
        ),
        rows=_listed(tables.synthetic, beyond, ours),
    )
    return Outcome(
        (whole,), {"share": len(beyond) / n, "share_of_real_rows": hits / m}, rows_used=_used(tables)
    )


@check(
    id="spectral_outliers",
    title="Spectral signature",
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
    tables = _tables(case)
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
        rows=_listed(tables.synthetic, np.concatenate([one.beyond for one in found]), None),
    )
    z = bonferroni_z(len(found))
    each = [_class_measure(one, target, z, tables) for one in found] if target else []
    return Outcome((whole, *each), {"classes": float(len(found))}, rows_used=_used(tables))


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


def _by_class(case: Case, tables: _Tables, target: Column | None) -> Iterator[_Class]:
    kept = [i for i, name in enumerate(tables.real.features.names) if target is None or name != target.name]
    real, synthetic, control = (
        one.features.of_columns(kept) for one in (tables.real, tables.synthetic, tables.control)
    )
    if not kept:
        return
    design = Design(real.matrix, real.categorical)
    labels = ("",) if target is None else case.coding(target.name).labels
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


def _class_measure(one: _Class, target: Column | None, z: float, tables: _Tables) -> Measure:
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
        rows=_listed(tables.synthetic, one.beyond, None),
    )


def _cells(case: Case, sample: _Sample, target: Column | None) -> NDArray[np.uint8]:
    if target is None:
        return np.zeros(len(sample.rows), dtype=np.uint8)
    cells: NDArray[np.uint8] = sample.part.codes[sample.rows, case.shaped_index(target.name)]
    return cells


def _target(case: Case) -> Column | None:
    return next((column for column in case.with_role(Role.TARGET) if column in case.shaped), None)


def _tables(case: Case) -> _Tables:
    return case.once("rows that may lie apart", lambda: _draw(case))


def _draw(case: Case) -> _Tables:
    rng = case.rng("outliers")
    real = sample_rows(case.real, _ROWS, rng)
    if case.holdout is not None:
        control_part, control = case.holdout, sample_rows(case.holdout, _ROWS, rng)
    else:
        dealt = rng.permutation(real)
        real, control = np.sort(dealt[: len(dealt) // 2]), np.sort(dealt[len(dealt) // 2 :])
        control_part = case.real
    synthetic = sample_rows(case.synthetic, _ROWS, rng)
    if not case.shaped:
        raise Skip("No column has a distribution in which a row could lie far out.")
    if min(len(real), len(control), len(synthetic)) < _FEWEST:
        raise Skip(
            f"A table has fewer than {_FEWEST} rows, too few to tell what is extreme.",
            "Give larger tables.",
            assessable=False,
        )
    chosen = ((case.real, real), (control_part, control), (case.synthetic, synthetic))
    learned, normal, ours = (_Sample(part, rows, features(case, part, rows)) for part, rows in chosen)
    return _Tables(learned, normal, ours, case.holdout is not None)


def _listed(sample: _Sample, places: Ints, scores: Floats | None) -> Rows | None:
    """Row numbers, those with the highest scores where there are too many."""
    if len(places) == 0:
        return None
    chosen = places if scores is None else places[np.argsort(-scores[places], kind="stable")]
    rows = np.sort(sample.rows[chosen[:_EXAMPLES]]) + 1
    return Rows(len(places), tuple(int(row) for row in rows))


def _used(tables: _Tables) -> dict[str, int | None]:
    return {
        "real": len(tables.real.rows) + (0 if tables.fresh else len(tables.control.rows)),
        "synthetic": len(tables.synthetic.rows),
        "holdout": len(tables.control.rows) if tables.fresh else None,
    }
