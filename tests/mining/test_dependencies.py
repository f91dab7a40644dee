"""Dependencies: found where they hold, left out where they say nothing, proved on every row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from audit.mining.dependencies import Dependencies, dependencies
from tests.worlds import World, case_of


def _people(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([11, seed])
    town = rng.integers(0, 40, rows)
    kind = rng.integers(0, 4, rows)
    size = rng.integers(0, 5, rows)
    return pd.DataFrame(
        {
            "town": [f"town {i}" for i in town],
            "region": [f"region {i}" for i in town % 7],
            "country": [f"country {i}" for i in town % 7 % 2],
            "kind": [f"kind {i}" for i in kind],
            "size": size,
            "price": ((kind + size) % 3) * 1.5,
            "age": rng.integers(18, 80, rows),
            "weight": rng.normal(70, 10, rows),
            "member": rng.choice(["yes", "no"], rows, p=[0.999, 0.001]),
        }
    )


def _found(world: World) -> set[str]:
    with case_of(world) as case:
        return {rule.description for rule in dependencies(case).rules}


def _world(rows: int = 3000) -> World:
    return World(_people(rows, 0), _people(rows, 1), _people(rows, 2))


def test_what_determines_what() -> None:
    """No chain: town determines country by way of region."""
    assert _found(_world()) == {
        "town determines region",
        "region determines country",
        "kind and size determine price",
    }


def test_without_a_holdout_half_of_the_rows_checks() -> None:
    assert _found(replace(_world(), holdout=None)) == _found(_world())


def test_one_row_of_the_holdout_refutes() -> None:
    world = _world()
    assert world.holdout is not None
    broken = world.holdout.copy()
    broken.loc[7, "region"] = "region 0" if broken.loc[7, "region"] != "region 0" else "region 1"
    assert "town determines region" not in _found(replace(world, holdout=broken))


def test_a_row_outside_the_sample_refutes() -> None:
    real = _people(50_000, 0)
    real.loc[49_999, "price"] = 999.0
    assert "kind and size determine price" not in _found(World(real, _people(100, 1), _people(3000, 2)))


def test_missing_values_say_nothing() -> None:
    world = _world()
    rng = np.random.default_rng(5)
    gaps = {name: world.real[name].mask(rng.random(len(world.real)) < 0.1) for name in ("town", "region")}
    assert "town determines region" in _found(replace(world, real=world.real.assign(**gaps)))


def test_a_rule_that_chance_would_keep_is_none() -> None:
    """Hardly any row alike on the left, or hardly anything to determine on the right."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "nearly a key": rng.integers(0, 100_000, 4000),
            "colour": rng.choice(["red", "green"], 4000),
            "flag": ["on"] * 3999 + ["off"],
            "part": ["a"] * 2000 + ["b"] * 2000,
        }
    )
    assert _found(World(frame.iloc[::2], frame, frame.iloc[1::2])) == set()


def test_columns_that_determine_each_other_are_told_both_ways() -> None:
    code = np.arange(3000) % 9
    frame = pd.DataFrame(
        {"name": [f"n{i}" for i in code], "number": code * 2.0 + 1, "other": np.arange(3000) % 5}
    )
    assert _found(World(frame, frame, frame)) == {"name determines number", "number determines name"}


def test_nothing_to_search() -> None:
    frame = pd.DataFrame({"x": [1.0] * 50})
    with case_of(World(frame, frame, frame)) as case:
        assert dependencies(case) == Dependencies((), 0, 0)
