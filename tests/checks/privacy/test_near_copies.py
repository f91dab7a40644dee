"""near_copies: real rows with one column changed, by hand, by brute force and planted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Measure
from tests.worlds import World, find, outcome_of, siblings, twins

FEW = ["sex", "city", "work", "income", "hours"]


def near(world: World) -> Measure:
    return find(outcome_of("near_copies", world))


def changed(world: World, rows: int, seed: int = 0, column: str | None = None) -> World:
    """Synthetic rows replaced by real ones with one column changed."""
    rng = np.random.default_rng(seed)
    synthetic = world.synthetic.copy()
    others = [name for name in synthetic.columns if name != "id"]
    for i in rng.choice(len(synthetic), rows, replace=False):
        name = column or str(rng.choice(others))
        row = world.real.loc[i, others].copy()
        values = world.synthetic[name]
        row[name] = values[values != row[name]].iloc[int(rng.integers(100))]
        for other in others:
            synthetic.loc[i, other] = row[other]
    return dataclasses.replace(world, synthetic=synthetic)


REAL = {
    "a": [1.5, 2.5, 3.5, None],
    "b": ["x", None, "z", None],
    "c": [1, 2, 1, 2],
    "d": [3, 4, 5, 6],
    "e": list("pqpq"),
}
HOLDOUT = {"a": [100.5, 101.5], "b": ["u", "v"], "c": [7, 8], "d": [70, 71], "e": ["r", "s"]}


@pytest.mark.parametrize(
    ("row", "is_near"),
    [
        ((1.5, "x", 1, 3, "q"), True),
        ((9.5, "x", 1, 3, "p"), True),
        ((1.5, "x", 1, 3, "p"), False),  # a whole copy is another check's
        ((9.5, "x", 2, 3, "p"), False),  # two columns differ
        ((2.5, None, 2, 4, "p"), True),  # missing equals missing
        ((2.5, "n", 2, 4, "q"), True),  # a missing cell was filled
        ((None, None, 2, 9, "q"), True),
        ((3.5, "z", 5, 1, "p"), False),  # two values changed places
    ],
)
def test_by_hand(row, is_near) -> None:
    real = pd.concat([pd.DataFrame(REAL)] * 10, ignore_index=True)
    holdout = pd.concat([pd.DataFrame(HOLDOUT)] * 20, ignore_index=True)
    synthetic = pd.DataFrame([row, (50.5, "k", 9, 90, "t")], columns=list("abcde"))
    measure = near(World(real, synthetic, holdout))
    assert (measure.rows.examples if measure.rows else ()) == ((1,) if is_near else ())
    assert measure.value == pytest.approx(0.5 if is_near else 0.0)


def brute(world: World) -> set[int]:
    """Rows near a real row and no whole copy, by comparing every row with every other."""
    tables = [f.drop(columns="id").astype(str).to_numpy() for f in world.frames().values()]
    real, synthetic, holdout = tables
    found = set()
    for i, row in enumerate(synthetic, start=1):
        differ = [(table != row).sum(axis=1) for table in (real, holdout)]
        if min(d.min() for d in differ) > 0 and differ[0].min() == 1:
            found.add(i)
    return found


def test_a_second_way_finds_the_same_rows() -> None:
    world = changed(siblings(400, 3), 30)
    outcome = outcome_of("near_copies", world)
    wanted = brute(world)
    rows = find(outcome).rows
    assert rows is not None
    assert set(rows.examples) == wanted
    assert outcome.summary["share"] == len(wanted) / 400
    assert len(wanted) >= 28


@pytest.mark.parametrize("seed", range(3))
def test_planted_changes_are_found_at_half_a_percent(seed: int) -> None:
    measure = near(changed(siblings(4000, seed), 20, seed))
    assert measure.value == pytest.approx(0.005, abs=0.001)
    assert measure.low is not None and measure.low > 0.002


def test_the_changed_column_is_named() -> None:
    measure = near(changed(siblings(1500), 30, column="score"))
    assert measure.sentence == (
        "30 of 1,500 synthetic rows (2.0%) equal a real row in all but one of 9 columns; chance would give 0%. "
        "The changed column is most often score (30 rows)."
    )


def test_fresh_rows_are_no_near_copies() -> None:
    for seed in range(3):
        measure = near(siblings(2000, seed))
        assert measure.low is not None and measure.low <= 0.002


def test_where_few_rows_are_possible_chance_is_told_apart() -> None:
    for seed in range(2):
        world = World(*(f[FEW] for f in siblings(2000, seed).frames().values()))
        try:
            measures = outcome_of("near_copies", world).measures
        except Skip:
            continue
        assert all(m.low is not None and m.low <= 0.002 for m in measures)


def test_a_column_of_unique_values_is_told_apart() -> None:
    rng = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"u": rng.normal(size=4000), **{c: rng.integers(0, 6, 4000) for c in "abcde"}})
        for _ in range(3)
    ]
    world = World(*tables)
    assert [m.about for m in outcome_of("near_copies", world).measures] == [()]
    leaned = world.synthetic.copy()
    leaned.loc[:1999, list("abcde")] = world.real.loc[:1999, list("abcde")]
    outcome = outcome_of("near_copies", dataclasses.replace(world, synthetic=leaned))
    measure = find(outcome, "u", name="common_change")
    assert measure.low is not None and measure.low > 0.1


def test_a_smaller_holdout_is_brought_to_one_size() -> None:
    world = changed(siblings(2000, 1), 40)
    assert world.holdout is not None
    measure = near(dataclasses.replace(world, holdout=world.holdout.head(300)))
    assert measure.value == pytest.approx(0.02, abs=0.003)


def test_whole_copies_are_left_out() -> None:
    measure = near(twins(500))
    assert (measure.value, measure.rows) == (0.0, None)


def test_it_needs_a_holdout_and_five_columns() -> None:
    with pytest.raises(Skip, match="no holdout was given"):
        outcome_of("near_copies", siblings(200, holdout=False))
    narrow = World(*(f[FEW].assign(work="one") for f in siblings(200).frames().values()))
    with pytest.raises(Skip, match="Fewer than 5 columns vary"):
        outcome_of("near_copies", narrow)
