"""Good's estimate and diversity within classes."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.inference.good_turing import expected_repeats
from audit.stats.privacy.l_diversity import diversity


def test_a_single_comes_back_no_oftener_than_expected() -> None:
    """Simulated: equal chances, where the estimate is right; unequal ones, where it is on the high side."""
    rng = np.random.default_rng(0)
    values = 3000
    for weights, exact in ((np.ones(values), True), (1 / np.arange(1, values + 1), False)):
        gaps = []
        for _ in range(40):
            seen, drawn = (rng.choice(values, 2000, p=weights / weights.sum()) for _ in range(2))
            times = np.bincount(seen, minlength=values)
            met = len(np.intersect1d(np.flatnonzero(times == 1), drawn))
            expected, error = expected_repeats(int((times == 1).sum()), int((times == 2).sum()), 2000, 2000)
            gaps.append((met - expected) / error)
        assert np.mean(gaps) < 0.2
        assert abs(np.mean(gaps)) < 0.5 or not exact
        assert max(gaps) < 3.5


@pytest.mark.parametrize("counts", [(0, 3, 10, 10), (3, 0, 0, 10), (3, 1, 10, 0)])
def test_nothing_to_meet(counts: tuple[int, int, int, int]) -> None:
    assert expected_repeats(*counts) == (0.0, 0.0)


def test_no_two_alike_leaves_an_error() -> None:
    assert expected_repeats(100, 0, 100, 50) == (0.0, pytest.approx(1.0))


def test_diversity_of_one_class_is_that_of_all_rows() -> None:
    found = diversity(np.zeros(4, dtype=np.int64), np.array([1, 1, 2, 3], dtype=np.uint64))
    assert found.fewest == 3 and found.farthest == 0.0
    assert found.entropy == pytest.approx(2**1.5)


def test_diversity_the_long_way() -> None:
    rng = np.random.default_rng(1)
    classes, secrets = rng.permutation(np.arange(200) % 17), rng.integers(0, 4, 200).astype(np.uint64)
    overall = np.bincount(secrets.astype(int), minlength=4) / 200
    shares = [
        np.bincount(secrets[classes == c].astype(int), minlength=4) / (classes == c).sum() for c in range(17)
    ]
    found = diversity(classes, secrets)
    assert found.farthest == pytest.approx(max(abs(one - overall).sum() / 2 for one in shares))
    assert found.entropy == pytest.approx(
        min(np.exp(-sum(p * np.log(p) for p in one if p)) for one in shares)
    )
    assert found.fewest == min((one > 0).sum() for one in shares)
