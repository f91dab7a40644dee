"""Clocks: hours that a zone skips and repeats, and what real times must show before they count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks.artifacts._shared.clock_changes import _changes, _clock, clock_changes
from audit.model import Measure
from tests.worlds import World, find, outcome_of

ALARM = 0.0005


def _seconds(text: str) -> float:
    return pd.Timestamp(text).timestamp()


def _utc(seed: int, rows: int) -> pd.DatetimeIndex:
    """Moments of two years, most of them at the weekend."""
    rng = np.random.default_rng([81, seed])
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 730, 4 * rows), unit="D")
    days = days[(days.dayofweek >= 5) | (rng.random(len(days)) < 0.1)][:rows]
    return days + pd.to_timedelta(rng.integers(0, 86_400, len(days)), unit="s")


def _wall(seed: int, rows: int = 60_000, zone: str = "Europe/Berlin") -> np.ndarray:
    """The same moments on the clock on the wall, in seconds."""
    local = _utc(seed, rows).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[s]").astype(np.float64)


def _found(synthetic: np.ndarray, zone: str = "Europe/Berlin") -> dict[str, Measure]:
    times = {"real": _wall(0, zone=zone), "synthetic": synthetic, "holdout": _wall(2, zone=zone)}
    return {m.name: m for m in clock_changes("at", times, ALARM)}


def test_changes_by_the_calendar() -> None:
    clock = _changes("Europe/Berlin", _seconds("2021-01-01"), _seconds("2021-12-31"))
    assert clock.skipped == [(_seconds("2021-03-28 02:00"), _seconds("2021-03-28 03:00"))]
    assert clock.repeated == [(_seconds("2021-10-31 02:00"), _seconds("2021-10-31 03:00"))]
    clock = _changes("America/New_York", _seconds("2022-01-01"), _seconds("2022-12-31"))
    assert clock.skipped == [(_seconds("2022-03-13 02:00"), _seconds("2022-03-13 03:00"))]
    clock = _changes("Australia/Sydney", _seconds("2021-07-01"), _seconds("2022-06-30"))
    assert clock.skipped == [(_seconds("2021-10-03 02:00"), _seconds("2021-10-03 03:00"))]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "America/New_York"])
def test_real_times_show_their_clock(zone: str) -> None:
    clock = _clock(np.sort(np.concatenate([_wall(0, zone=zone), _wall(2, zone=zone)])))
    assert clock is not None
    assert clock.zone == zone


def test_times_that_do_not_exist_are_found() -> None:
    synthetic = _wall(1)
    synthetic[:40] = _seconds("2022-03-27 02:30")
    measure = _found(synthetic)["skipped_hour"]
    assert measure.value == pytest.approx(40 / 60_000)
    assert measure.sentence == (
        "40 synthetic times of at (0.067%) lie in an hour that clocks skip in spring; 0% of 120,000 real ones do. "
        "Real times change clocks as in Europe/Berlin."
    )


def test_a_generator_that_knows_no_clocks_is_found() -> None:
    utc = _utc(1, 60_000).to_numpy().astype("datetime64[s]").astype(np.float64)
    assert _found(utc)["skipped_hour"].value > 0


def test_a_pile_in_the_repeated_hour_is_found() -> None:
    synthetic = _wall(1)
    synthetic[:90] = _seconds("2021-10-31 02:15")
    found = _found(synthetic)
    assert found["repeated_hour"].value == pytest.approx(90 / 60_000, abs=0.0005)
    assert found["skipped_hour"].value == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney"])
def test_clean_times_are_clean(zone: str) -> None:
    assert [m.value for m in _found(_wall(1, zone=zone), zone).values()] == [0.0, 0.0]


def test_without_a_clock_of_its_own_nothing_is_said() -> None:
    utc = [_utc(i, 60_000).to_numpy().astype("datetime64[s]").astype(np.float64) for i in range(3)]
    assert (
        list(clock_changes("at", dict(zip(("real", "synthetic", "holdout"), utc, strict=True)), ALARM)) == []
    )
    few = {"real": _wall(0, 2000), "synthetic": _wall(1, 2000)}
    assert list(clock_changes("at", few, ALARM)) == []


def test_the_check_on_dates_asks_it() -> None:
    frames = [
        pd.DataFrame({"at": _wall(i).astype("datetime64[s]"), "x": np.arange(60_000) % 7}) for i in range(3)
    ]
    frames[1].loc[:39, "at"] = pd.Timestamp("2022-03-27 02:30")
    outcome = outcome_of("timestamps", World(*frames))
    assert find(outcome, "at", name="skipped_hour").value == pytest.approx(40 / 60_000)
