"""A measure's grade: every direction of a scale, every place of the interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from audit.judge.judge import judge
from audit.model import Grade, Measure
from tests.judge.build import measure, policy, result

PASS, WARN, OPEN, FAIL = Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL


def grade(value, low, high, better="lower", tolerance=(0.02, 0.05)):
    answer = judge(
        [result(Measure(value, low=low, high=high, n=1000), better=better)], policy({"shapes": tolerance})
    )
    return answer.results[0].measures[0].grade


LOWER = [
    # value, low, high: tolerances 0.02 and 0.05
    (0.00, 0.00, 0.00, PASS),
    (0.01, 0.00, 0.019, PASS),
    (-0.01, -0.02, 0.00, PASS),
    (0.02, 0.02, 0.02, PASS),  # counted, not estimated: at the tolerance is inside it
    (0.02, 0.01, 0.03, OPEN),
    (0.015, 0.005, 0.025, OPEN),
    (0.03, 0.015, 0.045, OPEN),
    (0.03, 0.021, 0.039, WARN),
    (0.03, 0.03, 0.03, WARN),
    (0.05, 0.05, 0.05, WARN),
    (0.06, 0.04, 0.08, WARN),  # beyond fail, but not surely
    (0.06, 0.051, 0.069, FAIL),
    (0.0501, 0.0501, 0.0501, FAIL),
    (1.0, 0.9, 1.0, FAIL),
    (0.06, 0.00, 0.12, OPEN),
]


@pytest.mark.parametrize(("value", "low", "high", "expected"), LOWER)
def test_lower_is_better(value, low, high, expected):
    assert grade(value, low, high) is expected


@pytest.mark.parametrize(("value", "low", "high", "expected"), LOWER)
def test_higher_is_better_is_its_mirror(value, low, high, expected):
    assert grade(1 - value, 1 - high, 1 - low, "higher", (0.98, 0.95)) is expected


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.00, -0.01, 0.01, PASS),
        (0.00, -0.03, 0.03, OPEN),
        (0.01, -0.03, 0.05, OPEN),
        (0.001, -0.03, 0.01, OPEN),  # the far side of zero counts too
        (0.03, 0.021, 0.039, WARN),
        (0.06, 0.051, 0.069, FAIL),
        (0.02, 0.02, 0.02, PASS),
    ],
)
def test_zero_is_best_on_both_sides(side, value, low, high, expected):
    low, high = sorted((side * low, side * high))
    assert grade(side * value, low, high, "zero") is expected


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (1.00, 1.00, 1.00, PASS),
        (1.02, 0.98, 1.06, PASS),
        (1.00, 0.80, 1.25, OPEN),
        (1.18, 1.12, 1.24, WARN),
        (1.40, 1.30, 1.50, FAIL),
        (1.10, 1.10, 1.10, PASS),
        (1.25, 1.25, 1.25, WARN),
    ],
)
def test_one_is_best_and_a_ratio_counts_as_its_inverse(turned, value, low, high, expected):
    if turned:
        value, low, high = 1 / value, 1 / high, 1 / low
    assert grade(value, low, high, "one", (1.1, 1.25)) is expected


def test_a_tolerance_below_one_is_the_same_ratio():
    assert grade(1.4, 1.3, 1.5, "one", (1 / 1.1, 1 / 1.25)) is FAIL


def test_a_ratio_of_nothing_is_an_endless_effect():
    assert grade(0.0, 0.0, 0.1, "one", (1.1, 1.25)) is FAIL
    assert grade(0.0, 0.0, 2.0, "one", (1.1, 1.25)) is OPEN
    assert grade(math.inf, 3.0, math.inf, "one", (1.1, 1.25)) is FAIL


def test_none_of_many_rows_fails_among_many_tests():
    # A count of none where the upper end of the ratio is 0.02: were it 0.8, none had a chance of 0.025 ** 40.
    gone = Measure(0.0, low=0.0, high=0.02, n=1000)
    fine = [Measure(1.0, low=0.99, high=1.01, about=(f"c{i}",), n=1000) for i in range(200)]
    answer = judge([result(gone, *fine, better="one")], policy({"shapes": (1.1, 1.25)}))
    assert answer.results[0].measures[0].grade is FAIL
    # What is large without being a ratio has an interval like any other.
    assert grade(951.0, 936.0, 966.0, "zero") is FAIL
    few = Measure(0.0, low=0.0, high=0.85, n=10)
    answer = judge([result(few, *fine, better="one")], policy({"shapes": (1.1, 1.25)}))
    assert answer.results[0].measures[0].grade is OPEN


def test_no_interval_is_a_counted_number():
    judged = judge([result(Measure(0.03, n=10))], policy()).results[0].measures[0]
    assert judged.grade is WARN


def test_what_is_descriptive_or_has_no_tolerance_is_not_judged():
    shown = measure(9.0, descriptive=True)
    other = measure(9.0, name="other")
    judged = judge([result(shown, other)], policy()).results[0]
    assert [j.grade for j in judged.measures] == [None, None]
    assert [j.tolerance_fail for j in judged.measures] == [None, None]
    assert judged.grade is Grade.NOT_APPLICABLE


def test_a_named_measure_has_its_own_tolerance():
    answer = judge(
        [result(measure(0.03, name="ks"))], policy({"shapes": (0.5, 0.9), "shapes.ks": (0.01, 0.02)})
    )
    judged = answer.results[0].measures[0]
    assert (judged.grade, judged.tolerance_warn, judged.tolerance_fail) == (FAIL, 0.01, 0.02)


@given(st.floats(-1, 1), st.floats(0, 0.5))
def test_grades_never_improve_as_the_effect_grows(value, half):
    order = [PASS, OPEN, WARN, FAIL]
    low = order.index(grade(value, value - half, value + half))
    more = value + 0.1
    assert order.index(grade(more, more - half, more + half)) >= low


def test_rows_needed_shrink_the_interval_to_the_tolerance():
    # the tolerance lies 0.01 off, the interval reaches 0.04: sixteen times the rows
    judged = judge([result(measure(0.01, 0.04, n=1000))], policy()).results[0].measures[0]
    assert judged.grade is OPEN
    assert judged.needed_n == 16_000


def test_no_number_of_rows_tells_what_lies_at_the_tolerance():
    judged = judge([result(measure(0.02, 0.01, n=1000))], policy()).results[0].measures[0]
    assert (judged.grade, judged.needed_n) == (OPEN, None)


def test_only_open_questions_need_rows():
    answer = judge([result(measure(0.01), measure(0.03), measure(0.3))], policy())
    assert [j.needed_n for j in answer.results[0].measures] == [None, None, None]


def noise(rng, k, effect=0.0, error=0.01):
    """Measures whose true effect is `effect`, seen with an error."""
    seen = effect + error * rng.standard_normal(k)
    return [measure(float(v), 1.96 * error, about=(f"c{i}",)) for i, v in enumerate(seen)]


def test_many_harmless_columns_raise_few_alarms():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):  # the true effect lies right at the warn tolerance: the hardest null
        graded = judge([result(*noise(rng, 100, 0.02))], policy()).results[0].measures
        alarms += any(j.grade in (WARN, FAIL) for j in graded)
    assert alarms / 200 < 0.05


def test_multiplicity_holds_back_what_one_test_alone_would_find():
    # z = 2.1 beyond the fail tolerance: found alone, not among a hundred that are right at it
    edge = measure(0.05 + 2.1 * 0.01, 1.96 * 0.01, about=("edge",))
    alone = judge([result(edge)], policy()).results[0].measures[0].grade
    rest = [measure(0.05, 1.96 * 0.01, about=(f"c{i}",)) for i in range(99)]
    among = judge([result(edge, *rest)], policy()).results[0].measures[0].grade
    assert (alone, among) == (FAIL, WARN)


def test_true_effects_are_found_among_many():
    rng = np.random.default_rng(1)
    measures = noise(rng, 90) + noise(rng, 10, effect=0.2)
    graded = judge([result(*measures)], policy()).results[0].measures
    assert [j.grade for j in graded[90:]] == [FAIL] * 10
    assert FAIL not in [j.grade for j in graded[:90]]


def test_tests_are_counted_and_alarms_expected():
    answer = judge(
        [result(measure(0.0), measure(0.3), measure(0.03), measure(1.0, descriptive=True))], policy()
    )
    assert answer.multiplicity.tests == 3
    assert answer.multiplicity.method == "Benjamini-Hochberg within each family, q = 0.05"
    assert answer.multiplicity.expected_false_alarms == 0.1  # five in a hundred of two
