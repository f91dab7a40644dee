from __future__ import annotations

import numpy as np
import pytest

from audit.stats.loops.contamination import share_of_means, unseen_in_fresh, unseen_share
from audit.stats.models.copula import fit_copula


def test_margins_and_order_are_kept():
    rng = np.random.default_rng(0)
    x = rng.exponential(1, 4000)
    matrix = np.column_stack([x, x + rng.normal(0, 1, 4000), rng.integers(0, 3, 4000)])
    drawn = fit_copula(matrix, rng).sample(4000, rng)
    assert drawn.mean(axis=0) == pytest.approx(matrix.mean(axis=0), rel=0.06)
    assert drawn.std(axis=0) == pytest.approx(matrix.std(axis=0), rel=0.06)
    ranks = [np.argsort(np.argsort(table[:, :2], axis=0), axis=0).T for table in (matrix, drawn)]
    before, after = (np.corrcoef(r)[0, 1] for r in ranks)
    assert after == pytest.approx(before, abs=0.04)
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1]) < 0.05
    assert np.isin(drawn, matrix).all()


def test_missing_values_stay_missing():
    rng = np.random.default_rng(1)
    matrix = np.column_stack([np.where(rng.random(2000) < 0.3, np.nan, 5.0), rng.normal(0, 1, 2000)])
    drawn = fit_copula(matrix, rng).sample(2000, rng)
    assert np.isnan(drawn[:, 0]).mean() == pytest.approx(0.3, abs=0.04)
    assert not np.isnan(drawn[:, 1]).any()


def test_the_share_of_a_mixture():
    share = share_of_means(1.3, 1.0, 2.0, (0.01, 0.0, 0.0))
    assert share.value == pytest.approx(0.3)
    assert share.error == pytest.approx(0.1)
    assert share.at_least(2.0) == pytest.approx(0.1)
    assert share.at_most(2.0) == pytest.approx(0.5)
    assert share_of_means(1.0, 1.0, 1.0, (0.1, 0.1, 0.1)).at_least(2) == 0.0


def test_values_that_fresh_rows_will_not_find():
    # by hand: three of ten rows hold a value that occurs once
    assert unseen_in_fresh(np.array([5, 2, 1, 1, 1]))[0] == pytest.approx(0.3)
    assert unseen_share(np.array([6, 4]), np.array([True, False]))[0] == pytest.approx(0.4)
    rng = np.random.default_rng(2)
    gaps = []
    for _ in range(200):
        table, fresh = rng.geometric(0.05, 300), rng.geometric(0.05, 300)
        told, _ = unseen_in_fresh(np.unique(table, return_counts=True)[1])
        gaps.append(told - np.mean(~np.isin(fresh, table)))
    assert np.mean(gaps) == pytest.approx(0.0, abs=0.003)
    _, variance = unseen_in_fresh(np.unique(rng.geometric(0.05, 300), return_counts=True)[1])
    assert np.std(gaps) < 2.5 * np.sqrt(variance)
