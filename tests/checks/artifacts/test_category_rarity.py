"""Rare values that are lost together, and what is left by frequency."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks.artifacts._shared.category_rarity import kept_by_octave, octave_chart, rare_loss
from tests.worlds import World, find, outcome_of

_ROWS = 16_000


def _many(seed: int, rows: int = _ROWS) -> pd.DataFrame:
    """Forty values of which thirty hold about one row in 2,500."""
    rng = np.random.default_rng([46, seed])
    share = np.array([1.0] * 10 + [0.0041] * 30)
    labels = np.array([f"v{i}" for i in range(40)])
    return pd.DataFrame({"c": rng.choice(labels, rows, p=share / share.sum()), "d": ["x", "y"] * (rows // 2)})


def _counts(frame: pd.DataFrame) -> dict[str, int]:
    return {str(k): int(v) for k, v in frame["c"].value_counts().items()}


def test_nothing_is_missing_by_chance() -> None:
    found = [rare_loss(_counts(_many(i, 2 * _ROWS)), _counts(_many(1000 + i)), 0.01) for i in range(40)]
    assert found == [None] * 40


def test_fresh_rows_of_rare_values_are_expected_without_bias() -> None:
    """Values that just miss being rare by luck are set against those that are rare by luck."""
    gaps = []
    for i in range(40):
        loss = rare_loss(_counts(_many(i, 2 * _ROWS)), {"v0": _ROWS}, 0.01)
        fresh, pool = _counts(_many(1000 + i)), _counts(_many(i, 2 * _ROWS))
        assert loss is not None
        seen = sum(fresh.get(value, 0) for value, n in pool.items() if n < loss.below * 2 * _ROWS)
        gaps.append(seen - loss.expected)
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / np.sqrt(len(gaps)) + 1


def test_rare_values_lost_together_are_told() -> None:
    tables = [_many(i) for i in range(3)]
    few = tables[1]["c"].value_counts()
    rare = few.index[few < 0.0005 * _ROWS]
    tables[1].loc[tables[1]["c"].isin(rare), "c"] = "v0"
    measure = find(outcome_of("lost_categories", World(*tables)), "c", name="rare")
    assert measure.value == pytest.approx(few[rare].sum() / _ROWS, rel=0.35)
    assert measure.sentence.endswith("should.")


def test_octaves_by_hand() -> None:
    kept = kept_by_octave({"a": 60, "b": 30, "c": 10}, {"a": 5, "c": 1})
    assert kept[0].tolist()[:5] == [1, 1, 0, 1, 0]
    assert kept[1].tolist()[:5] == [1, 0, 0, 1, 0]
    assert kept[2][3] == pytest.approx(1 - 0.9**6)
    (chart,) = octave_chart(kept)
    assert chart.labels == ("1 in 1 to 2", "1 in 2 to 4", "1 in 8 to 16")
    assert chart.series[1].values == (1.0, 0.0, 1.0)
    assert octave_chart(kept * 0) == ()


def test_empty_tables_lose_nothing() -> None:
    assert rare_loss({}, {"a": 1}, 0.01) is None
    assert rare_loss({"a": 1}, {}, 0.01) is None
