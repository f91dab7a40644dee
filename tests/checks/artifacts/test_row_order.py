"""row_order: sorted files, blocks, trends, and rows that follow the real ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.model import Rows
from tests.worlds import World, find, outcome_of, siblings, twins


def ordered(world: World) -> Outcome:
    return outcome_of("row_order", world)


def with_block(world: World, column: str, share: float, start: int = 100) -> World:
    """A stretch of synthetic rows sorted by a column."""
    synthetic = world.synthetic.copy()
    stop = start + round(share * len(synthetic))
    synthetic.iloc[start:stop] = synthetic.iloc[start:stop].sort_values(column).to_numpy()
    return replace(world, synthetic=synthetic.astype(world.synthetic.dtypes.to_dict()))


def test_random_order_shows_nothing() -> None:
    for seed in range(3):
        outcome = ordered(siblings(1000, seed))
        assert outcome.summary["ordered"] == 0
        assert {m.name for m in outcome.measures} == {"", "follows_real"}
        assert all(m.value == 0 for m in outcome.measures)
        assert outcome.charts == ()


@pytest.mark.parametrize("column", ["age", "city", "sex", "since", "score"])
def test_a_sorted_block_of_a_twentieth_is_found(column: str) -> None:
    block = find(ordered(with_block(siblings(3000, 1), column, 0.05)), column, name="block")
    assert block.value == pytest.approx(0.05, abs=0.015)
    assert block.rows is not None
    assert abs(block.rows.examples[0] - 101) < 40


def test_a_file_sorted_by_one_column() -> None:
    world = siblings(1000, 2)
    synthetic = world.synthetic.sort_values("city", ignore_index=True)
    outcome = ordered(replace(world, synthetic=synthetic))
    assert find(outcome, "city").value > 0.98
    assert find(outcome, "city", name="trend").value > 0.85
    block = find(outcome, "city", name="block")
    assert block.value > 0.98
    assert block.rows == Rows(block.rows.count if block.rows else 0, tuple(range(1, 51)))
    assert find(outcome, "sex").value == 0


def test_by_hand() -> None:
    real = pd.DataFrame({"a": np.random.default_rng(0).permutation(["x", "y"] * 100)})
    synthetic = pd.DataFrame({"a": ["x"] * 100 + ["y"] * 100})
    outcome = ordered(World(real, synthetic))
    # 198 of 199 rows repeat the one before; half would by chance
    assert find(outcome, "a").value == pytest.approx((198 / 199 - 0.5) / 0.5)
    # mean row numbers 50.5 and 150.5 about 100.5: H = 12 / (200 * 201) * 2 * 100 * 50**2
    statistic = 12 / (200 * 201) * 2 * 100 * 50**2
    assert find(outcome, "a", name="trend").value == pytest.approx(np.sqrt((statistic - 1) / 199))
    assert find(outcome, "a", name="block").value == 1.0


def test_a_slow_trend_is_found() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    real = pd.DataFrame({"x": rng.normal(size=n), "c": rng.choice(list("pq"), n)})
    drifting = pd.DataFrame(
        {"x": rng.normal(size=n) + np.linspace(-0.5, 0.5, n), "c": rng.choice(list("pq"), n)}
    )
    outcome = ordered(World(real, drifting))
    assert find(outcome, "x", name="trend").value == pytest.approx(0.27, abs=0.05)
    assert [m.about for m in outcome.measures if m.name == "trend"] == [("x",)]


def test_rows_that_follow_the_real_ones_are_found() -> None:
    world = siblings(4000, 3)
    synthetic = world.synthetic.copy()
    kept = np.random.default_rng(0).choice(4000, 200, replace=False)
    synthetic.loc[kept] = world.real.loc[kept]
    measure = find(ordered(replace(world, synthetic=synthetic)), name="follows_real")
    assert measure.value == pytest.approx(0.05, abs=0.01)
    assert find(ordered(twins(500)), name="follows_real").value == 1.0


def test_half_of_the_cells_redrawn_in_place_is_found() -> None:
    world = siblings(2000, 4)
    redrawn = np.random.default_rng(0).random(world.real.shape) < 0.5
    synthetic = world.real.where(~redrawn, world.synthetic)
    assert find(ordered(replace(world, synthetic=synthetic)), name="follows_real").value == pytest.approx(
        0.5, abs=0.03
    )


def series(seed: int, n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng([5, seed])
    season = np.sin(np.arange(n) / 60)
    return pd.DataFrame(
        {
            "time": np.arange(n) // 2,
            "heat": season + rng.normal(0, 0.3, n),
            "site": rng.choice(list("abc"), n),
        }
    )


def test_an_order_that_real_rows_have_too_is_no_artifact() -> None:
    outcome = ordered(World(series(0), series(1)))
    assert find(outcome, "heat").value == 0
    assert (find(outcome, "heat").baseline or 0) > 0.2
    assert "(as in the real table)" in find(outcome, "heat").sentence
    assert find(outcome, name="follows_real").value == 0
    assert find(outcome, name="follows_real").sentence.startswith("In 1 column, ")
    assert all(m.value == 0 for m in outcome.measures)


def test_the_null_holds_over_many_tables() -> None:
    """Lopsided and plain columns in random order: hardly any table raises anything."""
    rng = np.random.default_rng(9)
    alarms = 0
    for _ in range(5):
        tables = [
            pd.DataFrame(
                {
                    **{f"rare {i}": rng.random(800) < 0.004 for i in range(15)},
                    **{f"even {i}": rng.integers(0, 8, 800) for i in range(15)},
                }
            ).astype(str)
            for _ in range(2)
        ]
        alarms += any(m.value > 0 for m in ordered(World(*tables)).measures)
    assert alarms == 0


def test_tables_without_order_are_left_out() -> None:
    with pytest.raises(Skip, match="30 synthetic rows"):
        ordered(siblings(20))
    one = pd.DataFrame({"a": ["same"] * 50})
    with pytest.raises(Skip, match="column that varies"):
        ordered(World(one, one))
