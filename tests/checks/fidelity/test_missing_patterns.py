from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import Grade, Result, Status
from audit.stats.distributions.distances import expected_total_variation
from tests.worlds import World, check_named, find, gappy, is_judged, outcome_of, siblings


def graded(outcome):
    card = check_named("missing_patterns").card
    (result,) = judge([Result(card, Status.RAN, outcome.measures)], load_policy("base")).results
    return result.grade


def gaps(rows, seed):
    """Income is missing where it is likely to be high, which age tells; x and y are missing together."""
    rng = np.random.default_rng([48, seed])
    age = rng.normal(40, 12, rows)
    income = 100 * age + rng.normal(0, 600, rows)
    work = rng.choice(list("abc"), rows)
    gone, pair = rng.random(rows) < 1 / (1 + np.exp(-(income - 5000) / 500)), rng.random(rows) < 0.1
    return pd.DataFrame(
        {
            "age": age,
            "income": np.where(gone, np.nan, income),
            "work": work,
            "x": np.where(pair, np.nan, rng.normal(size=rows)),
            "y": np.where(pair, np.nan, rng.normal(size=rows)),
        }
    )


def tables(rows=5000, seed=0):
    return World(*(gaps(rows, 3 * seed + i) for i in range(3)))


def permuted(frame, column, share, seed):
    """Recipe 48: where a column is missing, permuted among a share of the rows."""
    rng, frame = np.random.default_rng(seed), frame.copy()
    rows = np.flatnonzero(rng.random(len(frame)) < share)
    holes = frame[column].isna().to_numpy(copy=True)
    values = frame[column].fillna(frame[column].median()).to_numpy()
    holes[rows] = holes[rng.permutation(rows)]
    frame[column] = np.where(holes, np.nan, values)
    return frame


@pytest.mark.parametrize("seed", range(3))
def test_gaps_in_other_rows_are_named(seed):
    world = tables(seed=seed)
    outcome = outcome_of(
        "missing_patterns", World(world.real, permuted(world.synthetic, "income", 0.5, seed), world.holdout)
    )
    judged = [m for m in outcome.measures if m.name == "predictability" and is_judged("missing_patterns", m)]
    assert [m.about for m in judged] == [("income",)]
    assert judged[0].value > 0.1
    assert graded(outcome) is not Grade.PASS
    assert outcome.measures[0].value < 0.02  # as many gaps, and as many together


@pytest.mark.parametrize("seed", range(3))
def test_clean_tables_pass(seed):
    outcome = outcome_of("missing_patterns", tables(12_000, 20 + seed))
    assert not any(is_judged("missing_patterns", m) for m in outcome.measures[1:])
    assert graded(outcome) is Grade.PASS


def test_gaps_that_stood_together_are_seen():
    world = tables()
    rng = np.random.default_rng(1)
    apart = world.synthetic.assign(y=rng.permutation(world.synthetic["y"].to_numpy()))
    outcome = outcome_of("missing_patterns", World(world.real, apart, world.holdout))
    # a tenth of the rows lack both x and y; drawn apart, a hundredth, and 0.09 lack only one of them each
    assert outcome.measures[0].value == pytest.approx(0.17, abs=0.025)
    assert graded(outcome) is Grade.FAIL


def columns(*patterns):
    rows = [cells for cells, times in patterns for _ in range(times)]
    return pd.DataFrame(rows, columns=["a", "b"], dtype=object)


HERE, GONE = "v", None


def test_patterns_by_hand():
    real = columns(((HERE, HERE), 60), ((GONE, GONE), 40))
    synthetic = columns(((HERE, HERE), 40), ((GONE, HERE), 20), ((HERE, GONE), 20), ((GONE, GONE), 20))
    m = outcome_of("missing_patterns", World(real, synthetic)).measures[0]
    chance = expected_total_variation(np.array([100, 60, 40]), 100, 100)  # the new patterns share a cell
    assert m.value == pytest.approx(0.4 - chance, abs=1e-9)
    assert "other patterns in 0.0% of real rows and 40.0% of synthetic rows" in m.sentence


def test_more_patterns_than_bits_in_a_number():
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(np.where(rng.random((200, 70)) < 0.02, np.nan, 1.0) + rng.random((200, 70)))
    wide.columns = [f"c{i}" for i in range(70)]
    outcome = outcome_of("missing_patterns", World(wide, wide.copy()))
    whole = float((~wide.isna().any(axis=1)).mean())
    (chart,) = outcome.charts
    assert chart.labels[0] == "nothing missing"
    assert chart.series[0].values[0] == pytest.approx(whole)
    assert outcome.measures[0].value <= 0


def test_patterns_of_few_real_rows_are_not_told():
    real = columns(((HERE, HERE), 91), ((GONE, HERE), 9))
    outcome = outcome_of("missing_patterns", World(real, columns(((HERE, HERE), 50), ((GONE, HERE), 50))))
    assert outcome.charts[0].labels == ("nothing missing", "other patterns")
    assert "a missing" not in outcome.measures[0].sentence


def test_too_few_gaps_to_tell_where():
    world = siblings(500)
    holes = world.real.copy()
    holes.loc[:9, "age"] = None
    outcome = outcome_of("missing_patterns", World(holes, holes.copy()))
    assert [m.name for m in outcome.measures] == [""]
    assert "of 1 columns with missing values, 0 have enough" in outcome.measures[0].sentence


def test_free_text_and_keys_count_as_well():
    world = gappy(400)
    note = [None if i % 4 == 0 else f"some words of row {i}" for i in range(400)]
    frames = [frame.assign(note=note) for frame in world.frames().values()]
    outcome = outcome_of("missing_patterns", World(*frames))
    assert not is_judged("missing_patterns", find(outcome, "note", name="predictability"))


def test_nothing_missing():
    world = siblings(200)
    with pytest.raises(Skip, match=r"^No value is missing in any table\.$") as caught:
        outcome_of("missing_patterns", world)
    assert caught.value.grade is Grade.NOT_APPLICABLE


def test_a_column_missing_only_in_the_synthetic_table():
    world = siblings(400)
    outcome = outcome_of("missing_patterns", World(world.real, world.synthetic.assign(age=np.nan)))
    assert outcome.measures[0].value > 0.9
