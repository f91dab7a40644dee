"""boundaries: values outside the real range, piled up at its ends, or short of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from tests.worlds import World, find, outcome_of, siblings


def _frame(values: object) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


def _outcome(real: object, synthetic: object, holdout: object = None) -> Outcome:
    return outcome_of(
        "boundaries", World(_frame(real), _frame(synthetic), None if holdout is None else _frame(holdout))
    )


def _normal(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, rows)


def test_inside_is_zero() -> None:
    measure = find(_outcome(_normal(500, 0), np.linspace(-1, 1, 500)), "x")
    assert (measure.value, measure.rows) == (0, None)
    assert measure.sentence == "Every synthetic value of x lies in the range of the real ones."


def test_outside_is_counted_on_both_sides_without_naming_the_range() -> None:
    synthetic = np.linspace(-1, 1, 500)
    synthetic[:12], synthetic[-30:] = -50, 60
    measure = find(_outcome(_normal(500, 0), synthetic), "x")
    assert measure.value == measure.low == measure.high == pytest.approx(42 / 500)
    assert measure.rows is not None
    assert measure.rows.count == 42
    assert measure.rows.examples[:13] == (*range(1, 13), 471)
    assert measure.sentence == (
        "42 synthetic values of x (8.4%) lie outside the range of the real ones: 12 below, 30 above. "
        "Chance explains up to 9."
    )


def test_the_holdout_widens_the_range() -> None:
    real, synthetic = _normal(500, 0), _normal(500, 1) * 3
    assert find(_outcome(real, synthetic), "x").value > 0.1
    outcome = _outcome(real, synthetic, _normal(500, 2) * 100)
    assert find(outcome, "x").value == 0
    assert find(outcome, "x").baseline == pytest.approx(0.98, abs=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_fresh_rows_raise_no_alarm(seed: int) -> None:
    for rows in (40, 700):
        outcome = _outcome(_normal(700, 3 * seed), _normal(rows, 3 * seed + 1), _normal(700, 3 * seed + 2))
        assert find(outcome, "x").value == 0
        assert find(outcome, "x", name="pile_up").value == 0


def test_clipping_piles_up_at_the_ends() -> None:
    real = _normal(2000, 0)
    clipped = np.clip(_normal(2000, 1) * 1.6, real.min(), real.max())
    outcome = _outcome(real, clipped)
    assert find(outcome, "x").value == 0
    pile = find(outcome, "x", name="pile_up")
    expected = max((clipped == real.max()).sum(), (clipped == real.min()).sum())
    assert pile.value == pytest.approx((expected - 1) / 2000)
    assert pile.value > 0.005
    assert pile.rows is None  # few people hold the end, so the rows that hold it are not listed
    assert repr(float(real.max())) not in pile.sentence


def test_an_end_that_many_people_hold_is_a_spike_and_not_judged_here() -> None:
    real = np.clip(_normal(1000, 0), 0, None)
    outcome = _outcome(real, np.zeros(1000))
    piles = [m for m in outcome.measures if m.name == "pile_up"]
    assert [m.value for m in piles] == [0]
    assert "largest" in piles[0].sentence


def test_short_of_the_ends_is_told_and_not_judged() -> None:
    real = np.arange(1000.0)
    reach = find(_outcome(real, np.linspace(0, 899.5, 1000)), "x", name="under_reach")
    assert reach.value == pytest.approx(0.1)
    assert reach.descriptive
    assert reach.sentence == (
        "10.0% of the real values of x lie beyond the synthetic ones: "
        "the synthetic values stop short at the high end."
    )


def test_dates_have_a_range_too() -> None:
    real = pd.date_range("2020-01-01", periods=400)
    synthetic = real.where(np.arange(400) >= 100, pd.Timestamp("1970-01-01"))
    assert find(_outcome(real, synthetic), "x").value == pytest.approx(0.25)


def test_constant_real_column() -> None:
    assert find(_outcome(np.full(200, 3.0), np.full(200, 3.0)), "x").value == 0
    assert find(_outcome(np.full(200, 3.0), np.full(200, 4.0)), "x").value == 1


def test_no_value_to_compare() -> None:
    real = pd.DataFrame({"x": np.arange(50.0), "c": ["a", "b"] * 25})
    synthetic = real.assign(x=np.nan)
    with pytest.raises(Skip, match=r"^No number or date has a value in every table\.$"):
        outcome_of("boundaries", World(real, synthetic))


def test_siblings_stay_inside() -> None:
    assert {m.value for m in outcome_of("boundaries", siblings()).measures if not m.descriptive} == {0}
