"""timestamps: dates that do not exist or have not come, lost times of day, lost rhythm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.declare.options import Options
from audit.model import Measure
from audit.run.run import run_audit
from tests.worlds import World, find, outcome_of

ROWS = 16_000
DOSE = 8  # 0.05 % of the rows


def _visits(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """More visits on Fridays, at noon and in summer."""
    rng = np.random.default_rng([71, seed])
    day = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 1461, 4 * rows), unit="D")
    busy = (day.dayofweek == 4) * 0.5 + np.isin(day.month, (6, 7, 8)) * 0.3 + 0.2
    day = day[rng.random(len(day)) < busy][:rows]
    seconds = np.clip(rng.normal(12, 3, rows), 0, 23.9) * 3600
    return pd.DataFrame(
        {"at": day + pd.to_timedelta(seconds.astype(int), unit="s"), "x": rng.integers(0, 9, rows)}
    )


@pytest.fixture(scope="module")
def world() -> World:
    return World(*(_visits(part) for part in range(3)))


def _measure(world: World, synthetic: pd.Series, name: str) -> Measure:
    changed = World(world.real, world.synthetic.assign(at=synthetic), world.holdout)
    return find(outcome_of("timestamps", changed), "at", name=name)


def test_clean_rows_are_clean(world: World) -> None:
    measures = outcome_of("timestamps", world).measures
    assert {m.name for m in measures} == {
        *("", "future", "midnight", "full_minute", "weekday", "hour", "month"),
    }
    assert [m.value for m in measures] == [0.0] * 7
    assert [m.baseline for m in measures] == [0.0] * 7


def _written(frame: pd.DataFrame, path: Path, hit: np.ndarray | None = None) -> str:
    text = frame.assign(at=frame["at"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    if hit is not None:
        text.loc[hit, "at"] = "2022-02-30 10:00:00"
    text.to_csv(path, index=False)
    return str(path)


def test_the_30th_of_february(world: World, tmp_path: Path) -> None:
    hit = np.random.default_rng(72).permutation(ROWS)[:DOSE]
    assert world.holdout is not None
    asked = Options(
        real=_written(world.real, tmp_path / "real.csv"),
        holdout=_written(world.holdout, tmp_path / "holdout.csv"),
        synthetic=_written(world.synthetic, tmp_path / "synthetic.csv", hit),
        checks=("timestamps",),
    )
    (result,) = next(run_audit(asked, tmp_path)).results
    (measure,) = [j.measure for j in result.measures if not j.measure.name]
    assert measure.value == measure.low == measure.high == DOSE / ROWS
    assert measure.sentence == (
        "8 synthetic cells of at (0.050%) hold no date that exists; 0 real cells of 32,000 do."
    )
    assert result.grade.value == "warn"


@pytest.mark.parametrize("seed", range(2))
def test_the_future(world: World, seed: int) -> None:
    hit = np.random.default_rng([73, seed]).permutation(ROWS)[:DOSE]
    later = world.synthetic["at"].copy()
    later.loc[hit] += pd.Timedelta(days=3000)
    measure = _measure(world, later, "future")
    assert measure.value == DOSE / ROWS
    assert measure.rows is not None
    assert measure.rows.examples == tuple(sorted(int(row) + 1 for row in hit))


def test_lost_times_and_made_up_times(world: World) -> None:
    days = world.synthetic["at"].dt.floor("D")
    assert _measure(world, days, "midnight").value == pytest.approx(1.0, abs=0.01)
    assert _measure(world, world.synthetic["at"].dt.floor("min"), "full_minute").value == pytest.approx(
        1.0, abs=0.03
    )
    dated = World(*(frame.assign(at=frame["at"].dt.floor("D")) for frame in world.frames().values()))
    made_up = days.copy()
    made_up.iloc[:40] += pd.Timedelta(hours=5)
    assert _measure(dated, made_up, "midnight").value == pytest.approx(40 / ROWS)
    assert "hour" not in {m.name for m in outcome_of("timestamps", dated).measures}


def test_rhythm_by_hand(world: World) -> None:
    """Every visit a day later: what was Friday is Saturday; hours stay as they are."""
    moved = world.synthetic["at"] + pd.Timedelta(days=1)
    shares = [frame["at"].dt.dayofweek.value_counts(normalize=True) for frame in (world.real, world.holdout)]
    real = pd.concat(shares, axis=1).mean(axis=1).sort_index()
    found = moved.dt.dayofweek.value_counts(normalize=True).sort_index()
    distance = float((real - found).abs().sum() / 2)
    measure = _measure(world, moved, "weekday")
    assert distance - 0.015 < measure.value < distance
    assert measure.value > 0.15
    assert "most Sat" in measure.sentence or "most Fri" in measure.sentence
    assert _measure(world, moved, "hour").value == 0.0


@pytest.mark.parametrize("name", ["hour", "month"])
def test_a_flat_rhythm(world: World, name: str) -> None:
    rng = np.random.default_rng(74)
    flat = pd.Series(
        pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 1461 * 86400, ROWS), unit="s")
    )
    part = getattr(world.real["at"].dt, name).value_counts(normalize=True)
    other = getattr(flat.dt, name).value_counts(normalize=True)
    distance = float(part.sub(other, fill_value=0).abs().sum() / 2)
    assert _measure(world, flat, name).value == pytest.approx(distance, abs=0.02)


def test_splits_of_few_rows_raise_nothing() -> None:
    """Eight splits of 400 rows, each with seven numbers: hardly one is above its tolerance."""
    above = 0
    for seed in range(8):
        frames = [_visits(100 + 3 * seed + part, 400) for part in range(3)]
        above += sum(m.value > 0.02 for m in outcome_of("timestamps", World(*frames)).measures)
    assert above == 0


def test_no_dates() -> None:
    frames = [pd.DataFrame({"x": range(50)}) for _ in range(2)]
    with pytest.raises(Skip, match="No column holds dates"):
        outcome_of("timestamps", World(*frames))


def test_dates_before_1970_and_far_ahead() -> None:
    frame = pd.DataFrame(
        {"at": pd.to_datetime(["1899-12-31 23:59:59", "2199-01-01 00:00:00", None] * 20), "x": range(60)}
    )
    outcome = outcome_of("timestamps", World(frame, frame.copy()))
    assert all(m.value == 0.0 for m in outcome.measures)
    assert find(outcome, "at", name="weekday").n == 40
