from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from audit.case.check import Skip
from tests.worlds import World, find, outcome_of, siblings


def distances(real, synthetic, holdout=None):
    frames = [pd.DataFrame({"x": list(v)}) if v is not None else None for v in (real, synthetic, holdout)]
    return outcome_of("column_distances", World(*frames))


def chance_of(values, n, m):
    """Mean distance of two samples: root(2 / pi) times the integral of root(F (1 - F))."""
    values = np.sort(values)
    below = np.arange(1, len(values)) / len(values)
    area = np.sum(np.sqrt(below * (1 - below)) * np.diff(values))
    return np.sqrt(2 / np.pi) * area * np.sqrt(1 / n + 1 / m) / values.std()


def test_agrees_with_scipy():
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(5, 2, 700), rng.normal(5.4, 2.5, 900)
    outcome = distances(real, synthetic)
    moved = find(outcome, "x")
    moved_by = stats.wasserstein_distance(real, synthetic) / real.std()
    assert moved.value == pytest.approx(moved_by - chance_of(real, 700, 900))
    chance = np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / 700 + 1 / 900)
    gap = stats.ks_2samp(real, synthetic).statistic
    assert find(outcome, "x", name="ks").value == pytest.approx(gap - chance)


def test_a_shift_by_hand():
    real = [0.0, 1.0, 2.0, 3.0, 4.0] * 20
    outcome = distances(real, [v + 1 for v in real])
    m = find(outcome, "x")
    # by one; the standard deviation is root 2
    assert m.value == pytest.approx(1 / np.sqrt(2) - chance_of(np.array(real), 100, 100))
    assert m.sentence == (
        "Values of x moved by 0.71 standard deviations on average, where chance explains 0.14; "
        "their mean went up by 0.71."
    )
    ks = find(outcome, "x", name="ks")
    assert ks.sentence == (
        "The distribution functions of x lie 20.0% apart at their widest, where chance explains "
        "12.3%, with too few low values."
    )


def test_the_same_values_in_any_order_have_not_moved():
    values = np.random.default_rng(1).integers(0, 30, 400)
    outcome = distances(values, np.sort(values))
    assert [m.value for m in outcome.measures] == [0.0, 0.0, 0.0]


def test_numbers_far_beyond_the_real_ones():
    m = find(distances(range(100), [1e12] * 100), "x")
    assert np.isfinite([m.value, m.low, m.high]).all()
    assert m.low > 1e9


def test_missing_values_are_left_out():
    real = [float(i % 50) for i in range(200)]
    gaps = [*real, *[None] * 100]
    assert find(distances(gaps, gaps), "x").value == 0.0
    assert find(distances(gaps, gaps), "x").n == 200


def test_what_does_not_vary_or_is_empty_is_left_out():
    with pytest.raises(Skip, match=r"^No number or date varies in the real table\.$"):
        distances([5] * 50, range(50))
    real, gone = pd.DataFrame({"x": range(50), "y": "a"}), pd.DataFrame({"x": [None] * 50, "y": "a"})
    with pytest.raises(Skip):
        outcome_of("column_distances", World(real, gone))


def test_dates_are_on_the_line_too():
    days = pd.date_range("2020-01-01", periods=300)
    m = find(distances(days, days + pd.Timedelta(days=30)), "x")
    spread = np.arange(300).std()
    assert m.value == pytest.approx(30 / spread - chance_of(np.arange(300), 300, 300))
    assert "mean" not in m.sentence


def test_the_baseline_is_the_holdouts_distance_beyond_chance():
    rng = np.random.default_rng(2)
    real, synthetic, holdout = rng.normal(0, 1, (3, 1000))
    holdout = holdout + 0.2
    with_holdout = find(distances(real, synthetic, holdout), "x")
    moved = stats.wasserstein_distance(real, holdout) / real.std()
    assert with_holdout.baseline == pytest.approx(moved - chance_of(real, 1000, 1000))
    without = find(distances(real, synthetic), "x")
    assert without.baseline == 0.0
    assert without.value == with_holdout.value


def test_real_against_real_is_chance_on_average():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(200):
        real, synthetic = rng.lognormal(0, 1, (2, 400))
        found.append(stats.wasserstein_distance(real, synthetic) / real.std() - chance_of(real, 400, 400))
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)


def test_the_mean_over_columns():
    outcome = outcome_of("column_distances", siblings(600))
    whole = find(outcome)
    own = [m.value for m in outcome.measures if m.about and not m.name]
    assert whole.value == pytest.approx(np.mean(own))
    assert whole.low <= whole.value <= whole.high


def test_curves_rise_from_nothing_to_everything_and_show_no_single_value():
    outcome = outcome_of("column_distances", siblings(600))
    for chart in outcome.charts:
        for series in chart.series:
            values = np.array(series.values)
            assert (np.diff(values) >= 0).all()
            assert 0 <= values[0] <= values[-1] <= 1
    ages = next(c for c in outcome.charts if c.about == ("age",))
    assert set(np.diff(ages.positions)) == {5.0}


def test_only_numbers_and_dates_are_measured():
    outcome = outcome_of("column_distances", siblings(300))
    assert {m.about[0] for m in outcome.measures if m.about} == {"age", "hours", "gain", "score", "since"}
