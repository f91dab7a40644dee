"""Closed forms of loops against simulated loops, within 5 %."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.loops.mixing import (
    NO_LIMIT,
    admissible_mix,
)
from audit.stats.loops.selfconsuming import (
    chance_lost,
    heterozygosity,
    line_slope,
    log_heterozygosity_variance,
    log_variance_variance,
    neutral_heterozygosity,
    neutral_log_variance,
    walk_slope,
)

WITHIN = 0.05
LOOPS = 4000


def test_variance_lost_by_a_perfect_generator():
    rng = np.random.default_rng(0)
    variance = np.ones(LOOPS)
    for _ in range(50):
        variance *= rng.chisquare(99, LOOPS) / 99
    assert neutral_log_variance([100] * 50) == pytest.approx(np.log(variance).mean(), rel=WITHIN)
    assert neutral_log_variance([100] * 50) == pytest.approx(-50 / 99, rel=0.01)


def test_error_of_the_logarithm_of_a_variance():
    rng = np.random.default_rng(1)
    for draw, kurtosis in ((rng.standard_normal, 3.0), (rng.random, 1.8)):
        found = np.log(draw((LOOPS, 200)).var(axis=1, ddof=1)).var()
        assert log_variance_variance(kurtosis, 200) == pytest.approx(found, rel=0.08)


@pytest.fixture(scope="module")
def drifted():
    """Shares of five categories after five generations of 100 rows each."""
    rng = np.random.default_rng(2)
    shares = np.tile(np.array([50, 30, 15, 4, 1]) / 100, (LOOPS, 1))
    for _ in range(5):
        shares = rng.multinomial(100, shares) / 100
    return shares


def test_heterozygosity_lost_by_a_perfect_generator(drifted):
    first = heterozygosity(np.array([50, 30, 15, 4, 1]))
    left = (1 - (drifted**2).sum(axis=1)).mean() / first
    assert first == pytest.approx(0.6358)
    assert neutral_heterozygosity([100] * 5) == pytest.approx(left, rel=WITHIN)
    assert 1 - neutral_heterozygosity([100] * 5) == pytest.approx(1 - left, rel=0.15)


def test_categories_lost_by_a_perfect_generator(drifted):
    told = chance_lost(np.array([50, 30, 15, 4, 1]), [100] * 5, 100)
    seen = (drifted == 0).mean(axis=0)
    assert told[3:] == pytest.approx(seen[3:], rel=WITHIN)
    assert told[:3] == pytest.approx(seen[:3], abs=0.005)
    assert chance_lost(np.array([5]), [100], 100) == pytest.approx(0.95**100, rel=0.15)


def test_larger_generations_lose_fewer_categories():
    rng = np.random.default_rng(3)
    shares = np.full(40_000, 0.002)
    for rows in (4000, 1000, 3000):
        shares = rng.binomial(rows, shares) / rows
    told = chance_lost(np.array([2]), [4000, 1000, 3000], 1000)
    assert told == pytest.approx((shares == 0).mean(), rel=WITHIN)


def test_error_of_the_logarithm_of_heterozygosity():
    rng = np.random.default_rng(4)
    for counts, rows in ((np.array([50, 30, 15, 4, 1]), 1000), (np.ones(5), 200)):
        drawn = rng.multinomial(rows, counts / counts.sum(), LOOPS)
        found = np.log([heterozygosity(one) for one in drawn]).var()
        assert log_heterozygosity_variance(counts, rows) == pytest.approx(found, rel=0.08)


def test_bias_and_variance_of_a_loop_with_fresh_rows():
    # the example of the notes: four synthetic rows per fresh one, each generation adds 0.2
    rng = np.random.default_rng(5)
    mix, bias, estimate = 4.0, 0.2, np.zeros(20_000)
    for _ in range(60):
        made = estimate + bias + rng.normal(0, mix**-0.5, len(estimate))
        estimate = (rng.normal(0, 1, len(estimate)) + mix * made) / (1 + mix)
    assert mix * bias == pytest.approx(estimate.mean(), rel=WITHIN)
    assert (1 + mix) / (1 + 2 * mix) == pytest.approx(estimate.var(), rel=WITHIN)


@pytest.mark.parametrize("bias", [0.05, 0.2, 1.0, 5.0])
def test_at_the_admissible_mix_the_loop_errs_as_its_fresh_rows(bias):
    mix = float(admissible_mix(bias, 1.0))
    errors = [(m * bias) ** 2 + (1 + m) / (1 + 2 * m) for m in (mix, mix * 1.1)]
    assert errors[0] == pytest.approx(1.0) and errors[1] > 1


def test_the_admissible_mix_by_hand():
    # 2 x^2 + x = 1.32 at x = 0.6: the sentence of the notes
    assert float(admissible_mix(1.0, 1.32)) == pytest.approx(0.6)
    assert float(admissible_mix(0.2, 1.0)) == pytest.approx((np.sqrt(201) - 1) / 4)
    assert float(admissible_mix(0.0, 1.0)) == NO_LIMIT


def test_slope_of_a_walk():
    assert walk_slope([1, 3, 6], [1, 1, 1]) == (2.0, pytest.approx(3**-0.5))
    assert walk_slope([1, 101], [1, 1e9])[0] == pytest.approx(1.0, rel=1e-5)
    rng = np.random.default_rng(6)
    walks = np.cumsum(rng.normal(0.1, 1, (2000, 4)), axis=1)
    slopes = [walk_slope(walk, [1, 1, 1, 1])[0] for walk in walks]
    assert np.std(slopes) == pytest.approx(0.5, rel=WITHIN)


def test_slope_of_a_line():
    slope, error = line_slope([1.0, 2.0, 3.0], [0.1, 0.1, 0.1])
    assert slope == pytest.approx(1.0)
    assert error == pytest.approx(0.1 / np.sqrt(2))
    assert line_slope([0.0, 1.0, 100.0], [0.1, 0.1, 1e6])[0] == pytest.approx(1.0)
