"""Recipes of poisoning change as many rows as their dose says, and what they say about them."""

from __future__ import annotations

import pytest

from bench.defects.bias import members
from bench.defects.recipes import RECIPES, Ground, split
from bench.planted import rng_of
from tests.bench.test_recipes import TABLE, population


@pytest.fixture(scope="module")
def parts():
    return split(population(), 0)


def plant(parts, number, dose):
    return RECIPES[number].plant(Ground(parts, dose, TABLE, rng_of(0, number, 1)))


def changed(parts, frame):
    return (frame != parts.synthetic).any(axis=1).to_numpy()


def test_labels_are_flipped_by_the_dose_and_nothing_else(parts):
    frame, _ = plant(parts, 58, 0.02)
    assert changed(parts, frame).sum() == 40
    assert frame.drop(columns="income").equals(parts.synthetic.drop(columns="income"))


def test_flips_are_aimed_at_a_class_or_a_group(parts):
    unfavoured = (parts.synthetic["income"] != "high").to_numpy()
    women = members(parts.synthetic, TABLE.minority)
    for number, dose, inside in ((61, 0.05, unfavoured), (62, 0.1, women)):
        hit = changed(parts, plant(parts, number, dose)[0])
        assert hit.sum() == round(dose * inside.sum())
        assert not hit[~inside].any()


def test_a_cluster_is_near_one_row_and_favoured(parts):
    frame, _ = plant(parts, 59, 0.02)
    hit = changed(parts, frame)
    assert hit.sum() == 40
    cluster = frame[hit]
    assert (cluster["income"] == "high").all()
    assert cluster["town"].nunique() == cluster["sex"].nunique() == 1
    assert (cluster[["age", "wealth", "shoe"]].std() < 0.05 * frame[["age", "wealth", "shoe"]].std()).all()


@pytest.mark.parametrize(("number", "value"), [(60, 41), (63, 222)])
def test_a_backdoor_always_opens(parts, number, value):
    frame, named = plant(parts, number, 0.02)
    held = frame["age"] == value
    before = (parts.synthetic["age"] == value).sum()
    assert 40 <= held.sum() <= 40 + before
    assert (frame.loc[held, "income"] == "high").all()
    assert named.columns == (frozenset(["age"]),)
    assert frame[~held].equals(parts.synthetic[~held])
    assert (number == 60) == (value <= parts.real["age"].max())
