"""representation: shares of groups, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.checks.bias.representation import ratio_interval
from audit.stats.inference.multiplicity import bonferroni_z
from tests.worlds import World, find, outcome_of, siblings


def _people(**counts: int) -> pd.DataFrame:
    labels = [label for label, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"g": labels, "x": np.arange(len(labels)) % 13})


def _outcome(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("representation", World(real, synthetic, holdout), sensitive=("g",))


def test_the_same_shares() -> None:
    measure = find(_outcome(_people(a=60, b=40), _people(a=600, b=400)), "g", group="b")
    assert measure.value == pytest.approx(1)
    assert measure.sentence == (
        "g = b makes up 40.0% of synthetic rows and 40.0% of real rows: 1.00 times the real share."
    )


def test_ratio_and_interval_by_hand() -> None:
    outcome = _outcome(_people(a=600, b=400), _people(a=800, b=200), _people(a=500, b=500))
    measure = find(outcome, "g", group="b")
    assert measure.value == pytest.approx(0.5)
    assert measure.baseline == pytest.approx(1.25)
    error = math.sqrt(0.8 / (1000 * 0.2) + 0.6 / (1000 * 0.4))
    assert measure.low == pytest.approx(0.5 * math.exp(-1.959964 * error))
    assert measure.high == pytest.approx(0.5 * math.exp(1.959964 * error))


def test_a_group_that_vanished_is_zero() -> None:
    measure = find(_outcome(_people(a=900, b=100), _people(a=1000)), "g", group="b")
    assert (measure.value, measure.low) == (0, 0)
    assert measure.high == pytest.approx((1 - 0.025 ** (1 / 1000)) / 0.1, rel=1e-3)
    assert measure.sentence == "No synthetic row has g = b; 100 real rows do (10.00%)."


def test_groups_of_fewer_than_ten_real_people_are_not_told() -> None:
    outcome = _outcome(_people(a=60, b=31, rare=9), _people(a=50, b=40, rare=10))
    assert [list((m.group or {}).values()) for m in outcome.measures] == [["a"], ["b"]]
    assert "rare" not in str(outcome)


def test_the_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(0)
    draws = rng.binomial(800, 0.1, (2000, 2))
    hits = sum(low <= 1 <= high for a, b in draws for low, high in [ratio_interval(int(a), 800, int(b), 800)])
    assert 0.93 < hits / 2000 < 0.97


def test_rows_without_a_value_do_not_count() -> None:
    synthetic = _people(a=500, b=500)
    synthetic.loc[:399, "g"] = None
    assert find(_outcome(_people(a=50, b=50), synthetic), "g", group="b").value == pytest.approx(
        (5 / 6) / 0.5
    )


def test_an_empty_synthetic_column_leaves_no_group() -> None:
    synthetic = _people(a=100).assign(g=None)
    measure = find(_outcome(_people(a=50, b=50), synthetic), "g", group="b")
    assert (measure.value, measure.low, measure.high) == (0, 0, 2)


def test_no_group_is_skipped() -> None:
    frame = pd.DataFrame({"g": [f"w{i % 7}" for i in range(40)], "x": range(40)})
    with pytest.raises(Skip, match=r"^No sensitive column has a group of ten real people or more\.$"):
        _outcome(frame.iloc[:9].assign(g="a"), frame)


def test_charts_hold_shares_of_every_table() -> None:
    (chart,) = _outcome(_people(a=60, b=40), _people(a=30, b=70), _people(a=50, b=50)).charts
    assert chart.labels == ("a", "b")
    assert {s.name: s.values for s in chart.series} == {
        "real": (0.6, 0.4),
        "synthetic": (0.3, 0.7),
        "holdout": (0.5, 0.5),
    }


def test_siblings_are_represented() -> None:
    for measure in outcome_of("representation", siblings(), sensitive=("sex", "city", "age")).measures:
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low / 1.25 < 1 < measure.high * 1.25


def test_intervals_hold_for_all_groups_at_once() -> None:
    real = _people(a=600, b=300, c=100)
    measure = find(_outcome(real, real), "g", group="b")
    error = math.sqrt(2 * 0.7 / (1000 * 0.3))
    assert measure.high == pytest.approx(math.exp(bonferroni_z(2) * error))


def test_a_small_shift_is_told_where_it_is_beyond_chance() -> None:
    outcome = _outcome(_people(a=6000, b=4000), _people(a=6300, b=3700))
    shift = find(outcome, "g", name="shift", group="b")
    assert shift.value == pytest.approx(0.925)
    assert shift.low == pytest.approx(ratio_interval(3700, 10_000, 4000, 10_000)[0])
    few = _outcome(_people(a=600, b=400), _people(a=630, b=370))
    assert [m for m in few.measures if m.name == "shift"] == []
    large = _outcome(_people(a=6000, b=4000), _people(a=8000, b=2000))
    assert [m for m in large.measures if m.name == "shift" and (m.group or {})["g"] == "b"] == []
