"""duplicate_rows: what it must say of tables whose repeats are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Measure, Rows
from tests.worlds import World, find, outcome_of, siblings

_ROWS = 300


def _distinct(start: int, rows: int = _ROWS) -> pd.DataFrame:
    values = np.arange(start, start + rows)
    return pd.DataFrame({"x": values * 1.5, "y": values % 7})


def _measure(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Measure:
    return find(outcome_of("duplicate_rows", World(real, synthetic, holdout)))


def test_no_repeat_is_zero() -> None:
    measure = _measure(_distinct(0), _distinct(1000))
    assert (measure.value, measure.low, measure.high, measure.rows) == (0, 0, 0, None)
    assert (
        measure.sentence == "0 synthetic rows (0%) repeat an earlier row; among as many real rows 0% would."
    )


def test_planted_repeats_are_counted_and_shown() -> None:
    synthetic = _distinct(1000)
    synthetic.loc[280:] = synthetic.loc[:19].to_numpy()
    measure = _measure(_distinct(0), synthetic, _distinct(5000))
    assert measure.value == pytest.approx(20 / 300)
    assert measure.rows == Rows(20, tuple(range(281, 301)))
    assert measure.sentence == (
        "20 synthetic rows (6.7%) repeat an earlier row; among as many real rows 0% would."
    )


def test_one_row_cloned_counts_every_copy_after_the_first() -> None:
    synthetic = _distinct(1000)
    synthetic.loc[:49] = synthetic.loc[0].to_numpy()
    measure = _measure(_distinct(0), synthetic)
    assert measure.value == pytest.approx(49 / 300)
    assert measure.rows == Rows(49, (50,))


def test_missing_equals_missing() -> None:
    synthetic = _distinct(1000)
    synthetic.loc[:39, "x"] = np.nan
    synthetic.loc[:39, "y"] = 3
    assert _measure(_distinct(0), synthetic).value == pytest.approx(39 / 300)


def test_tables_with_few_possible_rows_repeat_by_chance() -> None:
    rng = np.random.default_rng(0)
    tables = [pd.DataFrame({"a": rng.integers(0, 6, 400), "b": rng.integers(0, 6, 400)}) for _ in range(3)]
    measure = _measure(*tables)
    assert measure.value == 0
    assert measure.baseline == 0


def test_more_synthetic_than_real_rows_are_thinned() -> None:
    rng = np.random.default_rng(0)
    real, big = (pd.DataFrame({"a": rng.integers(0, 100_000, n)}) for n in (500, 4000))
    assert _measure(real, big).value == 0
    cloned = pd.concat([big.iloc[:2000], big.iloc[:2000]], ignore_index=True)
    assert _measure(real, cloned).value > 0.03


def test_keys_do_not_hide_repeats() -> None:
    world = siblings(400)
    synthetic = world.synthetic.copy()
    others = [name for name in synthetic.columns if name != "id"]
    synthetic.loc[300:, others] = synthetic.loc[:99, others].to_numpy()
    synthetic = synthetic.astype(world.real.dtypes.to_dict())
    assert find(outcome_of("duplicate_rows", World(world.real, synthetic))).value == pytest.approx(0.25)


def test_only_keys_is_skipped() -> None:
    ids = pd.DataFrame({"id": range(100)})
    with pytest.raises(Skip, match=r"^Every column is a key, so no row can repeat\.$"):
        outcome_of("duplicate_rows", World(ids, ids))


def test_one_row_each() -> None:
    one = pd.DataFrame({"x": [1.5]})
    assert _measure(one, one).value == 0
