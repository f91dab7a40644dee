"""Round numbers: where the allowance for chance goes, and that it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from audit.checks.artifacts._shared.lattice import Lattice
from audit.checks.artifacts._shared.lattice_stretches import UnitColumn, UnitCounts
from audit.checks.artifacts._shared.round_numbers import _heaps, heaps

ROWS = 16_000


def _column(name: str, **tables: np.ndarray) -> UnitColumn:
    places = {}
    for role, values in tables.items():
        found, rows = np.unique(values.astype(np.int64), return_counts=True)
        places[role] = UnitCounts(found, rows)
    return UnitColumn(name, Lattice(0, 1), places)


def _ages(rng: np.random.Generator, name: str = "age", heaped: float = 0.0) -> UnitColumn:
    tables = [np.clip(rng.normal(40, 14, ROWS), 17, 90).round() for _ in range(3)]
    hit = rng.random(ROWS) < heaped
    tables[1][hit] = (tables[1][hit] / 5).round() * 5
    return _column(name, **dict(zip(("real", "synthetic", "holdout"), tables, strict=True)))


def test_the_allowance_goes_to_fives_in_ages() -> None:
    """One age in fifty on fives: 0.016 over sqrt(0.2 x 0.8 x 1.5 / 16,000) is 4.1 standard errors."""
    weights = {heap.base: heap.weight for heap in _heaps(_ages(np.random.default_rng(0)))}
    assert weights == {5: 1.0, 10: 0.02}


def test_nobody_rounds_six_digits_to_fives() -> None:
    rng = np.random.default_rng(1)
    wide = _column("w", **{r: rng.normal(190_000, 50_000, ROWS) for r in ("real", "synthetic", "holdout")})
    weights = {heap.base: heap.weight for heap in _heaps(wide)}
    assert weights[5] == 0.01
    assert set(list(weights.values())[1:]) == {0.02}


def test_a_base_above_the_middle_value_is_odd() -> None:
    rng = np.random.default_rng(2)
    few = _column("few", **{r: rng.geometric(0.12, ROWS) for r in ("real", "synthetic", "holdout")})
    assert {heap.base: heap.weight for heap in _heaps(few)}[10] <= 0.02


def test_other_columns_out_of_reach_cost_next_to_nothing() -> None:
    rng = np.random.default_rng(3)
    small = [
        _column(f"small {i}", **{r: rng.integers(0, 99, 900) for r in ("real", "synthetic")})
        for i in range(5)
    ]
    told = sum(heaps([_ages(rng, heaped=0.02), *small], 0.009)[0][0].value > 0 for _ in range(20))
    assert told >= 17


@pytest.mark.parametrize("alarm", [0.05, 0.2])
def test_fresh_rows_exceed_the_allowance_no_more_often_than_said(alarm: float) -> None:
    rng = np.random.default_rng(4)
    runs = 150
    alarms = sum(
        any(m.value > 0 for m, _ in heaps([_ages(rng, "a"), _ages(rng, "b")], alarm)) for _ in range(runs)
    )
    assert alarms <= runs * alarm + 3 * np.sqrt(runs * alarm * (1 - alarm))
    assert alarms >= runs * alarm / 4  # and it is not left unused
