"""Kinds of rows that the real table has and the synthetic one has not: clusters, counted in both."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from audit.arrays import Ints, Points
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.learn.estimators import one_thread
from audit.model import Column, Measure
from audit.stats.distributions.tails import nearer_end, rate_ratio, same_rate

if TYPE_CHECKING:
    from sklearn.cluster import KMeans


_MAX_CLUSTERS = 100
_ROWS_EACH = 50  # real rows of a cluster, on average, at least
_FITTED = 6000  # rows that clusters are found on, at most
_COUNTED = 20_000  # rows of each table that are counted, at most
_FIT_CELLS, _COUNT_CELLS = 1_500_000, 8_000_000  # rows times coordinates
_STEPS = 15  # of k-means; later ones move hardly a row
_FARTHEST = 10.0  # standard deviations: a broken value beyond lies there
_MIN_ROWS = 25  # real rows of a cluster that is compared
_FALSE_ALARM_RATE = 0.02  # over all clusters
_MAX_SHOWN = 5
_SHARE = 0.25  # of a cluster's rows that hold a value it is described by, at least
_MIN_NATS = 0.2  # nats that such a value adds to what tells the cluster from all real rows, at least


@dataclass(frozen=True, slots=True)
class Modes:
    """How many kinds of rows were looked at, how many are rarer than chance explains, and the worst."""

    considered: int
    rarer: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class _Axis:
    """How a number or date becomes a coordinate: centre and spread of its real values."""

    column: Column
    centre: float
    spread: float


@dataclass(frozen=True, slots=True)
class _Table:
    part: CaseTable
    rows: Ints
    clusters: Ints


def lost_modes(case: Case) -> Modes:
    """Count the rows of each table in clusters of real rows.

    Numbers and dates count in real standard deviations, up to ten, and every label or coding
    cell is an indicator: labels of a rare kind lie together, as do the ends of long tails,
    which ranks would draw near the crowd. Vectors are left out. A cluster is told where the
    synthetic table holds fewer rows of it than chance explains, over all clusters.

    Source: k-means: Lloyd (1982), IEEE Transactions on Information Theory 28, 129-137; seeds:
    Arthur and Vassilvitskii (2007), SODA; ratio of shares: `audit.stats.distributions.tails.rate_ratio`.
    """
    rng = case.rng("modes")
    width = sum(
        2 if c.kind in NUMERIC_KINDS else case.binning(c.name).size for c in case.distribution_columns
    )
    if not width or min(case.real.rows, case.synthetic.rows) < 2 * _ROWS_EACH:
        return Modes(0, 0, ())
    axes = [_axis(case, column) for column in case.of_kind(*NUMERIC_KINDS)]
    most = max(min(_COUNTED, _COUNT_CELLS // width), 1)
    tables = [(part, rng.permutation(part.rows)[:most]) for part in case.tables()]
    clouds = [_place(case, part, rows, axes) for part, rows in tables]
    model = _fit(clouds[0], max(min(_FITTED, _FIT_CELLS // width), 1), rng)
    with one_thread():
        found = [np.asarray(model.predict(cloud), dtype=np.int64) for cloud in clouds]
    counted = [_Table(part, rows, of) for (part, rows), of in zip(tables, found, strict=True)]
    return _compare(case, counted, len(model.cluster_centers_))


def _axis(case: Case, column: Column) -> _Axis:
    counts = case.real.value_counts(column.name)
    values = np.asarray(counts.values, dtype=np.float64)
    if not len(values):
        return _Axis(column, 0.0, 1.0)
    with np.errstate(over="ignore"):
        centre = float(np.average(values, weights=counts.counts))
        spread = float(np.sqrt(np.average((values - centre) ** 2, weights=counts.counts)))
    return _Axis(column, centre, spread if 0 < spread < math.inf else 1.0)


def _place(case: Case, part: CaseTable, rows: Ints, axes: list[_Axis]) -> Points:
    """Rows as points, shape (rows, coordinates); a missing number lies at the centre, beside an indicator."""
    blocks: list[Points] = []
    for axis in axes:
        values = np.asarray(part.column(axis.column.name)[rows], dtype=np.float64)
        away = np.clip((values - axis.centre) / axis.spread, -_FARTHEST, _FARTHEST)
        missing = np.isnan(values)
        blocks.append(np.column_stack([np.where(missing, 0.0, away), missing]).astype(np.float32))
    for column in case.distribution_columns:
        if column.kind not in NUMERIC_KINDS:
            cells = part.codes[rows, case.code_index(column.name)]
            blocks.append(np.eye(case.binning(column.name).size, dtype=np.float32)[cells])
    return np.hstack(blocks)


def _fit(cloud: Points, most: int, rng: np.random.Generator) -> KMeans:
    """Clusters of some real rows, which are sorted by where they lie first: their order says nothing."""
    from sklearn.cluster import KMeans

    away = np.square(cloud - cloud.mean(axis=0, dtype=np.float64)).sum(axis=1)
    chosen = cloud[rng.permutation(np.argsort(away, kind="stable"))[:most]]
    kinds = len(np.unique(np.round(away, 6)))
    clusters = max(1, min(_MAX_CLUSTERS, len(chosen) // _ROWS_EACH, kinds))
    model = KMeans(clusters, n_init=1, max_iter=_STEPS, random_state=int(rng.integers(2**31)))
    with one_thread():
        return model.fit(chosen)


def _compare(case: Case, tables: list[_Table], clusters: int) -> Modes:
    counts = [np.bincount(table.clusters, minlength=clusters) for table in tables]
    n, m = len(tables[1].rows), len(tables[0].rows)
    looked = [i for i in range(clusters) if counts[0][i] >= _MIN_ROWS]
    rarer = []
    for i in looked:
        p_value = same_rate(int(counts[1][i]), n, int(counts[0][i]), m)
        if p_value < _FALSE_ALARM_RATE / len(looked) and counts[1][i] * m < counts[0][i] * n:
            rarer.append((float(counts[1][i] / counts[0][i]), i, p_value))
    measures: dict[str, Measure] = {}
    for _, i, p_value in sorted(rarer):
        words = _words(case, tables[0], i)
        if words not in measures and len(measures) < _MAX_SHOWN:
            found = _measure(tables, counts, i, min(1.0, p_value * len(looked)), words)
            measures[words] = replace(found, p_value=p_value, comparisons=len(looked))
    return Modes(len(looked), len(rarer), tuple(measures.values()))


def _measure(tables: list[_Table], counts: list[Ints], place: int, p_value: float, words: str) -> Measure:
    """The end of the interval that is nearer to 1 allows for having looked at many clusters."""
    hits, rows = [int(c[place]) for c in counts], [len(table.rows) for table in tables]
    value, (low, high) = rate_ratio(hits[1], rows[1], hits[0], rows[0])
    baseline = rate_ratio(hits[2], rows[2], hits[0], rows[0])[0] if len(tables) > 2 else 1.0
    return Measure(
        value=min(value, 1.0),
        name="mode",
        group={"mode": words},
        low=low,
        high=min(max(high, nearer_end(value, p_value)), 1.0),
        baseline=min(baseline, 1.0),
        n=rows[1],
        sentence=f"Rows of one kind, marked by {words}, are {value:.2f} times as frequent as among real rows: "
        f"{hits[0] / rows[0]:.2%} of those and {hits[1] / rows[1]:.2%} of synthetic rows.",
    )


def _words(case: Case, real: _Table, place: int) -> str:
    """The cells that mark a cluster's rows off from other real rows, at most three."""
    mine = real.part.codes[real.rows[real.clusters == place]]
    everyone = real.part.codes[real.rows]
    found = []
    for i, column in enumerate(case.distribution_columns):
        coding = case.binning(column.name)
        share, usual = (np.bincount(c[:, i], minlength=coding.size) / len(c) for c in (mine, everyone))
        shown = (share >= _SHARE) & (share * len(mine) >= case.k)
        told = np.where(shown, share * np.log(np.maximum(share, 1e-9) / np.maximum(usual, 1e-9)), 0.0)
        top = int(np.argmax(told))
        if told[top] > _MIN_NATS:
            found.append((-float(told[top]), f"{column.name} {coding.labels[top]}"))
    return ", ".join(words for _, words in sorted(found)[:3]) or "common values"
