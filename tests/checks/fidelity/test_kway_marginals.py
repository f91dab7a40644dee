from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.checks.fidelity.kway_marginals import chosen_sets
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import Grade, Result, Status
from audit.stats.distributions.distances import total_variation
from tests.worlds import World, case_of, check_named, find, is_judged, outcome_of, siblings


def graded(outcome):
    card = check_named("kway_marginals").card
    (result,) = judge([Result(card, Status.RAN, outcome.measures)], load_policy("base")).results
    return result.grade


def xor(rows, seed, broken=0.0):
    """c is a xor b, which no pair shows, and some columns beside; broken in a share of the rows."""
    rng = np.random.default_rng([16, seed])
    a, b = rng.integers(0, 2, (2, rows))
    c = np.where(rng.random(rows) < broken, rng.integers(0, 2, rows), a ^ b)
    return pd.DataFrame(
        {
            "a": a.astype(str),
            "b": b.astype(str),
            "c": c.astype(str),
            "x": rng.normal(size=rows),
            "g": rng.choice(list("pqrst"), rows),
            "y": rng.exponential(size=rows),
        }
    )


def tables(rows, seed, broken=0.0):
    return World(xor(rows, 3 * seed), xor(rows, 3 * seed + 1, broken), xor(rows, 3 * seed + 2))


@pytest.mark.parametrize("seed", range(10))
def test_a_broken_relation_of_three_is_named(seed):
    outcome = outcome_of("kway_marginals", tables(4000, seed, 0.3))
    judged = [m for m in outcome.measures if m.name == "beyond_pairs" and is_judged("kway_marginals", m)]
    assert [m.about for m in judged] == [("a", "b", "c")]
    assert judged[0].value == pytest.approx(0.15, abs=0.04)
    assert judged[0].low <= 0.15
    assert graded(outcome) is Grade.FAIL
    pairs = outcome_of("pair_shapes", tables(4000, seed, 0.3))
    assert find(pairs, "a", "b").high < 0.05


@pytest.mark.parametrize("seed", range(8))
def test_clean_tables_pass(seed):
    outcome = outcome_of("kway_marginals", tables(8000, 20 + seed))
    assert not any(is_judged("kway_marginals", m) for m in outcome.measures[1:])
    assert graded(outcome) is Grade.PASS
    assert abs(outcome.measures[0].value) < 0.005


def test_what_pairs_explain_is_not_blamed_on_three():
    world = tables(6000, 5)
    rng = np.random.default_rng(8)
    # Three separate faults: the sets of three that hold two of them differ more than any pair.
    bad = world.synthetic.assign(
        g=np.where(rng.random(6000) < 0.3, "p", world.synthetic["g"]),
        x=np.where(rng.random(6000) < 0.3, 0.0, world.synthetic["x"]),
        y=np.where(rng.random(6000) < 0.3, 0.1, world.synthetic["y"]),
    )
    outcome = outcome_of("kway_marginals", World(world.real, bad))
    assert outcome.measures[0].value > 0.1
    assert not any(is_judged("kway_marginals", m) for m in outcome.measures[1:])
    assert "no set differs beyond its pairs" in outcome.measures[0].sentence


def test_the_score_by_hand():
    real = pd.DataFrame({"a": list("xxyy") * 25, "b": list("xyxy") * 25, "c": ["z"] * 100})
    synthetic = pd.DataFrame({"a": list("xxxy") * 25, "b": list("xyxy") * 25, "c": ["z"] * 100})
    outcome = outcome_of("kway_marginals", World(real, synthetic))
    # xx: 25 and 50, xy: 25 and 25, yx: 25 and 0, yy: 25 and 25: the sum of differences is one half
    assert outcome.summary["k_marginal"] == pytest.approx((2 - 0.5) * 500)
    same = outcome_of("kway_marginals", World(real, real.copy()))
    assert same.summary["k_marginal"] == 1000
    assert same.summary["equivalent_sample"] == 1.0


def test_the_score_is_the_mean_over_all_sets():
    world = tables(900, 1)
    with case_of(world) as case:
        found = check_named("kway_marginals").measure(case)
        distances = [
            total_variation(case.real.counts(*s), case.synthetic.counts(*s)) for s in chosen_sets(case)
        ]
    assert len(distances) == 20
    assert found.summary["k_marginal"] == pytest.approx(1000 * (1 - np.mean(distances)))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.8])
def test_a_subsample_of_the_real_rows_reads_its_share(share):
    real = xor(6000, 40)
    part = real.sample(frac=share, random_state=3).reset_index(drop=True)
    found = outcome_of("kway_marginals", World(real, part)).summary
    assert found["equivalent_sample"] == pytest.approx(share, rel=0.25)
    assert found["expected_equivalent_sample"] == pytest.approx(share / (2 * share + 1), rel=0.01)


def test_two_columns_are_too_few():
    frame = pd.DataFrame({"a": list("xy") * 50, "b": list("xxyy") * 25})
    with pytest.raises(Skip, match=r"^Fewer than three columns"):
        outcome_of("kway_marginals", World(frame, frame))


def test_sets_of_many_columns_are_chosen_by_name_and_role():
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(rng.integers(0, 3, (60, 40)).astype(str), columns=[f"c{i:02}" for i in range(40)])
    chosen = []
    for frame in (wide, wide[wide.columns[::-1]]):
        with case_of(World(frame, frame), target="c07") as case:
            sets = chosen_sets(case)
        assert len(sets) == len(set(sets)) >= 300
        assert all(len(set(s)) == 3 for s in sets)
        assert {name for s in sets for name in s} == set(wide.columns)
        assert 0.4 < np.mean(["c07" in s for s in sets]) < 0.65
        chosen.append({frozenset(s) for s in sets})
    assert chosen[0] == chosen[1]


def test_the_chart_sets_three_beside_their_pairs():
    outcome = outcome_of("kway_marginals", siblings(600))
    (chart,) = outcome.charts
    assert [s.name for s in chart.series] == ["three columns", "worst of their pairs"]
    assert len(chart.labels) == len(chart.series[0].values) == 20
