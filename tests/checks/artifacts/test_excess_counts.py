"""Counts beyond chance: against the sampling itself and a second way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from audit.checks.artifacts._shared.excess_counts import (
    excess_over_real,
    max_by_chance,
    percent,
    rarefied_distinct,
    value_text,
)
from audit.model import Kind


@pytest.mark.parametrize("shape", [0.5, 2.0, 17.5])
@pytest.mark.parametrize("ratio", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("alarm", [0.01, 0.0005])
def test_limit_is_the_quantile_of_the_negative_binomial(shape: float, ratio: float, alarm: float) -> None:
    limit = max_by_chance(shape, ratio, alarm)
    law = stats.nbinom(shape, 1 / (1 + ratio))
    assert law.sf(limit) <= alarm
    assert limit == 0 or law.sf(limit - 1) > alarm


def test_rows_beyond_the_range_of_another_sample_stay_within_the_limit() -> None:
    rng = np.random.default_rng(1)
    limit = max_by_chance(2.0, 0.5, 0.01)
    real, fresh = rng.random((4000, 200)), rng.random((4000, 100))
    beyond = ((fresh < real.min(1, keepdims=True)) | (fresh > real.max(1, keepdims=True))).sum(1)
    alarms = float((beyond > limit).mean())
    assert 0.001 < alarms <= 0.015
    assert beyond.mean() == pytest.approx(2 * 100 / 201, rel=0.05)


def test_within_chance_is_zero_and_beyond_is_the_surplus() -> None:
    assert excess_over_real(count=5, n=1000, events=0, ratio=1.0).value == 0
    assert excess_over_real(count=6, n=1000, events=0, ratio=1.0).value == pytest.approx(0.006)
    assert excess_over_real(count=100, n=1000, events=20, ratio=1.0).value == pytest.approx(0.08)
    assert excess_over_real(count=30, n=1000, events=20, ratio=1.0).value == 0
    assert excess_over_real(count=0, n=0, events=0, ratio=0.0).value == 0


def test_rarefaction_by_hand_and_by_drawing() -> None:
    # a a b: two drawn of three hold two different ones unless both are a (1 of 3 pairs).
    assert rarefied_distinct(np.array([1, 2]), np.array([1, 1]), 2) == pytest.approx(2 - 1 / 3)
    assert rarefied_distinct(np.array([1, 2]), np.array([1, 1]), 3) == pytest.approx(2)
    sizes, groups = np.array([1, 3, 10]), np.array([50, 20, 5])
    rows = np.repeat(np.arange(75), np.repeat(sizes, groups))
    rng = np.random.default_rng(0)
    drawn = [len(np.unique(rng.choice(rows, 60, replace=False))) for _ in range(2000)]
    assert rarefied_distinct(sizes, groups, 60) == pytest.approx(np.mean(drawn), rel=0.01)


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.5, "50.0%"), (0.0123, "1.2%"), (0.00123, "0.12%"), (1e-5, "0.0010%")]
)
def test_shares_keep_two_digits(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.0, Kind.NUMBER, "0"),
        (-999.0, Kind.NUMBER, "-999"),
        (2.5, Kind.NUMBER, "2.5"),
        (1e300, Kind.NUMBER, "1e+300"),
        (0.0, Kind.DATE, "1970-01-01"),
        (1e18, Kind.DATE, "a date beyond the calendar"),
        ("a\nb", Kind.CATEGORY, "'a\\nb'"),
        ("x" * 41, Kind.CATEGORY, "'" + "x" * 39 + "…'"),
    ],
)
def test_values_are_shown_plainly(value: float | str, kind: Kind, text: str) -> None:
    assert value_text(value, kind) == text
