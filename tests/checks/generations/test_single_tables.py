"""Checks on loops that one synthetic table is enough for: safe_mix, contamination, fresh_share, projection."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import Grade, Result, Status
from audit.stats.loops.mixing import NO_LIMIT, admissible_mix
from audit.stats.models.copula import fit_copula
from tests.worlds import World, check_named, find, outcome_of, people, siblings, twins

ROWS = 4000


def graded(check, outcome):
    result = Result(check_named(check).card, Status.RAN, outcome.measures, outcome.summary)
    return judge([result], load_policy("base")).results[0].grade


def yes(rows, share, **more):
    """A column with exactly this share of yes."""
    hits = round(rows * share)
    return pd.DataFrame({"v": ["yes"] * hits + ["no"] * (rows - hits), **more})


def test_the_safe_mix_by_hand():
    # b = 0.1 less its chance, s = 0.25 / 1000; the holdout holds as much as the real table
    world = World(yes(1000, 0.5), yes(1000, 0.6), yes(1000, 0.5))
    outcome = outcome_of("safe_mix", world)
    chance = 0.25 * 3 / 1000
    wanted = float(admissible_mix(np.sqrt(0.01 - chance), 0.25 / 1000))
    m = find(outcome, "v")
    assert m.value == pytest.approx(wanted)
    assert m.low < wanted < m.high
    assert outcome.summary["kappa"] == m.value
    assert "synthetic rows per fresh real row before v" in m.sentence
    assert m.sentence.startswith("At most 0.026 synthetic rows")


def test_a_spike_that_faints_sets_the_limit():
    rng = np.random.default_rng(0)
    real, holdout, synthetic = (people(ROWS, seed).drop(columns="id") for seed in range(3))
    synthetic["gain"] = synthetic["gain"].mask(
        (synthetic["gain"] == 0) & (rng.random(ROWS) < 0.06), real.loc[real["gain"] > 0, "gain"].median()
    )
    outcome = outcome_of("safe_mix", World(real, synthetic, holdout))
    kappa = outcome.summary["kappa"]
    (least, *_) = outcome.measures
    assert least.about == ("gain",)
    assert kappa == least.value < 1
    assert least.descriptive


@pytest.mark.parametrize("seed", range(4))
def test_siblings_set_no_limit(seed):
    outcome = outcome_of("safe_mix", siblings(1500, seed))
    assert outcome.summary["kappa"] == NO_LIMIT
    assert all("sets no limit" in m.sentence for m in outcome.measures)


def test_a_declared_mix_is_held_against_the_allowed_one():
    world = World(yes(1000, 0.5), yes(1000, 0.6), yes(1000, 0.5))
    allowed = outcome_of("safe_mix", world).summary["kappa"]
    for share, grade in ((0.5, Grade.FAIL), (0.99, Grade.PASS)):
        outcome = outcome_of("safe_mix", world, fresh_share=(share,))
        m = find(outcome, name="allowed_over_used")
        assert m.value == pytest.approx(allowed / ((1 - share) / share))
        assert graded("safe_mix", outcome) is grade
    assert not [m for m in outcome_of("safe_mix", world, fresh_share=(1.0,)).measures if m.name]


def copied(frame, rows, seed):
    """Rows of a Gaussian copula fitted to a frame of numbers."""
    rng = np.random.default_rng(seed)
    drawn = fit_copula(frame.to_numpy(dtype=float), rng).sample(rows, rng)
    return pd.DataFrame(drawn, columns=frame.columns)


def rings(rows, seed):
    """Points on a ring, which no Gaussian copula can follow, and a number beside."""
    rng = np.random.default_rng([5, seed])
    angle, radius = rng.uniform(0, 2 * np.pi, rows), rng.normal(1, 0.08, rows)
    return pd.DataFrame(
        {"x": radius * np.cos(angle), "y": radius * np.sin(angle), "z": rng.integers(0, 9, rows)}
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_contamination_is_found_and_clean_tables_are_not_accused(seed):
    real, holdout = rings(2000, 2 * seed), rings(2000, 2 * seed + 1)
    synthetic, foreign = copied(real, 2000, seed), copied(real, 100, seed + 50)
    clean = outcome_of("contamination", World(real, synthetic, holdout))
    assert clean.measures[0].value < 0.01
    assert graded("contamination", clean) is Grade.PASS
    mixed = pd.concat([real[100:], foreign], ignore_index=True)
    found = outcome_of("contamination", World(mixed, synthetic, holdout))
    assert 0.01 < found.measures[0].value < 0.05 <= found.summary["at_most"]
    assert graded("contamination", found) is Grade.WARN
    assert "At least" in found.measures[0].sentence


def test_values_that_no_fresh_row_holds_tell_too():
    rng = np.random.default_rng(1)
    labels = [f"c{i}" for i in range(5)]
    # too few holdout rows for a learner
    real, holdout = (pd.DataFrame({"c": rng.choice(labels, rows)}) for rows in (1500, 240))
    synthetic = pd.DataFrame({"c": rng.choice([*labels, "odd"], 1500, p=[0.1] * 5 + [0.5])})
    assert outcome_of("contamination", World(real, synthetic, holdout)).measures[0].value == 0
    real.loc[:149, "c"] = rng.choice([*labels, "odd"], 150, p=[0.1] * 5 + [0.5])
    found = outcome_of("contamination", World(real, synthetic, holdout)).measures[0]
    assert 0.01 < found.value <= 0.1
    assert found.sentence.endswith("(values of c that fresh rows do not hold).")


@pytest.mark.parametrize("world", [siblings(600), twins(600)])
def test_where_nothing_sets_the_tables_apart_nothing_is_told(world):
    with pytest.raises(Skip, match="cannot be told well enough"):
        outcome_of("contamination", world)


def test_the_share_of_real_rows_is_as_declared():
    world = siblings(100)
    with pytest.raises(Skip, match="not declared") as skipped:
        outcome_of("fresh_share", world)
    assert skipped.value.grade is Grade.NOT_ASSESSABLE
    for share, grade in ((0.6, Grade.PASS), (0.4, Grade.WARN), (0.0, Grade.FAIL)):
        outcome = outcome_of("fresh_share", world, fresh_share=(share,), loop="replace")
        assert outcome.measures[0].value == share
        assert graded("fresh_share", outcome) is grade
    # 100 real rows are kept beside 100 others of which none is real
    assert outcome_of("fresh_share", world, fresh_share=(0.0,), loop="accumulate").measures[0].value == 0.5


def test_a_projection_loses_more_where_rows_are_replaced():
    outcome = outcome_of("projection", siblings(500))
    replaced, fresh = find(outcome), find(outcome, name="half_fresh")
    assert replaced.descriptive and fresh.descriptive
    assert replaced.value > fresh.value
    assert replaced.value > replaced.baseline > 0
    assert replaced.sentence.startswith("Projection: after 5 generations")
    assert outcome.summary["variance_kept_half_fresh"] == pytest.approx(1.0, abs=0.2)
    (chart,) = outcome.charts
    assert chart.positions == (0, 1, 2, 3, 4, 5)
    assert [len(series.values) for series in chart.series] == [6, 6, 6]
