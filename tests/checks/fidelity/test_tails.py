from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from audit.stats.distributions.tails import (
    cut_at,
    mean_excess,
    nearer_end,
    rate_ratio,
    same_rate,
    same_values,
)
from tests.worlds import World, find, is_judged, outcome_of

NAMED = ("upper_extreme", "lower_extreme", "upper_reach", "lower_reach")


def tails(real, synthetic, holdout=None):
    return outcome_of("tails", World(real, synthetic, holdout))


def sample(rows, seed):
    """A heavy upper tail, a zero-inflated column, a pile at the edge, and one that goes with the first."""
    rng = np.random.default_rng([11, seed])
    weight = rng.lognormal(12, 0.6, rows).round()
    gain = np.where(rng.random(rows) < 0.9, 0.0, rng.lognormal(8, 0.8, rows).round(2))
    age = np.clip(rng.gamma(6, 8, rows).round(), 17, 90)
    wage = (weight * rng.lognormal(0, 0.5, rows)).round(1)
    return pd.DataFrame({"weight": weight, "gain": gain, "age": age, "wage": wage})


def told(real, synthetic, holdout=None):
    """What is found about columns, as (grade, about)."""
    report = audit_frames(real, synthetic, holdout, checks=("tails",))
    return {(f.grade, f.about) for f in report.findings if f.about and f.grade is not Grade.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("level", "rows"), [(0.2, 20), (0.1, 10), (0.25, 20), (0.04, None), (0.06, 10), (0.6, 100), (1e-9, None)]
)
def test_a_cut_takes_a_pile_whole(level, rows):
    # rows at or beyond each value: a pile of 10 at the end, 10 more, 70 in the middle
    ends = np.array([100, 90, 20, 10])
    place = cut_at(ends, level)
    assert (None if place is None else int(ends[place])) == (90 if rows == 100 else rows)


def test_a_ratio_of_shares_has_an_exact_interval():
    value, (low, high) = rate_ratio(40, 1000, 20, 500)
    assert value == pytest.approx(1.0)
    ends = stats.binomtest(40, 60).proportion_ci(method="exact")
    assert low == pytest.approx(ends.low / (1 - ends.low) / 2)
    assert high == pytest.approx(ends.high / (1 - ends.high) / 2)


def test_an_empty_tail_has_a_ratio_and_an_upper_end():
    value, (low, high) = rate_ratio(0, 1000, 33, 1000)
    assert low == 0
    assert value == pytest.approx(1 / 34)
    assert high == pytest.approx((1 - 0.025 ** (1 / 33)) / 0.025 ** (1 / 33))
    assert rate_ratio(5, 1000, 0, 1000)[1][1] == np.inf


@pytest.mark.parametrize(("x", "y", "n", "m"), [(0, 9, 1, 1), (7, 7, 1, 1), (30, 12, 2, 1), (3, 20, 1, 4)])
def test_one_rate_is_tested_exactly(x, y, n, m):
    share = n / (n + m)
    sides = stats.binom.cdf(x, x + y, share), stats.binom.sf(x - 1, x + y, share)
    assert same_rate(x, n, y, m) == pytest.approx(min(1, 2 * min(sides)))


def test_the_largest_gap_equals_the_library():
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 9, 400), rng.integers(1, 10, 300)
    counts = [np.bincount(v, minlength=12) for v in (left, right)]
    gap = stats.ks_2samp(left, right).statistic
    wanted = stats.kstwobign.sf(gap * np.sqrt(400 * 300 / 700))
    assert same_values(*counts) == pytest.approx(wanted)
    assert same_values(np.array([5]), np.array([3])) == 1.0


def test_few_rows_alarm_no_more_often_than_chance_allows():
    rng = np.random.default_rng(1)
    samples = ((rng.random(30), rng.random(40)) for _ in range(2000))
    found = [
        same_values(*(np.bincount(np.searchsorted(np.sort([*x, *y]), v), minlength=70) for v in (x, y)))
        for x, y in samples
    ]
    assert np.mean(np.array(found) < 0.05) <= 0.06


@pytest.mark.parametrize(("value", "p"), [(0.1, 1e-6), (8.0, 1e-6), (3.0, 0.01), (0.7, 0.2)])
def test_the_nearer_end_says_what_the_test_says(value, p):
    end = nearer_end(value, p)
    error = abs(np.log(value) - np.log(end)) / stats.norm.ppf(0.975)
    assert 2 * stats.norm.sf(abs(np.log(value)) / error) == pytest.approx(p)
    assert nearer_end(value, 1.0) == pytest.approx(1 / value)


@pytest.mark.parametrize("gone", [18, 30, 60])
def test_real_rows_beyond_the_last_synthetic_one_by_hand(gone):
    real = pd.DataFrame({"x": np.arange(20_000.0) + 0.37})
    m = find(tails(real, real[: 20_000 - gone]), "x", name="upper_extreme")
    assert m.value == pytest.approx(1 / (1 + gone), rel=0.01)
    exact = 0.025 ** (-1 / gone) - 1  # of none among so many rows, in tables of one size
    assert exact * 0.99 <= m.high < 1
    assert m.low == 0
    assert f"{gone / 20_000:.2%} of real rows and 0.00% of synthetic rows." in m.sentence


def test_mean_excess_by_hand():
    mean, error = mean_excess(np.array([10.0, 14.0]), np.array([2, 2]), 10.0)
    assert mean == 2.0
    assert error == pytest.approx(np.std([10, 10, 14, 14], ddof=1) / 2)


def test_shares_beyond_a_mark_by_hand():
    real = pd.DataFrame({"x": np.arange(20_000.0) + 0.37})
    # the upper 1 % of the real values is 19,800 and above: 200 real rows, 300 synthetic ones
    synthetic = pd.DataFrame(
        {"x": np.concatenate([np.arange(19_800.0)[100:], np.arange(19_800.0, 20_000.0)])}
    )
    synthetic = pd.concat([synthetic, synthetic[-100:]], ignore_index=True) + 0.37
    m = find(tails(real, synthetic), "x", name="upper_tail")
    assert m.value == pytest.approx(301 / 201)
    assert m.low < m.value < m.high
    assert m.baseline == 1.0
    assert m.sentence == (
        "The upper 1.00% tail of x (about 19,800 or more) is 1.50 times as frequent: 1.00% of real rows and "
        "1.50% of synthetic rows."
    )


def test_the_two_ends_mirror_each_other():
    real, synthetic = sample(6000, 0), sample(6000, 1).assign(age=lambda f: f["age"] * 1.1)
    turned = tails(-real, -synthetic)
    for m in tails(real, synthetic).measures:
        if m.name != "joint" and m.about:
            side, _, what = m.name.partition("_")
            other = find(turned, *m.about, name=f"{'lower' if side == 'upper' else 'upper'}_{what}")
            assert (m.value, m.low, m.high) == pytest.approx((other.value, other.low, other.high))


def test_the_baseline_is_the_holdout():
    real, synthetic, holdout = (sample(16_000, i) for i in range(3))
    swapped = tails(real, holdout)
    for m in tails(real, synthetic, holdout).measures:
        if m.name.endswith("tail") or m.name == "joint":
            assert m.baseline == pytest.approx(find(swapped, *m.about, name=m.name).value)


@pytest.mark.parametrize("seed", range(3))
def test_samples_of_one_population_pass(seed):
    real, synthetic = sample(16_000, 10 * seed), sample(16_000, 10 * seed + 1)
    report = audit_frames(real, synthetic, None, checks=("tails",))
    assert report.results[0].grade is Grade.PASS
    named = {m.measure.name for m in report.results[0].measures if m.grade is not None}
    assert not named & set(NAMED)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("column", ["weight", "gain"])
def test_a_lost_tail_is_named(column, seed):
    real, synthetic = sample(16_000, 20 + seed), sample(16_000, 40 + seed)
    cut = synthetic[synthetic[column] <= synthetic[column].quantile(0.998)]
    found = told(real, cut)
    assert any(about == (column,) for _, about in found), found


@pytest.mark.parametrize("seed", range(3))
def test_a_fattened_tail_is_named(seed):
    real, synthetic = sample(16_000, 20 + seed), sample(16_000, 40 + seed)
    top = synthetic["weight"] >= synthetic["weight"].quantile(0.995)
    synthetic.loc[top, "weight"] *= 1.5
    found = told(real, synthetic)
    assert any(about == ("weight",) for _, about in found), found


def test_columns_that_are_no_longer_extreme_together():
    real, synthetic = sample(16_000, 1), sample(16_000, 2)
    whole = find(tails(real, synthetic), "weight", "wage", name="joint")
    assert whole.low < 1 < whole.high
    synthetic["wage"] = np.random.default_rng(0).permutation(synthetic["wage"])
    broken = find(tails(real, synthetic), "weight", "wage", name="joint")
    chance = (
        0.1
        / (
            (real["weight"] > real["weight"].quantile(0.9)) & (real["wage"] > real["wage"].quantile(0.9))
        ).mean()
        * 0.1
    )
    assert broken.value == pytest.approx(chance, rel=0.2)
    assert (Grade.FAIL, ("weight", "wage")) in told(real, synthetic)


def test_few_rows_are_shown_not_judged():
    outcome = tails(sample(600, 0), sample(600, 1))
    assert outcome.summary["tails_judged"] == 0
    head = outcome.measures[0]
    assert head.about == () and is_judged("tails", head)
    assert "hold too few rows to judge." in head.sentence
    assert not any(is_judged("tails", m) for m in outcome.measures[1:] if m.name.endswith("tail"))


def test_no_tail_no_number():
    few = pd.DataFrame({"x": [1.0, 2.0, 3.0] * 100, "c": ["a", "b", "c"] * 100})
    with pytest.raises(Skip, match=r"^No number or date has a tail"):
        tails(few, few)
    missing = pd.DataFrame({"x": [None] * 300, "c": ["a", "b", "c"] * 100})
    with pytest.raises(Skip):
        tails(pd.DataFrame({"x": np.arange(300.0), "c": ["a", "b", "c"] * 100}), missing.astype({"x": float}))


def test_enormous_values_and_dates():
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 9000, 4000), unit="D")
    frame = pd.DataFrame({"x": rng.normal(size=4000).round(3) * 1e12, "d": days})
    outcome = tails(frame, frame.iloc[::2])
    assert find(outcome, "x", name="upper_tail").value == pytest.approx(1, abs=0.2)
    assert "about 202" in find(outcome, "d", name="upper_tail").sentence


def test_an_edge_held_by_few_people_is_not_shown():
    real = sample(3000, 0)
    synthetic = sample(3000, 1)
    values = set(real["weight"].value_counts().loc[lambda n: n < 10].index)
    for m in tails(real, synthetic).measures:
        shown = m.sentence.partition("(about ")[2].partition(" or ")[0].replace(",", "")
        assert not shown or "weight" not in m.about or float(shown) not in values
