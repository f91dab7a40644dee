from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from audit.stats.neighbours import neighbours
from audit.stats.neighbours.neighbours import expected_coverage, find_hits, good_share, make_balls
from audit.stats.neighbours.prdc import (
    alpha_precision,
    authenticity,
    beta_recall,
    coverage,
    density,
    precision,
)

K = 5


def cloud(rng, n, d=3):
    return rng.standard_normal((n, d)).astype(np.float32)


def line(*values):
    return np.array(values, dtype=np.float32)[:, None]


def test_balls_on_a_line_by_hand():
    balls = make_balls(line(0, 1, 3, 7), 1, np.random.default_rng(0))
    assert balls.radii.tolist() == pytest.approx([1, 1, 4, 16], rel=1e-5)
    assert balls.clipped.tolist() == pytest.approx([1, 1, 2.5, 2.5], rel=1e-5)  # the median is 2.5
    # 0 and 1 hold each other, 3 holds 1, 7 holds 3; the clipped balls of 3 and 7 hold nothing.
    assert balls.own.tolist() == [[1, 2, 1, 0], [1, 1, 0, 0]]
    assert balls.nearest.tolist() == pytest.approx([1, 1, 4, 16], rel=1e-5)
    assert neighbours.ideal_density(balls) == 0.5


def test_hits_on_a_line_by_hand():
    rng = np.random.default_rng(0)
    hits = find_hits(make_balls(line(0, 1, 3, 7), 1, rng), line(0.5, 4.5, 20.0), rng)
    assert sorted(zip(hits.ball.tolist(), hits.point.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (2, 1),
        (3, 1),
    ]
    assert neighbours.density_credits(hits, 1).tolist() == [1, 1, 0]
    assert neighbours.coverage_credits(hits, 1).tolist() == [1, 1, 1, 1]
    assert (precision(hits), density(hits, 1), coverage(hits)) == (2 / 3, 4 / 3, 1)
    assert hits.closest.tolist() == [0, 0, 1, 1]


def test_numbers_equal_loops_over_all_pairs():
    rng = np.random.default_rng(1)
    real, other = cloud(rng, 120), cloud(rng, 90)
    hits = find_hits(make_balls(real, K, rng), other, rng)
    apart = np.sqrt(((real[:, None].astype(float) - real[None]) ** 2).sum(axis=2))
    radius = np.sort(apart, axis=1)[:, K]  # place 0 is the point itself
    small = np.minimum(radius, np.median(radius))
    between = np.sqrt(((real[:, None].astype(float) - other[None]) ** 2).sum(axis=2))
    held = [sum(between[i, j] <= small[i] for i in range(120)) for j in range(90)]
    holds = [sum(between[i, j] <= radius[i] for j in range(90)) for i in range(120)]
    assert neighbours.density_credits(hits, K).tolist() == [min(c, K) / K for c in held]
    assert neighbours.coverage_credits(hits, K).tolist() == [min(c, K) / K for c in holds]
    assert precision(hits) == np.mean((between <= radius[:, None]).any(axis=0))
    assert coverage(hits) == np.mean([c > 0 for c in holds])
    assert density(hits, K) == sum(holds) / (K * 90)
    own = [sum(apart[i, j] <= small[i] for i in range(120) if i != j) for j in range(120)]
    assert neighbours.ideal_density(make_balls(real, K, rng)) == np.mean(np.minimum(own, K) / K)


def test_the_mean_of_a_beta_binomial_cut_at_k():
    counts = np.arange(61)
    mass = stats.betabinom(60, K, 100 - K).pmf(counts)
    mean = float((np.minimum(counts, K) * mass).sum() / K)
    assert expected_coverage(np.array([60]), 100, K) == pytest.approx(mean, rel=1e-9)
    assert expected_coverage(np.array([0, 1]), 100, K) == pytest.approx([0, 0.05 / K], abs=1e-12)


def test_at_least_one_in_a_ball_is_the_published_null_of_coverage():
    # E[coverage] = 1 - prod (N - 1 - i) / (M + N - 1 - i), which nears 1 - 2^-k.
    n = m = 400
    i = np.arange(K)
    known = 1 - np.prod((n - 1 - i) / (m + n - 1 - i))
    assert 1 - stats.betabinom(m, K, n - K).pmf(0) == pytest.approx(known)
    assert known == pytest.approx(1 - 2.0**-K, abs=1e-3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 1.0, 1.3])
def test_the_inverse_gives_back_the_share_of_good_points(share):
    reached = float(expected_coverage(np.array([round(share * 1000)]), 1000, K)[0])
    found, slope = good_share(reached, 1000, 1000, K)
    assert found == pytest.approx(share, abs=1e-6)
    more = good_share(reached + 1e-3, 1000, 1000, K)[0]
    assert (more - found) / 1e-3 == pytest.approx(slope, rel=0.02)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_lost_modes_read_as_bad_points_do(share):
    # All points in a share of the balls' places, so that these are 1 / share times as dense.
    packed = share * expected_coverage(np.array([round(8000 / share)]), 8000, K)[0]
    assert packed == pytest.approx(expected_coverage(np.array([round(8000 * share)]), 8000, K)[0], abs=2e-3)


def worlds():
    return {
        "numbers": lambda rng, n: cloud(rng, n, 4),
        "one label": lambda rng, n: np.zeros((n, 2), dtype=np.float32),
        "labels": lambda rng, n: (
            0.5 * np.eye(5, dtype=np.float32)[rng.choice(5, n, p=[0.6, 0.2, 0.1, 0.06, 0.04])]
        ),
        "spikes": lambda rng, n: np.where(rng.random((n, 2)) < 0.6, 0, rng.random((n, 2))).astype(np.float32),
    }


@pytest.mark.parametrize("world", worlds())
def test_theory_holds_with_equal_rows_too(world):
    """Balls of radius zero, and distances that many points share."""
    rng = np.random.default_rng(3)
    make, n, seen = worlds()[world], 250, []
    for _ in range(30):
        balls = make_balls(make(rng, n), K, rng)
        assert balls.own[0].sum() == K * n  # each ball holds exactly k others
        hits = find_hits(balls, make(rng, n), rng)
        mean = neighbours.coverage_credits(hits, K).mean()
        seen.append([density(hits, K), coverage(hits), mean])
    known = 1 - np.prod((n - 1 - np.arange(K)) / (2 * n - 1 - np.arange(K)))
    wanted = np.array([1.0, known, expected_coverage(np.array([n]), n, K)[0]])
    error = np.std(seen, axis=0) / np.sqrt(30)
    assert np.all(np.abs(np.mean(seen, axis=0) - wanted) < 4 * error + 1e-3)


def test_density_and_coverage_of_a_population_in_many_dimensions():
    rng = np.random.default_rng(16)
    found = []
    for _ in range(3):
        hits = find_hits(make_balls(cloud(rng, 2500, 64), K, rng), cloud(rng, 2500, 64), rng)
        found.append([density(hits, K), coverage(hits)])
    assert np.mean(found, axis=0) == pytest.approx([1.0, 0.96877], abs=0.02)


def test_alpha_precision_by_hand():
    real = np.linspace(-1, 1, 2001, dtype=np.float32)[:, None]
    assert alpha_precision(real, real) == pytest.approx(1, abs=0.01)
    assert alpha_precision(real, real + 100) == pytest.approx(0, abs=0.01)
    # All at the centre: every sphere holds all of them, 1 - 2 times the mean of (1 - a).
    assert alpha_precision(real, 0 * real) == pytest.approx(0, abs=0.01)
    # Half as wide: the sphere of share a holds min(1, 2a), 1 - 2 times 1/4.
    assert alpha_precision(real, real / 2) == pytest.approx(0.5, abs=0.01)


def test_beta_recall_by_hand():
    rng = np.random.default_rng(4)
    real = cloud(rng, 300)
    balls = make_balls(real, K, rng)

    def of(points):
        return beta_recall(balls, find_hits(balls, points, rng), points)

    assert of(real) == pytest.approx(1, abs=0.02)  # each is reached by itself
    assert of(real + 100) == pytest.approx(0, abs=0.02)
    fresh = np.mean([of(cloud(rng, 300)) for _ in range(10)])
    assert fresh == pytest.approx(0.5, abs=0.04)  # the nearer of two strangers is either


def test_authenticity_by_hand():
    train = line(0, 1, 10, 20)  # nearest other ones lie 1, 1, 9 and 10 away
    # 0.5 lies 0.5 from 0 (not further than 1); 4 lies 3 from 1 (further); 12 lies 2 from 10 (not
    # further than 9). With the distances of the training rows in the order of the points instead,
    # as other programs have it, the last would be called authentic too.
    assert authenticity(train, line(0.5, 4.0, 12.0)) == pytest.approx(1 / 3)
    assert authenticity(train, train) == 0


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="no 5-th nearest"):
        make_balls(line(1, 2, 3, 4, 5), 5, np.random.default_rng(0))
