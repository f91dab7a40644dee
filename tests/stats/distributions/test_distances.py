from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from audit.stats.distributions.distances import (
    expected_total_variation,
    jensen_shannon_distance,
    ks_distance,
    shares,
    stability_index,
    stability_index_noise,
    total_variation,
    total_variation_error,
    wasserstein_distance,
)
from audit.stats.distributions.weighted import common_support

counts = st.lists(st.integers(0, 50), min_size=2, max_size=12).map(np.array)


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Counts over the same cells, each with at least one row."""
    k = draw(st.integers(2, 12))
    cells = st.lists(st.integers(0, 50), min_size=k, max_size=k).filter(any)
    return np.array(draw(cells)), np.array(draw(cells))


def test_shares_of_no_rows_are_zero():
    assert shares(np.array([0, 0])).tolist() == [0.0, 0.0]
    assert shares(np.array([[1, 1], [2, 4]])).tolist() == [[0.125, 0.125], [0.25, 0.5]]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([50, 50], [60, 40], 0.1),
        ([1, 0], [0, 1], 1.0),
        ([3, 3, 4], [30, 30, 40], 0.0),
        ([2, 0, 2], [1, 2, 1], 0.5),
    ],
)
def test_total_variation_by_hand(left, right, expected):
    assert total_variation(np.array(left), np.array(right)) == expected


@given(two_tables())
def test_total_variation_is_the_largest_gap_in_any_event(tables):
    left, right = tables
    p, q = shares(left), shares(right)
    gap = p - q
    largest = gap[gap > 0].sum()  # the event "one of the cells that the left has more of"
    assert total_variation(left, right) == pytest.approx(largest, abs=1e-9)


@given(two_tables())
def test_distances_are_symmetric_on_their_scale_and_zero_for_the_same_shares(tables):
    left, right = tables
    for distance in (total_variation, jensen_shannon_distance, ks_distance):
        value = distance(left, right)
        assert 0 <= value <= 1
        assert value == pytest.approx(distance(right, left), abs=1e-9)
        assert distance(left, 3 * left) == pytest.approx(0, abs=1e-7)


@given(two_tables())
def test_jensen_shannon_agrees_with_scipy(tables):
    left, right = tables
    expected = jensenshannon(left, right, base=2)
    assert jensen_shannon_distance(left, right) == pytest.approx(expected, abs=1e-6)


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=30),
    st.lists(st.integers(-5, 5), min_size=1, max_size=30),
)
def test_ks_and_wasserstein_agree_with_scipy_also_with_ties(first, second):
    values, left, right = common_support(
        *np.unique(np.array(first, float), return_counts=True),
        *np.unique(np.array(second, float), return_counts=True),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's p-value has troubles of its own with few rows
        expected = stats.ks_2samp(first, second, method="asymp").statistic
    assert ks_distance(left, right) == pytest.approx(expected, abs=1e-12)
    assert wasserstein_distance(values, left, right) == pytest.approx(
        stats.wasserstein_distance(first, second), abs=1e-12
    )


def test_wasserstein_by_hand():
    # half of the mass moves from 0 to 10
    assert wasserstein_distance(np.array([0.0, 10.0]), np.array([4, 0]), np.array([2, 2])) == 5.0


def simulate(p, q, n, m, repeats, seed=0):
    rng = np.random.default_rng(seed)
    p, q = (np.array(x, float) / np.sum(x) for x in (p, q))
    return list(zip(rng.multinomial(n, p, repeats), rng.multinomial(m, q, repeats), strict=True))


UNEVEN = 1 / np.arange(1, 101) ** 1.2


@pytest.mark.parametrize(
    ("cells", "n", "m"),
    [
        ([1, 1], 400, 400),
        ([97, 3], 2000, 300),
        (np.ones(11), 500, 5000),
        (UNEVEN, 5000, 5000),
        (UNEVEN, 300, 80),  # most cells hold less than one expected row
        (np.ones(400), 200, 200),
    ],
)
def test_expected_total_variation_is_the_mean_of_two_samples(cells, n, m):
    p = np.array(cells, float) / np.sum(cells)
    seen = np.mean([total_variation(a, b) for a, b in simulate(p, p, n, m, 800)])
    assert expected_total_variation(p, n, m) == pytest.approx(seen, rel=0.05)


def test_expected_total_variation_needs_no_scale_and_falls_with_the_root_of_the_rows():
    cells = np.array([30, 50, 20])
    assert expected_total_variation(cells, 100, 100) == expected_total_variation(10 * cells, 100, 100)
    ratio = expected_total_variation(cells, 1000, 1000) / expected_total_variation(cells, 100_000, 100_000)
    assert ratio == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize(
    ("p", "q", "n", "m"),
    [
        ([1, 1], [1, 1], 2000, 2000),
        ([7, 3], [6, 4], 5000, 5000),
        ([97, 3], [95, 5], 20_000, 2000),
        (np.ones(11), np.ones(11), 2000, 2000),
        (np.ones(10), [1.2] * 5 + [0.8] * 5, 5000, 5000),
        (np.ones(10), [1.5] + [1] * 9, 1000, 5000),
        (UNEVEN, UNEVEN * ([0.8, 1.2, 1.3] + [1] * 97), 5000, 5000),
    ],
)
def test_interval_of_total_variation_covers_its_mean(p, q, n, m):
    tables = simulate(p, q, n, m, 600)
    seen = np.array([total_variation(a, b) for a, b in tables])
    errors = np.array([total_variation_error(a, b) for a, b in tables])
    covered = np.mean(np.abs(seen - seen.mean()) < 1.96 * errors)
    assert covered > 0.92
    assert errors.mean() < 1.25 * seen.std()  # nor much wider than need be


def test_error_of_two_cells_is_that_of_one_share():
    # 0.7 against 0.5, clearly apart: root(0.7 * 0.3 / 1000 + 0.5 * 0.5 / 1000)
    error = total_variation_error(np.array([700, 300]), np.array([500, 500]))
    assert error == pytest.approx(np.sqrt(0.21 / 1000 + 0.25 / 1000), rel=1e-6)


def test_disjoint_tables_have_no_error():
    assert total_variation_error(np.array([10, 0]), np.array([0, 10])) == 0.0


def test_stability_index_by_hand():
    # half a row in every cell: shares (100.5, 300.5) / 401 against (200.5, 200.5) / 401
    p, q = np.array([100.5, 300.5]) / 401, np.array([0.5, 0.5])
    expected = (p[0] - q[0]) * np.log(p[0] / q[0]) + (p[1] - q[1]) * np.log(p[1] / q[1])
    assert stability_index(np.array([100, 300]), np.array([200, 200])) == pytest.approx(expected)


@settings(max_examples=30)
@given(two_tables())
def test_stability_index_is_never_negative(tables):
    assert stability_index(*tables) >= 0


def test_one_in_twenty_samples_exceeds_the_noise_of_the_stability_index():
    p = np.array([5, 4, 3, 2, 2, 1, 1, 1, 1]) / 20
    seen = [stability_index(a, b) for a, b in simulate(p, p, 3000, 1000, 2000)]
    noise = stability_index_noise(9, 3000, 1000)
    assert np.mean(np.array(seen) > noise) == pytest.approx(0.05, abs=0.015)
    # (1/3000 + 1/1000) times the tabulated chi-square 15.507 with 8 degrees of freedom
    assert noise == pytest.approx(15.507 * 4 / 3000, rel=1e-4)
