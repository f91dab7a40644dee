"""last_digits: rounding, heaping, Benford; what a shifted column does not do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from tests.worlds import World, find, outcome_of

ROWS = 16_000


def _table(seed: int, rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng([40, seed])
    hours = np.where(rng.random(rows) < 0.4, 40, rng.normal(40, 12, rows).round().clip(1, 99))
    return pd.DataFrame(
        {
            "age": np.clip(rng.normal(40, 14, rows), 17, 90).round(),
            "hours": hours,
            "weight": rng.lognormal(12, 0.5, rows).round(),
            "price": rng.lognormal(3, 2.2, rows).round(2),
        }
    )


def _world(seed: int, rows: int = ROWS, columns: list[str] | None = None) -> World:
    tables = [_table(3 * seed + i, rows) for i in range(3)]
    return World(*(table[columns or list(table)].copy() for table in tables))


def _outcome(world: World) -> Outcome:
    return outcome_of("last_digits", world)


def _rounded(world: World, column: str, base: float, share: float, seed: int) -> None:
    hit = np.random.default_rng(seed).random(len(world.synthetic)) < share
    values = world.synthetic[column]
    world.synthetic.loc[hit, column] = (values[hit] / base).round() * base


@pytest.mark.parametrize(("column", "base"), [("weight", 10), ("weight", 100), ("age", 5)])
def test_rounding_is_found_in_one_row_in_fifty(column: str, base: float) -> None:
    caught = 0
    for seed in range(10):
        world = _world(seed, columns=["age", "weight"])
        _rounded(world, column, base, 0.02, seed)
        outcome = _outcome(world)
        caught += find(outcome, column, name="heaping").value > 0.005
        others = [m for m in outcome.measures if m.about != (column,)]
        assert [m.sentence for m in others if m.value > 0] == []
    assert caught >= 9


def test_the_ratio_is_whipples() -> None:
    world = _world(0)
    _rounded(world, "age", 5, 0.5, 0)
    measure = find(_outcome(world), "age", name="heaping")
    assert "are multiples of 5, 3 times as often" in measure.sentence
    assert measure.value == pytest.approx(0.4, abs=0.02)


def test_lost_heaps_are_found_too() -> None:
    world = _world(1)
    for i, frame in enumerate((world.real, world.holdout)):
        assert frame is not None
        _rounded(World(frame, frame), "weight", 100, 0.3, i)
    measure = find(_outcome(world), "weight", name="heaping")
    assert measure.value == pytest.approx(0.3, abs=0.02)


def test_digits_by_hand() -> None:
    """Real digits 0 to 9 alike; every synthetic 7 has become an 8."""
    real = pd.DataFrame({"x": np.tile(np.arange(100.0), 40)})
    synthetic = real.assign(x=real["x"] + (real["x"] % 10 == 7))
    measure = find(_outcome(World(real, synthetic)), "x")
    assert measure.value == pytest.approx(0.1, abs=0.03)  # chance is taken off
    assert "of the synthetic values of x end in " in measure.sentence


def test_a_shift_alone_moves_no_digit() -> None:
    rng = np.random.default_rng(3)
    real, synthetic = (pd.DataFrame({"x": rng.normal(mean, 30, 20_000).round()}) for mean in (200, 203))
    assert [m.value for m in _outcome(World(real, synthetic)).measures if m.value > 0] == []


@pytest.mark.parametrize("seed", range(5))
def test_uniform_first_digits_in_a_fifth_of_the_rows_are_found(seed: int) -> None:
    world = _world(10 + seed)
    rng = np.random.default_rng(seed)
    hit = rng.random(ROWS) < 0.2
    size = 10.0 ** np.floor(np.log10(world.synthetic["price"].clip(0.01)))
    world.synthetic.loc[hit, "price"] = (size * rng.uniform(1, 10, ROWS)).round(2)[hit]
    assert find(_outcome(world), "price", name="benford").value > 0.006


@pytest.mark.parametrize("rows", [2000, 8000])
def test_clean_splits_show_nothing(rows: int) -> None:
    found = [m for seed in range(10) for m in _outcome(_world(50 + seed, rows)).measures]
    assert found
    assert [m.sentence for m in found if m.value > 0] == []


def test_few_tens_have_no_last_digit() -> None:
    frames = [pd.DataFrame({"x": np.tile(np.arange(16.0), 50)}) for _ in range(2)]
    with pytest.raises(Skip, match="too few tens"):
        _outcome(World(*frames))


def test_a_sentinel_is_no_digit() -> None:
    world = _world(2)
    world.synthetic.loc[:119, "weight"] = float(world.real["weight"].median())
    assert [m.sentence for m in _outcome(world).measures if m.value > 0] == []
