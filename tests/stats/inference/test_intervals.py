from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from audit.stats.inference.intervals import (
    Z95,
    auc_with_error,
    clopper_pearson,
    newcombe,
    normal_tail,
    ratio_error,
    wilson,
)


@st.composite
def hits(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 5000))
    return draw(st.integers(0, n)), n


def test_normal_tail_at_tabulated_points():
    assert normal_tail(0) == 0.5
    assert normal_tail(Z95) == pytest.approx(0.025)
    assert normal_tail(-1.6449) == pytest.approx(0.95, abs=1e-5)


@given(hits())
def test_wilson_agrees_with_statsmodels(case):
    low, high = wilson(*case)
    expected = proportion_confint(*case, method="wilson")
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= case[0] / case[1] <= high <= 1


@given(hits())
def test_clopper_pearson_agrees_with_statsmodels(case):
    low, high = clopper_pearson(*case)
    expected = np.clip(proportion_confint(*case, method="beta"), 0, 1)
    assert low == pytest.approx(0.0 if case[0] == 0 else expected[0], abs=1e-9)
    assert high == pytest.approx(1.0 if case[0] == case[1] else expected[1], abs=1e-9)


def test_clopper_pearson_of_no_hits_is_the_rule_of_three():
    # one-sided 95 %: 1 - 0.05 ** (1 / n)
    assert clopper_pearson(0, 100, level=0.90)[1] == pytest.approx(1 - 0.05**0.01)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_gives_the_published_examples(first, second, expected):
    assert newcombe(*first, *second) == pytest.approx(expected, abs=5e-5)


@settings(max_examples=50)
@given(hits(), hits())
def test_newcombe_agrees_with_statsmodels(first, second):
    expected = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert newcombe(*first, *second) == pytest.approx(np.clip(expected, -1, 1), abs=1e-9)


def test_ratio_error_by_hand_and_by_simulation():
    assert ratio_error(50, 100, 25, 100) == pytest.approx(np.sqrt(0.01 + 0.03))
    rng = np.random.default_rng(0)
    ratios = np.log(rng.binomial(800, 0.3, 4000) / 800 / (rng.binomial(500, 0.4, 4000) / 500))
    assert ratio_error(240, 800, 200, 500) == pytest.approx(ratios.std(), rel=0.05)


def brute_auc(positive, negative):
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    error = np.sqrt(
        wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    )
    return wins.mean(), error


@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=40),
    st.lists(st.integers(0, 6), min_size=2, max_size=40),
)
def test_auc_and_its_error_agree_with_all_pairs(first, second):
    positive, negative = np.array(first, float), np.array(second, float)
    assert auc_with_error(positive, negative) == pytest.approx(brute_auc(positive, negative), abs=1e-12)


def test_auc_is_the_rank_sum():
    rng = np.random.default_rng(3)
    positive, negative = rng.normal(0.4, 1, 300), rng.normal(0, 1, 200)
    rank_sum = stats.mannwhitneyu(positive, negative).statistic / (300 * 200)
    assert auc_with_error(positive, negative)[0] == pytest.approx(rank_sum)


def test_interval_of_the_auc_covers_the_truth():
    rng = np.random.default_rng(4)
    truth = stats.norm.cdf(0.5 / np.sqrt(2))
    covered = []
    for _ in range(500):
        auc, error = auc_with_error(rng.normal(0.5, 1, 150), rng.normal(0, 1, 250))
        covered.append(abs(auc - truth) < Z95 * error)
    assert 0.92 < np.mean(covered) < 0.98


def test_perfect_separation_has_no_error():
    assert auc_with_error(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == (1.0, 0.0)
