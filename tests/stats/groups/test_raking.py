"""Weights meet the margins wanted, stay within their limit, and cost what Kish's formula says."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.groups.raking import effective_rows, rake


def margin(codes, weights, counts, cells):
    found = np.bincount(codes, weights=weights * counts, minlength=cells)
    return found / found.sum()


def test_one_margin_is_the_share_wanted_over_the_share_there():
    weights = rake(np.array([[0], [1], [2]]), np.array([50, 30, 20]), [np.array([0.2, 0.3, 0.5])], 5.0)
    assert weights == pytest.approx([0.4, 1.0, 2.5])


def test_two_margins_are_met_at_once():
    """And what ties the two margins together, the odds ratio, stays: the promise of the method."""
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    counts = np.array([40, 30, 35, 50])
    wanted = [np.array([100, 55]) / 155, np.array([60, 95]) / 155]
    weights = rake(codes, counts, wanted, 10.0)
    for i in (0, 1):
        assert margin(codes[:, i], weights, counts, 2) == pytest.approx(wanted[i], abs=1e-5)
    cells = weights * counts
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(40 * 50 / (30 * 35), rel=1e-6)
    assert np.average(weights, weights=counts) == pytest.approx(1.0)


def test_a_cell_that_no_row_is_in_is_left_out():
    weights = rake(np.array([[0], [1]]), np.array([50, 50]), [np.array([0.2, 0.2, 0.6])], 5.0)
    assert weights == pytest.approx([1.0, 1.0])


def test_a_cell_that_nobody_wants_gets_no_weight():
    weights = rake(np.array([[0], [1]]), np.array([50, 50]), [np.array([1.0, 0.0])], 5.0)
    assert weights == pytest.approx([2.0, 0.0])


def test_no_weight_is_larger_than_allowed():
    weights = rake(np.array([[0], [1]]), np.array([990, 10]), [np.array([0.5, 0.5])], 5.0)
    assert weights.max() == pytest.approx(5.0)
    assert np.average(weights, weights=np.array([990, 10])) == pytest.approx(1.0, rel=1e-5)


def test_equal_weights_keep_every_row():
    assert effective_rows(np.full(40, 3.0)) == pytest.approx(40)
    assert effective_rows(np.array([3.0, 0.0]), np.array([10, 90])) == pytest.approx(10)


@pytest.mark.parametrize("seed", range(5))
def test_random_tables_meet_their_margins(seed):
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.integers(0, 4, 60), rng.integers(0, 3, 60)], axis=1)
    counts = rng.integers(20, 40, 60)
    wanted = [rng.dirichlet(np.full(4, 20)), rng.dirichlet(np.full(3, 20))]
    weights = rake(codes, counts, wanted, 50.0)
    for i, shares in enumerate(wanted):
        assert margin(codes[:, i], weights, counts, len(shares)) == pytest.approx(shares, abs=1e-5)
    assert effective_rows(weights, counts) <= counts.sum()
