"""watermark: an embedded mark is recognised and excuses its columns; a wrong key does neither."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.check import Outcome, Skip
from audit.errors import OptionError
from audit.watermarks import Watermark, make_watermark, read_watermark
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
