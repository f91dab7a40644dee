"""The rule behind the outcome: told where it changed, silent where only the columns' shares did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.stats.models.concept import ModelErrors, rule_change
from tests.worlds import World, find, is_judged, outcome_of


def people(rows, seed, *, age=0.0, tilt=0.0, target="class"):
    """The outcome's log odds grow by 0.8 for a standard deviation of age, and by `age` more."""
    rng = np.random.default_rng([11, seed])
    size = rng.normal(tilt, 1, rows)
    hours = 0.5 * size + rng.normal(0, 1, rows)
    town = rng.choice(["Aachen", "Bonn", "Celle"], rows)
    log_odds = (0.8 + age) * size + 0.6 * hours + 0.7 * (town == "Bonn") - 0.5
    if target == "number":
        outcome = log_odds + rng.normal(0, 1, rows)
    else:
        outcome = np.where(rng.random(rows) < 1 / (1 + np.exp(-log_odds)), "yes", "no")
    return pd.DataFrame(
        {"age": (40 + 10 * size).round(2), "hours": hours.round(2), "town": town, "bought": outcome}
    )


def _moved(change):
    """Root mean square of what the change does to the chance, over many people."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=100_000)
    rest = 0.3 * size + 0.6 * rng.normal(size=100_000) + 0.7 * (rng.random(100_000) < 1 / 3) - 0.5
    chances = [1 / (1 + np.exp(-(slope * size + rest))) for slope in (0.8, 0.8 + change)]
    return np.sqrt(np.mean((chances[1] - chances[0]) ** 2))


def told(rows=3000, holdout=True, **change):
    shared = {key: value for key, value in change.items() if key == "target"}
    world = World(
        people(rows, 1, **shared), people(rows, 2, **change), people(rows, 3, **shared) if holdout else None
    )
    return outcome_of("concept_drift", world, target="bought")


@pytest.fixture(scope="module")
def shifted():
    return told(age=0.4)


def test_the_column_that_changed_is_named_with_the_size_of_the_change(shifted):
    m = find(shifted, "bought", "age", name="column")
    assert is_judged("concept_drift", m)
    assert m.low < _moved(0.4) < 1.2 * m.high  # one step falls a little short of a change so large
    assert m.low > 0.01
    assert m.baseline < 0.05
    assert "how it goes with age" in find(shifted).sentence
    assert not is_judged("concept_drift", find(shifted, "bought", "town", name="column"))


def test_a_shift_of_the_columns_alone_is_no_concept_drift():
    outcome = told(tilt=0.5)
    m = find(outcome)
    assert m.low == 0.0
    assert not any(is_judged("concept_drift", one) for one in outcome.measures if one.name)
    assert outcome.summary["covariate_part"] > 0.1
    assert abs(outcome.summary["concept_part"]) < 0.05


def test_errors_and_calibration_of_the_real_model_are_told(shifted):
    summary = shifted.summary
    assert summary["log_loss_real"] == pytest.approx(0.58, abs=0.05)
    assert 0.8 < summary["calibration_slope"] < 2.5
    assert abs(summary["calibration_intercept"]) < 0.3


@pytest.mark.parametrize("target", ["class", "number"])
def test_the_same_rule_is_silent(target):
    m = find(told(target=target, holdout=False))
    assert m.low == 0.0
    assert m.value < 0.05
    assert m.baseline == 0.0


def test_a_number_is_told_in_its_standard_deviations():
    outcome = told(age=0.6, target="number", holdout=False)
    m = find(outcome, "bought", "age", name="column")
    assert m.low < 0.6 / people(3000, 1, target="number")["bought"].std() < m.high + 0.05
    assert is_judged("concept_drift", m)
    assert "standard deviations" in m.sentence
    assert outcome.summary["mean_square_synthetic"] > outcome.summary["mean_square_real"]


def test_few_rows_cannot_be_assessed():
    with pytest.raises(
        Skip, match=r"^Models of the outcome need at least 200 rows of each table that hold it\.$"
    ):
        told(rows=150, holdout=False)


def test_least_squares_gives_the_change_of_the_coefficients_exactly():
    rng = np.random.default_rng(4)
    design = rng.normal(size=(4000, 2))
    truth = np.array([0.3, 0.5, 0.0])
    ones = np.ones(4000)
    real = ModelErrors(rng.normal(size=(4000, 2)), rng.normal(size=4000), ones)
    other = ModelErrors(design, truth[0] + design @ truth[1:] + rng.normal(size=4000), ones)
    change = rule_change(real, other)
    assert change.change[1:] == pytest.approx(truth[1:], abs=0.08)
    assert np.sqrt(change.spread[1, 1]) == pytest.approx(np.sqrt(2 / 4000), rel=0.15)
    assert change.p_value(np.array([1])) < 1e-6 < change.p_value(np.array([2]))
    value, low, high = change.size()
    assert low < np.sqrt(0.3**2 + 0.5**2) < high
    assert value == pytest.approx(np.sqrt(0.34), abs=0.06)


def test_chance_is_taken_off_and_covered():
    """Where nothing differs the lower end is 0 in nearly all samples."""
    rng = np.random.default_rng(5)
    lows, squares = [], []
    for _ in range(100):
        errors = [
            ModelErrors(rng.normal(size=(500, 4)), rng.normal(size=500), np.ones(500)) for _ in range(2)
        ]
        change = rule_change(*errors)
        lows.append(change.size()[1])
        squares.append(change.change @ change.moved @ change.change - np.trace(change.moved @ change.spread))
    assert np.mean(np.array(lows) > 0) < 0.08
    assert abs(np.mean(squares)) < 3 * np.std(squares) / 10


def test_columns_that_follow_from_each_other_do_no_harm():
    rng = np.random.default_rng(6)
    one = rng.normal(size=(800, 1))
    design = np.hstack([one, 2 * one])
    real = ModelErrors(design, rng.normal(size=800), np.ones(800))
    change = rule_change(real, ModelErrors(design, one[:, 0] + rng.normal(size=800), np.ones(800)))
    assert change.change[1] + 2 * change.change[2] == pytest.approx(1.0, abs=0.15)
