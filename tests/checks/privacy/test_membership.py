from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from tests.worlds import World, find, is_judged, leaky, outcome_of, siblings, twins


def membership(world):
    return outcome_of("membership", world)


@pytest.mark.parametrize("seed", range(3))
def test_people_of_one_population_cannot_be_told(seed):
    outcome = membership(siblings(800, seed))
    main = find(outcome)
    assert main.low <= 0.51 and main.high > main.value
    # 400 outsiders set no threshold of one in a thousand
    assert not is_judged("membership", find(outcome, name="tpr_at_01pct"))


def test_copies_are_found_among_few_false_accusations():
    outcome = membership(leaky(24, 800))
    assert find(outcome).value < 0.55  # the average hides them
    found = find(outcome, name="tpr_at_01pct")
    assert found.value == pytest.approx(0.03, abs=0.005)
    assert found.low > 0.005 and is_judged("membership", found)
    assert "occurs in the synthetic table" in found.sentence


def test_a_copy_of_the_table_gives_everybody_away():
    outcome = membership(twins(500))
    assert outcome.summary == pytest.approx({"auc": 1.0, "tpr_at_1pct": 1.0, "tpr_at_01pct": 1.0}, abs=0.01)


def test_changed_copies_are_found_by_distance():
    world = twins(600)
    near = world.synthetic.assign(score=world.synthetic["score"] + 0.5)
    outcome = membership(dataclasses.replace(world, synthetic=near))
    assert find(outcome).low > 0.9
    assert "occurs in the synthetic table" not in find(outcome).sentence


def test_it_fails_where_copies_are_many():
    world = leaky(200, 600)
    report = audit_frames(world.real, world.synthetic, world.holdout, checks=("membership",))
    assert report.results[0].grade is Grade.FAIL


def test_a_table_of_few_categories_gives_nobody_away_and_breaks_nothing():
    rng = np.random.default_rng(0)
    tables = [pd.DataFrame(rng.choice(["a", "b", "c"], (400, 3)), columns=list("xyz")) for _ in range(3)]
    main = find(membership(World(*tables)))
    assert main.low < 0.52


def test_the_holdout_must_be_fresh():
    world = siblings(200)
    with pytest.raises(Skip, match=r"^100% of the holdout's rows occur in the real table too"):
        membership(dataclasses.replace(world, holdout=world.real.copy()))


def test_few_rows_cannot_tell():
    with pytest.raises(Skip, match=r"^It needs at least 100 rows of each table\.$"):
        membership(siblings(90))
