"""How people are put into groups, and which outcome is followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks.bias._shared.groups import group_counts, make_groups, row_groups
from audit.checks.bias._shared.outcome_rates import make_outcomes
from tests.worlds import World, case_of


def _groups(values: list[object], column: str = "g") -> tuple[str, ...]:
    frame = pd.DataFrame({column: values, "x": range(len(values))})
    with case_of(World(frame, frame), sensitive=(column,)) as case:
        return make_groups(case, case.column(column)).labels


def test_groups_come_largest_first_and_small_ones_share_one() -> None:
    assert _groups(["a"] * 20 + ["b"] * 40 + ["c"] * 9 + ["d"] * 2) == ("b", "a", "other values")


def test_a_rest_below_ten_people_is_not_told() -> None:
    assert _groups(["a"] * 20 + ["b"] * 40 + ["c"] * 9) == ("b", "a")


def test_missing_values_are_a_group_of_their_own_from_ten_people_on_and_never_the_reference() -> None:
    assert _groups(["a"] * 20 + [None] * 40) == ("a", "(missing)")
    assert _groups(["a"] * 20 + [None] * 9) == ("a",)
    assert _groups(["(missing)"] * 20 + ["a"] * 30 + [None] * 10) == ("a", "(missing)", "(no value)")


def test_rows_without_a_value_count_where_they_are_a_group() -> None:
    real = pd.DataFrame({"g": ["a"] * 30 + [None] * 10, "x": range(40)})
    with case_of(World(real, real.assign(g=["a"] * 20 + [None] * 20)), sensitive=("g",)) as case:
        groups = make_groups(case, case.column("g"))
        counts, rows = group_counts(case.synthetic, groups)
        assert (counts.tolist(), rows) == ([20, 20], 40)
        assert row_groups(case, case.synthetic, groups).tolist() == [0] * 20 + [1] * 20


def test_values_that_no_real_row_holds_belong_to_no_group_but_count_as_rows() -> None:
    real = pd.DataFrame({"g": ["a"] * 20 + ["b"] * 20, "x": range(40)})
    with case_of(World(real, real.assign(g=["a"] * 10 + ["new"] * 30)), sensitive=("g",)) as case:
        groups = make_groups(case, case.column("g"))
        counts, rows = group_counts(case.synthetic, groups)
    assert (counts.tolist(), rows) == ([10, 0], 40)


def test_a_number_is_cut_into_round_bands() -> None:
    ages: list[object] = [*range(18, 68)] * 20
    assert _groups(ages, "age") == ("below 30", "30 to 39", "40 to 49", "50 to 59", "60 or more")


def test_bands_that_the_user_names_and_people_without_an_age() -> None:
    frame = pd.DataFrame({"age": [*[20.0] * 30, *[30.0] * 40, *[50.0] * 20, 80.0, *[None] * 12]})
    frame["x"] = range(len(frame))
    with case_of(World(frame, frame), sensitive=("age",), bands={"age": [25, 45, 65]}) as case:
        groups = make_groups(case, case.column("age"))
        counts, rows = group_counts(case.real, groups)
    # The one person of 80 is in no group, but among the rows.
    assert groups.labels == ("30", "20", "50", "(missing)")
    assert (counts.tolist(), rows) == ([40, 30, 20, 12], 103)
    assert [groups.labels[g] for g in groups.reading_order] == ["20", "30", "50", "(missing)"]
    assert groups.encode(np.array([24.9, 25.0, 44.0, 45.0, 65.0, np.nan])).tolist() == [1, 0, 0, 2, -1, 3]


def test_dates_keep_their_bins() -> None:
    labels = _groups(list(pd.date_range("2020-01-01", periods=400)), "born")
    assert len(labels) >= 9
    assert all("2020" in label or "2021" in label for label in labels)


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
