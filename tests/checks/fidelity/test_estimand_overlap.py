from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.errors import OptionError
from tests.worlds import World, find, outcome_of, siblings

OVERLAP_OF_EQUALS = (1 + 0.5**0.5) / 2  # an interval within one that is root 2 times as long


def declared(world, *estimands):
    return outcome_of("estimand_overlap", world, estimands=estimands)


def test_nothing_declared_says_how():
    with pytest.raises(Skip) as skip:
        declared(siblings(100))
    assert skip.value.grade == "not_applicable"
    assert "--estimand 'mean(age)'" in skip.value.remedy


def test_a_table_and_itself():
    real = siblings(500).real
    outcome = declared(
        World(real, real.copy()), "mean(age)", "share(income = high)", "coefficient(score ~ age + sex)"
    )
    assert [m.value for m in outcome.measures] == pytest.approx([OVERLAP_OF_EQUALS] * 5)
    assert outcome.summary["overlap_with_ordinary_errors"] == pytest.approx(1)
    assert outcome.summary["sign_agreement"] == outcome.summary["significance_agreement"] == 1
    assert outcome.summary["estimates"] == 4


def test_a_mean_by_hand():
    # means 0 and 0.1, deviations 1, a hundred rows each: halves 1.96 * 0.1 and 1.96 * 0.1 * root 2
    signs = np.repeat([-1.0, 0.0, 1.0], [49, 2, 49]) * np.sqrt(99 / 98)
    world = World(pd.DataFrame({"x": signs}), pd.DataFrame({"x": signs + 0.1}))
    mean = find(declared(world, "mean(x)"), "x", name="mean")
    one, other = 1.959964 * 0.1, 1.959964 * 0.1 * 2**0.5
    common = one + other - 0.1
    assert mean.value == pytest.approx((common / (2 * one) + common / (2 * other)) / 2)
    assert mean.high == pytest.approx(OVERLAP_OF_EQUALS)
    assert mean.low == mean.value
    assert mean.sentence == (
        "mean(x) is 0 (-0.196 to 0.196) in real rows and 0.1 (-0.1772 to 0.3772) in synthetic rows, "
        "its interval widened as it must be; the intervals overlap by 81%."
    )


def test_siblings_agree():
    outcome = declared(
        siblings(4000), "mean(score)", "share(sex = Male)", "coefficient(income ~ age + sex: sex)"
    )
    assert outcome.summary["mean_overlap"] > 0.4
    assert all(m.value > 0.1 for m in outcome.measures)
    slope = find(outcome, "sex", "income", "age", name="coefficient")
    assert slope.group == {"sex": "Female"}
    assert slope.sentence.startswith("The coefficient of sex = Female for log odds of income = ")


def test_only_the_wanted_coefficients_are_told():
    outcome = declared(siblings(500), "coefficient(score ~ age + sex + hours: age + hours)")
    assert [m.about[0] for m in outcome.measures[1:]] == ["age", "hours"]


def test_a_slope_is_per_unit_of_its_column():
    outcome = declared(siblings(4000), "coefficient(score ~ age)")
    assert "The coefficient of age for score is 0.3" in outcome.measures[1].sentence


def test_a_lost_slope_is_far_apart():
    world = siblings(2000)
    lost = world.synthetic.assign(score=np.random.default_rng(0).permutation(world.synthetic["score"]))
    outcome = declared(World(world.real, lost, world.holdout), "coefficient(score ~ age)", "mean(score)")
    slope = find(outcome, "age", "score", name="coefficient")
    assert slope.value == slope.high == 0
    assert find(outcome, "score", name="mean").value > 0.5
    assert outcome.summary["significance_agreement"] == 0
    assert outcome.measures[0].value == outcome.measures[0].high == 0  # the least, not the mean
    assert outcome.summary["mean_overlap"] > 0.25


def test_two_halves_lie_apart_as_seldom_as_told():
    # 8.5 % below 0.5 and 0.25 % below 0.1, for independent samples of one size
    rng = np.random.default_rng(4)
    names = [f"x{i}" for i in range(400)]
    real, synthetic = (pd.DataFrame(rng.normal(size=(200, 400)), columns=names) for _ in range(2))
    values = np.array(
        [m.value for m in declared(World(real, synthetic), *(f"mean({n})" for n in names)).measures[1:]]
    )
    assert np.mean(values < 0.5) == pytest.approx(0.085, abs=0.03)
    assert np.mean(values < 0.1) < 0.015


def test_without_a_holdout_the_baseline_is_what_chance_gives():
    world = siblings(800, holdout=False)
    assert find(declared(world, "mean(score)"), "score", name="mean").baseline == pytest.approx(
        0.76, abs=0.03
    )


def test_what_synthetic_rows_cannot_tell_does_not_overlap():
    world = siblings(500)
    gone = World(world.real, world.synthetic.assign(sex="Male"), world.holdout)
    slope = find(
        declared(gone, "coefficient(score ~ age + sex: sex)"), "sex", "score", "age", name="coefficient"
    )
    assert slope.value == slope.high == 0
    assert slope.sentence.endswith("in real rows; synthetic rows give no estimate of it.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mean(sex)", "sex is taken for a category, not for a number"),
        ("share(city = Rome)", "fewer than 10 real rows hold this value"),
        ("share(age = old)", "old is no number"),
        ("coefficient(city ~ age)", "city is neither a number nor a category of two values"),
        ("coefficient(age ~ id)", "id is neither a number nor a category"),
    ],
)
def test_what_cannot_be_made_is_said(text, why):
    with pytest.raises(Skip, match=why) as skip:
        declared(siblings(300), text)
    assert skip.value.grade == "not_assessable"
    headline = declared(siblings(300), "mean(age)", text).measures[0]
    assert "The intervals of 1 declared estimate overlap" in headline.sentence
    assert why in headline.sentence


def test_few_rows_give_no_estimate():
    with pytest.raises(Skip, match="the real rows are too few"):
        declared(siblings(29), "mean(age)")


def test_the_same_twice_counts_once():
    outcome = declared(siblings(300), "mean(age)", "mean( age )", "mean(age)")
    assert len(outcome.measures) == 2
    assert "not made" not in outcome.measures[0].sentence


def test_an_unknown_column_is_refused():
    with pytest.raises(OptionError, match="Column 'agee' is not in both"):
        declared(siblings(100), "mean(agee)")
