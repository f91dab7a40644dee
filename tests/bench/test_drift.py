"""Recipes of drift move what they say by their dose, and leave the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.defects.drift import BATCHES, SOLD, WHEN, batches, with_dates
from bench.defects.recipes import RECIPES, Ground, split
from bench.planted import rng_of
from tests.bench.test_recipes import TABLE, population


@pytest.fixture(scope="module")
def parts():
    return with_dates(split(population(), 0), rng_of(0, 0, 0))


def plant(parts, number, dose):
    return RECIPES[number].plant(Ground(parts, dose, TABLE, rng_of(0, number, 1)))[0]


def test_moments_follow_the_season_and_the_week(parts):
    when = pd.to_datetime(parts.real[WHEN])
    assert when.dt.year.nunique() == 3
    assert (when.dt.month == 7).sum() > 1.5 * (when.dt.month == 1).sum()
    assert (when.dt.weekday >= 5).mean() == pytest.approx(0.8 / 5.8, abs=0.03)
    sold = parts.real.groupby(when.dt.month)[SOLD].median()
    assert sold[7] > 3 * sold[1]


def test_the_mean_rises_by_the_dose_in_every_batch(parts):
    before, after = (frame["age"] for frame in (parts.synthetic, plant(parts, 25, 0.05)))
    at = batches(parts.synthetic)
    assert at.min() == 0
    assert at.max() == BATCHES - 1
    moved = [(after - before)[at == batch].mean() / before.std() for batch in range(BATCHES)]
    assert moved == pytest.approx([0.05 * batch for batch in range(BATCHES)], abs=0.02)
    assert after.dtype == before.dtype


@pytest.mark.parametrize("dose", [0.2, 1.0])
def test_months_are_dealt_anew_among_some_rows(parts, dose):
    before, after = parts.synthetic, plant(parts, 26, dose)
    old, new = (pd.to_datetime(frame[WHEN]) for frame in (before, after))
    assert (new.dt.month != old.dt.month).mean() == pytest.approx(dose * 11 / 12, abs=0.05)
    assert (new.dt.year == old.dt.year).all()
    assert (new.dt.time == old.dt.time).all()
    assert new.dt.month.value_counts().equals(old.dt.month.value_counts())
    assert after.drop(columns=WHEN).equals(before.drop(columns=WHEN))


def test_a_name_spreads_from_batch_to_batch(parts):
    before, after = parts.synthetic, plant(parts, 29, 0.5)
    common = before["town"].mode()[0]
    renamed = (after["town"] == f"{common} (new)").to_numpy()
    held = (before["town"] == common).to_numpy()
    assert not (renamed & ~held).any()
    at = batches(before)
    shares = np.array([renamed[held & (at == batch)].mean() for batch in range(BATCHES)])
    assert shares[-3:].mean() == pytest.approx(0.5 * 11 / 12, abs=0.1)
    assert shares[:3].mean() == pytest.approx(0.5 * 2 / 12, abs=0.07)


def test_rows_are_drawn_by_one_column_and_none_is_repeated(parts):
    before, after = parts.synthetic, plant(parts, 30, 0.3)
    size = (after["age"] - before["age"].mean()) / before["age"].std()
    assert size.mean() == pytest.approx(0.3, abs=0.08)
    assert len(after) > 0.4 * len(before)
    assert after.merge(before, how="left", indicator=True)["_merge"].eq("both").all()
    # what the outcome does at an age stays
    young = [frame[frame["age"] < 35]["income"].eq("high").mean() for frame in (before, after)]
    assert young[1] == pytest.approx(young[0], abs=0.08)
