from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from audit.stats.distributions.distances import expected_total_variation, total_variation
from audit.stats.distributions.marginals import (
    equivalent_share,
    fitted_to_pairs,
    pool_rare_cells,
)


def subsample_distance(cells, drawn):
    """Mean total variation between a subsample without replacement and all rows, by summing over what it may hold."""
    gaps = 0.0
    for count, many in zip(*np.unique(cells, return_counts=True), strict=True):
        x = np.arange(min(count, drawn) + 1)
        held = stats.hypergeom(sum(cells), count, drawn).pmf(x)
        gaps += many * (np.abs(x / drawn - count / sum(cells)) @ held)
    return gaps / 2


@pytest.mark.parametrize("cells", [[5, 3, 2], [40, 7, 1, 1, 1, 50], [1] * 30])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 1.0])
def test_a_small_subsample_reads_its_own_share(cells, share):
    drawn = max(1, round(share * sum(cells)))
    read = equivalent_share(np.array(cells), subsample_distance(cells, drawn), sum(cells))
    assert read == pytest.approx(drawn / sum(cells), abs=1e-9)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 1.0])
def test_a_subsample_reads_its_own_share(share):
    rng = np.random.default_rng(1)
    cells = rng.multinomial(20_000, rng.dirichlet(np.full(500, 0.3)))
    cells = cells[cells > 0]
    distance = subsample_distance(cells, int(share * 20_000))
    assert equivalent_share(cells, distance, 20_000) == pytest.approx(share, abs=1e-9)


def test_the_share_falls_as_the_distance_grows():
    cells = np.random.default_rng(2).multinomial(5000, np.full(100, 0.01))
    found = [equivalent_share(cells, d, 5000) for d in np.linspace(0, 1, 40)]
    assert found[0] == 1.0
    assert found[-1] == 1 / 5000
    assert all(a >= b for a, b in pairwise(found))


def test_a_fresh_sample_reads_a_third():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(60))
    read = []
    for _ in range(100):
        real, fresh = rng.multinomial(10_000, p), rng.multinomial(10_000, p)
        read.append(equivalent_share(real[real > 0], total_variation(real, fresh), 10_000))
    assert np.mean(read) == pytest.approx(1 / 3, abs=0.02)


def test_chance_in_pooled_cells_is_expected():
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.full(1000, 0.2))
    excess = []
    for _ in range(300):
        cells = pool_rare_cells(rng.multinomial(4000, p), rng.multinomial(2500, p))
        assert (cells.left + cells.right)[:-1].min() >= 10
        excess.append(
            total_variation(cells.left, cells.right)
            - expected_total_variation(cells.left + cells.right, 4000, 2500)
        )
    assert np.mean(excess) == pytest.approx(0.0, abs=0.002)


def test_pooling_keeps_every_row():
    rng = np.random.default_rng(5)
    left, right = rng.poisson(4, (4, 5, 6)), rng.poisson(5, (4, 5, 6))
    cells = pool_rare_cells(left, right)
    assert (cells.left.sum(), cells.right.sum()) == (left.sum(), right.sum())
    assert np.bincount(cells.cell_index.ravel(), left.ravel()) == pytest.approx(cells.left)


def test_fitting_takes_the_pairs_and_keeps_the_relation_of_three():
    rng = np.random.default_rng(6)
    table, like = rng.poisson(30, (3, 4, 5)), rng.poisson(50, (3, 4, 5))
    fitted = fitted_to_pairs(table, like)
    for axis in range(3):
        assert fitted.sum(axis=axis) == pytest.approx((like / like.sum()).sum(axis=axis), abs=1e-4)
    product = np.einsum("ij,ik->ijk", rng.random((3, 4)) + 0.5, rng.random((3, 5)) + 0.5)
    moved = table * product  # pairs changed, no relation of three
    assert fitted_to_pairs(table, moved) == pytest.approx(moved / moved.sum(), abs=1e-4)


def test_fitting_does_not_depend_on_the_order_of_the_columns():
    rng = np.random.default_rng(7)
    table, like = rng.poisson(1, (3, 9, 9)), rng.poisson(1, (3, 9, 9))
    backwards = fitted_to_pairs(table.transpose(2, 1, 0), like.transpose(2, 1, 0)).transpose(2, 1, 0)
    assert fitted_to_pairs(table, like) == pytest.approx(backwards, abs=1e-12)
