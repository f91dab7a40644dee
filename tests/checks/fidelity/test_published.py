"""Published accuracies, reproduced; the verdicts a person would give on public synthetic tables."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.worlds import World, case_of, check_named

pytestmark = pytest.mark.acceptance
DATASETS = ("adult", "bank-marketing")


def read(folder, dataset, name):
    path = folder / dataset / name
    if not path.is_file():
        pytest.skip(f"there is no file {path.name}")
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def published(acceptance_data):
    table = pd.read_csv(acceptance_data / "published_metrics.csv")
    return {dataset: table[table["dataset"] == dataset] for dataset in DATASETS}


@pytest.mark.parametrize("dataset", DATASETS)
def test_accuracies_equal_the_published_ones(dataset, acceptance_data, published):
    real = read(acceptance_data, dataset, f"{dataset}_trn.csv.gz")
    assert len(published[dataset]) >= 4
    for row in published[dataset].itertuples():
        with case_of(World(real, read(acceptance_data, dataset, row.file))) as case:
            columns, pairs = (
                check_named(check_id).measure(case).summary for check_id in ("column_shapes", "pair_shapes")
            )
        assert columns["accuracy"] == pytest.approx(row.univariate, abs=0.001), row.file
        assert pairs["accuracy"] == pytest.approx(row.bivariate, abs=0.001), row.file
        assert columns["expected_accuracy"] == pytest.approx(row.univariate_max, abs=0.005), row.file
        assert pairs["expected_accuracy"] == pytest.approx(row.bivariate_max, abs=0.005), row.file


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_chance_gives_is_what_the_holdout_shows(dataset, acceptance_data):
    real, holdout = (read(acceptance_data, dataset, f"{dataset}_{part}.csv.gz") for part in ("trn", "hol"))
    with case_of(World(real, holdout)) as case:
        for check_id, off in (("column_shapes", 0.0015), ("pair_shapes", 0.002)):
            summary = check_named(check_id).measure(case).summary
            assert summary["accuracy"] == pytest.approx(summary["expected_accuracy"], abs=off)
