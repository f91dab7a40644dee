from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from audit.stats.distributions.distances import wasserstein_distance
from audit.stats.distributions.weighted import (
    common_support,
    expected_wasserstein,
    mean_and_sd,
    wasserstein_error,
)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=50))
def test_mean_and_sd_agree_with_numpy(values):
    distinct, counts = np.unique(np.array(values, float), return_counts=True)
    assert mean_and_sd(distinct, counts) == pytest.approx((np.mean(values), np.std(values)), abs=1e-9)


def test_large_values_lose_nothing():
    values = np.array([1e15, 1e15 + 2])
    assert mean_and_sd(values, np.array([1, 1])) == (1e15 + 1, 1.0)


def test_common_support_by_hand():
    values, left, right = common_support(
        np.array([1.0, 3.0]), np.array([2, 5]), np.array([2.0, 3.0]), np.array([7, 1])
    )
    assert values.tolist() == [1, 2, 3]
    assert left.tolist() == [2, 0, 5]
    assert right.tolist() == [0, 7, 1]


def normal(rng, n):
    return rng.standard_normal(n)


def spiked(rng, n):
    return np.where(rng.random(n) < 0.9, 0.0, rng.lognormal(7, 1, n))


def whole(rng, n):
    return rng.integers(0, 5, n).astype(float)


def draw(make, other, n, m, repeats=250):
    rng = np.random.default_rng(5)
    for _ in range(repeats):
        yield common_support(
            *np.unique(make(rng, n), return_counts=True), *np.unique(other(rng, m), return_counts=True)
        )


@pytest.mark.parametrize("make", [normal, spiked, whole])
@pytest.mark.parametrize(("n", "m"), [(400, 400), (2000, 500)])
def test_expected_distance_is_the_mean_of_two_samples(make, n, m):
    tables = list(draw(make, make, n, m))
    seen = np.mean([wasserstein_distance(*table) for table in tables])
    said = np.mean([expected_wasserstein(values, left, n, m) for values, left, _ in tables])
    assert said == pytest.approx(seen, rel=0.15)


@pytest.mark.parametrize(
    ("other", "truth"),
    [
        (lambda rng, n: normal(rng, n) + 0.1, 0.1),
        (lambda rng, n: 1.2 * normal(rng, n), 0.2 * np.sqrt(2 / np.pi)),
    ],
    ids=["shifted by 0.1", "spread by 1.2"],
)
def test_interval_of_the_distance_covers_the_truth(other, truth):
    covered = []
    for table in draw(normal, other, 3000, 3000):
        value, half = wasserstein_distance(*table), 1.96 * wasserstein_error(*table)
        covered.append(value - half <= truth <= value + half)
    assert np.mean(covered) > 0.90


def test_interval_covers_the_mean_where_nothing_differs():
    seen, errors = zip(
        *((wasserstein_distance(*t), wasserstein_error(*t)) for t in draw(normal, normal, 800, 800)),
        strict=True,
    )
    covered = np.abs(np.array(seen) - np.mean(seen)) < 1.96 * np.array(errors)
    assert covered.mean() > 0.93


def test_error_of_a_clear_shift_is_that_of_the_difference_of_means():
    rng = np.random.default_rng(0)
    a, b = normal(rng, 2000), normal(rng, 2000) + 5
    table = common_support(*np.unique(a, return_counts=True), *np.unique(b, return_counts=True))
    expected = np.sqrt(a.var() / 2000 + b.var() / 2000)
    assert wasserstein_error(*table) == pytest.approx(expected, rel=0.01)


def test_one_value_has_no_error():
    assert wasserstein_error(np.array([3.0]), np.array([4]), np.array([9])) == 0.0
