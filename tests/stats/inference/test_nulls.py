"""The three nulls: what fresh rows, a perfectly fitted model, and both against a holdout give by chance."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.distributions.distances import expected_total_variation, ks_distance, total_variation

N, REPEATS = 3000, 1500


@pytest.fixture(scope="module")
def distances():
    """Mean total variation of training rows T, holdout H, and rows S drawn from a model fitted to T."""
    rng = np.random.default_rng(9)
    p = np.array([25, 20, 15, 10, 8, 7, 5, 4, 3, 3]) / 100
    t, h = rng.multinomial(N, p, REPEATS), rng.multinomial(N, p, REPEATS)
    s = np.array([rng.multinomial(N, row / N) for row in t])
    mean = {
        name: np.mean([total_variation(a, b) for a, b in zip(left, right, strict=True)])
        for name, left, right in (("TH", t, h), ("TS", t, s), ("HS", h, s))
    }
    return mean, expected_total_variation(p, N, N)


def test_fresh_rows_give_the_closed_form(distances):
    mean, expected = distances
    assert mean["TH"] == pytest.approx(expected, rel=0.03)


def test_a_perfect_model_is_nearer_to_its_rows_than_fresh_rows_are(distances):
    mean, _ = distances
    assert mean["TS"] / mean["TH"] == pytest.approx(np.sqrt(1 / 2), abs=0.02)


def test_a_perfect_model_is_farther_from_a_holdout_than_fresh_rows_are(distances):
    mean, _ = distances
    assert mean["HS"] / mean["TH"] == pytest.approx(np.sqrt(3 / 2), abs=0.03)


def test_one_in_twenty_fresh_samples_lies_farther_than_the_closed_form_of_kolmogorov_and_smirnov():
    n, m, cells = 3000, 2000, 500  # so many cells that the law of continuous numbers holds
    rng = np.random.default_rng(11)
    p = np.full(cells, 1 / cells)
    pairs = zip(rng.multinomial(n, p, REPEATS), rng.multinomial(m, p, REPEATS), strict=True)
    seen = [ks_distance(left, right) for left, right in pairs]
    # 1.358 is the 95 % point of Kolmogorov's distribution, as tabulated by Smirnov (1948)
    assert np.quantile(seen, 0.95) == pytest.approx(1.358 * np.sqrt((n + m) / (n * m)), rel=0.05)
