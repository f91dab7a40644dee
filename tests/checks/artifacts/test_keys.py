"""keys: repeated and missing keys, sure and presumed ones."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.check import Outcome
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
