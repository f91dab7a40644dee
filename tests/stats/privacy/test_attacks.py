from __future__ import annotations

import numpy as np
import pytest

from audit.stats.privacy.attacks import SuccessRate, detection_rate_at, residual_risk, success_rate


@pytest.mark.parametrize(
    ("hits", "n", "value", "error"),
    [(850, 1000, 0.849, 0.022), (0, 1000, 0.002, 0.002), (1, 4, 0.3725, 0.3269)],
)
def test_published_rates_of_success(hits, n, value, error):
    rate = success_rate(hits, n)
    assert (rate.value, rate.error) == pytest.approx((value, error), abs=5e-4)


def test_one_link_in_four_as_published():
    rate = success_rate(1, 4)
    assert (rate.value - rate.error, rate.value + rate.error) == pytest.approx((0.0456, 0.6994), abs=1e-4)


def test_published_residual_risk():
    risk = residual_risk(SuccessRate(0.9, 0.02), SuccessRate(0.85, 0.02))
    assert (risk.value, risk.error) == pytest.approx((0.333, 0.160), abs=1e-3)


def test_what_the_control_always_finds_leaves_nothing_to_lose():
    assert residual_risk(SuccessRate(1.0, 0.0), SuccessRate(1.0, 0.0)) == SuccessRate(0.0, 1.0)


def test_the_error_of_the_residual_risk_by_simulation():
    rng = np.random.default_rng(0)
    attack, control = rng.normal(0.6, 0.01, 20_000), rng.normal(0.5, 0.01, 20_000)
    risk = residual_risk(SuccessRate(0.6, 0.01), SuccessRate(0.5, 0.01))
    assert risk.error == pytest.approx(((attack - control) / (1 - control)).std(), rel=0.03)


def test_members_above_the_threshold_of_outsiders_by_hand():
    outsiders = np.arange(100.0)  # the highest tenth is 90 and above
    members = np.repeat([95.0, 50.0], [30, 70])
    caught = detection_rate_at(members, outsiders, 0.1)
    assert caught.rate == 0.3
    assert caught.low < 0.3 < caught.high
    assert caught.low > 0.1


def test_scores_that_say_nothing_find_what_lots_find():
    caught = detection_rate_at(np.zeros(500), np.zeros(500), 0.01)
    assert caught.rate == pytest.approx(0.01)
    assert caught.low < 0.01 < caught.high


def test_a_rare_mark_of_members_alone_adds_to_lots():
    members = np.zeros(10_000)
    members[:25] = 1
    caught = detection_rate_at(members, np.zeros(10_000), 0.001)
    assert caught.rate == pytest.approx(0.0025 + 0.001 * 0.9975)
    assert caught.low > 0.0015


def test_the_interval_holds_the_truth_as_often_as_it_says():
    # members and outsiders from one population: the truth is the share asked for
    rng = np.random.default_rng(1)
    found = [detection_rate_at(rng.normal(size=1000), rng.normal(size=1000), 0.02) for _ in range(400)]
    covered = np.mean([one.low <= 0.02 <= one.high for one in found])
    assert covered > 0.93


def test_a_threshold_of_few_outsiders_proves_nothing():
    rng = np.random.default_rng(2)
    found = [detection_rate_at(rng.normal(size=600), rng.normal(size=300), 0.001) for _ in range(200)]
    assert np.mean([one.low > 0.001 for one in found]) <= 0.025
