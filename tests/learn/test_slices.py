"""Rules that tell tables apart, and cells in words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.learn.cell_labels import cells_in_words
from audit.learn.slices import find_slices, shared_slices
from tests.worlds import World, case_of, siblings


def tripled(rows: int = 8000, low: int = 25, high: int = 32) -> World:
    """Siblings whose synthetic table holds women of some ages three times as often."""
    world = siblings(rows)
    drawn = world.synthetic
    hit = drawn[(drawn["sex"] == "Female") & drawn["age"].between(low, high)]
    more = pd.concat([drawn, hit, hit], ignore_index=True).assign(id=lambda f: range(len(f)))
    return dataclasses.replace(world, synthetic=more)


@pytest.fixture(scope="module")
def planted():
    with case_of(tripled()) as case:
        found = shared_slices(case)
        masks = [(one.mask(case, case.holdout), one.mask(case, case.synthetic)) for one in found]
        yield case, found, masks


def test_the_planted_slice_is_the_first_rule(planted):
    _, (first, *_), _ = planted
    assert first.is_significant
    assert first.columns == ("age", "sex")
    assert first.words["sex"] == "Female"
    assert first.low <= first.ratio <= first.high
    # women of 25 to 32 make up p = 5.9 % of real rows and 3 p / (1 + 2 p) of synthetic ones: 2.7 times as many
    assert 2.0 < first.ratio < 3.0
    assert "sex is Female" in first.rule and "age is 2" in first.rule


def test_a_mask_holds_the_rows_the_rule_speaks_of(planted):
    case, (first, *_), ((real, synthetic), *_) = planted
    assert real.shape == (case.holdout.rows,)
    women = case.synthetic.column("sex") == "Female"
    assert women[synthetic].all()
    ratio = synthetic.mean() / real.mean()
    assert first.low < ratio < first.high


def test_shares_are_counted_on_rows_the_rule_was_not_found_with(planted):
    case, found, masks = planted
    half = case.synthetic.rows - case.synthetic.rows // 2
    for one, (_, synthetic) in zip(found, masks, strict=True):
        hits = one.synthetic * half
        assert hits == pytest.approx(round(hits), abs=1e-6)
        assert one.synthetic == pytest.approx(synthetic.mean(), abs=0.03)
        assert one.gap_low <= one.synthetic - one.real <= one.gap_high


@pytest.mark.parametrize("change", ["rows", "columns", "names"])
def test_order_and_names_have_no_part_in_it(change):
    world = tripled(2000)
    changed = {
        "rows": lambda f: f.sample(frac=1, random_state=3).reset_index(drop=True),
        "columns": lambda f: f[list(f.columns[::-1])],
        "names": lambda f: f.rename(columns={"age": "years", "score": "a", "sex": "zz"}),
    }[change]
    told = []
    for one in (world, World(*map(changed, world.frames().values()))):
        with case_of(one) as case:
            told.append(
                [(s.ratio, s.low, s.high, len(s.words), s.is_significant) for s in shared_slices(case)]
            )
    assert told[0] == told[1]
    assert told[0]


def test_alike_tables_have_no_clear_slice():
    for seed in range(3):
        with case_of(siblings(3000, seed)) as case:
            assert [one.rule for one in shared_slices(case) if one.is_significant] == []


def test_few_rows_have_no_slices():
    with case_of(siblings(150)) as case:
        assert shared_slices(case) == []
        rows = np.arange(150)
        assert find_slices(case, rows, rows, case.rng("test")) == []


def test_a_table_without_columns_to_cut_has_no_slices():
    frame = pd.DataFrame({"id": range(500)})
    with case_of(World(frame, frame.copy())) as case:
        assert shared_slices(case) == []


def test_an_interval_covers_the_true_ratio():
    """Over many samples the 95 % interval of the planted rule holds the ratio of all rows."""
    rng, held = np.random.default_rng(4), []
    real, drawn = (
        pd.DataFrame({"x": rng.choice(["a", "b"], 60_000, p=[1 - share, share])}) for share in (0.2, 0.3)
    )
    with case_of(World(real, drawn)) as case:
        for _ in range(200):
            rows = rng.choice(60_000, (2, 1500), replace=False)
            found = find_slices(case, rows[0], rows[1], rng)
            held += [one.low < 1.5 < one.high for one in found if one.words["x"] == "b"]
    assert len(held) == 200
    assert 0.90 <= np.mean(held) <= 0.99


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    rows = 2000
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 80, rows),
            "grade": rng.integers(1, 5, rows),
            "work": rng.choice(["a", "b", "c", "d", "e", "f"], rows, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1]),
            "rare": rng.choice(["u", "v"], rows, p=[0.997, 0.003]),
        }
    )
    with case_of(World(frame, frame.copy())) as case:
        yield case


@pytest.mark.parametrize(
    ("name", "cells", "words"),
    [
        ("grade", [0], "1"),
        ("grade", [0, 1], "1 to 2"),
        ("grade", [0, 3], "1 or 4"),
        ("grade", [0, 4], "1 or missing"),
        ("grade", [0, 1, 2, 3], "not missing"),
        ("grade", [0, 1, 2, 3, 4], "any value"),
        ("work", [0], "a"),
        ("work", [0, 1], "a or b"),
        ("work", [0, 1, 2], "a, b or c"),
        ("work", [1, 2, 3, 4, 5, 7], "not a or other values"),
        ("work", [7], "missing"),
    ],
)
def test_cells_in_words(columns, name, cells, words):
    assert cells_in_words(columns, name, cells, range(columns.binning(name).size)) == words


def test_bins_that_touch_are_one_range(columns):
    size = columns.binning("age").size
    labels = columns.binning("age").labels
    below, last = labels[0], labels[size - 2]
    assert below.startswith("below ") and last.endswith(" or more")
    start, end = labels[2].split(" to ")[0], labels[4].split(" to ")[1]
    everything = range(size)
    assert cells_in_words(columns, "age", [2, 3, 4], everything) == f"{start} to {end}"
    assert cells_in_words(columns, "age", [0, 1], everything) == f"below {labels[1].split(' to ')[1]}"
    assert (
        cells_in_words(columns, "age", [size - 3, size - 2], everything)
        == f"{labels[size - 3].split(' to ')[0]} or more"
    )


def test_cells_without_a_row_are_not_worth_a_word(columns):
    assert cells_in_words(columns, "grade", [0, 1, 4], [0, 1, 2, 3]) == "1 to 2"
    assert cells_in_words(columns, "work", [1, 2, 3, 4, 5, 6, 7], range(6)) == "not a"
    with pytest.raises(ValueError, match="no row of grade"):
        cells_in_words(columns, "grade", [4], [0, 1])


def test_a_value_that_few_people_hold_is_not_named(columns):
    held = dict(zip(*np.unique(columns.real.column("rare"), return_counts=True), strict=True))
    assert held["v"] < 10
    assert "v" not in cells_in_words(columns, "rare", [1], range(4)).split()
