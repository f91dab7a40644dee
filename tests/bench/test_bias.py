"""Recipes of unfairness change one group by their dose, and keep what they say they keep."""

from __future__ import annotations

import numpy as np
import pytest

from bench.defects.bias import members
from bench.defects.recipes import RECIPES, Ground, split
from bench.planted import clean_options, rng_of
from tests.bench.test_recipes import TABLE, population


@pytest.fixture(scope="module")
def parts():
    return split(population(), 0)


def plant(parts, number, dose):
    return RECIPES[number].plant(Ground(parts, dose, TABLE, rng_of(0, number, 1)))[0]


def rates(frame, by):
    return (frame["income"] == "high").groupby([frame[name] for name in by]).sum()


def test_a_group_is_thinned_or_repeated_by_the_dose(parts):
    women = members(parts.synthetic, TABLE.minority).sum()
    thin, crowded = plant(parts, 1, 0.2), plant(parts, 2, 0.2)
    assert members(thin, TABLE.minority).sum() == pytest.approx(0.8 * women, rel=0.06)
    assert members(crowded, TABLE.minority).sum() == round(1.2 * women)
    for frame in (thin, crowded):
        assert (frame["sex"] == "Male").sum() == 2000 - women


def test_a_crossing_is_erased_and_nothing_else(parts):
    frame = plant(parts, 3, 1.0)
    lost = members(parts.synthetic, *TABLE.corner)
    assert not members(frame, *TABLE.corner).any()
    assert frame.equals(parts.synthetic[~lost].reset_index(drop=True))


def test_outcomes_are_taken_from_the_group_alone(parts):
    before, after = (rates(frame, ["sex"]) for frame in (parts.synthetic, plant(parts, 4, 0.4)))
    assert after["Female"] == before["Female"] - round(0.4 * before["Female"])
    assert after["Male"] == before["Male"]


def test_strata_turn_and_both_margins_stay(parts):
    frame = plant(parts, 5, 0.4)
    cells = [rates(one, ["sex", "town"]) for one in (parts.synthetic, frame)]
    for by in (["sex"], ["town"]):
        assert rates(frame, by).equals(rates(parts.synthetic, by))
    moved = cells[1] - cells[0]
    assert moved["Female", "Aachen"] == moved["Male", "Celle"] == -moved["Female", "Celle"]
    assert moved["Female", "Aachen"] == -round(0.4 * cells[0]["Female", "Aachen"])


def test_a_proxy_moves_by_the_dose_on_average(parts):
    inside = members(parts.synthetic, TABLE.minority)
    old, new = (frame["age"] for frame in (parts.synthetic, plant(parts, 6, 0.5)))
    assert abs(new[inside].mean() - old[inside].mean()) == pytest.approx(0.5 * old.std(ddof=0), rel=0.03)
    assert new[~inside].equals(old[~inside])


def test_labels_at_random_are_half_of_each_kind(parts):
    frame = plant(parts, 7, 0.5)
    inside = members(parts.synthetic, TABLE.minority)
    other = (frame["income"] != parts.synthetic["income"]).to_numpy()
    assert not other[~inside].any()
    assert other[inside].mean() == pytest.approx(0.25, abs=0.04)


def test_a_hidden_bias_keeps_the_rate_and_loses_the_relation(parts):
    frame = plant(parts, 8, 1.0)
    assert rates(frame, ["sex"]).equals(rates(parts.synthetic, ["sex"]))
    women = members(frame, TABLE.minority)
    related = [
        np.corrcoef(one["age"][women], one["income"][women] == "high")[0, 1]
        for one in (parts.synthetic, frame)
    ]
    assert related[0] > 0.3
    assert abs(related[1]) < 0.1


def test_a_crossing_is_flipped_by_the_dose(parts):
    frame = plant(parts, 9, 0.2)
    inside = members(parts.synthetic, *TABLE.crossing)
    other = (frame["income"] != parts.synthetic["income"]).to_numpy()
    assert other.sum() == round(0.2 * inside.sum())
    assert not other[~inside].any()


def test_a_minority_is_smoothed_to_its_mean(parts):
    frame = plant(parts, 10, 1.0)
    inside = members(parts.synthetic, TABLE.group)
    own = parts.synthetic["wealth"][inside]
    assert frame["wealth"][inside].mean() == pytest.approx(own.mean(), rel=0.05)
    assert frame["wealth"][inside].std() == pytest.approx(0.1 * own.std(), rel=0.15)
    assert frame[~inside].equals(parts.synthetic[~inside])


def test_clean_tables_have_three_attributes_where_bias_is_asked():
    assert clean_options(TABLE, ("representation",), 0) == {"target": "income", "sensitive": TABLE.people}
    assert clean_options(TABLE, ("keys",), 0) == {"target": "income"}
