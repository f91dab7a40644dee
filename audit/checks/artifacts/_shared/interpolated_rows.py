"""Rows that lie on a straight line between two real rows, as interpolation makes them."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.checks.artifacts._shared.excess_counts import excess_over_real, percent
from audit.learn.estimators import one_thread
from audit.model import Kind, Measure

_MAX_ROWS = 2000  # rows of the synthetic table and of the holdout that are looked at
_AMONG = 50_000  # real rows between which they are looked for
_NEIGHBOURS = 15
_DISTINCT = 30  # values of a number that has a between
_MIN_COLUMNS = 3  # in a plane much lies near a line by chance
_MAX_COLUMNS = 6
_SHARES = (0.003, 0.01, 0.03, 0.1)  # of the straightest rows of both tables together
_STEP = "Look whether the generator interpolates between real rows; such rows stand where no real row may."


def on_segments(case: Case, alarm: float) -> Measure | None:
    """Share of sampled synthetic rows between two neighbouring real rows, beyond the holdout's share.

    A row is straight where two of its nearest real rows lie in opposite directions. Only
    rows without missing cells are looked at. None where there is no holdout, or fewer than
    three numbers with a between.
    """
    names = _columns(case)
    if case.holdout is None or len(names) < _MIN_COLUMNS:
        return None
    rng = case.rng("support_gaps")
    real = _points(case.real, names, _AMONG, rng)
    queries = [_points(part, names, _MAX_ROWS, rng) for part in (case.synthetic, case.holdout)]
    if len(real) < 10 * _NEIGHBOURS or min(map(len, queries)) < 10 * _NEIGHBOURS:
        return None
    scale = real.std(axis=0)
    scale[scale == 0] = 1.0
    synthetic, holdout = (_bends(real / scale, points / scale) for points in queries)
    return _measure(names, synthetic, holdout, len(real), alarm)


def _columns(case: Case) -> tuple[str, ...]:
    """The numbers with the most values, at most six."""
    counts = {c.name: len(case.real.value_counts(c.name).values) for c in case.of_kind(Kind.NUMBER)}
    many = [name for name, distinct in counts.items() if distinct >= _DISTINCT]
    return tuple(sorted(many, key=lambda name: (-counts[name], name))[:_MAX_COLUMNS])


def _points(part: CaseTable, names: tuple[str, ...], most: int, rng: np.random.Generator) -> Floats:
    """Rows drawn without regard to their order in the table, shape (rows, columns)."""
    rows = np.arange(part.rows) if part.rows <= most else np.sort(rng.choice(part.rows, most, replace=False))
    points = np.column_stack([part.column(name, rows).astype(np.float64) for name in names])
    return np.asarray(points[np.isfinite(points).all(axis=1)], dtype=np.float64)


def _bends(real: Floats, points: Floats) -> Floats:
    """How far each point is from lying straight between two of its neighbours: 0 between, 2 outside."""
    from sklearn.neighbors import NearestNeighbors

    with one_thread():
        tree = NearestNeighbors(n_neighbors=_NEIGHBOURS, algorithm="kd_tree").fit(real)
        nearest = tree.kneighbors(points, return_distance=False)
    away = real[nearest] - points[:, None, :]
    lengths = np.linalg.norm(away, axis=2, keepdims=True)
    # A row that equals a real one lies on it, not between two.
    directions = np.divide(away, lengths, out=np.zeros_like(away), where=lengths > 0)
    cosines = np.einsum("qip,qjp->qij", directions, directions)
    # Beyond single precision all are equally straight.
    bends: Floats = np.round(1.0 + cosines.min(axis=(1, 2)), 9)
    return bends


def _measure(names: tuple[str, ...], synthetic: Floats, holdout: Floats, among: int, alarm: float) -> Measure:
    limits = np.quantile(np.concatenate([synthetic, holdout]), _SHARES)
    n, m = len(synthetic), len(holdout)
    counts = [(int((synthetic <= t).sum()), int((holdout <= t).sum())) for t in limits]
    found = [(excess_over_real(x, n, y, n / m, alarm / len(limits)).value, x, y) for x, y in counts]
    value, x, y = max(found, key=lambda entry: entry[0])
    return Measure(
        value=value,
        about=names,
        name="on_segments",
        low=value,
        high=value,
        baseline=y / m,
        n=n,
        sentence=f"{percent(x / n)} of {n:,} synthetic rows looked at lie straight between two of {among:,} real "
        f"rows, and {percent(y / m)} of the holdout rows.",
        next_step=_STEP,
    )
