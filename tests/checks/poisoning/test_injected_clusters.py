"""injected_clusters: near-identical rows, and what must not be taken for them."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.mining.near_duplicate_clusters import agreement_limits
from tests.worlds import World, find, outcome_of, people, siblings


def crowded(rows: int, free: tuple[str, ...] = ()) -> World:
    """Siblings; the first synthetic rows repeat one of them in all columns but the free ones."""
    world = siblings(1500, 4)
    frame = world.synthetic.copy()
    for name in frame.columns.difference(["id", *free]):
        frame.loc[: rows - 1, name] = frame[name].iloc[700]
    return World(world.real, frame, world.holdout)


def asked(world: World) -> Outcome:
    return outcome_of("injected_clusters", world, target="income")


def whole(outcome: Outcome) -> float:
    return find(outcome).value


def test_fresh_rows_have_none():
    for seed in range(2):
        outcome = asked(siblings(600, seed))
        assert whole(outcome) == 0.0
        assert len(outcome.measures) == 1


def test_a_row_written_many_times_is_found_with_its_rows_and_outcome():
    outcome = asked(crowded(20))
    (one,) = outcome.measures[1:]
    assert one.rows is not None
    assert set(range(1, 21)) <= set(one.rows.examples)
    assert one.value == pytest.approx(20 / 1500, abs=0.003)
    assert set(one.about) >= {"age", "city", "score", "since"}
    assert set(one.group or ()) == {"income"}
    assert outcome.summary["outcome_share_1"] >= 0.9
    assert "a generator" in one.sentence  # nobody is accused


def test_one_column_that_varies_does_not_hide_it():
    (one,) = asked(crowded(25, free=("score",))).measures[1:]
    assert "score" not in one.about
    assert one.value == pytest.approx(25 / 1500, abs=0.004)


def test_more_rows_never_lower_the_share():
    found = [whole(asked(crowded(rows))) for rows in (0, 15, 60)]
    assert all(after > before for before, after in pairwise(found))


def test_rows_that_real_rows_crowd_around_too_are_no_cluster():
    world = crowded(60)
    real = world.real.copy()
    names = [name for name in real.columns if name != "id"]
    real.loc[:59, names] = world.synthetic.loc[:59, names].to_numpy()
    assert whole(asked(World(real.astype(world.real.dtypes.to_dict()), world.synthetic))) == 0.0


def test_a_generator_that_is_generous_to_a_whole_kind_of_people_injects_nothing():
    world = siblings(1500, 5)
    more = people(6000, 99)
    often = more[(more["sex"] == "Female") & (more["city"] == "Bonn")][:400]
    frame = pd.concat([world.synthetic[:1100], often], ignore_index=True)
    assert whole(asked(World(world.real, frame, world.holdout))) == 0.0


def test_without_a_target_no_outcome_is_named():
    (one,) = outcome_of("injected_clusters", crowded(30)).measures[1:]
    assert one.group is None


def test_columns_that_a_crowd_may_differ_in():
    assert agreement_limits(6) == (5, 3)
    assert agreement_limits(15) == (13, 10)


def test_what_cannot_be_asked_is_said():
    narrow = World(*(frame[["age", "sex"]] for frame in siblings(200).frames().values()))
    with pytest.raises(Skip, match="fewer than 4 columns"):
        outcome_of("injected_clusters", narrow)
    with pytest.raises(Skip, match="too few to tell a crowd from chance"):
        outcome_of("injected_clusters", siblings(60))
