"""Areas from counts: as from rows, and one order for all tables."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.inference.intervals import auc_with_error
from audit.stats.models.cell_areas import cell_area, common_order


def test_an_area_by_hand() -> None:
    # cells 0, 1, 2 hold 1, 0, 3 positives and 2, 1, 1 negatives
    area, error = cell_area(np.array([1, 0, 3]), np.array([2, 1, 1]))
    assert area == pytest.approx((2 / 2 + 3 * (3 + 0.5)) / (4 * 4))
    assert (area, error) == pytest.approx(auc_with_error(np.array([0.0, 2, 2, 2]), np.array([0.0, 0, 1, 2])))


def test_counts_and_rows_agree() -> None:
    rng = np.random.default_rng(0)
    positive, negative = rng.binomial(9, 0.6, 500), rng.binomial(9, 0.5, 700)
    counts = [np.bincount(rows, minlength=10) for rows in (positive, negative)]
    assert cell_area(*counts) == pytest.approx(auc_with_error(positive.astype(float), negative.astype(float)))


def test_no_row_of_a_kind_tells_nothing() -> None:
    assert cell_area(np.array([0, 0]), np.array([3, 4])) == (0.5, 0.0)


def test_cells_are_put_in_one_order() -> None:
    positives = [np.array([5, 0, 5]), np.array([9, 0, 1])]
    negatives = [np.array([5, 0, 5]), np.array([1, 0, 9])]
    # 14 of 20 positives and 6 of 20 negatives; none; the reverse
    assert common_order(positives, negatives).tolist() == [2, 1, 0]


def test_one_order_favours_no_table() -> None:
    rng = np.random.default_rng(1)
    pooled, own = [], []
    for _ in range(200):
        tables = [[rng.multinomial(n, [0.1] * 10) for n in (rows, rows)] for rows in (200, 2000)]
        order = common_order([t[0] for t in tables], [t[1] for t in tables])
        pooled.append(np.subtract(*(cell_area(t[0][order], t[1][order])[0] for t in tables)))
        orders = [common_order([t[0]], [t[1]]) for t in tables]
        own.append(
            np.subtract(*(cell_area(t[0][o], t[1][o])[0] for t, o in zip(tables, orders, strict=True)))
        )
    error = np.std(pooled) / np.sqrt(200)
    assert abs(np.mean(pooled)) < 3 * error
    assert np.mean(own) > 10 * error
