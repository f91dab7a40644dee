"""Scores of many groups, the largest of them by chance, and shrunken rates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse, stats

from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.inference.simultaneous import CrossedCounts, score_z, shrunken_rates, simultaneous_z


def test_a_score_squared_is_pearsons_chi_square() -> None:
    z = float(score_z(np.array(30.0), np.array(100.0), np.array(50.0), np.array(120.0)))
    expected = stats.chi2_contingency([[30, 70], [50, 70]], correction=False).statistic
    assert z**2 == pytest.approx(expected)
    assert z < 0


def test_no_rows_or_no_difference_possible_is_no_score() -> None:
    nothing = score_z(
        np.array([0.0, 0, 5]), np.array([0.0, 10, 5]), np.array([3.0, 0, 9]), np.array([9.0, 10, 9])
    )
    assert nothing.tolist() == [0, 0, 0]


def _crossed(rng: np.random.Generator, cells: int = 20, rows: int = 4000) -> CrossedCounts:
    """Cells of equal size, each a group, and all but the first half once more in pairs."""
    real, synthetic = (rng.multinomial(rows, np.full(cells, 1 / cells)).astype(float) for _ in range(2))
    single, pairs = np.eye(cells), np.repeat(np.eye(cells // 2), 2, axis=1)
    member = sparse.csr_array(np.vstack([single, pairs]))
    groups = member.shape[0]
    outcome = np.arange(cells) % 2.0
    return CrossedCounts(
        real,
        synthetic,
        member,
        np.ones(cells),
        outcome[None],
        np.full(groups, True),
        np.full((groups, 1), False),
    )


def test_the_largest_score_exceeds_the_band_as_seldom_as_asked() -> None:
    rng = np.random.default_rng(1)
    critical = simultaneous_z(_crossed(rng), np.random.default_rng(0), level=0.05)
    assert bonferroni_z(20, 0.05) - 0.1 < critical < bonferroni_z(30, 0.05) + 0.1
    tables = [_crossed(rng) for _ in range(400)]
    beyond = [float(np.abs(one.scores(one.synthetic, one.real)[0]).max()) > critical for one in tables]
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.025)


def test_a_smaller_level_is_a_wider_band() -> None:
    crossed = _crossed(np.random.default_rng(2))
    wide, narrow = (simultaneous_z(crossed, np.random.default_rng(0), level) for level in (0.005, 0.05))
    assert wide - narrow == pytest.approx(bonferroni_z(25, 0.005) - bonferroni_z(25, 0.05), abs=0.1)


def test_rates_of_small_groups_are_drawn_to_the_mean_and_those_of_large_ones_stay() -> None:
    hits, n = np.array([0.0, 900, 3000, 250]), np.array([5.0, 3000, 6000, 1000])
    shrunk = shrunken_rates(hits, n)
    mean = hits.sum() / n.sum()
    assert 0.02 < shrunk[0] < mean
    assert np.abs(shrunk[1:] - hits[1:] / n[1:]).max() < 0.005


def test_alike_groups_share_one_rate_and_so_do_none_and_all() -> None:
    n = np.full(40, 50.0)
    hits = np.full(40, 15.0)
    assert shrunken_rates(hits, n) == pytest.approx(0.3)
    assert shrunken_rates(np.zeros(3), np.array([5.0, 0, 9])).tolist() == [0, 0, 0]
    assert shrunken_rates(np.array([2.0, 0, 7]), np.array([5.0, 0, 9]))[1] == pytest.approx(9 / 14)
