"""Arithmetic rules are found where they were put, nowhere else, and none is said twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from audit.declare.rules import Rule, RuleKind, rule_from_plain
from audit.mining.arithmetic import arithmetic
from audit.mining.numeric_sample import value_step
from audit.mining.orders import is_implied, without_implied
from tests.worlds import World, case_of

ROWS = 1500


def _orders(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([41, seed])
    net = rng.lognormal(4, 1, rows).round(2)
    tax = (net * rng.choice([0.07, 0.19], rows)).round(2)
    quantity, price = rng.integers(1, 20, rows), rng.lognormal(2, 1, rows).round(2)
    placed = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    celsius = rng.normal(15, 8, rows).round(1)
    parts = (rng.dirichlet([2, 3, 4], rows) * 100).round(1)
    return pd.DataFrame(
        {
            "net": net,
            "tax": tax,
            "gross": (net + tax).round(2),
            "quantity": quantity,
            "price": price,
            "total": (quantity * price).round(2),
            "placed": placed,
            "shipped": placed + pd.to_timedelta(rng.integers(0, 600, rows), unit="D"),
            "celsius": celsius,
            "fahrenheit": (1.8 * celsius + 32).round(1),
            "fat": parts[:, 0],
            "sugar": parts[:, 1],
            "rest": parts[:, 2],
            "noise": rng.normal(100, 30, rows),
        }
    )


def _mined(make: object) -> list[Rule]:
    assert callable(make)
    with case_of(World(*(make(ROWS, seed) for seed in range(3)))) as case:
        return list(arithmetic(case).rules)


def _said(make: object) -> set[str]:
    return {rule.description for rule in _mined(make)}


def test_what_was_put_in_is_found_and_nothing_else() -> None:
    assert _said(_orders) == {
        "net + tax = gross",
        "price x quantity = total",
        "1.8 celsius + 32 = fahrenheit",
        "fat + rest + sugar = 100",
        "placed ≤ shipped",
        "tax ≤ net",
    }


def test_a_rule_allows_what_rounding_leaves() -> None:
    rules = {rule.description: rule for rule in _mined(_orders)}
    assert rules["net + tax = gross"].tolerance < 0.01
    assert rules["1.8 celsius + 32 = fahrenheit"].tolerance == pytest.approx(0.14, rel=1e-3)
    assert rules["fat + rest + sugar = 100"].tolerance == pytest.approx(0.15, rel=1e-3)
    assert all(rule.support == 2 * ROWS for rule in rules.values())


def test_the_order_of_rows_and_columns_is_of_no_account() -> None:
    def turned(rows: int, seed: int) -> pd.DataFrame:
        return _orders(rows, seed).sample(frac=1, random_state=seed).iloc[:, ::-1]

    assert _said(turned) == _said(_orders)


def test_orders_by_brute_force() -> None:
    """Every pair compared in every row: what is left after chains are taken out says the same."""

    def chain(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([43, seed])
        steps = rng.exponential(5.0, (rows, 4)).cumsum(axis=1)
        frame = pd.DataFrame(steps + rng.normal(50, 20, (rows, 1)), columns=list("dbac"))
        return frame.assign(free=rng.normal(60, 20, rows))

    real = pd.concat([chain(ROWS, 0), chain(ROWS, 2)])
    held = {(x, y) for x, y in permutations(real.columns, 2) if (real[x] <= real[y]).all()}
    mined = {rule.columns for rule in _mined(chain)}
    assert mined == {("d", "b"), ("b", "a"), ("a", "c")}
    closed = mined | {(x, z) for x, y in mined for u, z in mined if y == u}
    closed |= {(x, z) for x, y in closed for u, z in mined if y == u}
    assert closed == held


def test_equal_values_that_never_come_make_an_order_strict() -> None:
    def days(rows: int, seed: int, fewest: int = 1) -> pd.DataFrame:
        rng = np.random.default_rng([44, seed])
        start = rng.integers(0, 12, rows)
        return pd.DataFrame({"start": start, "end": start + rng.integers(fewest, 12, rows)})

    assert _said(days) == {"start < end"}
    assert _said(lambda rows, seed: days(rows, seed, 0)) == {"start ≤ end"}


def test_times_between_dates() -> None:
    def stays(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([45, seed])
        start = pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 10**7, rows), unit="s")
        seconds = rng.integers(0, 10**6, rows)
        return pd.DataFrame(
            {
                "start": start,
                "end": start + pd.to_timedelta(seconds, unit="s"),
                "hours": (seconds / 3600).round(2),
            }
        )

    (rule,) = _mined(stays)
    assert rule.description == "start + hours = end"
    assert replace(rule, columns=("start", "stay", "end")).description == "start + stay (hours) = end"
    assert rule.tolerance == pytest.approx(19.0, rel=1e-3)


def test_a_fixed_time_between_dates_is_told_in_days() -> None:
    def invoices(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([47, seed])
        made = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
        return pd.DataFrame({"made": made, "due": made + pd.Timedelta(days=30)})

    (rule,) = _mined(invoices)
    assert rule.description == "made + 30 days = due"
    assert rule_from_plain(rule.to_plain()) == rule
    assert replace(rule, constant=-5400.0).description == "made + 90 minutes = due"
    assert replace(rule, constant=-45.5).description == "made + 45.5 seconds = due"


def test_missing_cells_and_copies() -> None:
    def gappy(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([46, seed])
        a, b = rng.integers(0, 100, rows).astype(float), rng.integers(0, 100, rows).astype(float)
        frame = pd.DataFrame({"a": a, "b": b, "sum": a + b, "twin": a})
        return frame.mask(rng.random(frame.shape) < 0.15)

    assert _said(gappy) == {"twin = a", "b + twin = sum"}


@pytest.mark.parametrize("seed", range(3))
def test_independent_columns_keep_no_rule(seed: int) -> None:
    def free(rows: int, part: int) -> pd.DataFrame:
        rng = np.random.default_rng([47, seed, part])
        sparse = rng.random(rows) < 0.05
        return pd.DataFrame(
            {
                "a": rng.integers(0, 50, rows),
                "b": rng.normal(size=rows),
                "c": np.where(sparse, rng.integers(1, 9, rows), 0),
                "d": rng.lognormal(3, 1, rows).round(2),
                "e": rng.integers(0, 4, rows),
            }
        )

    assert _said(free) == set()


def test_a_sum_with_a_column_that_is_nearly_always_zero_names_it() -> None:
    def bills(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([48, seed])
        net = rng.integers(10, 500, rows)
        tip = np.where(rng.random(rows) < 0.05, rng.integers(1, 9, rows), 0)
        return pd.DataFrame({"net": net, "tip": tip, "paid": net + tip})

    assert _said(bills) == {"net + tip = paid"}


def test_many_terms_are_written_as_a_sum() -> None:
    def costs(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([50, seed])
        parts = np.where(rng.random((rows, 4)) < 0.4, 0.0, rng.lognormal(3, 1, (rows, 4)).round(2))
        return pd.DataFrame(parts, columns=list("abcd")).assign(all=parts.sum(axis=1).round(2))

    assert _said(costs) == {"a + b + c + d = all"}


def test_large_numbers_raise_nothing() -> None:
    def large(rows: int, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([49, seed])
        return pd.DataFrame(rng.normal(size=(rows, 3)) * [1e130, 1e200, 1e-200], columns=["a", "b", "c"])

    assert _said(large) == set()


@pytest.mark.parametrize(
    ("values", "date", "unit"),
    [
        ([1.25, 3.5], False, 0.01),
        ([7.0, 100.0], False, 1.0),
        ([1 / 3, 0.1], False, 0.0),
        ([86400.0, 0.0], True, 86400.0),
        ([86460.0, 0.0], True, 60.0),
        ([0.5], True, 0.0),
    ],
)
def test_steps(values: list[float], date: bool, unit: float) -> None:
    assert value_step(np.array(values), date) == unit


def test_orders_that_equations_imply() -> None:
    total = Rule(RuleKind.EQUATION, ("a", "b", "c"), coefficients=(1.0, 1.0, -1.0))
    product = Rule(RuleKind.PRODUCT, ("a", "b", "c"))
    order = Rule(RuleKind.ORDER, ("a", "c"))
    for ends, sums, times in (
        ((0.0, 9.0), True, False),
        ((1.0, 9.0), True, True),
        ((-1.0, 9.0), False, False),
    ):
        known = {"a": (0.0, 5.0), "b": ends, "c": (0.0, 20.0)}
        assert is_implied(order, total, known) is sums
        assert is_implied(order, product, known) is times
    assert not is_implied(Rule(RuleKind.ORDER, ("c", "a")), total, {n: (0.0, 9.0) for n in "abc"})


def test_a_chain_says_what_it_spans_unless_it_speaks_of_fewer_rows() -> None:
    ab, bc, ac = (Rule(RuleKind.ORDER, tuple(pair), support=100) for pair in ("ab", "bc", "ac"))
    assert without_implied([ab, bc, ac]) == [ab, bc]
    fewer = Rule(RuleKind.ORDER, ("a", "b"), support=50)
    assert without_implied([fewer, bc, ac]) == [fewer, bc, ac]
    strict = Rule(RuleKind.ORDER, ("a", "c"), support=100, strict=True)
    assert without_implied([ab, bc, strict]) == [ab, bc, strict]
