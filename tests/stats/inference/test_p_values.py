from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import special

from audit.stats.distributions.association import cramers_v, difference_bounds
from audit.stats.inference.intervals import newcombe, wilson
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.inference.p_values import (
    difference_p,
    inverted_p,
    inverted_two_sided_p,
    normal_p,
    share_p,
)

LEVELS = st.sampled_from([0.05, 0.01, 0.002, 0.001])
MANY = st.integers(1, 500)
COUNTS = st.tuples(st.integers(1, 400), st.integers(400, 3000))


def one_sided_z(level, comparisons):
    return float(special.ndtri(1 - level / comparisons))


@given(st.floats(-0.5, 0.5), st.floats(1e-4, 0.2), LEVELS, MANY)
def test_a_normal_number_is_clear_by_its_p_value_where_it_is_by_its_errors(value, error, level, many):
    assert (normal_p(value, error, two_sided=True) * many <= level) == (
        abs(value) >= bonferroni_z(many, level) * error
    )
    assert (normal_p(value, error) * many <= level) == (value >= one_sided_z(level, many) * error)


def test_without_an_error_any_excess_is_certain():
    assert [normal_p(value, 0.0) for value in (0.1, 0.0, -0.1)] == [0.0, 1.0, 1.0]
    assert normal_p(-0.1, 0.0, two_sided=True) == 0.0


@given(COUNTS, st.floats(0.01, 0.99), LEVELS, MANY)
def test_a_share_is_clear_by_its_p_value_where_its_wilson_interval_is(counts, null, level, many):
    hits, n = counts
    clear = wilson(hits, n, one_sided_z(level, many))[0] > null
    assert (share_p(hits, n, null) * many < level) == clear


@given(COUNTS, COUNTS, LEVELS, MANY)
def test_a_difference_is_clear_by_its_p_value_where_its_newcombe_interval_is(one, other, level, many):
    clear = newcombe(*one, *other, one_sided_z(level, many))[0] > 0
    assert (difference_p(*one, *other) * many < level) == clear


def test_a_share_that_is_certain_or_impossible_by_chance():
    assert (share_p(3, 10, 0.0), share_p(0, 10, 0.0), share_p(10, 10, 1.0)) == (0.0, 1.0, 1.0)


def test_an_interval_is_turned_round():
    assert inverted_p(lambda z: 3.0 - z) == pytest.approx(special.ndtr(-3.0))
    assert inverted_p(lambda z: 0.5 - 0.1 * z, null=0.5) == 1.0
    assert inverted_p(lambda z: 100.0 - z) == 0.0


def test_associations_are_clear_by_their_p_value_where_their_interval_is():
    rng = np.random.default_rng(7)
    real, other = (
        cramers_v(
            np.stack(
                [rng.multinomial(2000, shares).reshape(3, 3) for shares in rng.dirichlet(np.ones(9) * 9, 40)]
            )
        )
        for _ in range(2)
    )
    found = inverted_two_sided_p(lambda z: difference_bounds(real, other, z), 40)
    for level in (0.05, 0.01, 0.0001):
        low, high = difference_bounds(real, other, bonferroni_z(1, level))
        assert np.array_equal(found <= level, (low > 0) | (high < 0))
    assert 0 < np.count_nonzero(found <= 0.0001) < 40


def test_what_is_no_number_has_no_small_p_value():
    nowhere = np.array([np.nan, 2.0])
    assert inverted_two_sided_p(lambda z: (nowhere - z, nowhere + z), 2).tolist() == pytest.approx(
        [1.0, 2 * special.ndtr(-2.0)], abs=1e-6
    )
