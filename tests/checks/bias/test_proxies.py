"""proxies: a link that is strengthened or lost is measured and its column named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.checks.bias._shared.group_inference import group_auc
from audit.stats.models.scores import auc_parts
from tests.worlds import World, find, outcome_of


def _people(rows: int, seed: int, labels: str = "ab") -> pd.DataFrame:
    """x tells the group a little, z nothing."""
    rng = np.random.default_rng([9, seed])
    g = rng.integers(0, len(labels), rows)
    x, z = rng.normal(size=(2, rows))
    return pd.DataFrame(
        {"x": x + 0.7 * g, "z": z, "g": np.array(list(labels))[g], "y": np.where(x + z > 0, "yes", "no")}
    )


def _same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def _outcome(
    change: Callable[[pd.DataFrame], pd.DataFrame] = _same,
    *,
    labels: str = "ab",
    rows: int = 1200,
    holdout: bool = True,
) -> Outcome:
    real, synthetic, fresh = (_people(rows, seed, labels) for seed in range(3))
    world = World(real, change(synthetic), fresh if holdout else None)
    return outcome_of("proxies", world, sensitive=("g",), target="y")


def test_an_area_of_three_groups_is_weighted() -> None:
    rng = np.random.default_rng(0)
    chances, y = rng.random((60, 3)), rng.integers(0, 3, 60).astype(float)
    weights = np.array([0.5, 0.3, 0.2])
    parts = [auc_parts(chances[:, g], y == g) for g in range(3)]
    value, rows = group_auc(chances, y, weights)
    assert value == pytest.approx(sum(w * a for w, (a, _) in zip(weights, parts, strict=True)))
    assert rows == pytest.approx(sum(w * r for w, (_, r) in zip(weights, parts, strict=True)))
    assert (
        group_auc(chances[:, :2], (y > 0).astype(float), weights[:2])[0] == auc_parts(chances[:, 1], y > 0)[0]
    )


@pytest.mark.parametrize("labels", ["ab", "abc"])
def test_siblings_give_as_much_away(labels: str) -> None:
    outcome = _outcome(labels=labels)
    measure = find(outcome, "g")
    assert measure.value == pytest.approx(0, abs=0.06)
    assert measure.low is not None
    assert measure.high is not None
    assert measure.high - measure.low < 0.12
    assert [m for m in outcome.measures if m.name == "column"] == []
    # two normal groups 0.7 apart: 0.69, by trees of a few hundred rows a little less
    if labels == "ab":
        assert outcome.summary["auc_real"] == pytest.approx(0.66, abs=0.04)


def test_a_proxy_made_stronger_is_named() -> None:
    outcome = _outcome(lambda f: f.assign(x=f["x"] + 1.0 * (f["g"] == "b")))
    measure, column = find(outcome, "g"), find(outcome, "g", "x", name="column")
    assert measure.low is not None
    assert measure.low > 0.1
    assert column.value > 0.1
    assert column.sentence.startswith("x alone tells groups of g more than in the real table: area ")
    assert "; alone x tells most, " in measure.sentence
    (chart,) = outcome.charts
    assert chart.labels[:2] == ("all together", "x")
    real, synthetic = (series.values[1] for series in chart.series)
    assert real is not None
    assert synthetic is not None
    assert synthetic - real == pytest.approx(2 * column.value)


def test_a_link_that_is_lost_is_below_zero() -> None:
    def dealt(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(x=np.random.default_rng(2).permutation(frame["x"].to_numpy()))

    outcome = _outcome(dealt)
    measure = find(outcome, "g")
    assert measure.high is not None
    assert measure.high < 0
    assert find(outcome, "g", name="carried_over").value < -0.05
    assert measure.baseline == pytest.approx(0, abs=0.06)


def test_it_needs_no_holdout() -> None:
    measure = find(_outcome(holdout=False), "g")
    assert measure.baseline == 0
    assert measure.low is not None
    assert measure.low < 0


def test_the_target_is_not_looked_at() -> None:
    outcome = _outcome(lambda f: f.assign(y=np.where(f["g"] == "b", "yes", "no")))
    measure = find(outcome, "g")
    assert measure.high is not None
    assert measure.low is not None
    assert measure.low < 0 < measure.high


def test_one_group_is_not_assessable() -> None:
    with pytest.raises(
        Skip, match=r"^No sensitive column has two groups of 50 rows in every table and another column"
    ) as told:
        _outcome(rows=70)
    assert told.value.grade == "not_assessable"
