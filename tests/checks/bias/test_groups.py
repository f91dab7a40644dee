"""How people are put into groups, and which outcome is followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks.bias.groups import group_counts, make_groups
from audit.checks.bias.rates import make_outcomes
from tests.worlds import World, case_of


def _groups(values: list[object], column: str = "g") -> tuple[str, ...]:
    frame = pd.DataFrame({column: values, "x": range(len(values))})
    with case_of(World(frame, frame), sensitive=(column,)) as case:
        return make_groups(case, case.column(column)).labels


def test_groups_come_largest_first_and_small_ones_share_one() -> None:
    assert _groups(["a"] * 20 + ["b"] * 40 + ["c"] * 9 + ["d"] * 2) == ("b", "a", "other values")


def test_a_rest_below_ten_people_is_not_told() -> None:
    assert _groups(["a"] * 20 + ["b"] * 40 + ["c"] * 9) == ("b", "a")


def test_missing_values_belong_to_no_group() -> None:
    assert _groups(["a"] * 20 + [None] * 40) == ("a",)


def test_values_that_no_real_row_holds_belong_to_no_group_but_count_as_rows() -> None:
    real = pd.DataFrame({"g": ["a"] * 20 + ["b"] * 20, "x": range(40)})
    with case_of(World(real, real.assign(g=["a"] * 10 + ["new"] * 30)), sensitive=("g",)) as case:
        groups = make_groups(case, case.column("g"))
        counts, rows = group_counts(case.synthetic, groups)
    assert (counts.tolist(), rows) == ([10, 0], 40)


def test_a_number_is_cut_into_bins_of_ten_people_or_more() -> None:
    rng = np.random.default_rng(0)
    labels = _groups(list(rng.integers(18, 90, 500)), "age")
    assert 5 <= len(labels) <= 11
    assert all("to" in label or "below" in label or "or more" in label for label in labels)


@pytest.mark.parametrize(
    ("values", "levels", "rule"),
    [
        (["yes"] * 30 + ["no"] * 20, ("yes",), "favourable outcome taken"),
        ([">50K."] * 30 + ["<=50K."] * 20, (">50K.",), "favourable outcome taken"),
        (["1"] * 30 + ["0"] * 20, ("1",), "favourable outcome taken"),
        (["red"] * 30 + ["blue"] * 20, ("blue",), "less frequent outcome taken"),
        (["red"] * 25 + ["blue"] * 25, ("red",), "less frequent outcome taken"),
        (["a"] * 20 + ["b"] * 15 + ["c"] * 15, ("a", "b", "c"), "each level against all others"),
        (["yes"] * 30 + ["no"] * 15 + ["typo"] * 5, ("yes",), "favourable outcome taken"),
    ],
)
def test_which_outcome_is_followed(values: list[str], levels: tuple[str, ...], rule: str) -> None:
    frame = pd.DataFrame({"y": values, "x": range(len(values))})
    with case_of(World(frame, frame), target="y") as case:
        outcomes = make_outcomes(case, case.column("y"))
    assert outcomes is not None
    assert (outcomes.levels, outcomes.rule) == (levels, rule)


def test_one_level_is_no_outcome() -> None:
    frame = pd.DataFrame({"y": ["a"] * 45 + ["b"] * 5, "x": range(50)})
    with case_of(World(frame, frame), target="y") as case:
        assert make_outcomes(case, case.column("y")) is None
