from __future__ import annotations

import numpy as np
import pytest

from audit.stats.neighbours.realism import compare_samples

K = 5
CENTRES = np.random.default_rng(9).normal(0, 12, (10, 6))


def mixture(rng, n, first_mode=0):
    """Ten kinds of points far from each other, or those from a kind on."""
    place = CENTRES[rng.integers(first_mode, 10, n)]
    return (place + rng.standard_normal((n, 6))).astype(np.float32)


def standing(rng, synthetic, groups=3, turns=2):
    n = len(synthetic)
    return compare_samples(mixture(rng, n), mixture(rng, n), synthetic, groups, turns, K, rng)


@pytest.mark.parametrize("bad", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_realism_falls_one_for_one_with_bad_points(bad):
    rng = np.random.default_rng([1, round(100 * bad)])
    synthetic = mixture(rng, 4200)
    synthetic[rng.random(4200) < bad] += 500
    found = standing(rng, synthetic)
    assert found.realism.value == pytest.approx(1 - bad, abs=0.03)
    assert found.diversity.value == pytest.approx(1 - bad, abs=0.03)  # fewer points are good
    assert found.summary["clipped_density"] == pytest.approx(1 - bad, abs=0.04)
    assert found.summary["clipped_coverage"] == pytest.approx(1 - bad, abs=0.04)


@pytest.mark.parametrize("lost", [1, 3, 6])
def test_diversity_falls_one_for_one_with_lost_modes(lost):
    rng = np.random.default_rng([2, lost])
    found = standing(rng, mixture(rng, 4200, lost))
    assert found.diversity.value == pytest.approx(1 - lost / 10, abs=0.03)
    assert found.realism.value == pytest.approx(1, abs=0.04)


def test_a_copy_of_the_real_points_scores_as_they_do():
    rng = np.random.default_rng(3)
    real = mixture(rng, 900)
    found = compare_samples(mixture(rng, 900), real, real.copy(), 3, 2, K, rng)
    assert (found.realism.value, found.diversity.value) == pytest.approx((1, 1), abs=0.02)
    assert found.summary["authenticity"] == 0
    assert found.summary["authenticity_real"] > 0.4


@pytest.mark.parametrize("bad", [0.0, 0.2])
def test_intervals_hold_the_truth(bad):
    """About 95 of 100; 80 runs tell this to five in a hundred."""
    rng = np.random.default_rng([4, round(10 * bad)])
    held, reach, values = [], [], []
    for _ in range(80):
        synthetic = mixture(rng, 500)
        synthetic[rng.random(500) < bad] += 500
        found = standing(rng, synthetic, groups=2)
        both = (found.realism, found.diversity)
        held.append([r.low <= 1 - bad <= r.high for r in both])
        reach.append([(r.high - r.low) / 3.92 for r in both])
        values.append([r.value for r in both])
    assert np.all(np.mean(held, axis=0) >= 0.88), np.mean(held, axis=0)
    ratio = np.mean(reach, axis=0) / np.std(values, axis=0)
    assert np.all((ratio > 0.8) & (ratio < 1.35)), ratio


def test_nothing_reached_gives_no_ratio():
    rng = np.random.default_rng(5)
    points = mixture(rng, 300)
    assert compare_samples(points, points + 900, points, 1, 1, K, rng) is None
