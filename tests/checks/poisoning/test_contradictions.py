"""contradictions: equal rows with different labels, repeated blocks and constant columns are counted beyond real rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome
from audit.stats.models.contradictions import (
    Contradictions,
    count_contradicted,
    count_contradictions,
    repeated_blocks,
)
from tests.worlds import ROLES, World, find, is_judged, outcome_of, siblings


def _hashes(*values: int) -> Any:
    return np.array(values, dtype=np.uint64)


def _coarse(rows: int, seed: int) -> pd.DataFrame:
    """Rows of which many are equal, with an outcome that mostly follows."""
    rng = np.random.default_rng([4, seed])
    a, b = rng.integers(0, 5, rows), rng.choice(list("pqrs"), rows)
    return pd.DataFrame({"a": a, "b": b, "y": np.where(rng.random(rows) < 0.05 + 0.9 * (a > 2), "yes", "no")})


def _outcome(synthetic: pd.DataFrame, holdout: bool = True, target: str | None = "y") -> Outcome:
    world = World(_coarse(2000, 0), synthetic, _coarse(2000, 2) if holdout else None)
    return outcome_of("contradictions", world, **({"target": target} if target else {}))


def test_clean_rows_contradict_as_real_ones_do() -> None:
    for world in (siblings(1500), replace(siblings(1500), holdout=None)):
        outcome = outcome_of("contradictions", world, **ROLES)
        assert [m.value for m in outcome.measures] == [0.0] * len(outcome.measures)
        assert [m.name for m in outcome.measures if not is_judged("contradictions", m)] in ([], ["real_rows"])
    assert [m.name for m in outcome.measures] == ["", "blocks", "constant"]


def test_many_equal_rows_are_compared_with_as_many_real_ones() -> None:
    whole = find(_outcome(_coarse(6000, 1)))
    assert whole.n == 2000
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < 0 < whole.high
    assert not is_judged("contradictions", whole)  # too wide to be judged, and chance explains it


def test_flipped_labels_of_equal_rows_are_counted() -> None:
    frame = _coarse(2000, 1)
    frame.loc[:199, "y"] = frame["y"][:200].map({"yes": "no", "no": "yes"})
    whole = find(_outcome(frame))
    # 5 % contradict anyway, and of those 200 that were flipped nine in ten contradict now.
    assert whole.value == pytest.approx(0.09, abs=0.03)
    assert is_judged("contradictions", whole)
    assert "of labels would have to change until equal rows carry equal labels" in whole.sentence


def test_real_rows_with_another_label_are_told_apart_from_fresh_ones() -> None:
    world = siblings(600)
    frame = world.synthetic.copy()
    others = [name for name in frame.columns if name != "id"]
    frame.loc[:19, others] = world.real.loc[:19, others].to_numpy()
    frame = frame.astype(world.real.dtypes.to_dict())
    copied = outcome_of("contradictions", replace(world, synthetic=frame), **ROLES)
    assert find(copied, name="real_rows").value == 0
    frame.loc[:19, "income"] = frame["income"][:20].map({"high": "low", "low": "high"})
    flipped = find(outcome_of("contradictions", replace(world, synthetic=frame), **ROLES), name="real_rows")
    assert flipped.value == pytest.approx(20 / 600)
    assert is_judged("contradictions", flipped)


def test_a_block_that_comes_again_is_seen_without_a_target() -> None:
    world = siblings(600)
    block = world.synthetic.iloc[100:130].assign(id=range(9000, 9030))
    frame = pd.concat([world.synthetic, block], ignore_index=True)
    outcome = outcome_of("contradictions", replace(world, synthetic=frame))
    assert find(outcome, name="blocks").value == pytest.approx(30 / 630)
    assert [m.name for m in outcome.measures] == ["blocks", "constant"]


@pytest.mark.parametrize(("column", "value"), [("city", "Aachen"), ("age", 40), ("gain", np.nan)])
def test_a_constant_column_is_named(column: str, value: Any) -> None:
    world = siblings(600)
    frame = world.synthetic.assign(**{column: value})
    found = find(
        outcome_of("contradictions", replace(world, synthetic=frame), **ROLES), column, name="constant"
    )
    real = pd.concat([world.real, world.holdout])[column]
    other = 1 - float((real.isna() if pd.isna(value) else real == value).mean())
    assert found.value == pytest.approx(other)
    assert found.sentence.startswith(f"{column} holds one value in every synthetic row; ")


def test_a_value_that_nearly_all_real_rows_hold_may_be_the_only_one() -> None:
    frames = [pd.DataFrame({"x": np.arange(200) + seed, "c": ["u"] * 200}) for seed in range(3)]
    frames[0].loc[:0, "c"] = "v"
    frames[2].loc[:0, "c"] = "v"
    assert find(outcome_of("contradictions", World(*frames)), name="constant").value == 0


def test_contradictions_by_hand() -> None:
    kinds, labels = _hashes(1, 2, 1, 1, 3, 2), _hashes(7, 7, 8, 7, 7, 7)
    assert count_contradictions(kinds, labels) == Contradictions(rows=3, changes=1)
    assert count_contradictions(_hashes(), _hashes()) == Contradictions(0, 0)
    # 1 stands there with 7 alone; 2 with 8 alone; 4 does not stand there.
    assert count_contradicted(_hashes(1, 1, 2, 4), _hashes(7, 8, 7, 7), _hashes(1, 2), _hashes(7, 8)) == 2


def test_blocks_by_hand() -> None:
    rows = np.arange(20)
    assert repeated_blocks(_hashes(*rows, *rows[:7])) == 0
    assert repeated_blocks(_hashes(*rows, *rows[:8])) == 8
    assert repeated_blocks(_hashes(*[5] * 40)) == 0
    assert repeated_blocks(_hashes(*rows, *rows, *rows)) == 40
    assert repeated_blocks(_hashes()) == 0
