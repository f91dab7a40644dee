from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from audit.stats.distributions.association import (
    Strength,
    association_bounds,
    correlation_ratios,
    cramers_v,
    difference_bounds,
    expected_difference,
    folded_error,
    midranks,
    rank_correlations,
)

REPEATS = 400


def ratio_parts(groups, numbers):
    """What `correlation_ratios` takes, for one pair."""
    ranks, wide = midranks(numbers), groups.max() + 1
    return (
        np.bincount(groups, ranks, wide),
        np.bincount(groups, minlength=wide).astype(float),
        float((ranks**2).sum()),
    )


def ratios(samples):
    return correlation_ratios(
        *(np.array(part) for part in zip(*(ratio_parts(*s) for s in samples), strict=True))
    )


def test_midranks_are_those_of_scipy():
    values = np.random.default_rng(1).integers(0, 30, 500).astype(float)
    values[::7] = np.nan
    held = ~np.isnan(values)
    expected = (stats.rankdata(values[held]) - 0.5) / held.sum() - 0.5
    assert midranks(values)[held] == pytest.approx(expected, abs=1e-12)
    assert np.isnan(midranks(values)[~held]).all()
    assert len(midranks(np.array([]))) == 0


def test_rank_correlations_are_those_of_scipy():
    rng = np.random.default_rng(2)
    table = rng.normal(size=(300, 4))
    table[:, 1] += table[:, 0]
    table[:, 2] = np.round(table[:, 2])
    found, rows = rank_correlations(np.column_stack([midranks(c) for c in table.T]))
    assert found == pytest.approx(stats.spearmanr(table).statistic, abs=1e-12)
    assert (rows == 300).all()


def test_missing_values_leave_the_row_out_of_the_pair():
    rng = np.random.default_rng(3)
    table = rng.normal(size=(300, 3)) + rng.normal(size=(300, 1))
    table[:40, 0] = table[30:90, 1] = np.nan
    ranks = np.column_stack([midranks(c) for c in table.T])
    found, rows = rank_correlations(ranks)
    both = ~np.isnan(ranks[:, :2]).any(axis=1)
    assert rows[0, 1] == both.sum() == 210
    assert found[0, 1] == pytest.approx(np.corrcoef(ranks[both, 0], ranks[both, 1])[0, 1], abs=1e-12)


def test_a_constant_has_no_rank_correlation():
    found, _ = rank_correlations(np.column_stack([midranks(np.ones(50)), midranks(np.arange(50.0))]))
    assert np.isnan(found[0, 1])


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (6, 2)])
def test_cramers_v_by_its_definition(shape):
    table = np.random.default_rng(4).integers(1, 60, shape)
    r, c, n = *shape, table.sum()
    squared = stats.chi2_contingency(table, correction=False).statistic / n
    r_fair, c_fair = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    fair = max(0.0, squared - (r - 1) * (c - 1) / (n - 1))
    found = cramers_v(table[None])
    assert found.value[0] == pytest.approx(np.sqrt(fair / min(r_fair - 1, c_fair - 1)), abs=1e-12)
    padded = np.zeros((1, 8, 8))
    padded[0, 1 : r + 1, 2 : c + 2] = table
    assert cramers_v(padded).value == pytest.approx(found.value, abs=1e-12)


def test_cramers_v_at_its_ends():
    tables = np.array([[[50, 0], [0, 50]], [[25, 25], [25, 25]], [[50, 50], [0, 0]], [[1, 0], [0, 1]]])
    value = cramers_v(tables).value
    assert value[:2] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert np.isnan(value[2:]).all()  # a constant; too few rows


def test_correlation_ratio_by_its_definition():
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 4, 200)
    numbers = rng.normal(size=200) + groups
    ranks, n, k = midranks(numbers), 200, 4
    within = sum(((ranks[groups == g] - ranks[groups == g].mean()) ** 2).sum() for g in range(k))
    fair = 1 - within / ((ranks - ranks.mean()) ** 2).sum() * (n - 1) / (n - k)
    assert ratios([(groups, numbers)]).value[0] == pytest.approx(np.sqrt(fair), abs=1e-12)


def test_many_levels_of_noise_explain_nothing():
    rng = np.random.default_rng(6)
    found = ratios([(rng.integers(0, 100, 1000), rng.normal(size=1000)) for _ in range(50)])
    assert np.mean(found.value**2) < 0.01  # without the correction it would be 0.099


def rank_pair(rng, n, truth):
    x = rng.normal(size=n)
    y = truth * x + np.sqrt(1 - truth**2) * rng.normal(size=n)
    return rank_correlations(np.column_stack([midranks(x), midranks(y)]))[0][0, 1]


def rank_samples(rng, n, truth):
    return Strength(np.array([rank_pair(rng, n, truth) for _ in range(REPEATS)]), np.full(REPEATS, float(n)))


def table_samples(levels):
    def draw(rng, n, truth):
        p = np.full((levels, levels), (1 - truth) / levels**2)
        p[np.diag_indices(levels)] += truth / levels
        return cramers_v(rng.multinomial(n, p.ravel(), REPEATS).reshape(-1, levels, levels))

    return draw


def group_samples(levels):
    def draw(rng, n, truth):
        shift = 3.5 * truth * (np.arange(levels) % 2)
        groups = [rng.integers(0, levels, n) for _ in range(REPEATS)]
        return ratios([(g, rng.normal(size=n) + shift[g]) for g in groups])

    return draw


@pytest.mark.parametrize("truth", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    "draw",
    [rank_samples, table_samples(2), table_samples(8), group_samples(2), group_samples(8)],
    ids=["rank", "V 2", "V 8", "ratio 2", "ratio 8"],
)
def test_intervals_cover_and_chance_is_expected(draw, truth):
    rng = np.random.default_rng([7, round(10 * truth)])
    real, other = draw(rng, 800, truth), draw(rng, 500, truth)
    low, high = difference_bounds(real, other)
    assert 0.90 <= np.mean((low <= 0) & (high >= 0)) <= 1.0
    seen = np.mean(np.abs(other.value - real.value))
    # Too large near one, where ranks vary less than the numbers they stand for, and near zero.
    assert 0.8 * seen <= np.mean(expected_difference(real, other)) <= 1.15 * seen + 0.008
    low, high = association_bounds(real)
    centre = np.sqrt(np.median(real.value**2)) if truth else 0.0
    assert 0.90 <= np.mean((low <= centre + 1e-9) & (high >= centre - 1e-9)) <= 1.0


def test_a_real_difference_is_seen():
    rng = np.random.default_rng(8)
    for draw in (rank_samples, table_samples(3), group_samples(3)):
        low, _ = difference_bounds(draw(rng, 2000, 0.1), draw(rng, 2000, 0.3))
        assert np.mean(low > 0) > 0.95


def test_the_error_of_a_size():
    assert folded_error(np.array([0.0]), np.array([1.0])) == pytest.approx(np.sqrt(1 - 2 / np.pi))
    assert folded_error(np.array([50.0]), np.array([1.0])) == pytest.approx(1.0)
    assert folded_error(np.array([0.3]), np.array([0.0])) == pytest.approx(0.0)
