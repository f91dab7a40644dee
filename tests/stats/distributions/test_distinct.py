"""Rows that repeat, told by a number for each: against sorting them all."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.distributions.distinct import distinct_rows


def drawn(kinds: int, rows: int, bits: int = 64) -> np.ndarray:
    rng = np.random.default_rng(4)
    numbers = rng.integers(0, 2**bits, kinds, dtype=np.uint64)
    return numbers[rng.integers(0, kinds, rows)]


@pytest.mark.parametrize(("kinds", "rows"), [(1, 1), (1, 50), (300, 1000), (4000, 30_000)])
def test_different_rows_are_those_that_sorting_finds(kinds: int, rows: int) -> None:
    keys = np.concatenate([drawn(kinds, rows)] * 2)
    found = distinct_rows(keys)
    assert found is not None
    numbers, first, times = np.unique(keys, return_index=True, return_counts=True)
    order = np.argsort(keys[found[0]])
    assert keys[found[0]][order].tolist() == numbers.tolist()
    assert found[0][order].tolist() == first.tolist()
    assert found[1][order].tolist() == times.tolist()


def test_numbers_that_share_their_slot_are_told_apart() -> None:
    keys = drawn(50, 2000, bits=20)  # all leading bits are the same
    found = distinct_rows(keys)
    assert found is not None
    assert len(found[0]) == len(np.unique(keys))
    assert found[1].sum() == 2000


def test_rows_that_mostly_stand_alone_are_left_as_they_are() -> None:
    assert distinct_rows(drawn(10**6, 5000)) is None


def test_whether_rows_repeat_is_told_from_a_part_of_the_numbers() -> None:
    many = drawn(100_000, 600_000)
    found = distinct_rows(many)
    assert found is not None
    assert found[1].sum() == len(many)
    assert len(found[0]) == len(np.unique(many))
