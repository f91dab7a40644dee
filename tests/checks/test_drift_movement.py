from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon

from audit.check import Skip
from audit.stats.distances import stability_index
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
    (m,) = outcome.measures
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
    (m,) = outcome_of("dataset_drift", World(table(a=150, b=150), table(a=192, b=108))).measures
    assert (m.low, m.high) == (0.0, 1.0)


@pytest.mark.parametrize("check_id", ["column_drift", "dataset_drift"])
def test_keys_do_not_drift(check_id):
    keys = pd.DataFrame({"id": range(100)})
    with pytest.raises(Skip, match=r"^No column has a distribution to compare\.$"):
        outcome_of(check_id, World(keys, keys))
