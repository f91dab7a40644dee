"""Furnished tables keep the rules that recipes break, and recipes break as many rows as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.defects.furnishing import with_furniture
from bench.defects.recipes import RECIPES, Ground, split
from bench.planted import preparation, rng_of
from tests.bench.test_recipes import TABLE, population

ROWS = 2000  # a part


@pytest.fixture(scope="module")
def parts():
    return with_furniture(split(population(), 0), rng_of(0, 0, 0))


def plant(parts, number, dose, seed=0):
    return RECIPES[number].plant(Ground(parts, dose, TABLE, rng_of(seed, number, 1)))


def sound(number):
    """Whether the check digit is right, by Luhn: every second digit from the right is doubled."""
    return sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(number))) % 10 == 0


def changed(before, after):
    """Rows in which a cell has changed."""
    same = (before == after) | (before.isna() & after.isna())
    return int((~same).any(axis=1).sum())


def test_furnished_rows_keep_every_rule(parts):
    for part in (parts.real, parts.holdout, parts.synthetic):
        assert (part["start"] <= part["end"]).all()
        assert pd.to_datetime(part["end"]).max() < pd.Timestamp("2025-01-01")
        assert (part["net"] + part["tax"] - part["gross"]).abs().max() < 0.005
        assert all(sound(number) for number in part["card"])
        assert part["email"].str.fullmatch(r"[a-z0-9.]+@[a-z.]+").all()
        assert (part.groupby("branch")["region"].nunique() == 1).all()
        assert 0.1 < part["visits"].isna().mean() < 0.3


def test_no_key_stands_in_two_tables(parts):
    ids = pd.concat([part["id"] for part in (parts.real, parts.holdout, parts.synthetic)])
    assert ids.is_unique


def test_amounts_follow_the_law_of_first_digits(parts):
    amounts = pd.concat([part["amount"] for part in (parts.real, parts.holdout, parts.synthetic)])
    first = (amounts / 10 ** np.floor(np.log10(amounts))).astype(int)
    shares = first.value_counts(normalize=True).sort_index().to_numpy()
    assert np.abs(shares - np.log10(1 + 1 / np.arange(1, 10))).max() < 0.02


@pytest.mark.parametrize("number", [31, 33, 34, 43, 44, 47, 49, 51])
def test_as_many_rows_are_broken_as_the_dose_says(parts, number):
    broken, _ = plant(parts, number, 0.01)
    assert changed(parts.synthetic, broken) == 0.01 * ROWS


def test_broken_rules_are_broken_in_each_planted_row(parts):
    ends, sums, regions = (plant(parts, number, 0.01)[0] for number in (33, 34, 31))
    due = "region " + (regions["branch"].str[-3:].astype(int) % 12).astype(str).str.zfill(2)
    assert (ends["end"] < ends["start"]).sum() == 20
    assert ((sums["net"] + sums["tax"] - sums["gross"]).abs() > 0.015).sum() == 20
    assert (regions["region"] != due).sum() == 20


def test_a_key_is_repeated_once_or_as_often_as_the_dose_says(parts):
    assert [plant(parts, 35, dose)[0]["id"].duplicated().sum() for dose in (0.0, 0.01)] == [1, 20]


def test_check_digits_or_addresses_are_broken(parts):
    kinds = set()
    for seed in range(8):
        broken, named = plant(parts, 49, 0.01, seed)
        (column,) = named.columns[0]
        kinds.add(column)
        if column == "card":
            assert sum(not sound(number) for number in broken["card"]) == 20
        else:
            assert (~broken["email"].str.contains("@")).sum() == 20
    assert kinds == {"card", "email"}


def test_gaps_are_dealt_anew_and_cells_kept(parts):
    broken, _ = plant(parts, 48, 1.0)
    assert sorted(broken["visits"].dropna()) == sorted(parts.synthetic["visits"].dropna())
    late = broken["net"] > broken["net"].median()
    assert abs(broken["visits"].isna()[late].mean() - broken["visits"].isna()[~late].mean()) < 0.06


def test_rare_levels_alone_are_lost(parts):
    broken, _ = plant(parts, 46, 0.002)
    before, after = (frame["branch"].value_counts() for frame in (parts.synthetic, broken))
    lost = before.index.difference(after.index)
    assert len(lost) > 10
    assert before[lost].max() < 20


def test_a_block_is_sorted_or_rows_take_after_the_real_ones_at_their_place(parts):
    for seed in range(6):
        broken, named = plant(parts, 50, 0.2, seed)
        if named.columns:
            assert sorted(broken["id"]) == sorted(parts.synthetic["id"])
            assert (np.diff(broken["wealth"]) > 0).mean() > 0.55
        else:
            assert (broken == parts.real)["wealth"].mean() == pytest.approx(0.1, abs=0.03)


def test_every_other_clean_split_is_furnished_for_artifacts_alone():
    assert preparation(("keys", "tails"), 1) is with_furniture
    assert preparation(("keys",), 2) is None
    assert preparation(("tails",), 1) is None
