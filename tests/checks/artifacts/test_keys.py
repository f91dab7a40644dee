"""keys: repeated and missing keys, sure and presumed ones, and keys of two columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.model import Rows
from tests.worlds import World, find, outcome_of

_ROWS = 100


def _table(first: int = 1) -> pd.DataFrame:
    numbers = range(first, first + _ROWS)
    return pd.DataFrame({"id": numbers, "x": [n % 9 for n in numbers]})


def _outcome(real: pd.DataFrame, synthetic: pd.DataFrame, **options: object) -> Outcome:
    return outcome_of("keys", World(real, synthetic), **options)


def test_sound_keys() -> None:
    outcome = _outcome(_table(), _table(500))
    assert [(m.value, m.rows) for m in outcome.measures] == [(0, None), (0, None)]
    assert find(outcome, "id").sentence == (
        "0 synthetic rows (0%) repeat a id that an earlier row holds; 0 real rows do."
    )


def test_every_repeat_counts_after_the_first() -> None:
    synthetic = _table(500)
    synthetic.loc[97:, "id"] = 500
    measure = find(_outcome(_table(), synthetic), "id")
    assert measure.value == measure.low == measure.high == pytest.approx(0.03)
    assert measure.rows == Rows(3, (100,))


def test_missing_keys_are_counted_apart() -> None:
    synthetic = _table(500).astype({"id": "Int64"})
    synthetic.loc[3:6, "id"] = pd.NA
    outcome = _outcome(_table(), synthetic)
    assert find(outcome, "id").value == 0
    missing = find(outcome, "id", name="missing")
    assert missing.value == pytest.approx(0.04)
    assert missing.rows == Rows(4, (4, 5, 6, 7))


def test_a_key_by_its_look_is_only_presumed() -> None:
    real = _table().assign(id=[f"word {n}" for n in range(_ROWS)]).rename(columns={"id": "comment"})
    synthetic = real.assign(comment="word 1")
    assert find(_outcome(real, synthetic), "comment", name="presumed_repeated").value == pytest.approx(0.99)


def test_a_named_key_that_repeats_in_the_real_table_too() -> None:
    real = _table().assign(id=lambda t: t["id"] % 50)
    same = _outcome(real, real.copy(), keys=("id",))
    assert find(same, "id").value == 0
    worse = _outcome(real, real.assign(id=1), keys=("id",))
    assert find(worse, "id").value == pytest.approx(0.99 - 0.5)


def _takings(part: int, rows: int = 2000) -> pd.DataFrame:
    """One line for each till and day; each till stands in one shop."""
    rng = np.random.default_rng(61)
    drawn = rng.permutation(60 * 110)[part * rows : (part + 1) * rows]
    till, day = drawn // 110, drawn % 110
    noise = np.random.default_rng([61, part])
    return pd.DataFrame(
        {
            "till": [f"t{i}" for i in till],
            "shop": [f"s{i // 4}" for i in till],
            "day": pd.Timestamp("2023-01-01") + pd.to_timedelta(day, unit="D"),
            "takings": noise.normal(900, 200, rows).round(2),
            "staff": noise.integers(1, 6, rows),
        }
    )


def _takings_world() -> World:
    return World(*(_takings(part) for part in range(3)))


def test_two_columns_that_are_a_key_together() -> None:
    (measure,) = outcome_of("keys", _takings_world()).measures
    assert (measure.about, measure.name, measure.value, measure.rows) == (
        ("day", "till"),
        "together",
        0.0,
        None,
    )


@pytest.mark.parametrize("seed", range(3))
def test_one_repeated_pair_is_told(seed: int) -> None:
    world = _takings_world()
    first, second = np.random.default_rng([62, seed]).permutation(2000)[:2]
    world.synthetic.loc[second, ["till", "shop", "day"]] = world.synthetic.loc[first, ["till", "shop", "day"]]
    (measure,) = outcome_of("keys", world).measures
    assert measure.value == measure.low == measure.high == 1 / 2000
    assert measure.rows == Rows(1, (int(max(first, second)) + 1,))
    assert measure.sentence == (
        "1 synthetic row (0.050%) repeats the day and till of an earlier row; no two real rows share both."
    )


def test_repeats_by_brute_force() -> None:
    """Days and tills dealt anew repeat as often as two independent columns do."""
    world = _takings_world()
    world.synthetic["day"] = np.random.default_rng(63).permutation(world.synthetic["day"].to_numpy())
    (measure,) = outcome_of("keys", world).measures
    repeated = int(world.synthetic.duplicated(["day", "till"]).sum())
    assert measure.value == repeated / 2000
    assert measure.rows is not None
    assert measure.rows.count == repeated > 50


def test_a_pair_that_real_rows_repeat_once_is_no_key() -> None:
    world = _takings_world()
    world.real.loc[1, ["till", "shop", "day"]] = world.real.loc[0, ["till", "shop", "day"]]
    with pytest.raises(Skip, match="no two columns together"):
        outcome_of("keys", world)


def test_columns_that_hardly_repeat_are_no_key_together() -> None:
    """They never share a pair either, but chance would not have repeated one."""
    rng = np.random.default_rng(64)
    frames = [pd.DataFrame(rng.normal(size=(2000, 3)).round(3), columns=list("abc")) for _ in range(3)]
    with pytest.raises(Skip, match="no two columns together"):
        outcome_of("keys", World(*frames))
