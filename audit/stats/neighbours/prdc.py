"""Precision, recall, density, coverage and their relatives: the numbers that clipped ones improve on.

They are told beside those, for comparison with what others publish; none of them is judged.
"""

from __future__ import annotations

import numpy as np

from audit.arrays import Points
from audit.stats.neighbours.neighbours import SAME, Balls, Hits, squared_distances

_LEVELS = 100  # shares at which the curves of alpha-precision and beta-recall are read


def precision(hits: Hits) -> float:
    """Share of points that lie in some ball.

    Source: Kynkäänniemi and others (2019), NeurIPS.
    """
    return float(np.mean(np.bincount(hits.point, minlength=hits.points) > 0))


def density(hits: Hits, k: int) -> float:
    """Balls that hold a point, over k, mean of the points; about 1 for points of the population.

    Source: Naeem and others (2020), ICML.
    """
    return len(hits.point) / (k * hits.points)


def coverage(hits: Hits) -> float:
    """Share of balls that hold a point; about 1 - 2^-k for as many points of the population.

    Source: Naeem and others (2020), ICML.
    """
    return float(np.mean(np.bincount(hits.ball, minlength=hits.balls) > 0))


def alpha_precision(reference: Points, points: Points) -> float:
    """One less twice the mean gap between a share and the points inside the sphere of that share.

    The sphere of share a lies around the mean of the reference points and holds the share a of
    them. 1 is best; 0 where every point lies outside of all spheres.

    Source: Alaa and others (2022), ICML (integrated form).
    """
    centre = reference.mean(axis=0, dtype=np.float64)
    real = np.linalg.norm(reference - centre, axis=1)
    away = np.sort(np.linalg.norm(points - centre, axis=1))
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    inside = np.searchsorted(away, np.quantile(real, levels), side="right") / len(away)
    return float(1 - 2 * np.mean(np.abs(inside - levels)))


def beta_recall(balls: Balls, hits: Hits, points: Points) -> float:
    """One less twice the mean gap between a share and the reference points reached by it.

    A reference point is reached when the point closest to it is no further than its nearest other
    reference point; at share b only points count that lie in the sphere around the mean of the
    points with the share b of the closest ones. About 1/2 for as many points of the population.

    Parameters
    ----------
    hits : of the points in the balls
    points : shape (m, d), those that were looked for

    Source: Alaa and others (2022), ICML (integrated form).
    """
    reached = hits.nearest_point <= balls.nearest + np.float32(balls.slack)
    away = np.linalg.norm(points - points.mean(axis=0, dtype=np.float64), axis=1)[hits.closest]
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    spheres = np.quantile(away, levels)
    order = np.sort(away[reached])
    curve = np.searchsorted(order, spheres, side="right") / len(reached)
    return float(1 - 2 * np.mean(np.abs(curve - levels)))


def authenticity(train: Points, points: Points) -> float:
    """Share of points that are no copy: whose nearest training point has a nearer other one than they are.

    Each point is set against the nearest-neighbour distance of its own nearest training point.

    Source: Alaa and others (2022), ICML, definition 4.
    """
    centre = train.mean(axis=0, dtype=np.float64).astype(np.float32)
    among = squared_distances(train - centre, train - centre)
    slack = SAME * float(np.square(train - centre).sum(axis=1).mean())
    np.fill_diagonal(among, np.inf)
    between = squared_distances(train - centre, points - centre)
    nearest = between.argmin(axis=0)
    return float(np.mean(between.min(axis=0) > among.min(axis=1)[nearest] + slack))
