from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import linalg, special, stats

from audit.stats.distributions.energy import (
    across_sums,
    centred_square,
    distances,
    energy_distance,
    equality_error,
    frechet_distance,
    kernel_distance,
    pair_sums,
    permutation_share,
    unbiased_energy,
    within_sums,
)


def cloud(rows, coordinates, shift=0.0, seed=0, kind=np.float64):
    found = np.random.default_rng([3, seed]).normal(0, 1, (rows, coordinates))
    found[:, 0] += shift
    return found.astype(kind)


def brute(left, right):
    return np.sqrt(((left[:, None, :].astype(float) - right[None, :, :]) ** 2).sum(axis=2))


def brute_energy(left, right, unbiased):
    off = int(unbiased)
    n, m = len(left), len(right)
    within = brute(left, left).sum() / (n * (n - off)) + brute(right, right).sum() / (m * (m - off))
    return 2 * brute(left, right).mean() - within


def two_normals(shift):
    """Energy distance of two normals of variance one: means of folded normals."""
    folded = 2 / math.sqrt(math.pi) * math.exp(-(shift**2) / 4) + shift * (
        1 - 2 * special.ndtr(-shift / math.sqrt(2))
    )
    return 2 * folded - 4 / math.sqrt(math.pi)


def table_of(left, right):
    pool = np.vstack([left, right])
    table = distances(pool, pool)
    np.fill_diagonal(table, 0.0)
    return table


def test_by_hand():
    # points 0 and 2 against 1 and 5: across 1 5 1 3, within 2 and 4
    sums = pair_sums(np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]]))
    assert sums.across.tolist() == [6, 4]
    assert sums.back.tolist() == [2, 8]
    assert (sums.left.tolist(), sums.right.tolist()) == ([2, 2], [4, 4])
    assert energy_distance(sums) == pytest.approx(2 * 10 / 4 - 4 / 4 - 8 / 4)
    assert unbiased_energy(sums)[0] == pytest.approx(2 * 10 / 4 - 2 - 4)


@pytest.mark.parametrize(("n", "m"), [(600, 700), (512, 513), (3, 2)])
@pytest.mark.parametrize(("kind", "off"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_sums_equal_the_brute_force_ones_in_blocks(n, m, kind, off):
    left, right = cloud(n, 7, 0.3, 1, kind), cloud(m, 7, 0.0, 2, kind)
    assert np.allclose(distances(left, right), brute(left, right), atol=1e-3)
    for ours, theirs in zip(
        across_sums(left, right), (brute(left, right).sum(axis=i) for i in (1, 0)), strict=True
    ):
        assert np.allclose(ours, theirs, rtol=off)
    assert np.allclose(within_sums(left), brute(left, left).sum(axis=1), rtol=off)
    sums = pair_sums(left, right)
    assert energy_distance(sums) == pytest.approx(brute_energy(left, right, False), abs=off * 10)
    assert unbiased_energy(sums)[0] == pytest.approx(brute_energy(left, right, True), abs=off * 10)


def test_scipy_gives_the_root_in_one_dimension():
    left, right = cloud(400, 1, 0.5, 1), cloud(300, 1, 0.0, 2)
    theirs = stats.energy_distance(left[:, 0], right[:, 0])
    assert energy_distance(pair_sums(left, right)) == pytest.approx(theirs**2, rel=1e-9)


def test_the_same_cloud_lies_at_no_distance():
    left = cloud(300, 4)
    assert energy_distance(pair_sums(left, left.copy())) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 3.0])
def test_two_normals_have_the_closed_form(shift):
    found, error = unbiased_energy(pair_sums(cloud(3000, 1, shift, 1), cloud(3000, 1, 0.0, 2)))
    assert abs(found - two_normals(shift)) < 3 * error + 1e-12
    assert error < 0.1


@pytest.mark.parametrize("coordinates", [1, 8])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_the_error_is_that_of_repeated_samples(shift, coordinates):
    found = np.array(
        [
            unbiased_energy(
                pair_sums(cloud(150, coordinates, shift, [i, 0]), cloud(200, coordinates, 0, [i, 1]))
            )
            for i in range(300)
        ]
    )
    # without a difference the error may be overstated, as it is the larger of two estimates
    assert 0.9 < found[:, 1].mean() / found[:, 0].std() < (1.5 if shift == 0 else 1.15)
    truth = two_normals(shift) if coordinates == 1 else found[:, 0].mean()
    # one column that differs hardly more than chance: the value is skewed, see the function's notes
    assert np.mean(np.abs(found[:, 0] - truth) < 1.96 * found[:, 1]) > (0.82 if coordinates == 1 else 0.91)
    assert found[:, 0].mean() == pytest.approx(truth, abs=4 * found[:, 0].std() / math.sqrt(300))


def test_the_error_under_equality_is_known_without_samples():
    big = cloud(3000, 3)
    error = equality_error(centred_square(big, within_sums(big)), 100, 150)
    found = [
        unbiased_energy(pair_sums(cloud(100, 3, 0, [i, 2]), cloud(150, 3, 0, [i, 3])))[0] for i in range(400)
    ]
    assert np.std(found) == pytest.approx(error, rel=0.12)


def test_relabelling_equals_the_loop_over_permutations():
    left, right = cloud(30, 2, 0.8, 1), cloud(20, 2, 0.0, 2)
    table = table_of(left, right)
    pool = np.vstack([left, right])
    rng = np.random.default_rng(9)
    seen = brute_energy(left, right, False)
    shown = 0
    for _ in range(99):
        order = rng.permutation(50)[:30]
        rest = np.setdiff1d(np.arange(50), order)
        shown += brute_energy(pool[order], pool[rest], False) >= seen
    assert permutation_share(table, 30, 99, np.random.default_rng(9)) == (1 + shown) / 100


def test_p_values_are_even_under_equality_and_small_otherwise():
    def p(i, shift):
        table = table_of(cloud(40, 3, shift, [i, 4]), cloud(40, 3, 0, [i, 5]))
        return permutation_share(table, 40, 99, np.random.default_rng(i))

    even = np.array([p(i, 0.0) for i in range(300)])
    assert np.mean(even <= 0.05) < 0.09
    assert even.mean() == pytest.approx(0.505, abs=0.06)
    assert p(0, 2.0) == 0.01
    assert permutation_share(np.zeros((20, 20)), 10, 19, np.random.default_rng(0)) == 1.0


def test_the_kernel_distance_equals_its_definition():
    left, right = cloud(60, 2, 0.7, 1), cloud(50, 2, 0.0, 2)
    table = table_of(left, right)
    median = np.median(table[~np.eye(110, dtype=bool)])
    found = 0.0
    for scale in (0.25, 0.5, 1, 2, 4):
        kernel = np.exp(-(table**2) / (2 * (scale * median) ** 2))
        ours, theirs, across = kernel[:60, :60], kernel[60:, 60:], kernel[:60, 60:]
        found += (ours.sum() - 60) / (60 * 59) + (theirs.sum() - 50) / (50 * 49) - 2 * across.mean()
    assert kernel_distance(table, 60) == pytest.approx(found / 5, rel=1e-9)
    assert kernel_distance(table.astype(np.float32), 60) == pytest.approx(found / 5, rel=1e-3)


def test_the_kernel_distance_is_about_zero_for_equals_and_zero_for_one_point():
    many = [
        kernel_distance(table_of(cloud(80, 3, 0, [i, 6]), cloud(80, 3, 0, [i, 7])), 80) for i in range(60)
    ]
    assert abs(np.mean(many)) < 3 * np.std(many) / math.sqrt(60)
    assert kernel_distance(np.zeros((20, 20)), 10) == 0.0


def exact(mean, variances, rows=64):
    """Rows whose sample mean and diagonal covariance are these, exactly."""
    raw = np.random.default_rng(0).normal(size=(rows, len(variances)))
    raw -= raw.mean(axis=0)
    white, _ = np.linalg.qr(raw)
    return white * np.sqrt(np.asarray(variances) * (rows - 1)) + mean


def test_frechet_distance_of_diagonal_normals_has_the_closed_form():
    left, right = exact([1.0, 0.0, 2.0], [1.0, 4.0, 9.0]), exact([0.0, 0.0, 0.0], [4.0, 1.0, 9.0])
    # |gap|^2 + sum of (sd - sd')^2
    assert frechet_distance(left, right) == pytest.approx(5 + 1 + 1 + 0)


def test_frechet_distance_equals_the_matrix_root_of_scipy_and_is_symmetric():
    rng = np.random.default_rng(4)
    left, right = (rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=6) for _ in range(2))
    ours, theirs = (np.cov(x, rowvar=False) for x in (left, right))
    gap = left.mean(axis=0) - right.mean(axis=0)
    wanted = gap @ gap + np.trace(ours + theirs - 2 * np.real(linalg.sqrtm(ours @ theirs)))
    assert frechet_distance(left, right) == pytest.approx(wanted, rel=1e-8)
    assert frechet_distance(right, left) == pytest.approx(wanted, rel=1e-8)
    assert frechet_distance(left, left) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(left + 3, left) == pytest.approx(6 * 9)


def test_frechet_distance_of_flat_clouds():
    left = np.column_stack([cloud(50, 1)[:, 0], np.zeros(50)])
    assert frechet_distance(left, left + np.array([0.0, 2.0])) == pytest.approx(4.0)
