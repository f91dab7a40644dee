"""The committed tables are what the script makes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from sample_data import make

Halves = tuple[pd.DataFrame, pd.DataFrame, Mapping[str, make.Ints]]


def written(name: str) -> pd.DataFrame:
    return pd.read_csv(make.HERE / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def halves() -> Halves:
    return make.halves()


@pytest.fixture(scope="module")
def good(halves: Halves) -> pd.DataFrame:
    real = halves[0]
    types = {name: kind for name, kind in real.dtypes.items() if not pd.api.types.is_object_dtype(kind)}
    return pd.read_csv(make.HERE / "synthetic_good.csv", dtype=types)


def test_real_and_holdout_come_out_the_same(halves: Halves) -> None:
    for name, table in zip(("real", "holdout"), halves, strict=False):
        pd.testing.assert_frame_equal(make.as_text(table).astype(str), written(name).astype(str))


def test_the_defects_come_out_the_same(halves: Halves, good: pd.DataFrame) -> None:
    real, _, ids = halves
    flawed = make.flawed(good, real, ids["flawed"], np.random.default_rng(make.SEED + 2))
    pd.testing.assert_frame_equal(make.as_text(flawed).astype(str), written("synthetic_flawed").astype(str))


def test_the_generator_is_seeded(halves: Halves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "TREES", 3)
    real = halves[0].head(300)
    first, second = (make.drawn(real, np.random.default_rng(1)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == 300


def test_every_generation_is_drawn_from_the_one_before(
    halves: Halves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "TREES", 3)
    monkeypatch.setattr(make, "GENERATION", 300)
    real, _, ids = halves
    first, second, third = make.generations(real, ids["loop"][:, :300])
    np.testing.assert_array_equal(first["record_id"], [f"H{number}" for number in ids["loop"][0, :300]])
    for before, after in ((first, second), (second, third)):
        assert len(after) == 300
        for name in ("site", "plan", "study_year", "sex", "general_health"):
            assert set(after[name].dropna()) <= set(before[name].dropna()), name


def test_a_generator_can_favour_likely_values(halves: Halves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "TREES", 3)
    monkeypatch.setattr(make, "GIVEN", {name: make.GIVEN[name] for name in ("site", "plan")})
    real = halves[0].head(2000)
    fair, favoured = (make.drawn(real, np.random.default_rng(1), power)["plan"] for power in (1.0, 4.0))
    commonest = real["plan"].mode()[0]
    assert (favoured == commonest).mean() > 1.3 * (fair == commonest).mean()


def test_the_committed_loop_is_whole(halves: Halves) -> None:
    real, _, ids = halves
    for at, mine in enumerate(ids["loop"], 1):
        table = written(f"generation_{at}")
        assert list(table["record_id"]) == [f"H{number}" for number in mine]
        assert list(table.columns) == list(real.columns)
    assert not set(ids["loop"].ravel()) & {*ids["good"], *ids["flawed"]}


def test_what_follows_from_other_columns_does_in_every_fair_table(halves: Halves, good: pd.DataFrame) -> None:
    real, holdout, _ = halves
    for table in (real, holdout, good):
        np.testing.assert_allclose(
            table["total_cost"],
            table["outpatient_cost"] + table["drug_cost"] + table["hospital_cost"],
            atol=0.006,
        )
        assert table.groupby("plan")["coinsurance"].nunique().max() == 1
        assert table["record_id"].is_unique
    assert not set(real["record_id"]) & (set(holdout["record_id"]) | set(good["record_id"]))


def test_keys_apart_hardly_a_row_repeats(halves: Halves) -> None:
    assert halves[0].drop(columns="record_id").duplicated().mean() < 0.001


def test_the_schema_names_every_column(halves: Halves) -> None:
    assert [entry["name"] for entry in make.SCHEMA] == list(halves[0].columns)
