"""Columns that the two tables hold in different types, read so that they can be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.model import CoercedColumn, Kind
from tests.worlds import World, case_of

N = 40


def sides(real, synthetic, **options):
    """The column as both tables show it, and what was coerced."""
    world = World(pd.DataFrame({"x": real, "n": range(N)}), pd.DataFrame({"x": synthetic, "n": range(N)}))
    with case_of(world, **options) as case:
        return (
            case.column("x").kind,
            case.real.column("x").tolist(),
            case.synthetic.column("x").tolist(),
            case.alignment.coerced,
            [n.text for n in case.notices if n.where == "x"],
        )


def test_numbers_against_text():
    numbers = [float(i) for i in range(N)]
    text = [f"{i}" for i in range(N - 2)] + ["many", "inf"]
    kind, real, synthetic, coerced, notices = sides(numbers, text)
    assert kind is Kind.NUMBER
    assert real == numbers
    assert synthetic[: N - 2] == numbers[: N - 2]
    assert np.isnan(synthetic[N - 2 :]).all()
    if coerced:  # the loader may read the column as numbers at once
        assert coerced == (CoercedColumn("x", "text", "number", 2),)
        assert (
            "Column 'x' is text in the synthetic table and number in the real one. "
            "2 cells could not be read as number and count as missing."
        ) in notices


def test_text_against_numbers():
    labels = ["a", "b", "7", "8"] * (N // 4)
    _, real, synthetic, coerced, _ = sides(labels, [7, 8] * (N // 2))
    assert real[2:4] == ["7", "8"]
    assert synthetic[:2] == ["7", "8"]
    assert coerced == (CoercedColumn("x", "number", "text", 0),)


def test_codes_against_decimals_and_text():
    for other in ([0.0, 1.0], ["0", "1"], ["0.0", "1.0"], [False, True]):
        kind, real, synthetic, _, _ = sides([0, 1] * (N // 2), other * (N // 2))
        assert kind is Kind.CATEGORY
        assert real[:2] == synthetic[:2] == ["0", "1"], other


def test_codes_against_mixed_text():
    _, _, synthetic, _, _ = sides([0, 1] * (N // 2), ["0", "1.0", "one", None] * (N // 4))
    assert synthetic[:4] == ["0", "1", "one", None]


def test_truth_against_codes():
    _, real, synthetic, coerced, _ = sides([True, False] * (N // 2), [1, 0] * (N // 2))
    assert real[:2] == synthetic[:2] == ["true", "false"]
    assert coerced == (CoercedColumn("x", "number", "true or false", 0),)


def test_truth_against_other_numbers():
    _, _, synthetic, _, _ = sides([True, False] * (N // 2), [1, 2] * (N // 2))
    assert synthetic[:2] == ["true", "2"]


def test_dates_against_text_and_numbers():
    dates = pd.to_datetime(["2020-01-01", "2020-06-01"] * (N // 2))
    kind, real, synthetic, _, _ = sides(dates, ["2020-01-01", "soon"] * (N // 2))
    assert kind is Kind.DATE
    assert real[0] == synthetic[0] == pd.Timestamp("2020-01-01").timestamp()
    assert np.isnan(synthetic[1])
    _, _, synthetic, coerced, _ = sides(dates, [2020, 2021] * (N // 2))
    assert np.isnan(synthetic).all()
    assert coerced == (CoercedColumn("x", "number", "date", N),)


def test_dates_before_1970():
    dates = pd.to_datetime(["1900-01-01", "1969-12-31"] * (N // 2))
    _, real, _, _, _ = sides(dates, dates)
    assert real[1] == -86_400


def test_numbers_against_lists():
    _, _, synthetic, coerced, _ = sides(range(N), [[1.0, 2.0]] * N)
    assert np.isnan(synthetic).all()
    assert coerced == (CoercedColumn("x", "list", "number", N),)


def test_nothing_in_the_synthetic_table():
    kind, _, synthetic, coerced, _ = sides(range(N), [None] * N)
    assert kind is Kind.NUMBER
    assert np.isnan(synthetic).all()
    assert coerced == ()


def test_whole_numbers_and_decimals_are_the_same_type():
    _, _, synthetic, coerced, _ = sides(range(N), [i + 0.5 for i in range(N)])
    assert synthetic[:2] == [0.5, 1.5]
    assert coerced == ()


def test_large_codes_keep_every_digit():
    codes = [9_007_199_254_740_993, 9_007_199_254_740_995] * (N // 2)
    _, real, synthetic, _, _ = sides(codes, codes)
    assert real[:2] == synthetic[:2] == [str(code) for code in codes[:2]]


@pytest.mark.parametrize("kind", ["number", "category", "date", "text", "key"])
def test_a_column_can_be_read_as_any_kind(kind):
    mixed = ["1", "2.5", "x", None, "2020-01-01"] * (N // 5)
    schema = {"columns": [{"name": "x", "kind": kind}]}
    found, real, synthetic, _, _ = sides(mixed, mixed, schema=schema)
    assert found == kind
    assert len(real) == len(synthetic) == N
