from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from audit.stats.privacy.epsilon import chance_of_guesses, least_epsilon


@pytest.mark.parametrize(
    ("right", "guesses", "epsilon"), [(35, 38, 1.44), (124, 127, 2.75), (827, 830, 4.67)]
)
def test_bounds_worked_by_hand(right, guesses, epsilon):
    # the lower Clopper-Pearson limit p of right / guesses at 95 %, as ln(p / (1 - p))
    limit = stats.beta.ppf(0.05, right, guesses - right + 1)
    found = least_epsilon(right, guesses, guesses, 0.0, 0.05)
    assert found == pytest.approx(math.log(limit / (1 - limit)), abs=1e-6)
    assert found == pytest.approx(epsilon, abs=0.005)


def test_guesses_no_better_than_a_coin_refute_nothing():
    assert least_epsilon(50, 100, 100, 0.0, 0.05) == 0.0
    assert least_epsilon(0, 0, 100, 0.0, 0.05) == 0.0


@pytest.mark.parametrize(
    ("right", "guesses", "people", "epsilon", "delta"),
    [(35, 38, 100, 1.0, 1e-3), (60, 70, 500, 1.2, 1e-4), (9, 10, 10, 0.5, 1e-2)],
)
def test_the_bound_with_delta_summed_term_by_term(right, guesses, people, epsilon, delta):
    binomial = stats.binom(guesses, math.exp(epsilon) / (1 + math.exp(epsilon)))
    inside = np.cumsum([binomial.pmf(right - i) for i in range(1, right + 1)])
    worst = max(inside / np.arange(1, right + 1))
    wanted = binomial.sf(right - 1) + 2 * people * delta * worst
    assert chance_of_guesses(right, guesses, people, epsilon, delta) == pytest.approx(
        min(1, wanted), rel=1e-9
    )


def test_the_tightest_true_claim_is_never_refuted():
    # a coin for each person, told truly with a chance of exactly e^epsilon / (1 + e^epsilon)
    rng = np.random.default_rng(0)
    for epsilon in (0.5, 1.0, 3.0):
        told = rng.binomial(1000, 1 / (1 + math.exp(-epsilon)), 200)
        assert max(least_epsilon(int(right), 1000, 1000, 0.0, 1e-4) for right in told) <= epsilon


def test_the_chance_of_refuting_is_what_it_says():
    rng = np.random.default_rng(1)
    told = rng.binomial(200, 1 / (1 + math.exp(-1.0)), 4000)
    refuted = np.mean([chance_of_guesses(int(right), 200, 200, 1.0, 0.0) <= 0.05 for right in told])
    assert 0.02 < refuted <= 0.056
