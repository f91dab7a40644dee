"""watermark: an embedded mark is recognised and excuses its columns; a wrong key does neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from audit.case.check import Outcome, Skip
from audit.checks.artifacts._shared.green_list import count_greens
from audit.checks.artifacts._shared.tabular_mark import MovedCells
from audit.declare.watermark import KeyCells, Watermark, make_watermark, read_watermark
from audit.errors import OptionError
from tests.worlds import World, find, outcome_of

MARK: dict[str, Any] = {"method": "green_list", "key": "a secret", "columns": ["x"], "bins": 200}


def embed(mark: Watermark, column: str, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every value into a place drawn from its nearest green interval."""
    centres = (np.flatnonzero(mark.green(column)) + 0.5) / mark.bins
    whole = np.floor(values)
    nearest = np.abs((values - whole)[:, None] - centres[None, :]).argmin(axis=1)
    return whole + centres[nearest] + rng.uniform(-0.499, 0.499, len(values)) / mark.bins


def _world(marked: bool = True, rows: int = 2000, seed: int = 0) -> World:
    rng = np.random.default_rng([44, seed])
    tables = [
        pd.DataFrame({"x": rng.normal(50, 10, rows).round(1), "y": rng.normal(50, 10, rows).round(1)})
        for _ in range(3)
    ]
    if marked:
        values = tables[1]["x"].to_numpy() + rng.uniform(-0.05, 0.05, rows)
        tables[1]["x"] = embed(make_watermark(MARK), "x", values, rng)
    return World(*tables)


def _outcome(world: World, check: str = "watermark", **changes: Any) -> Outcome:
    return outcome_of(check, world, watermark=MARK | changes)


def test_one_interval_of_each_pair_is_green() -> None:
    green = np.array(make_watermark(MARK).green("x")).reshape(-1, 2)
    assert (green.sum(axis=1) == 1).all()
    assert 30 < green[:, 0].sum() < 70
    assert make_watermark(MARK | {"key": "another"}).green("x") != make_watermark(MARK).green("x")


def test_an_embedded_mark_is_found() -> None:
    outcome = _outcome(_world())
    measure = next(m for m in outcome.measures if not m.about)
    assert (measure.value, measure.low, measure.high) == (0, 0, 0)
    assert outcome.summary["green_share"] == 1
    assert outcome.summary["z"] == pytest.approx(2000**0.5)  # (n - n / 2) / sqrt(n / 4)
    assert measure.sentence.startswith("The declared watermark was found: 100.0% of 2,000 synthetic values")


@pytest.mark.parametrize("seed", range(5))
def test_neither_a_wrong_key_nor_an_unmarked_table_is_taken_for_the_mark(seed: int) -> None:
    for world, changes in ((_world(seed=seed), {"key": f"wrong {seed}"}), (_world(False, seed=seed), {})):
        outcome = _outcome(world, **changes)
        measure = next(m for m in outcome.measures if not m.about)
        assert measure.value == 1
        assert "was not found" in measure.sentence


def test_whole_numbers_are_no_mark() -> None:
    """All are green or none; so are the real ones."""
    frames = [pd.DataFrame({"x": np.arange(500.0) + i}) for i in range(2)]
    for key in "abcd":
        assert _outcome(World(*frames), key=key).measures[0].value == 1


def test_a_found_mark_excuses_its_columns_only() -> None:
    world = _world()
    world.synthetic.loc[:99, "y"] += 0.037
    outcome = _outcome(world, "precision")
    marked, other = find(outcome, "x"), find(outcome, "y")
    assert marked.descriptive
    assert marked.sentence.endswith("The column carries the declared watermark, which changes its digits.")
    assert not other.descriptive
    assert other.value == pytest.approx(0.05)


def test_a_mark_that_is_not_found_excuses_nothing() -> None:
    measure = find(_outcome(_world(), "precision", key="wrong"), "x")
    assert measure.value > 0.9
    assert not measure.descriptive


def test_nothing_declared() -> None:
    with pytest.raises(Skip, match="No watermark was declared"):
        outcome_of("watermark", _world())


def test_no_column_of_numbers() -> None:
    with pytest.raises(Skip, match="No declared column"):
        _outcome(_world(), columns=["nowhere"])


@pytest.mark.parametrize(
    "change", [{"method": "other"}, {"key": ""}, {"columns": []}, {"bins": 3}, {"bins": True}, {"more": 1}]
)
def test_a_declaration_that_cannot_be_used_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        make_watermark(MARK | change)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mark.toml"
    path.write_text('method = "green_list"\nkey = "k"\ncolumns = ["x"]\nbins = 10\n', encoding="utf-8")
    assert make_watermark(read_watermark(path)).bins == 10
    with pytest.raises(OptionError, match="There is no file"):
        read_watermark(tmp_path / "none.toml")
    path.write_text("method = ", encoding="utf-8")
    with pytest.raises(OptionError, match="cannot be read as TOML"):
        read_watermark(path)


CELLS: dict[str, Any] = {"method": "tabular_mark", "key": "a secret", "radius": 2.0, "domains": 40}


def _key_cells(
    rows: int = 400, cells: int = 60, seed: int = 0, **changes: Any
) -> tuple[World, dict[str, Any]]:
    """Unmarked tables with a key column, and a declaration of cells drawn by lot."""
    rng = np.random.default_rng([45, seed])
    frames = [
        pd.DataFrame(
            {
                "id": np.arange(rows) + 1000 * at,
                "word": [f"w{i}" for i in range(rows)],
                "x": rng.normal(50, 10, rows).round(1),
            }
        )
        for at in range(2)
    ]
    chosen = rng.choice(rows, cells, replace=False)
    listed = [
        {"column": "x", "value": float(frames[1]["x"][row]), "where": {"id": int(frames[1]["id"][row])}}
        for row in chosen
    ]
    return World(*frames), CELLS | {"cells": listed} | changes


def _mark_cells(world: World, plain: dict[str, Any], rng: np.random.Generator, name: str = "id") -> World:
    """Move every key cell into the middle of one of its green domains, drawn by lot."""
    mark = make_watermark(plain)
    assert isinstance(mark, KeyCells)
    synthetic = world.synthetic.copy()
    for cell in mark.cells:
        domain = rng.choice(sorted(mark.green(cell)))
        moved = -mark.radius + (domain + 0.5) * 2 * mark.radius / mark.domains
        synthetic.loc[synthetic[name] == cell.where[0][1], "x"] = cell.value + moved
    return World(world.real, synthetic)


def test_key_cells_are_found_by_their_key_in_any_order() -> None:
    world, plain = _key_cells()
    marked = _mark_cells(world, plain, np.random.default_rng(0))
    shuffled = World(world.real, marked.synthetic.sample(frac=1, random_state=1).reset_index(drop=True))
    for one in (marked, shuffled):
        outcome = outcome_of("watermark", one, watermark=plain)
        assert outcome.measures[0].value == 0
        assert outcome.summary == {"z": pytest.approx(60**0.5), "green_share": 1}
        assert outcome.measures[0].sentence == (
            "The declared watermark was found: 100.0% of 60 key cells are green (z = 7.7), "
            "where chance gives 50.0%; 0 of 60 are gone."
        )
    for nothing in (
        outcome_of("watermark", marked, watermark=plain | {"key": "wrong"}),
        outcome_of("watermark", world, watermark=plain),
    ):
        assert nothing.measures[0].value == 1
        assert abs(nothing.summary["z"]) < 4
    assert find(outcome_of("precision", marked, watermark=plain), "x").descriptive


def test_rows_are_named_by_text_too_and_lost_or_doubled_ones_do_not_count() -> None:
    world, plain = _key_cells()
    listed = [one | {"where": {"word": f"w{one['where']['id'] - 1000}"}} for one in plain["cells"]]
    named = plain | {"cells": listed}
    marked = _mark_cells(world, named, np.random.default_rng(0), "word")
    gone = {one["where"]["word"] for one in listed[:10]}
    twice = marked.synthetic[marked.synthetic["word"] == listed[10]["where"]["word"]]
    left = pd.concat([marked.synthetic[~marked.synthetic["word"].isin(gone)], twice])
    outcome = outcome_of("watermark", World(world.real, left), watermark=named)
    assert outcome.measures[0].n == 49
    assert outcome.measures[0].value == 0
    with pytest.raises(Skip, match="None of the 60 key cells"):
        outcome_of("watermark", World(world.real, left.drop(columns="word")), watermark=named)


def test_a_cell_that_moved_too_far_is_not_green() -> None:
    plain = CELLS | {"cells": [{"column": "x", "value": 10.0, "where": {"id": i}} for i in range(20)]}
    mark = make_watermark(plain)
    assert isinstance(mark, KeyCells)
    cell = mark.cells[0]
    assert len(mark.green(cell)) == 20
    assert not any(mark.is_green(cell, value) for value in (7.9, 12.0, 99.0))
    green = [mark.is_green(cell, 8.05 + 0.1 * at) for at in range(40)]
    assert {at for at, one in enumerate(green) if one} == mark.green(cell)


@pytest.mark.parametrize(("share", "cells"), [(0.5, 60), (0.5, 20), (0.1, 60)])
def test_chance_takes_an_unmarked_table_for_marked_less_often_than_once_in_30_000(
    share: float, cells: int
) -> None:
    """The exact chance of all counts that would be taken for a mark; by z alone few green domains give more."""
    taken = [green for green in range(cells + 1) if MovedCells(green, cells, cells, share).is_marked]
    assert binom.sf(taken[0] - 1, cells, share) < 1 / 30_000
    assert taken[-1] == cells


def _counts(values: np.ndarray, bins: int = 1000) -> np.ndarray:
    return np.bincount(((values - np.floor(values)) * bins).astype(int), minlength=bins)


@pytest.mark.parametrize(("decimals", "real"), [(15, 15), (1, 1), (1, 15), (2, 15), (15, 1)])
def test_a_drawn_key_finds_no_green_list_in_an_unmarked_table(decimals: int, real: int) -> None:
    """4,000 keys; before other keys were looked at, a table rounded more than the real one fitted a third of them."""
    rng = np.random.default_rng(5)
    tables = [_counts(rng.normal(50, 10, 2000).round(digits)) for digits in (decimals, real)]
    second = rng.random((4000, 500)) < 0.5
    found = [count_greens(tables[0], tables[1], np.stack([~one, one], axis=1).ravel()) for one in second]
    z = np.array([green.beyond_other_keys for green in found])
    assert abs(z.mean()) < 4 / 4000**0.5
    assert z.std() == pytest.approx(1, abs=0.05)
    assert not any(green.is_marked for green in found)


def test_key_cells_are_green_by_chance_as_often_as_the_share_says() -> None:
    """400 keys: the mean and spread of z, and none beyond four."""
    rng = np.random.default_rng(5)
    plain = _key_cells(cells=60)[1] | {"domains": 10}
    moved = rng.uniform(-2, 2, 60)
    found = []
    for at in range(400):
        mark = make_watermark(plain | {"key": f"k{at}"})
        assert isinstance(mark, KeyCells)
        green = sum(
            mark.is_green(cell, cell.value + move) for cell, move in zip(mark.cells, moved, strict=True)
        )
        found.append(MovedCells(green, 60, 60, mark.share))
    z = np.array([one.z for one in found])
    assert abs(z.mean()) < 4 / 400**0.5
    assert z.std() == pytest.approx(1, abs=0.15)
    assert not any(one.is_marked for one in found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"radius": 0}, "The watermark's radius is 0; a number above 0 is needed."),
        ({"domains": 7}, "The watermark has 7 domains; an even number from 2 to 10,000 is needed."),
        ({"green": 1}, "The watermark's green share is 1; a number between 0 and 1 is needed."),
        ({"cells": []}, "The watermark needs 20 to 10,000 key cells."),
        ({"cells": [{"column": "x"}] * 20}, "The watermark's key cell 1 is not a column, a value and a where."),
        ({"cells": [{"column": "x", "value": 1, "where": {"id": 1}}] * 20}, "The watermark names a key cell twice."),
        ({"bins": 10}, "The watermark has 'bins', which does not exist."),
    ],
)  # fmt: skip
def test_a_declaration_of_key_cells_that_cannot_be_used_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(OptionError) as caught:
        make_watermark(_key_cells()[1] | changes)
    assert caught.value.message == said
