"""value_spikes: lost, new and resized spikes; what may be named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from tests.worlds import World, find, outcome_of, siblings


def _spiky(share: float, rows: int = 1000, at: float = 0.0, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(100, 10, rows)
    values[: round(share * rows)] = at
    return pd.DataFrame({"x": values})


def _outcome(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("value_spikes", World(real, synthetic, holdout))


def test_a_spike_of_the_same_size_is_zero() -> None:
    measure = find(_outcome(_spiky(0.4), _spiky(0.4, seed=1)), "x")
    assert measure.value == 0
    assert measure.low is not None
    assert measure.high is not None
    assert measure.low < 0 < measure.high


def test_a_lost_spike_is_told_with_its_value() -> None:
    outcome = _outcome(_spiky(0.9), _spiky(0.001, seed=1))
    measure = find(outcome, "x")
    assert measure.value == pytest.approx(-0.899)
    assert measure.sentence == "x = 0 holds 90.0% of real rows and 0.10% of synthetic ones."
    assert len(outcome.measures) == 1  # a gap of this size is told once


def test_small_lost_and_new_spikes_are_judged_apart() -> None:
    real, synthetic = _spiky(0.02, at=7), _spiky(0.03, at=-999, seed=1)
    outcome = _outcome(real, synthetic)
    lost, new = find(outcome, "x", name="lost_spike"), find(outcome, "x", name="new_spike")
    assert lost.value == lost.low == lost.high == pytest.approx(-0.02)
    assert new.value == new.low == new.high == pytest.approx(0.03)
    assert new.sentence == "x = -999 holds 0% of real rows and 3.0% of synthetic ones."
    assert new.rows is not None
    assert (new.rows.count, new.rows.examples) == (30, tuple(range(1, 31)))


def test_the_interval_covers_the_worst_of_many_values() -> None:
    """With forty equal spikes in both tables, the largest gap is chance and the interval says so."""
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        tables = [pd.DataFrame({"x": rng.integers(0, 40, 1500)}) for _ in range(2)]
        measure = find(_outcome(*tables), "x")
        assert measure.low is not None
        assert measure.high is not None
        covered += measure.low <= 0 <= measure.high
    assert covered >= 37


def test_a_value_of_few_people_is_not_named() -> None:
    real, synthetic = _spiky(0.005, at=1234.5), _spiky(0.2, at=1234.5, seed=1)
    measure = find(_outcome(real, synthetic), "x")
    assert measure.value == pytest.approx(0.195)
    assert measure.sentence == "x at one rare value holds 0.50% of real rows and 20.0% of synthetic ones."


def test_ten_holders_and_three_in_a_thousand_make_a_spike() -> None:
    smooth = _spiky(0.0)
    with pytest.raises(Skip, match=r"^In no number or date does a single value hold many rows\.$"):
        _outcome(smooth, _spiky(0.009, seed=1))
    assert find(_outcome(smooth, _spiky(0.010, seed=1)), "x").value == pytest.approx(0.01)


def test_default_dates_are_spikes() -> None:
    real = pd.DataFrame({"d": pd.date_range("2019-01-01", periods=500)})
    synthetic = real.copy()
    synthetic.loc[:99, "d"] = pd.Timestamp("1970-01-01")
    measure = find(_outcome(real, synthetic), "d")
    assert measure.sentence == "d = 1970-01-01 holds 0% of real rows and 20.0% of synthetic ones."


def test_missing_cells_do_not_count() -> None:
    synthetic = _spiky(0.4, seed=1)
    synthetic.loc[:199, "x"] = np.nan
    assert find(_outcome(_spiky(0.4), synthetic), "x").value == pytest.approx(200 / 800 - 0.4)


def test_siblings_keep_their_spikes() -> None:
    outcome = outcome_of("value_spikes", siblings())
    assert {m.about[0] for m in outcome.measures} >= {"hours", "gain"}
    for measure in outcome.measures:
        assert measure.name == ""
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low <= 0 <= measure.high


def _counted(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([38, seed])
    columns = {f"c{i}": rng.lognormal(5, 0.5, rows).round() for i in range(12)}
    return pd.DataFrame(columns | {"weight": rng.lognormal(12, 0.5, rows).round()})


def test_clean_splits_have_no_new_and_no_lost_spike() -> None:
    """Hundreds of values stand in about ten rows of each table; some always seem lost or new."""
    for seed in range(6):
        outcome = _outcome(*(_counted(2000, 3 * seed + i) for i in range(3)))
        assert [m.sentence for m in outcome.measures if m.name] == []


@pytest.mark.parametrize("recipe", ["sentinel", "median", "clipping"])
def test_one_row_in_two_hundred_on_a_value_is_found(recipe: str) -> None:
    for seed in range(3):
        real, synthetic, holdout = (_counted(8000, 3 * seed + i) for i in range(3))
        at = {"sentinel": 99999.0, "median": float(real["weight"].median())}.get(recipe)
        if at is None:
            synthetic["weight"] = synthetic["weight"].clip(upper=synthetic["weight"].quantile(0.995).round())
        else:
            synthetic.loc[synthetic.sample(frac=0.005, random_state=seed).index, "weight"] = at
        measure = find(_outcome(real, synthetic, holdout), "weight", name="new_spike")
        assert measure.value == pytest.approx(0.005, abs=0.0006)
