"""Data frames in memory give the same tables as files, and stay as they were."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from audit.errors import InputError
from audit.load import load_frame
from audit.load.child import load
from audit.load.limits import Limits
from audit.load.notes import Notes
from audit.load.table import Stored
from tests.load.conftest import rows, said

FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "x": [1.5, np.nan, 2.5],
        "t": ["a", None, "b"],
        "b": [True, False, True],
        "d": pd.to_datetime(["2024-01-31", None, "2024-02-01"]),
        "c": pd.Categorical(["u", "v", "u"]),
    }
)


def test_a_pandas_frame_is_stored_by_its_types_and_not_changed(tmp_path: Path) -> None:
    before = FRAME.copy(deep=True)
    table = load_frame(FRAME, "real", tmp_path, "my frame")
    pd.testing.assert_frame_equal(FRAME, before)
    assert [field.stored for field in table.fields] == [
        Stored.INTEGER,
        Stored.NUMBER,
        Stored.TEXT,
        Stored.BOOLEAN,
        Stored.DATE,
        Stored.TEXT,
    ]
    assert rows(table)[1] == (2, None, None, False, None, "v")
    assert (table.facts.name, table.facts.format, said(table)) == ("my frame", "frame", [])


def test_arrow_and_polars_tables_are_read_alike(tmp_path: Path) -> None:
    arrow = pa.table({"n": [1, 2], "t": ["a", "b"]})
    one = load_frame(arrow, "real", tmp_path)
    assert rows(one) == [(1, "a"), (2, "b")]
    polars = pytest.importorskip("polars")
    for frame in (
        polars.DataFrame({"n": [1, 2], "t": ["a", "b"]}),
        polars.LazyFrame({"n": [1, 2], "t": ["a", "b"]}),
    ):
        assert load_frame(frame, "synthetic", tmp_path).facts.content_hash == one.facts.content_hash


def test_text_of_digits_is_read_as_from_a_file(tmp_path: Path) -> None:
    table = load_frame(pd.DataFrame({"a": ["1", "2"], "b": ["01", "2"]}), "real", tmp_path)
    assert [field.stored for field in table.fields] == [Stored.INTEGER, Stored.TEXT]


def test_odd_frames(tmp_path: Path) -> None:
    mixed = pd.DataFrame({"a": [1, "z", 2.5, None]})
    assert rows(load_frame(mixed, "real", tmp_path)) == [("1",), ("z",), ("2.5",), (None,)]
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert [field.name for field in load_frame(twice, "real", tmp_path).fields] == ["a", "a (2)"]
    assert [
        field.name for field in load_frame(pd.DataFrame({0: [1], (1, "x"): [2]}), "real", tmp_path).fields
    ] == [
        "0",
        "(1, 'x')",
    ]
    for frame, message in (
        (
            pd.DataFrame({"a": []}),
            "real: the table has no rows, only column names. Write data below the header.",
        ),
        (pd.DataFrame(), "real: the table has no columns. Give a table with columns and rows."),
        ([1, 2], "real: list is not a table that can be audited. Give a pandas, Polars or PyArrow table."),
    ):
        with pytest.raises(InputError) as refused:
            load_frame(frame, "real", tmp_path)
        assert str(refused.value) == message


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
COLUMNS = st.fixed_dictionaries(
    {
        "number": st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=12, max_size=12),
        "whole": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=12, max_size=12),
        "words": st.lists(TEXTS | st.none(), min_size=12, max_size=12),
        "flags": st.lists(st.booleans(), min_size=12, max_size=12),
        "dates": st.lists(
            st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)) | st.none(), min_size=12, max_size=12
        ),
    }
)


@given(COLUMNS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_frame_and_its_csv_give_the_same_table(tmp_path: Path, columns: dict[str, list[object]]) -> None:
    frame = pd.DataFrame(columns)
    path = tmp_path / "frame.csv"
    frame.to_csv(path, index=False)
    from_frame = load_frame(frame, "real", tmp_path)
    from_file = load(path, tmp_path, Notes("synthetic", "frame.csv"), Limits(), {}, {})
    assert [f.stored for f in from_file.fields] == [f.stored for f in from_frame.fields]
    assert [f.missing for f in from_file.fields] == [f.missing for f in from_frame.fields]
    assert [f.distinct for f in from_file.fields] == [f.distinct for f in from_frame.fields]
    assert rows(from_file) == rows(from_frame)
    assert from_file.facts.content_hash == from_frame.facts.content_hash
