from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from audit.stats.distributions.binning import assign, quantile_breaks


def breaks_of(values, bins=10):
    return quantile_breaks(*np.unique(np.array(values, float), return_counts=True), bins)


def test_few_values_get_a_bin_each():
    assert breaks_of([1, 1, 2, 5, 5, 5]).tolist() == [1, 2, 5, 6]
    assert breaks_of([0.25, 0.5]).tolist() == [0.2, 0.5, 1.5]


def test_one_value():
    assert breaks_of([7, 7]).tolist() == [7, 8]


def test_no_value_is_refused():
    with pytest.raises(ValueError, match="no values to bin"):
        quantile_breaks(np.array([]), np.array([], dtype=np.int64))


def test_a_hundred_even_values_give_ten_even_bins():
    # eleven evenly spaced ranks of 0 … 99: 0, 9.9, 19.8 … 99, cut to whole ranks
    assert breaks_of(range(100)).tolist() == [0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99]


def test_a_spike_keeps_its_bin_and_the_rest_is_cut():
    values = [0.0] * 900 + list(range(1, 101))
    breaks = breaks_of(values)
    assert breaks[0] == 0
    assert breaks[1] >= 1
    assert len(breaks) > 10
    codes = assign(np.array(values), breaks)
    assert (codes[:900] == 0).all()
    assert (codes[900:] > 0).any()


def test_values_too_concentrated_give_fewer_bins():
    values = [0.0] * 1_000_000 + list(range(1, 12))
    assert len(breaks_of(values)) < 11


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_breaks_increase_and_every_value_has_a_bin(values):
    breaks = breaks_of(values)
    assert (np.diff(breaks) > 0).all()
    codes = assign(np.array(values), breaks)
    assert codes.max() <= len(breaks) - 2
    # a bin holds what lies from its edge up to the next; the last edge belongs to the last bin
    inner = breaks[1:-1]
    for value, code in zip(values, codes.tolist(), strict=True):
        assert code == sum(edge <= value for edge in inner)


@given(st.lists(st.floats(0, 1000), min_size=300, max_size=400, unique=True))
def test_bins_of_distinct_values_hold_about_equal_shares(values):
    counts = np.bincount(assign(np.array(values), breaks_of(values)))
    assert len(counts) == 10
    assert counts.min() >= 0.05 * len(values)
    assert counts.max() <= 0.15 * len(values)


def test_values_beyond_the_edges_and_missing_ones():
    breaks = np.array([0.0, 10.0, 20.0])
    assert assign(np.array([-5.0, 0.0, 9.9, 10.0, 20.0, 99.0, np.nan]), breaks).tolist() == [
        0,
        0,
        0,
        1,
        1,
        1,
        2,
    ]
