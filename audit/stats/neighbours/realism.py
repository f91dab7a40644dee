"""Realism and diversity of points against real points, as ratios to what other real points reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Points
from audit.stats.inference.intervals import Z95
from audit.stats.neighbours import neighbours, prdc
from audit.stats.neighbours.neighbours import Balls, Hits

TOGETHER = 1.5  # variance for the fact that neighbouring balls are missed together, as seen on real tables
RECALL_POINTS = 2000  # points of each table behind recall and authenticity


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A ratio with its 95 % interval, never below 0."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SideScores:
    """What one table's points reach; n points against n balls, each against several groups.

    credit : shape (n,), of each point: balls of clipped radius that hold it, over k, at most 1
    ball_coverage : shape (n,), of each ball: points it holds, over k, at most 1
    ball_pull : shape (n,), how much the sum of `credit` changes with each ball
    point_pull : shape (n,), how much the sum of `ball_coverage` changes with each point
    reference_distance : shape (n,), squared distance of each point to the nearest reference point
    ball_alone, point_alone : sums of the squares of the single changes
    """

    credit: Floats
    ball_coverage: Floats
    ball_pull: Floats
    point_pull: Floats
    reference_distance: Floats
    ball_alone: float
    point_alone: float


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Where a table's points stand.

    real, synthetic : what comparison and synthetic points reach
    realism, diversity : of the synthetic, relative to the comparison points
    reach : balls that hold any synthetic point, relative to those that hold any comparison point
    summary : both pairs of numbers by their published definitions and those they improve on; the
        same for the comparison points under names that end in "_real"
    """

    real: SideScores
    synthetic: SideScores
    realism: RatioEstimate
    diversity: RatioEstimate
    reach: RatioEstimate
    summary: Mapping[str, float]


def compare_samples(
    reference: Points,
    real: Points,
    synthetic: Points,
    groups: int,
    turns: int,
    k: int,
    rng: np.random.Generator,
) -> PrecisionRecall | None:
    """Set synthetic and other real points against the balls of reference points.

    The points are cut into groups of consecutive ones; the balls of each group are set against the
    points of a few groups: the work grows with the number of points, not its square.

    Parameters
    ----------
    reference, real, synthetic : shape (n, d) each
    groups : a divisor of n; n / groups is more than k
    turns : groups of points that each group of balls meets, at most `groups`

    Returns
    -------
    the standing; None where real points reach nothing, so that there is no ratio
    """
    size = len(reference) // groups
    cuts = [slice(g * size, (g + 1) * size) for g in range(groups)]
    tallies = {"": _Tally(len(reference), turns), "_real": _Tally(len(reference), turns)}
    numbers: dict[str, list[float]] = {}
    for at, cut in enumerate(cuts):
        balls = neighbours.make_balls(reference[cut], k, rng)
        for turn in range(turns):
            met = cuts[(at + turn) % groups]
            for mark, points in (("", synthetic[met]), ("_real", real[met])):
                hits = neighbours.find_hits(balls, points, rng)
                tallies[mark].add(hits, cut, met, k)
                if turn == 0:
                    for name, value in _numbers(balls, hits, points):
                        numbers.setdefault(name + mark, []).append(value)
    ours, theirs = tallies[""].side(), tallies["_real"].side()
    if not theirs.credit.any() or not theirs.ball_coverage.any():
        return None
    first = _numbers_of_both(
        reference[:RECALL_POINTS], real[:RECALL_POINTS], synthetic[:RECALL_POINTS], k, rng
    )
    summary = {name: float(np.mean(values)) for name, values in numbers.items()} | first
    for mark, side in (("", ours), ("_real", theirs)):
        share = neighbours.good_share(float(side.ball_coverage.mean()), size, size, k)[0]
        summary[f"clipped_density{mark}"] = min(1.0, summary[f"clipped_density{mark}"])
        summary[f"clipped_coverage{mark}"] = min(1.0, share)
    ratios = _realism(ours, theirs), _diversity(ours, theirs, size, k), _reach(ours, theirs)
    return PrecisionRecall(theirs, ours, *ratios, summary)


class _Tally:
    """Adds up what each meeting of balls and points gave, as the mean over the turns."""

    def __init__(self, n: int, turns: int) -> None:
        self._turns = turns
        self._credit, self._reached, self._by_ball, self._by_point = np.zeros((4, n))
        self._away = np.full(n, np.inf)
        self._alone = np.zeros(2)

    def add(self, hits: Hits, cut: slice, met: slice, k: int) -> None:
        by_ball, ball_alone = neighbours.ball_pull(hits, k)
        by_point, point_alone = neighbours.point_pull(hits, k)
        self._credit[met] += neighbours.density_credits(hits, k) / self._turns
        self._reached[cut] += neighbours.coverage_credits(hits, k) / self._turns
        self._by_ball[cut] += by_ball / self._turns
        self._by_point[met] += by_point / self._turns
        self._away[met] = np.minimum(self._away[met], hits.nearest_ball)
        self._alone += np.array([ball_alone, point_alone]) / self._turns**2

    def side(self) -> SideScores:
        return SideScores(
            self._credit,
            self._reached,
            self._by_ball,
            self._by_point,
            self._away,
            float(self._alone[0]),
            float(self._alone[1]),
        )


def _numbers(balls: Balls, hits: Hits, points: Points) -> Iterator[tuple[str, float]]:
    """Those that need no other distances than those to the reference points."""
    ideal = neighbours.ideal_density(balls)
    credit = float(neighbours.density_credits(hits, balls.k).mean())
    yield "clipped_density", credit / ideal if ideal else 0.0
    yield from dict(precision=prdc.precision(hits)).items()
    yield "density", prdc.density(hits, balls.k)
    yield "coverage", prdc.coverage(hits)
    yield "alpha_precision", prdc.alpha_precision(balls.points, points - balls.centre)
    yield "beta_recall", prdc.beta_recall(balls, hits, points)


def _numbers_of_both(
    reference: Points, real: Points, synthetic: Points, k: int, rng: np.random.Generator
) -> dict[str, float]:
    """Those that need distances within the other tables, too: of fewer points, as they are only told."""
    reached = {}
    for mark, points in (("", synthetic), ("_real", real)):
        around = neighbours.make_balls(points, k, rng)
        reached[f"recall{mark}"] = prdc.precision(neighbours.find_hits(around, reference, rng))
    own = {
        "authenticity": prdc.authenticity(real, synthetic),
        "authenticity_real": prdc.authenticity(real, reference),
    }
    return reached | own


def _realism(ours: SideScores, theirs: SideScores) -> RatioEstimate:
    """The variance: of the credits, and of their sum with the balls that points share."""
    n, base = len(ours.credit), float(theirs.credit.mean())
    value = float(ours.credit.mean()) / base
    points = ours.credit.var() + value**2 * theirs.credit.var()
    balls = (ours.ball_pull - value * theirs.ball_pull).var()
    alone = (ours.ball_alone + value**2 * theirs.ball_alone) / n
    return _ratio(value, float(points + max(balls - alone, 0.0)) / n / base**2)


def _diversity(ours: SideScores, theirs: SideScores, size: int, k: int) -> RatioEstimate:
    """Both read through the inverse; the variance through its slopes, as for realism."""
    n = len(ours.ball_coverage)
    share, slope = neighbours.good_share(float(ours.ball_coverage.mean()), size, size, k)
    base, base_slope = neighbours.good_share(float(theirs.ball_coverage.mean()), size, size, k)
    value = share / base
    left, right = slope / base, value * base_slope / base
    balls = (left * ours.ball_coverage - right * theirs.ball_coverage).var()
    points = (left * ours.point_pull).var() + (right * theirs.point_pull).var()
    alone = (left**2 * ours.point_alone + right**2 * theirs.point_alone) / n
    return _ratio(value, float(balls + max(points - alone, 0.0)) / n)


def _reach(ours: SideScores, theirs: SideScores) -> RatioEstimate:
    left, right = ours.ball_coverage > 0, theirs.ball_coverage > 0
    value = float(left.mean() / right.mean())
    variance = TOGETHER * float((left - value * right).var())
    return _ratio(value, variance / len(left) / float(right.mean()) ** 2)


def _ratio(value: float, variance: float) -> RatioEstimate:
    reach = Z95 * float(np.sqrt(variance))
    return RatioEstimate(value, max(0.0, value - reach), value + reach)
