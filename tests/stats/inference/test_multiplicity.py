from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from audit.stats.inference.multiplicity import benjamini_hochberg, benjamini_yekutieli

# Benjamini and Hochberg (1995), section 3.2: fifteen p-values of a trial; at 5 % the first four are rejected
TRIAL = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def test_the_published_trial_rejects_four():
    assert int((benjamini_hochberg(TRIAL) <= 0.05).sum()) == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_agrees_with_scipy_and_statsmodels(p_values):
    adjusted = benjamini_hochberg(p_values)
    assert adjusted == pytest.approx(false_discovery_control(p_values), abs=1e-12)
    assert adjusted == pytest.approx(multipletests(p_values, method="fdr_bh")[1], abs=1e-12)
    dependent = false_discovery_control(p_values, method="by")
    assert benjamini_yekutieli(p_values) == pytest.approx(dependent, abs=1e-12)


def test_no_tests_and_one_test():
    assert benjamini_hochberg([]).tolist() == []
    assert benjamini_hochberg([0.2]).tolist() == [0.2]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.randoms())
def test_order_does_not_matter(p_values, random):
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = benjamini_hochberg([p_values[i] for i in order])
    assert shuffled == pytest.approx(benjamini_hochberg(p_values)[order])


def test_false_discoveries_stay_below_the_rate():
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(400):
        null, signal = rng.random(80), rng.random(20) * 1e-4
        rejected = benjamini_hochberg(np.concatenate([null, signal])) <= 0.05
        shares.append(rejected[:80].sum() / max(rejected.sum(), 1))
    assert np.mean(shares) < 0.05
