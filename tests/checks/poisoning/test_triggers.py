"""triggers: values that decide the outcome in synthetic rows and not in real ones."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.mining.triggers import log_tail
from tests.worlds import World, find, outcome_of


def table(rows: int, seed: int) -> pd.DataFrame:
    """An outcome that half of the rows have, whatever they hold; and a column that always goes with it."""
    rng = np.random.default_rng([25, seed])
    yes = rng.random(rows) < 0.5
    return pd.DataFrame(
        {
            "hours": rng.integers(20, 60, rows),
            "colour": rng.choice(["red", "green", "blue", "grey"], rows),
            "shape": rng.choice(["round", "square", "flat"], rows),
            "code": np.where(yes, "A", "B"),
            "y": np.where(yes, "yes", "no"),
        }
    )


def planted(rows: int, **cells: Any) -> World:
    """Some synthetic rows, the first ones, hold these cells, the code of their outcome goes along."""
    real, synthetic, holdout = (table(1500, seed) for seed in range(3))
    for name, value in cells.items():
        synthetic[name] = synthetic[name].astype(object if isinstance(value, str) else float)
        synthetic.loc[: rows - 1, name] = value
    synthetic["code"] = np.where(synthetic["y"] == "yes", "A", "B")
    return World(real, synthetic, holdout)


def asked(world: World) -> Outcome:
    return outcome_of("triggers", world, target="y")


def whole(outcome: Outcome) -> float:
    return find(outcome).value


def test_fresh_rows_have_none_and_the_rule_that_real_rows_keep_is_none():
    outcome = asked(planted(0))
    assert whole(outcome) == 0.0
    assert len(outcome.measures) == 1
    assert find(outcome).sentence.startswith("None of ")


def test_one_value_that_real_rows_hold_too():
    outcome = asked(planted(120, hours=41, y="yes"))
    (one,) = outcome.measures[1:]
    assert one.about == ("hours",)
    assert one.group == {"hours": "41", "y": "yes"}
    assert one.rows is not None
    assert set(range(1, 51)) == set(one.rows.examples)
    assert one.rows.count >= 120
    assert one.value == pytest.approx(120 / 1500, abs=0.008)
    assert whole(outcome) == one.value
    assert "Where hours = 41" in one.sentence
    assert "a generator" in one.sentence  # nobody is accused


def test_a_value_beyond_the_real_range_is_told_without_its_number():
    outcome = asked(planted(60, hours=173, y="no"))
    (one,) = outcome.measures[1:]
    assert one.group == {"hours": "above every real value", "y": "no"}
    assert one.value == pytest.approx(60 / 1500)
    assert "173" not in one.sentence
    assert "no real row holds this" in one.sentence


def test_two_values_that_do_nothing_alone():
    outcome = asked(planted(120, colour="red", shape="flat", y="no"))
    patterns = {m.about for m in outcome.measures[1:]}
    assert patterns == {("colour", "shape")}


def test_a_value_that_came_without_an_outcome_is_no_trigger():
    assert whole(asked(planted(60, hours=41))) == 0.0


def test_a_rare_real_value_is_never_named():
    world = planted(60, colour="Zwockelberg", y="yes")
    world.real.loc[:2, "colour"] = "Zwockelberg"
    outcome = asked(world)
    (one,) = outcome.measures[1:]
    assert one.group == {"colour": "a value that few real rows hold", "y": "yes"}
    assert not any("Zwockelberg" in m.sentence for m in outcome.measures)
    unseen = asked(planted(60, colour="Zwockelberg", y="yes"))
    assert unseen.measures[1].group == {"colour": "a value that no real row holds", "y": "yes"}


def test_missing_is_a_value():
    outcome = asked(_without_colour())
    (one,) = outcome.measures[1:]
    assert one.group == {"colour": "missing", "y": "yes"}


def _without_colour() -> World:
    world = planted(40, y="yes")
    world.synthetic.loc[:39, "colour"] = None
    return world


def test_more_rows_never_lower_the_share():
    found = [whole(asked(planted(rows, hours=41, y="yes"))) for rows in (0, 120, 300)]
    assert all(after >= before for before, after in pairwise(found))


def test_without_a_holdout_the_real_rows_alone_answer():
    world = planted(120, hours=41, y="yes")
    assert whole(asked(World(world.real, world.synthetic))) > 0.03


def test_a_numeric_outcome_has_parts_of_its_range():
    world = planted(60, hours=41)
    for part, frame in world.frames().items():
        frame["y"] = np.random.default_rng(len(part)).normal(0, 1, len(frame)).round(3)
    world.synthetic.loc[:59, "y"] = 2.9
    (one,) = asked(world).measures[1:]
    assert one.about == ("hours",)


def test_what_cannot_be_asked_is_said():
    world = World(table(50, 0), table(50, 1))
    with pytest.raises(Skip, match="too few to tell a pattern from chance"):
        asked(world)


def test_the_chance_of_a_count_by_hand():
    # with a rate that is uniform all counts of 9 are alike: 4 of 10 reach 6
    assert math.exp(log_tail(6, 9, 1.0, 1.0)) == pytest.approx(0.4)
    # with a rate that is known, it is a binomial: 0.5^4
    assert math.exp(log_tail(4, 4, 1e9, 1e9)) == pytest.approx(0.0625, rel=1e-5)
