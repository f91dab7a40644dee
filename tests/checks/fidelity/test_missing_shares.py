from __future__ import annotations

import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from tests.worlds import World, find, gappy, outcome_of


def column(missing, rows=200):
    return pd.DataFrame({"x": [None] * missing + ["a"] * (rows - missing), "y": 1})


@pytest.mark.parametrize(
    ("real", "synthetic", "difference"),
    [(0, 0, 0.0), (20, 20, 0.0), (0, 50, 0.25), (50, 0, -0.25), (100, 200, 0.5)],
)
def test_difference_by_hand(real, synthetic, difference):
    m = find(outcome_of("missing_shares", World(column(real), column(synthetic))), "x")
    assert m.value == pytest.approx(difference)
    assert (m.low, m.high) == pytest.approx(
        confint_proportions_2indep(synthetic, 200, real, 200, method="newcomb", compare="diff"), abs=1e-9
    )


def test_everything_missing_in_the_synthetic_table():
    m = find(outcome_of("missing_shares", World(column(0), column(200))), "x")
    assert m.value == 1.0
    assert m.sentence == "x has no value in 100.0% of synthetic rows and 0.0% of real rows."


def test_the_baseline_is_the_holdouts_difference():
    m = find(outcome_of("missing_shares", World(column(20), column(20), column(40))), "x")
    assert m.baseline == pytest.approx(0.1)


def test_keys_and_texts_are_looked_at_too():
    outcome = outcome_of("missing_shares", gappy(300))
    assert ("id",) in [m.about for m in outcome.measures]


def test_no_chart_where_nothing_is_missing():
    assert outcome_of("missing_shares", World(column(0), column(0))).charts == ()
