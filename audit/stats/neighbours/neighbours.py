"""Neighbourhoods of rows as points: how many lie where real rows lie, and how much of them is reached.

A ball stands around each reference point and reaches to its k-th nearest other one. Points as far
away as the edge are in or out by lot, so that every ball holds exactly k of the other reference
points: without that, tables with many equal rows would have balls of radius zero or balls that hold
half of the table, and no number below would have the value that theory gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Bools, Floats, Ints, Points

SAME = 32 * 2.0**-23  # of the points' squared length: what rounding to 24 bits may add
_DENSEST = 4  # times as many good points as there are: further the inverse is not followed


def squared_distances(left: Points, right: Points) -> Points:
    """Squared Euclidean distances, shape (left, right), never below zero; rounded as float32 is."""
    distances: Points = left @ right.T
    distances *= -2
    distances += np.einsum("ij,ij->i", left, left)[:, None]
    distances += np.einsum("ij,ij->i", right, right)[None, :]
    np.maximum(distances, 0, out=distances)
    return distances


@dataclass(frozen=True, slots=True)
class Balls:
    """A ball around each of n reference points.

    points : shape (n, d), moved so that their mean is the origin
    centre : shape (d,), the mean before
    k : how many of the other points each ball holds
    radii : shape (n,), squared distance to the k-th nearest other point
    clipped : shape (n,), the same, at most its median
    marks : shape (n,), in [0, 1): with them lots are drawn
    chance : shape (n,), lots below it are in, for points at the edge
    slack : squared distances that differ by less are equal
    nearest : shape (n,), squared distance to the nearest other point
    own : for each point, how many of the other balls hold it: whole and clipped, shape (2, n)
    """

    points: Points
    centre: Points
    k: int
    radii: Points
    clipped: Points
    marks: Floats
    chance: Floats
    slack: float
    nearest: Points
    own: Ints


@dataclass(frozen=True, slots=True)
class Hits:
    """Which of m points lie in which of n balls.

    ball, point : places, one pair for each hit
    clipped : whether the point also lies in the ball of clipped radius
    balls, points : how many there are
    nearest_ball : shape (m,), squared distance of each point to the nearest centre of a ball
    closest : shape (n,), the point closest to each centre
    nearest_point : shape (n,), its squared distance
    """

    ball: Ints
    point: Ints
    clipped: Bools
    balls: int
    points: int
    nearest_ball: Points
    closest: Ints
    nearest_point: Points


def make_balls(points: Points, k: int, rng: np.random.Generator) -> Balls:
    """Balls around points, each to its k-th nearest other point.

    Parameters
    ----------
    points : shape (n, d), more than k of them
    k : at least 1
    rng : draws the lots of points at the edge

    Source: Naeem and others (2020), ICML (balls); Salvy, Talbot and Thirion (2025),
    arXiv:2507.01761 (radii clipped at their median).
    """
    if not 0 < k < len(points):
        raise ValueError(f"{len(points)} points have no {k}-th nearest other one")
    centre = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    moved = points - centre
    distances = squared_distances(moved, moved)
    np.fill_diagonal(distances, np.inf)
    slack = SAME * float(np.einsum("ij,ij->i", moved, moved).mean())
    radii = np.partition(distances, k - 1, axis=1)[:, k - 1]
    clipped = np.minimum(radii, np.median(radii))
    marks = rng.random(len(points))
    ball, point, gap = _within(distances, radii, slack)
    lots = _lots(marks[ball], marks[point])
    chance = _chances(ball, lots, gap, slack, k, len(points))
    inside = (gap < -slack) | (lots < chance[ball])
    small = inside & (distances[ball, point] <= clipped[ball] + slack)
    own = np.stack([np.bincount(point[keep], minlength=len(points)) for keep in (inside, small)])
    return Balls(moved, centre, k, radii, clipped, marks, chance, slack, distances.min(axis=1), own)


def _within(distances: Points, radii: Points, slack: float) -> tuple[Ints, Ints, Points]:
    """Pairs no further than the radius: ball, point, and how far beyond the radius."""
    flat = np.flatnonzero(distances <= (radii + np.float32(slack))[:, None])
    ball, point = np.divmod(flat, distances.shape[1])
    return ball, point, distances.ravel()[flat] - radii[ball]


def _lots(ball: Floats, point: Floats) -> Floats:
    """Even on [0, 1) and without memory of ball or point: the sum of two marks, less whole numbers."""
    return np.asarray((ball + point) % 1.0, dtype=np.float64)


def _chances(ball: Ints, lots: Floats, gap: Points, slack: float, k: int, n: int) -> Floats:
    """The lot below which points at the edge are in, so that every ball holds k of the others."""
    edge = gap >= -slack
    wanted = k - np.bincount(ball[~edge], minlength=n)
    order = np.lexsort((lots[edge], ball[edge]))
    where, drawn = ball[edge][order], lots[edge][order]
    starts = np.searchsorted(where, np.arange(n))
    return np.asarray(np.nextafter(drawn[starts + wanted - 1], 2.0))


def find_hits(balls: Balls, points: Points, rng: np.random.Generator) -> Hits:
    """Which points lie in which balls.

    Parameters
    ----------
    points : shape (m, d), the coordinates that the balls were made in
    rng : draws the lots of points at the edge
    """
    distances = squared_distances(balls.points, points - balls.centre)
    ball, point, gap = _within(distances, balls.radii, balls.slack)
    lots = _lots(balls.marks[ball], rng.random(len(points))[point])
    inside = (gap < -balls.slack) | (lots < balls.chance[ball])
    ball, point = ball[inside], point[inside]
    closest = distances.argmin(axis=1)
    return Hits(
        ball=ball,
        point=point,
        clipped=distances[ball, point] <= balls.clipped[ball] + np.float32(balls.slack),
        balls=len(balls.points),
        points=len(points),
        nearest_ball=distances.min(axis=0),
        closest=closest,
        nearest_point=distances[np.arange(len(closest)), closest],
    )


def density_credits(hits: Hits, k: int) -> Floats:
    """What each point adds to Clipped Density: clipped balls that hold it, over k, at most 1; shape (m,).

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761.
    """
    held = np.bincount(hits.point[hits.clipped], minlength=hits.points)
    return np.asarray(np.minimum(held, k) / k)


def ideal_density(balls: Balls) -> float:
    """Mean credit of the reference points in each other's balls: what Clipped Density is divided by."""
    return float(np.mean(np.minimum(balls.own[1], balls.k) / balls.k))


def coverage_credits(hits: Hits, k: int) -> Floats:
    """What each ball adds to Clipped Coverage: points it holds, over k, at most 1; shape (n,).

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761.
    """
    held = np.bincount(hits.ball, minlength=hits.balls)
    return np.asarray(np.minimum(held, k) / k)


def expected_coverage(good: Ints, n: int, k: int) -> Floats:
    """Mean credit of a ball when `good` points come from where the n reference points come from.

    The share of the population in a ball is Beta(k, n - k) distributed, so the points in it are
    beta-binomial; the mean of min(points, k) is the sum of P(points > i) over i < k.

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761; the sum is derived here.
    """
    m = np.asarray(good, dtype=np.float64)
    total = np.zeros_like(m)
    up_to = np.zeros_like(m)
    for i in range(k):
        with np.errstate(invalid="ignore", divide="ignore"):
            ways = special.gammaln(m + 1) - special.gammaln(i + 1) - special.gammaln(m - i + 1)
            log = ways + special.betaln(k + i, n - k + m - i) - special.betaln(k, n - k)
        up_to += np.where(m >= i, np.exp(log), 0.0)
        total += 1.0 - up_to
    return np.asarray(np.maximum(total, 0.0) / k)


def good_share(coverage: float, n: int, m: int, k: int) -> tuple[float, float]:
    """The share of m points that must be good to reach a mean credit of balls, and its slope.

    Above 1 where more is reached than m points of the population would reach (at most 4).

    Returns
    -------
    (share, change of the share for each unit of coverage)

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761; read between whole numbers.
    """
    good = np.arange(_DENSEST * m + 1)
    reached = expected_coverage(good, n, k)
    share = float(np.interp(coverage, reached, good)) / m
    at = min(max(int(share * m), 0), len(good) - 2)
    slope = (reached[at + 1] - reached[at]) * m
    return share, 1.0 / max(float(slope), 1e-9)


def ball_pull(hits: Hits, k: int) -> tuple[Floats, float]:
    """How much the sum of the points' density credits changes with each ball.

    First order, the mean of leaving the ball out and of having it twice: what the variance of a
    mean credit needs beyond the variance between points, which share balls.

    Returns
    -------
    (change for each ball, shape (n,); sum of the squares of the single changes, already part of
    the variance between points)
    """
    ball, point = hits.ball[hits.clipped], hits.point[hits.clipped]
    return _pull(ball, point, hits.balls, hits.points, k)


def point_pull(hits: Hits, k: int) -> tuple[Floats, float]:
    """How much the sum of the balls' coverage credits changes with each point; as `ball_pull`."""
    return _pull(hits.point, hits.ball, hits.points, hits.balls, k)


def _pull(giver: Ints, taker: Ints, givers: int, takers: int, k: int) -> tuple[Floats, float]:
    held = np.bincount(taker, minlength=takers)[taker]
    single = ((held <= k) + 0.0 + (held < k)) / (2 * k)
    pull = np.bincount(giver, weights=single, minlength=givers).astype(np.float64)
    return pull, float(np.square(single).sum())
