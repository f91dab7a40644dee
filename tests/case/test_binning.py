from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from audit.case.binning import make_binning, number_text
from audit.case.case_table import ValueCounts
from audit.model import Column, Kind


def coding_of(values, kind=Kind.NUMBER, k=10):
    dtype = np.float64 if kind in (Kind.NUMBER, Kind.DATE) else np.object_
    distinct, counts = np.unique(np.array(list(values), dtype), return_counts=True)
    return make_binning(Column("x", kind), ValueCounts(distinct, counts, 0), k)


def seconds(text):
    return np.array(text, "datetime64[s]").astype(np.int64)


def test_categories_are_the_ten_most_frequent_held_by_five_or_more():
    values = [f"v{i:02d}" for i in range(15) for _ in range(20 - i)] + ["rare"] * 4
    coding = coding_of(values, Kind.CATEGORY)
    assert coding.categories == tuple(f"v{i:02d}" for i in range(10))
    assert coding.size == 12
    assert coding.labels[-2:] == ("other values", "missing")
    codes = coding.encode(np.array(["v00", "v09", "v10", "rare", "new", None], dtype=object))
    assert codes.tolist() == [0, 9, 10, 10, 10, 11]


def test_ties_are_broken_by_value_so_that_row_order_does_not_matter():
    values = [f"v{i}" for i in range(20)] * 6
    assert coding_of(values, Kind.CATEGORY) == coding_of(values[::-1], Kind.CATEGORY)


def test_categories_held_by_few_have_a_cell_but_no_name():
    coding = coding_of(["a"] * 30 + ["b"] * 9 + ["c"] * 5 + ["d"] * 4, Kind.CATEGORY)
    assert coding.categories == ("a", "b", "c")
    assert coding.labels == ("a", "a rare value (2)", "a rare value (3)", "other values", "missing")


def test_no_category_at_all():
    coding = coding_of(["a", "b"], Kind.CATEGORY)
    assert coding.labels == ("other values", "missing")
    assert coding.encode(np.array(["a", None], dtype=object)).tolist() == [0, 1]


def test_few_numbers_are_shown_as_they_are_but_not_what_few_hold():
    coding = coding_of([0.25] * 20 + [0.5] * 10 + [0.75] * 3)
    assert coding.labels == ("0.25", "0.5", "a rare value (3)", "missing")


def test_whole_numbers_and_signs():
    assert coding_of([-3] * 10 + [0] * 10 + [120_000] * 10).labels == ("-3", "0", "120,000", "missing")


def test_no_value_and_one_value():
    assert coding_of([]).labels == ("any value", "missing")
    assert coding_of([5.0] * 12).labels == ("5", "missing")
    assert coding_of([5.0] * 3).labels == ("a rare value (1)", "missing")


def test_bins_are_named_by_rounded_edges():
    labels = coding_of(np.random.default_rng(0).normal(50_000, 9000, 5000)).labels
    assert len(labels) == 11
    assert re.fullmatch(r"below \d\d,\d00", labels[0])
    assert all(re.fullmatch(r"\d\d,\d00 to \d\d,\d00", label) for label in labels[1:9])
    assert re.fullmatch(r"\d\d,\d00 or more", labels[9])


def test_edges_that_cannot_be_named_are_counted():
    # thirty people of different ages: every edge is one person's age
    labels = coding_of(range(20, 80, 2)).labels
    assert labels[0] == "part 1 of 10, from low to high"
    assert labels[9:] == ("part 10 of 10, from low to high", "missing")


def test_edges_are_named_as_finely_as_their_own_bins_are_wide():
    """Half of the amounts lie below 100, the largest are a thousand times as large."""
    labels = coding_of((10 ** np.random.default_rng(1).uniform(1, 5, 9000)).round(2)).labels
    assert re.fullmatch(r"below 2\d", labels[0])
    assert re.fullmatch(r"[34]\d,\d00 or more", labels[-2])
    assert not any(label.startswith(("part", "a rare")) for label in labels)


def test_an_edge_between_rare_values_is_a_number_that_nobody_holds():
    """Every whole number is held by three to five people, every bin by thirty or more."""
    values = np.repeat(np.arange(1000, 1120), np.arange(120) % 3 + 3)
    coding = coding_of(values)
    edges = [float(edge.replace(",", "")) for edge in coding.edges[1:-1]]
    assert set(edges).isdisjoint(values.tolist())
    parted = np.searchsorted(edges, values, side="right")
    assert parted.tolist() == coding.encode(values.astype(float)).tolist()


@pytest.mark.parametrize(
    ("values", "label"),
    [
        (seconds("1940-01-01") + np.arange(29_000) * 86_400, r"\d{4} to \d{4}"),
        (seconds("2020-01-01") + np.arange(900) * 86_400, r"\d{4}-\d\d to \d{4}-\d\d"),
        (
            np.repeat(seconds("2020-01-01") + np.arange(40) * 86_400, 10),
            r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d",
        ),
        (seconds("2020-01-01") + np.arange(5000) * 7, r"[\d-]{10} \d\d:\d\d to [\d-]{10} \d\d:\d\d"),
    ],
    ids=["decades", "years", "weeks", "hours"],
)
def test_dates_are_told_as_finely_as_the_bins_are_wide(values, label):
    labels = coding_of(values, Kind.DATE).labels
    assert all(re.fullmatch(label, text) for text in labels[1:-2])


def test_few_dates_are_shown_as_they_are():
    moments = [seconds("2020-01-31")] * 12 + [seconds("2021-01-31T10:30")] * 12
    assert coding_of(moments, Kind.DATE).labels == ("2020-01-31", "2021-01-31 10:30:00", "missing")


def test_dates_beyond_the_usual_calendar():
    labels = coding_of(seconds("9000-01-01") + np.arange(4000) * 10**8, Kind.DATE).labels
    assert re.fullmatch(r"\d{5} or more", labels[-2])


def numbers_in(labels):
    return {float(n.replace(",", "")) for label in labels for n in re.findall(r"-?[\d,]+\.?\d*", label)}


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(st.integers(-2000, 2000), st.floats(-50, 50), st.integers(0, 3)), min_size=1, max_size=150
    )
)
def test_no_label_shows_a_number_that_fewer_than_ten_hold(values):
    distinct, counts = np.unique(np.array(values, float), return_counts=True)
    labels = coding_of(values).labels
    shown = numbers_in(label for label in labels if not label.startswith(("part", "a rare")))
    assert shown.isdisjoint(distinct[counts < 10].tolist())


@given(st.lists(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=200))
def test_no_label_shows_a_category_that_fewer_than_ten_hold(values):
    counts = pd.Series(values).value_counts()
    assert set(coding_of(values, Kind.CATEGORY).labels).isdisjoint(counts.index[counts < 10])


@given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), min_size=1, max_size=100))
def test_every_cell_number_is_below_the_size(values):
    known = [v for v in values if v is not None]
    coding = coding_of(known)
    codes = coding.encode(np.array([np.nan if v is None else v for v in values] + [1e9, -1e9]))
    assert codes.max() < coding.size == len(coding.labels)
    missing = np.array([v is None for v in values] + [False, False])
    assert ((codes == coding.size - 1) == missing).all()


@pytest.mark.parametrize(
    ("value", "scale", "shown"),
    [
        (1234.5678, [1000, 2000, 3000], "1,200"),
        (0.12345, [0.1, 0.2, 0.3], "0.12"),
        (37, [30, 35, 40], "37"),
        (-0.001, [-1, 0, 1], "0"),
        (1234.5678, [1234.5678], "1,235"),
    ],
)
def test_numbers_are_rounded_to_a_tenth_of_the_step(value, scale, shown):
    assert number_text(value, np.array(scale, float)) == shown


def test_rounding_that_hits_a_rare_value_goes_on():
    scale = np.array([1000.0, 2000.0])
    assert number_text(1249.0, scale) == "1,200"
    assert number_text(1249.0, scale, rare=frozenset({1200.0})) == "1,000"
