from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from tests.worlds import World, case_of, check_named, leaky, outcome_of, siblings, twins

FEW = ["sex", "city", "work", "income"]


def copied(world):
    outcome = outcome_of("copied_rows", world)
    (m,) = outcome.measures
    return m, outcome.summary


def frames(real, synthetic, holdout=None):
    return World(*(pd.DataFrame(f) if f is not None else None for f in (real, synthetic, holdout)))


REAL = {"a": [1.5, 2.5, 3.5, None], "b": ["x", None, "z", None]}


@pytest.mark.parametrize(
    ("synthetic", "rows"),
    [
        ({"a": [1.5, 2.5], "b": ["x", None]}, [1, 2]),  # missing equals missing
        ({"a": [1.5, 2.5], "b": ["x", "y"]}, [1]),
        ({"a": [None, 1.5], "b": [None, None]}, [1]),
        ({"a": [0.0, 3.5], "b": ["", "z"]}, [2]),  # an absent value is neither 0 nor empty text
        ({"a": [9.5, 8.5], "b": ["x", "z"]}, []),
        ({"a": [3.5, 3.5], "b": ["z", "z"]}, [1, 2]),
    ],
)
def test_copied_rows_by_hand(synthetic, rows):
    m, summary = copied(frames(REAL, synthetic))
    assert m.rows.count == len(rows)
    assert list(m.rows.examples) == rows
    assert summary == {"share": len(rows) / 2, "share_by_chance": 0.0}
    assert m.value == len(rows) / 2


def test_text_that_looks_like_a_missing_value_is_not_one():
    m, _ = copied(frames({"a": ["", "q"], "b": [1, 2]}, {"a": [None, "q"], "b": [1, 2]}, None))
    assert m.rows.examples in ((1, 2), (2,))  # an empty cell may be read as missing, and is then said


def test_keys_are_not_compared():
    world = twins(300)
    other = dataclasses.replace(world, synthetic=world.synthetic.assign(id=range(9000, 9300)))
    assert copied(other)[0].value == 1.0


def test_only_keys():
    keys = pd.DataFrame({"id": range(100)})
    with pytest.raises(Skip, match=r"^Every column is a key; there is nothing else to compare\.$"):
        outcome_of("copied_rows", World(keys, keys))


@pytest.mark.parametrize("copies", [5, 30, 150])
def test_planted_copies_are_counted_and_listed(copies):
    m, summary = copied(leaky(copies, 1500))
    assert m.rows.count == copies
    assert list(m.rows.examples) == list(range(1, min(copies, 50) + 1))
    assert m.value == summary["share"] == copies / 1500
    assert m.low > 0


def test_fresh_rows_of_a_table_with_few_possible_rows_are_no_copies():
    for seed in range(3):
        world = World(*(f[FEW] for f in siblings(2000, seed).frames().values()))
        m, summary = copied(world)
        assert summary["share"] > 0.9
        assert m.low <= 0 <= m.high or abs(m.value) < 0.01


@pytest.mark.parametrize(("real", "holdout"), [(2000, 300), (300, 2000)])
def test_tables_of_unequal_size_are_brought_to_one_size(real, holdout):
    world = World(*(f[FEW] for f in siblings(2000).frames().values()))
    uneven = World(world.real.head(real), world.synthetic, world.holdout.head(holdout))
    m, _ = copied(uneven)
    assert m.low <= 0 <= m.high
    assert -1 <= m.low <= m.value <= m.high <= 1


def test_copies_are_found_with_a_small_holdout():
    world = leaky(60, 2000)
    m, _ = copied(dataclasses.replace(world, holdout=world.holdout.head(200)))
    assert m.value == pytest.approx(0.03, abs=1e-9)
    assert m.low > 0.001


def brute(world):
    """Expected share at the holdout's size by drawing real rows, a second way."""
    rng = np.random.default_rng(0)
    rows = {role: list(map(tuple, f.to_numpy().tolist())) for role, f in world.frames().items()}
    fresh = np.mean([row in set(rows["holdout"]) for row in rows["synthetic"]])
    met = []
    for _ in range(60):
        drawn = {rows["real"][i] for i in rng.choice(len(rows["real"]), len(rows["holdout"]), replace=False)}
        met.append(np.mean([row in drawn for row in rows["synthetic"]]))
    return (np.mean(met) - fresh) * len(rows["real"]) / len(rows["holdout"])


def test_bringing_to_one_size_is_what_drawing_rows_gives():
    world = World(*(f[[*FEW, "age"]] for f in siblings(600).frames().values()))
    uneven = World(world.real, world.synthetic.head(200), world.holdout.head(200))
    assert copied(uneven)[0].value == pytest.approx(brute(uneven), abs=0.03)


def test_without_a_holdout_chance_is_what_rows_seen_once_say():
    real = {"a": [f"v{i}" for i in range(60)] + ["w"] * 40, "b": 1}
    m, summary = copied(frames(real, {"a": ["w"] * 40 + [f"n{i}" for i in range(60)], "b": 1}))
    # sixty of a hundred real rows occur once: a new row repeats a seen one with chance 0.4
    assert summary == {"share": 0.4, "share_by_chance": pytest.approx(0.4)}
    assert m.value == pytest.approx(0.0)


def test_the_sentence_says_how_many_and_what_chance_gives():
    m, _ = copied(leaky(30, 1500))
    assert m.sentence.startswith("30 of 1,500 synthetic rows (2.00%) repeat a real row in all 9 columns; ")


def test_order_of_rows_does_not_matter():
    world = leaky(20, 400)
    shuffled = dataclasses.replace(
        world, synthetic=world.synthetic.sample(frac=1, random_state=1).reset_index(drop=True)
    )
    assert copied(world)[0].value == copied(shuffled)[0].value


def test_row_numbers_point_at_the_rows_of_the_synthetic_file():
    world = leaky(7, 300)
    moved = pd.concat([world.synthetic.iloc[100:], world.synthetic.iloc[:100]], ignore_index=True)
    with case_of(dataclasses.replace(world, synthetic=moved)) as case:
        (m,) = check_named("copied_rows").measure(case).measures
    assert list(m.rows.examples) == list(range(201, 208))
