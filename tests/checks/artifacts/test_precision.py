"""precision: steps by hand, values off the step, values never seen."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from audit.case.case_table import ValueCounts
from audit.case.check import Skip
from audit.checks.artifacts._shared.lattice import Lattice, find_lattice, needs_at_most
from tests.worlds import World, find, outcome_of, siblings


def _counts(values: list[float] | np.ndarray) -> ValueCounts:
    found, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    return ValueCounts(found, counts.astype(np.int64), 0)


@pytest.mark.parametrize(
    ("values", "lattice"),
    [
        (np.arange(1, 301), Lattice(0, 1)),
        (np.arange(1, 301) * 5, Lattice(0, 5)),
        (np.arange(1, 301) / 100, Lattice(2, 1)),
        (np.arange(1, 301) * 0.25, Lattice(2, 25)),
        (np.arange(1, 301) * 1000, Lattice(0, 1000)),
        (np.append(np.zeros(5000), np.arange(1, 301)), Lattice(0, 1)),
        (np.append(np.full(5000, 40), np.arange(1, 301)), Lattice(0, 1)),
        (np.append(np.arange(1, 1001), [0.5, 1.5]), Lattice(0, 1)),
        (np.random.default_rng(0).normal(0, 1, 500), None),
        (np.arange(1, 50), None),
        (np.full(300, 7), None),
    ],
)
def test_the_step_by_hand(values: np.ndarray, lattice: Lattice | None) -> None:
    assert find_lattice(_counts(values)) == lattice


def test_decimals_equal_those_of_the_written_number() -> None:
    rng = np.random.default_rng(1)
    values = np.array(
        [
            round(float(x), int(d))
            for x, d in zip(rng.normal(0, 1e4, 2000), rng.integers(0, 9, 2000), strict=True)
        ]
    )
    written = np.array([max(0, -Decimal(repr(float(v))).normalize().as_tuple().exponent) for v in values])
    for decimals in range(9):
        assert (needs_at_most(values, decimals) == (written <= decimals)).all()


def _ages(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([43, seed])
    gain = np.where(rng.random(rows) < 0.9, 0, rng.choice(np.arange(1, 120) ** 2 * 100, rows))
    return pd.DataFrame(
        {
            "age": rng.integers(17, 90, rows).astype(float),
            "gain": gain.astype(float),
            "z": rng.normal(size=rows),
        }
    )


def _world(seed: int, holdout: bool = True, rows: int = 8000) -> World:
    tables = [_ages(rows, 3 * seed + i) for i in range(3)]
    return World(tables[0], tables[1], tables[2] if holdout else None)


@pytest.mark.parametrize("seed", range(4))
def test_extra_decimals_are_found_in_one_row_in_four_hundred(seed: int) -> None:
    world = _world(seed)
    world.synthetic.loc[100:119, "age"] += [0.37, 1e-6][seed % 2]
    measure = find(outcome_of("precision", world), "age")
    assert measure.value == pytest.approx(20 / 8000)
    assert measure.rows is not None
    assert (measure.rows.count, measure.rows.examples) == (20, tuple(range(101, 121)))
    assert (
        "Real values of age are whole numbers; 20 synthetic values of 8,000 (0.25%) are not."
        in measure.sentence
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_smeared_spike_is_found_in_one_row_in_two_hundred(seed: int) -> None:
    world = _world(seed, holdout=seed % 2 == 0)
    rng = np.random.default_rng(seed)
    zeros = np.flatnonzero(world.synthetic["gain"] == 0)[:40]
    world.synthetic.loc[zeros, "gain"] = rng.integers(1, 100, 40).astype(float)
    measure = find(outcome_of("precision", world), "gain", name="never_seen")
    assert measure.value == pytest.approx(40 / 8000, abs=2e-4)
    assert measure.rows is not None
    assert measure.rows.count == 40
    assert set(measure.rows.examples) == {int(i) + 1 for i in zeros}


def test_values_never_seen_are_counted_as_row_by_row() -> None:
    world = siblings(1500, 3)
    known = set(world.real["age"])
    share = np.mean([value not in known for value in world.holdout["age"]])
    measure = find(outcome_of("precision", world), "age", name="never_seen")
    assert measure.baseline == pytest.approx(share)


def test_continuous_numbers_have_no_precision() -> None:
    frames = [pd.DataFrame({"z": np.random.default_rng(i).normal(size=500)}) for i in range(3)]
    with pytest.raises(Skip, match="continuous"):
        outcome_of("precision", World(*frames))


@pytest.mark.parametrize("holdout", [True, False])
def test_clean_splits_show_nothing(holdout: bool) -> None:
    worlds = [_world(100 + seed, holdout, 2000) for seed in range(12)]
    found = [m for world in worlds for m in outcome_of("precision", world).measures]
    assert [m.sentence for m in found if m.value > 0] == []


def test_missing_cells_do_not_count() -> None:
    world = _world(0)
    world.synthetic.loc[:3999, "age"] = np.nan
    assert find(outcome_of("precision", world), "age").n == 4000
