"""Digests of columns and rows: what changes them, what does not, and that they stand for the content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.load import load_files, load_frame
from audit.load.engine import connect
from audit.load.fingerprint import column_hashes, is_guessable, row_digests
from audit.load.table import Table

FRAME = pd.DataFrame(
    {
        "n": [3, 1, 2, 2],
        "x": [0.5, 1.0, np.nan, -0.0],
        "word": ["a", "bb", None, "a"],
        "when": pd.to_datetime(["2024-01-01", "2024-03-01", None, "2024-01-01"]),
        "yes": [True, False, True, None],
    }
)


def hashes(frame: pd.DataFrame, folder: Path, salt: str = "") -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    table = load_frame(frame, "real", folder)
    with connect(folder) as connection:
        return column_hashes(connection, table, range(len(table.fields)), salt)


def digests(
    table: Table, folder: Path, names: list[str] | None = None, salt: str = "s"
) -> set[tuple[int, int]]:
    with connect(folder) as connection:
        found = row_digests(connection, table, names or [f.name for f in table.fields], salt)
    return {(int(a), int(b)) for a, b in found}


def test_the_order_of_rows_does_not_matter_and_one_cell_does(tmp_path: Path) -> None:
    first = hashes(FRAME, tmp_path / "a")
    assert hashes(FRAME.sample(frac=1, random_state=3), tmp_path / "b") == first
    changed = FRAME.assign(word=["a", "bb", None, "b"])
    again = hashes(changed, tmp_path / "c")
    assert {name for name in first if first[name] != again[name]} == {"word"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["1:a1;", "b"], ["a", "1:b1;"]),
        (["a", None], ["a", "a"]),
        ([1, 2, 2], [1, 1, 2]),
        ([2**60, 5], [2**60 + 1, 5]),
        (["1", "x"], ["1 ", "x"]),
    ],
)
def test_other_content_has_another_hash(one: list[object], other: list[object], tmp_path: Path) -> None:
    a, b = (hashes(pd.DataFrame({"v": v}), tmp_path / n) for v, n in ((one, "a"), (other, "b")))
    assert a != b


def test_counting_and_sorting_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few values are counted, many are sorted; zeros with a sign and without are one number."""
    frame = pd.DataFrame({"x": [0.0, -0.0, 1.5, 1.5, None], "n": [3, 1, 2, 2, 1]})
    counted = hashes(frame, tmp_path / "a")
    monkeypatch.setattr("audit.load.fingerprint.ENOUGH_VALUES", 0)
    assert hashes(frame.sample(frac=1, random_state=1), tmp_path / "b") == counted
    assert hashes(frame.assign(x=[0.0, 0.0, 1.5, 1.5, None]), tmp_path / "c") == counted


def test_a_salt_changes_every_hash(tmp_path: Path) -> None:
    plain, salted = hashes(FRAME, tmp_path / "a"), hashes(FRAME, tmp_path / "b", "a word of seventeen")
    assert not set(plain.values()) & set(salted.values())


def test_how_a_table_is_written_does_not_matter(tmp_path: Path) -> None:
    """1 and 1.0, a date as text, decimals in another file format, an empty cell and NA."""
    (tmp_path / "a.csv").write_text("n,when,x\n1,2024-01-01,0.5\n2.0,2024-03-01,NA\n", encoding="utf-8")
    pd.DataFrame(
        {"x": [None, 0.5], "when": pd.to_datetime(["2024-03-01", "2024-01-01"]), "n": [2, 1]}
    ).to_parquet(tmp_path / "b.parquet")
    tables = load_files({"real": tmp_path / "a.csv", "synthetic": tmp_path / "b.parquet"}, tmp_path)
    with connect(tmp_path) as connection:
        first, second = (column_hashes(connection, table, [0, 1, 2]) for table in tables.values())
    assert first == second
    rows = [digests(table, tmp_path) for table in tables.values()]
    assert rows[0] == rows[1]


def test_whole_rows_of_a_column_of_decimals_read_the_same(tmp_path: Path) -> None:
    """A part of a table may be all whole numbers; its rows are still those of the table."""
    whole = pd.DataFrame({"x": [1.0, 2.5, 3.0], "y": [10, 20, 30]})
    for name, frame in (("real", whole), ("holdout", whole.iloc[[2, 0]])):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    tables = load_files({r: tmp_path / f"{r}.csv" for r in ("real", "holdout")}, tmp_path)
    assert digests(tables["holdout"], tmp_path) < digests(tables["real"], tmp_path)


def test_cells_do_not_run_into_each_other(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x", "x1:y", "-", None], "b": ["1:yz", "z", None, "-"]})
    assert len(digests(load_frame(frame, "real", tmp_path), tmp_path)) == 4


def test_only_columns_of_many_values_are_safe_without_a_salt(tmp_path: Path) -> None:
    frame = pd.DataFrame({"many": np.arange(1000), "few": np.arange(1000) % 999})
    fields = load_frame(frame, "real", tmp_path).fields
    assert [is_guessable(field) for field in fields] == [False, True]
