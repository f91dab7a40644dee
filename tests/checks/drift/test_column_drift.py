from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon

from audit.case.check import Skip
from audit.stats.distributions.distances import expected_total_variation, stability_index
from audit.stats.inference.split_null import family_threshold, resplit_distances, standardised_gap
from tests.worlds import World, find, gappy, outcome_of, siblings, strangers, twins


def table(**shares):
    return pd.DataFrame({"x": [v for v, n in shares.items() for _ in range(n)]})


def drift(real, synthetic):
    return find(outcome_of("column_drift", World(real, synthetic)), "x")


def test_a_clear_drift_is_the_jensen_shannon_distance_less_chance():
    m = drift(table(a=6000, b=4000), table(a=3000, b=7000))
    distance = jensenshannon([0.6, 0.4], [0.3, 0.7], base=2)
    chance = 1 * (1 / 10_000 + 1 / 10_000) / (8 * np.log(2))
    assert m.value == pytest.approx(np.sqrt(distance**2 - chance))
    assert 0.95 * distance < m.low < m.value < m.high < 1.05 * distance


@pytest.mark.parametrize(
    ("real", "synthetic", "value"),
    [
        (table(a=50, b=50), table(a=50, b=50), 0.0),
        (table(a=50, b=50), table(a=5, b=5), 0.0),
        (table(a=100), table(a=100), 0.0),
    ],
)
def test_the_same_shares_have_not_drifted(real, synthetic, value):
    m = drift(real, synthetic)
    assert m.value == m.low == value


def test_nothing_shared_is_the_end_of_the_scale():
    m = drift(table(a=1000), table(b=1000))
    assert m.value == pytest.approx(1, abs=0.01)
    assert m.high <= 1


def test_one_row_each():
    m = drift(table(a=1), table(b=1))
    assert 0 <= m.low <= m.value <= m.high <= 1


def test_missing_values_count():
    real, synthetic = ({"x": ["a"] * n + [None] * (1000 - n)} for n in (1000, 500))
    assert drift(pd.DataFrame(real), pd.DataFrame(synthetic)).value > 0.3


def numbers(rows, seed, shift=0.0, scale=1.0):
    return pd.DataFrame({"x": scale * (np.random.default_rng(seed).normal(size=rows) + shift)})


def test_many_categories_and_small_scales_raise_no_alarm():
    """Defaults of drift monitoring do alarm here: one threshold whatever the rows and categories."""
    rng = np.random.default_rng(1)
    labels = [
        pd.DataFrame({"x": rng.integers(0, 200, 2000).astype(str)}).assign(x=lambda f: "c" + f["x"])
        for _ in range(2)
    ]
    for pair in (labels, [numbers(2000, seed, scale=1e-5) for seed in (1, 2)]):
        m = drift(*pair)
        assert m.low == 0.0
        assert m.high < 0.1


def test_a_shift_at_a_small_scale_is_seen_as_at_any_other():
    found = [
        outcome_of("column_drift", World(numbers(2000, 1, scale=scale), numbers(2000, 2, 5.0, scale)))
        for scale in (1.0, 1e-5)
    ]
    for outcome in found:
        assert find(outcome, "x").low > 0.2
        assert find(outcome, "x", name="wasserstein").value == pytest.approx(5.0, abs=0.1)
    assert find(found[0], "x").value == pytest.approx(find(found[1], "x").value)


def test_a_column_turned_half_missing_has_drifted_and_says_so():
    real, synthetic = numbers(1000, 1), numbers(1000, 2)
    synthetic.loc[::2, "x"] = None
    m = drift(real, synthetic)
    assert m.low > 0.2
    assert m.sentence.endswith("; 50% of its values are missing instead of 0%.")
    assert find(outcome_of("column_drift", World(real, synthetic)), "x", name="wasserstein").value < 0.1


def test_the_wasserstein_distance_stands_beside_it_with_what_chance_gives():
    m = find(
        outcome_of("column_drift", World(numbers(4000, 1), numbers(4000, 2, 0.3))), "x", name="wasserstein"
    )
    assert m.descriptive
    assert m.value == pytest.approx(0.3, abs=0.06)
    assert m.baseline == pytest.approx(1.3 * np.sqrt(2 / 4000), rel=0.1)


def test_the_index_has_an_interval_and_words():
    outcome = outcome_of("dataset_drift", siblings(1500))
    m = find(outcome, name="relative_drift_index")
    assert m.descriptive
    assert m.low < m.value < m.high
    assert (m.value, m.low, m.high) == tuple(
        outcome.summary[f"relative_drift_{end}"] for end in ("index", "low", "high")
    )
    far = find(outcome_of("dataset_drift", strangers(600)), name="relative_drift_index")
    assert "times further from the training data than fresh real data is" in far.sentence


def test_columns_beyond_any_resplit_are_counted_and_named():
    clean = outcome_of("dataset_drift", siblings(1500))
    assert find(clean, name="beyond_chance").value == 0.0
    world = siblings(1500)
    off = World(world.real, world.synthetic.assign(age=world.synthetic["age"] + 3), world.holdout)
    outcome = outcome_of("dataset_drift", off)
    m = find(outcome, name="beyond_chance")
    assert m.value == pytest.approx(1 / 9)
    assert m.sentence.endswith("resplits of real rows: age.")
    assert outcome.summary["columns_beyond_chance"] == 1
    assert clean.summary["classifier_difference"] < 0.05 < outcome.summary["classifier_difference"] + 0.05


def test_a_threshold_for_all_columns_holds_for_all_of_them():
    """Twelve columns that go together: the largest statistic exceeds the threshold seldom enough."""
    rng = np.random.default_rng(2)
    chances = np.array([0.4, 0.3, 0.2, 0.07, 0.03])
    over = 0
    for _ in range(100):
        codes = rng.choice(5, (1200, 1), p=chances)
        table = np.where(rng.random((1200, 12)) < 0.5, codes, rng.choice(5, (1200, 12), p=chances))
        counts = [[np.bincount(part[:, i], minlength=5) for part in np.split(table, 3)] for i in range(12)]
        limit = family_threshold([(one[0] + one[1], 400) for one in counts], 200, 0.05, 0)
        over += max(standardised_gap(one[0] + one[1], one[2]) for one in counts) > limit
    assert over <= 11  # 5 expected; 11 has a chance of 1 %


def test_resplits_show_what_chance_gives():
    codes = np.random.default_rng(3).choice(4, (2000, 6), p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8)
    found = resplit_distances(codes, 100, np.random.default_rng(4))
    due = np.mean([expected_total_variation(np.bincount(one), 1000, 1000) for one in codes.T])
    assert found.mean() == pytest.approx(due, rel=0.05)


def test_the_stability_index_stands_beside_it_unjudged():
    outcome = outcome_of("column_drift", World(table(a=60, b=40), table(a=50, b=50)))
    index = find(outcome, "x", name="population_stability_index")
    assert index.descriptive
    # cells: a, b, others, missing
    assert index.value == pytest.approx(stability_index(np.array([60, 40, 0, 0]), np.array([50, 50, 0, 0])))


@pytest.mark.parametrize(
    ("make", "share", "index"),
    [
        (siblings, 0.0, (0.5, 1.6)),
        (gappy, 0.0, (0.5, 1.6)),
        (strangers, 1.0, (10, 999)),
        (twins, 0.0, (0, 0)),
    ],
)
def test_the_share_of_columns_and_the_index_against_fresh_rows(make, share, index):
    outcome = outcome_of("dataset_drift", make(1500))
    m = find(outcome)
    assert m.value == pytest.approx(share, abs=0.12)
    assert m.low <= m.value <= m.high
    assert index[0] <= outcome.summary["relative_drift_index"] <= index[1]


def test_the_index_without_a_holdout_uses_what_chance_gives():
    world = siblings(1500)
    index = [
        outcome_of("dataset_drift", w).summary["relative_drift_index"]
        for w in (world, World(world.real, world.synthetic))
    ]
    assert index[0] == pytest.approx(index[1], rel=0.3)


def test_columns_that_may_have_drifted_widen_the_interval():
    # a Jensen-Shannon distance right at the mark of 0.1, seen in few rows
    m = find(outcome_of("dataset_drift", World(table(a=150, b=150), table(a=192, b=108))))
    assert (m.low, m.high) == (0.0, 1.0)


@pytest.mark.parametrize("check_id", ["column_drift", "dataset_drift"])
def test_keys_do_not_drift(check_id):
    keys = pd.DataFrame({"id": range(100)})
    with pytest.raises(Skip, match=r"^No column has a distribution to compare\.$"):
        outcome_of(check_id, World(keys, keys))
