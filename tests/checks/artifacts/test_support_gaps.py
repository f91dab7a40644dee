"""support_gaps: values in gaps, empty places, rows between real rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from tests.worlds import World, find, outcome_of

ROWS = 6000


def _table(seed: int, rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng([21, seed])
    kind = rng.integers(0, 2, rows)
    return pd.DataFrame(
        {
            "x": rng.normal(0, 1, rows) + 10 * kind,  # two clusters, nothing between
            "y": rng.lognormal(1, 0.5, rows) + kind,
            "z": rng.normal(0, 1, rows) * (1 + kind),
            "coin": rng.choice(np.arange(1, 41) ** 2, rows).astype(float),
        }
    )


def _world(seed: int, rows: int = ROWS, holdout: bool = True) -> World:
    tables = [_table(3 * seed + i, rows) for i in range(3)]
    return World(tables[0], tables[1], tables[2] if holdout else None)


@pytest.mark.parametrize("holdout", [True, False])
def test_values_between_clusters_are_counted(holdout: bool) -> None:
    world = _world(0, holdout=holdout)
    world.synthetic.loc[:59, "x"] = np.linspace(4.8, 5.2, 60)
    measure = find(outcome_of("support_gaps", world), "x")
    assert measure.value == pytest.approx(0.01, abs=0.002)
    assert measure.rows is not None
    assert set(measure.rows.examples) <= set(range(1, 61)) | set(measure.rows.examples[50:])


def test_values_between_discrete_ones_are_counted_as_row_by_row() -> None:
    world = _world(1)
    world.synthetic.loc[:29, "coin"] += 0.5
    measure = find(outcome_of("support_gaps", world), "coin")
    known = np.unique(world.real["coin"])
    inside = [v for v in world.synthetic["coin"] if v not in known and known[0] < v < known[-1]]
    assert measure.value == pytest.approx(len(inside) / ROWS)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(range(1, 31))[: len(inside)]


def test_a_place_left_empty_is_told_with_the_real_rows_in_it() -> None:
    world = _world(2)
    assert world.holdout is not None
    hole = world.synthetic["y"].between(2.0, 2.5)
    world.synthetic.loc[hole, "y"] = 3.0
    share = pd.concat([world.real, world.holdout])["y"].between(2.0, 2.5).mean()
    measure = find(outcome_of("support_gaps", world), "y", name="empty_bins")
    assert measure.value == pytest.approx(share, abs=0.02)
    assert "hold no synthetic row" in measure.sentence


def _interpolated(world: World, share: float, seed: int) -> None:
    """Rows between a real row and one of its five nearest real rows."""
    rng = np.random.default_rng(seed)
    names = ["x", "y", "z"]
    real = world.real[names].to_numpy()
    n = round(share * ROWS)
    rows = rng.choice(ROWS, n, replace=False)
    distances = (((real[rows, None, :] - real[None, :, :]) / real.std(axis=0)) ** 2).sum(axis=2)
    mates = np.argsort(distances, axis=1)[np.arange(n), rng.integers(1, 6, n)]
    made = real[rows] + rng.random((n, 1)) * (real[mates] - real[rows])
    world.synthetic.loc[world.synthetic.index[:n], names] = made


def test_interpolated_rows_are_found_in_one_in_twenty() -> None:
    for seed in range(3):
        world = _world(10 + seed)
        _interpolated(world, 0.05, seed)
        outcome = outcome_of(
            "support_gaps", World(*(f.drop(columns="coin") for f in world.frames().values()))
        )
        (measure,) = [m for m in outcome.measures if m.name == "on_segments"]
        assert measure.value == pytest.approx(0.05, abs=0.02)
        assert set(measure.about) == {"x", "y", "z"}


@pytest.mark.parametrize(("rows", "holdout"), [(2000, True), (2000, False), (6000, True)])
def test_clean_splits_show_nothing(rows: int, holdout: bool) -> None:
    for seed in range(6):
        outcome = outcome_of("support_gaps", _world(30 + seed, rows, holdout))
        assert [m.sentence for m in outcome.measures if m.value > 0] == []


def test_few_values_have_no_gaps() -> None:
    frames = [pd.DataFrame({"x": np.tile(np.arange(20.0), 10)}) for _ in range(2)]
    with pytest.raises(Skip, match="takes 30 values"):
        outcome_of("support_gaps", World(*frames))
