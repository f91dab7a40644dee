from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from audit.stats.distributions.distances import jensen_shannon_distance
from audit.stats.distributions.divergence import expected_jensen_shannon, jensen_shannon_error


def samples(p, q, n, m, repeats=800):
    rng = np.random.default_rng(1)
    p, q = (np.array(x, float) / np.sum(x) for x in (p, q))
    return list(zip(rng.multinomial(n, p, repeats), rng.multinomial(m, q, repeats), strict=True))


def true_divergence(p, q):
    p, q = (np.array(x, float) / np.sum(x) for x in (p, q))
    middle = (p + q) / 2
    return 0.5 * np.sum(special.rel_entr(p, middle) + special.rel_entr(q, middle)) / np.log(2)


@pytest.mark.parametrize(("cells", "n", "m"), [(2, 500, 500), (11, 2000, 2000), (11, 20_000, 1000)])
def test_expected_divergence_is_the_mean_of_two_samples(cells, n, m):
    p = np.ones(cells)
    seen = np.mean([jensen_shannon_distance(a, b) ** 2 for a, b in samples(p, p, n, m)])
    assert expected_jensen_shannon(np.full(cells, 100), n, m) == pytest.approx(seen, rel=0.1)


def test_one_filled_cell_varies_by_nothing():
    assert expected_jensen_shannon(np.array([7, 0, 0]), 10, 10) == 0.0


@pytest.mark.parametrize(
    ("p", "q", "n", "m"),
    [
        ([1, 1], [1, 1], 500, 500),
        ([7, 3], [6, 4], 5000, 5000),
        ([97, 3], [95, 5], 20_000, 2000),
        (np.ones(11), np.ones(11), 500, 500),
        (np.ones(10), [1.2] * 5 + [0.8] * 5, 5000, 5000),
        (np.ones(10), [1.5] + [1] * 9, 500, 500),
    ],
)
def test_interval_of_the_divergence_beyond_chance_covers_the_truth(p, q, n, m):
    covered = []
    for a, b in samples(p, q, n, m):
        beyond = jensen_shannon_distance(a, b) ** 2 - expected_jensen_shannon(a, n, m)
        half = 1.96 * jensen_shannon_error(a, b)
        covered.append(beyond - half <= true_divergence(p, q) <= max(beyond, 0) + half)
    assert np.mean(covered) > 0.90
