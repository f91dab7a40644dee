"""Mixes of real and synthetic rows: harm is seen, harmless rows are not blamed, money is counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.declare.options import Options
from audit.errors import OptionError
from tests.worlds import World, find, outcome_of

ROWS = 2500


def people(seed, noise=0.0):
    rng = np.random.default_rng([31, seed])
    x = rng.normal(size=(ROWS, 2)).round(3)
    outcome = rng.random(ROWS) < 1 / (1 + np.exp(-(2 * x[:, 0] - x[:, 1])))
    wrong = rng.random(ROWS) < noise
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": np.where(outcome ^ wrong, "yes", "no")})


def mixed(noise, **options):
    world = World(people(1), people(2, noise), people(3))
    return outcome_of("hybrid_mix", world, target="y", **options)


@pytest.fixture(scope="module")
def harmless():
    return mixed(0.0, cost_real=2.0, cost_synthetic=0.5)


def test_rows_as_good_as_real_ones_do_no_harm_at_any_share(harmless):
    summary = harmless.summary
    assert summary["safe_share"] == 1.0
    assert abs(summary["gain"]) < 0.03
    assert summary["gain_low"] <= summary["gain"] <= summary["gain_high"]
    assert summary["score_real"] == pytest.approx(summary["score_synthetic"], abs=0.04)


def test_every_mix_is_told_and_none_is_judged(harmless):
    named = [f"{share}_percent_synthetic" for share in (0, 25, 50, 75)]
    assert [m.name for m in harmless.measures] == [*named, ""]
    assert all(m.descriptive and m.low < m.value < m.high for m in harmless.measures)
    assert find(harmless, "y", name="0_percent_synthetic").baseline == harmless.summary["score_real"]
    assert harmless.rows_used == {"real": ROWS, "synthetic": ROWS, "holdout": ROWS}


def test_the_cheapest_mix_that_keeps_the_skill_is_reckoned(harmless):
    assert harmless.summary["cheapest_share"] == 1.0
    assert harmless.summary["cheapest_cost"] == ROWS * 0.5
    assert harmless.summary["cost_of_real_alone"] == ROWS * 2.0
    assert "costs 1,250.00 instead of 5,000.00" in harmless.charts[1].alt


def test_rows_with_wrong_labels_lower_the_score_the_more_there_are():
    outcome = mixed(1.0)
    scores = [m.value for m in outcome.measures]
    assert scores[0] > scores[2] > scores[4]
    assert scores[4] < 0.3  # it has learnt the opposite
    assert outcome.summary["best_share"] < 0.5
    assert outcome.summary["safe_share"] <= 0.25
    assert len(outcome.charts) == 1


def test_what_cannot_be_learnt_cannot_be_mixed():
    frames = [
        people(seed).assign(y=np.random.default_rng(seed).choice(["yes", "no"], ROWS)) for seed in (1, 2, 3)
    ]
    with pytest.raises(Skip, match=r"^Real rows hardly teach how y follows from the other columns"):
        outcome_of("hybrid_mix", World(*frames), target="y")


def test_a_row_cannot_cost_less_than_nothing():
    with pytest.raises(OptionError, match=r"^The option cost_real is -1\. Give what a row costs"):
        Options(real="r", synthetic="s", cost_real=-1)
