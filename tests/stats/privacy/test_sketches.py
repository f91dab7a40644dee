"""Bottom-k sketches: exact where small, unbiased and covering where large."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from audit.stats.privacy.sketches import SketchOverlap, compare_sketches, smallest


def sketches(
    rng: np.random.Generator, only: int, shared: int, other: int, size: int
) -> tuple[SketchOverlap, SketchOverlap]:
    numbers = rng.integers(0, 2**63, only + shared + other, dtype=np.uint64)
    first, second = numbers[: only + shared], numbers[only:]
    one, two = smallest(first, size), smallest(second, size)
    return compare_sketches(*one, *two, size)


def test_small_sets_are_compared_whole() -> None:
    first, second = sketches(np.random.default_rng(0), 30, 20, 50, 100)
    assert (first.share, first.interval()) == (0.4, (0.4, 0.4))
    assert (second.examined, second.shared, second.exact) == (70, 20, True)


def test_repeated_members_count_once() -> None:
    kept, different = smallest(np.array([5, 3, 3, 9], np.uint64), 2)
    assert (kept.tolist(), different) == ([3, 5], 3)


@pytest.mark.parametrize(("only", "shared", "other"), [(900, 100, 1000), (950, 50, 4000), (0, 500, 500)])
def test_the_estimate_is_right_on_average_and_the_interval_covers(only: int, shared: int, other: int) -> None:
    rng = np.random.default_rng(7)
    truth = shared / (only + shared)
    found = [sketches(rng, only, shared, other, 300)[0] for _ in range(150)]
    shares = np.array([one.share for one in found])
    assert shares.mean() == pytest.approx(truth, abs=4 * max(shares.std(), 1e-9) / 150**0.5)
    held = sum(low <= truth <= high for low, high in (one.interval() for one in found))
    assert held >= 137  # 95 in 100 at least; 137 of 150 or fewer come once in 100 such trials


@pytest.mark.parametrize(
    "sample",
    [
        SketchOverlap(1000, 50, 5),
        SketchOverlap(1000, 50, 0),
        SketchOverlap(1000, 50, 50),
        SketchOverlap(60, 50, 25),
    ],
)
def test_the_ends_are_the_last_counts_that_are_not_too_unlikely(sample: SketchOverlap) -> None:
    """Against trying every count."""
    held = np.arange(sample.shared, sample.different - (sample.examined - sample.shared) + 1)
    more = hypergeom.sf(sample.shared - 1, sample.different, held, sample.examined)
    fewer = hypergeom.cdf(sample.shared, sample.different, held, sample.examined)
    fit = held[(more > 0.025) & (fewer > 0.025)]
    assert sample.interval() == pytest.approx((fit[0] / sample.different, fit[-1] / sample.different))


def test_nothing_looked_at_says_nothing() -> None:
    assert SketchOverlap(10, 0, 0).interval() == (0, 1)
