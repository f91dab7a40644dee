"""Columns of lists: those that can be compared are kept, the others are left out and said."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from audit.load import load_frame
from audit.load.table import Field, Stored
from tests.load.conftest import Reader, column, warned

LISTS: list[Any] = [[0.5, 1.0], None, [2.0, 3.25]]


def parquet(kind: pa.DataType, lists: list[Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": range(len(lists)), "e": pa.array(lists, kind)}), buffer)
    return buffer.getvalue()


def arrow(kind: pa.DataType, lists: list[Any]) -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(pa.table({"a": range(len(lists)), "e": pa.array(lists, kind)}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        parquet(pa.list_(pa.float32()), LISTS),
        parquet(pa.list_(pa.float64()), LISTS),
        parquet(pa.large_list(pa.float32()), LISTS),
        parquet(pa.list_(pa.float16()), [None if v is None else np.array(v, np.float16) for v in LISTS]),
        arrow(pa.list_(pa.float32(), 2), LISTS),
        "\n".join(json.dumps({"a": n, "e": e}) for n, e in enumerate(LISTS)),
        json.dumps([{"a": n, "e": e} for n, e in enumerate(LISTS)]),
        json.dumps({"a": [0, 1, 2], "e": LISTS}),
    ],
    ids=["float", "double", "large", "half", "fixed", "json lines", "json records", "json columns"],
)
def test_lists_of_one_length_are_kept(read: Reader, body: bytes | str) -> None:
    table = read(body)
    assert warned(table) == []
    assert table.fields[1] == Field("e", Stored.VECTOR, missing=1, distinct=2, shortest=2, longest=2)
    assert column(table, "e") == LISTS


@pytest.mark.parametrize(
    ("lists", "why"),
    [
        ([[0.5, 1.0], [1.0, 2.0, 3.0]], "lists of 2 to 3 numbers; only lists of one length can be audited."),
        ([[0.5], [1.5]], "lists of fewer than 2 numbers; store plain values to audit it."),
        (
            [[0.5, float("nan")], [None, 1.0], [1.0, 1.0]],
            "2 lists hold gaps, NaN or infinite numbers; mend them or leave these cells empty.",
        ),
    ],
)
def test_lists_without_a_distance_are_left_out_and_said(read: Reader, lists: list[Any], why: str) -> None:
    table = read(parquet(pa.list_(pa.float64()), lists))
    assert ([f.name for f in table.fields], table.facts.columns) == (["a"], 2)
    assert warned(table) == [f"real.csv: column 'e' left out: {why}"]


@pytest.mark.parametrize("lists", [[[1, 2], [3, 4]], [["a"], ["b"]], [[[1.5]], [[2.5]]], [[1.5], {"x": 1.5}]])
def test_labels_and_nested_values_are_no_vectors(read: Reader, lists: list[Any]) -> None:
    for body in (
        "\n".join(json.dumps({"a": n, "e": e}) for n, e in enumerate(lists)),
        json.dumps({"a": [0, 1], "e": lists}),
    ):
        table = read(body)
        assert [f.name for f in table.fields] == ["a"]
        assert warned(table) == [
            "real.csv: column 'e' left out: nested JSON is not supported; write plain values to audit it."
        ]


def test_frames_may_hold_lists_in_lists(tmp_path: Any) -> None:
    table = load_frame(pa.table({"a": [1, 2], "e": [[[1.5]], [[2.5]]]}), "real", tmp_path)
    assert [f.name for f in table.fields] == ["a"]


def test_a_column_of_no_lists_at_all_is_empty(read: Reader) -> None:
    table = read(parquet(pa.list_(pa.float64()), [None, None]))
    assert (table.fields[1].stored, table.fields[1].missing) == (Stored.EMPTY, 2)
