from __future__ import annotations

import numpy as np
import pytest

from audit.stats.models.regression import expected_overlap, interval_overlap, least_squares, logistic

RNG = np.random.default_rng(8)


def with_ones(*columns):
    return np.column_stack([np.ones(len(columns[0])), *columns])


def test_a_line_by_hand():
    # y = 1, 2, 2 at x = 0, 1, 2: slope 1/2, intercept 7/6; residuals -1/6, 1/3, -1/6
    found, errors = least_squares(with_ones([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 2.0]))
    assert found == pytest.approx([7 / 6, 1 / 2])
    # the slope's own residuals -1 and 1 times root(3 / (3 - 2)) over 2: root(2 / 36 * 3) / 2
    assert errors[1] == pytest.approx(np.sqrt(2 / 36 * 3) / 2)


def test_a_mean_has_its_classical_error():
    values = RNG.normal(size=50)
    found, errors = least_squares(np.ones((50, 1)), values)
    assert found[0] == pytest.approx(values.mean())
    assert errors[0] == pytest.approx(values.std(ddof=1) / np.sqrt(50))


def test_odds_of_two_groups_have_their_closed_form():
    # 30 of 100 and 60 of 100: log odds ratio log(3.5), error root(1/30 + 1/70 + 1/60 + 1/40)
    group = np.repeat([0.0, 1.0], 100)
    outcome = np.concatenate([np.arange(100) < 30, np.arange(100) < 60]).astype(float)
    found, errors = logistic(with_ones(group), outcome)
    assert found[1] == pytest.approx(np.log(3.5))
    assert errors[1] == pytest.approx(np.sqrt(1 / 30 + 1 / 70 + 1 / 60 + 1 / 40))


def test_errors_hold_where_the_spread_is_uneven():
    slopes, told = [], []
    for _ in range(400):
        x = RNG.normal(size=200)
        found, errors = least_squares(with_ones(x), x + np.abs(x) * RNG.normal(size=200))
        slopes.append(found[1])
        told.append(errors[1])
    assert np.mean(told) == pytest.approx(np.std(slopes), rel=0.12)


def test_logistic_errors_are_what_samples_show():
    slopes, told = [], []
    for _ in range(300):
        x = RNG.normal(size=300)
        found, errors = logistic(with_ones(x), (RNG.logistic(size=300) < 0.5 + x).astype(float))
        slopes.append(found[1])
        told.append(errors[1])
    assert np.mean(slopes) == pytest.approx(1, abs=0.05)
    assert np.mean(told) == pytest.approx(np.std(slopes), rel=0.12)


@pytest.mark.parametrize("fit", [least_squares, logistic])
def test_columns_that_follow_from_each_other_have_no_estimate(fit):
    x = RNG.normal(size=50)
    outcome = (RNG.random(50) < 0.5).astype(float)
    assert fit(with_ones(x, 2 * x + 1), outcome) is None
    assert fit(with_ones(x, np.zeros(50)), outcome) is None
    assert fit(with_ones(x)[:2], outcome[:2]) is None


def test_separated_classes_have_no_estimate():
    x = np.linspace(-1, 1, 40)
    assert logistic(with_ones(x), (x > 0).astype(float)) is None


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((0, 2), (0, 2), 1),
        ((0, 2), (1, 3), 0.5),
        ((0, 4), (1, 2), 0.625),
        ((0, 1), (1, 2), 0),
        ((0, 1), (2, 3), -1),
        ((0, 2), (1, 1), 0.5),
        ((1, 1), (1, 1), 1),
        ((1, 1), (2, 2), 0),
    ],
)
def test_overlap(one, other, overlap):
    assert interval_overlap(one, other) == pytest.approx(overlap)
    assert interval_overlap(other, one) == pytest.approx(overlap)


def test_what_chance_gives():
    # two samples of one size, ordinary errors: 1 - |gap| / 3.92 errors, the gap normal with variance 2
    gaps = np.abs(RNG.normal(0, np.sqrt(2), 200_000))
    wanted = np.mean(np.maximum(0, 1 - gaps / (2 * 1.959964)))
    assert expected_overlap(1, 1, gap_error=np.sqrt(2)) == pytest.approx(wanted, abs=0.003)
    assert expected_overlap(1, 2**0.5, gap_error=0.0) == pytest.approx((1 + 0.5**0.5) / 2)
