"""What a column is taken to hold: told apart by how its cells look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.schema import guess_columns
from audit.load import load_files, load_frame
from audit.model import Kind, Role

ROWS = 200
RNG = np.random.default_rng(0)
WORDS = np.array(
    ["the", "river", "was", "cold", "and", "we", "went", "home", "by", "train", "slowly", "again"]
)
COLUMNS = {
    # name: (cells as written in a file, kind, words of the reason)
    "when": ([f"2020-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(ROWS)], Kind.DATE, "dates"),
    "hour": ([f"2020-01-{1 + i % 28:02d}T{i % 24:02d}:30:00" for i in range(ROWS)], Kind.DATE, "dates"),
    "yes_no": (["yes", "no"] * (ROWS // 2), Kind.CATEGORY, "labels, 2 different"),
    "truth": (["True", "FALSE"] * (ROWS // 2), Kind.CATEGORY, "true or false"),
    "bit": ([0, 1] * (ROWS // 2), Kind.CATEGORY, "two different numbers: a yes-or-no code"),
    "zip": ([10_000 + i % 40 for i in range(ROWS)], Kind.CATEGORY, "whole numbers named like a code"),
    "plz": ([f"0{1000 + i % 40}" for i in range(ROWS)], Kind.CATEGORY, "digits with leading zeros: codes, 40 different"),
    "age": ([18 + i % 60 for i in range(ROWS)], Kind.NUMBER, "whole numbers, 60 different"),
    "grade": ([1 + i % 5 for i in range(ROWS)], Kind.NUMBER, "whole numbers, 5 different"),
    "weight": ([f"{50 + i / 7:.3f}" for i in range(ROWS)], Kind.NUMBER, f"numbers with decimals, {ROWS} different"),
    "price": ([f"1.{100 + i % 90},50" for i in range(ROWS)], Kind.NUMBER, "numbers with decimals, 90 different"),
    "share": ([f"{i % 80}%" for i in range(ROWS)], Kind.NUMBER, "80 different"),
    "row_id": (range(1, ROWS + 1), Kind.KEY, "whole numbers, different in every row, named like a key"),
    "amount": (range(1001, 1001 + ROWS), Kind.NUMBER, f"whole numbers, {ROWS} different"),
    "code": ([f"A{i:05d}" for i in range(ROWS)], Kind.KEY, "different in every row"),
    "uuid": ([f"{i:08x}-aaaa-4bbb-8ccc-{i * 7919:012x}" for i in range(ROWS)], Kind.KEY, "different in every row"),
    "note": ([" ".join(RNG.choice(WORDS, 12)) for _ in range(ROWS)], Kind.TEXT, "of the values occur once or nearly so"),
    "city": (["Aachen", "Bonn", "Celle", "Ulm"] * (ROWS // 4), Kind.CATEGORY, "labels, 4 different"),
    "always": (["x"] * ROWS, Kind.CATEGORY, "constant: one value in every row"),
    "seven": ([7] * ROWS, Kind.NUMBER, "constant: one value in every row"),
}  # fmt: skip


@pytest.fixture(scope="module")
def guessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guess")
    pd.DataFrame({name: list(cells) for name, (cells, _, _) in COLUMNS.items()}).to_csv(
        folder / "t.csv", index=False
    )
    scratch = folder / "scratch"
    scratch.mkdir()
    table = load_files({"real": Path(folder / "t.csv")}, scratch)["real"]
    return {column.name: column for column in guess_columns(table)}


@pytest.mark.parametrize("name", COLUMNS)
def test_kinds_are_told_apart_with_the_reason(name, guessed):
    _, kind, reason = COLUMNS[name]
    assert guessed[name].kind is kind
    assert reason in guessed[name].reason
    assert 0 < guessed[name].confidence <= 1


def guess(tmp_path, **columns):
    table = load_frame(pd.DataFrame(columns), "real", tmp_path)
    return {column.name: column for column in guess_columns(table)}


def test_frames_are_read_as_files_are(tmp_path):
    found = guess(
        tmp_path,
        when=pd.to_datetime(["2020-01-01", "2021-05-05"] * 20),
        truth=[True, False] * 20,
        nothing=[None] * 40,
        pair=[[1.0, 2.0]] * 40,
        label=pd.Categorical(["a", "b"] * 20),
        gap=[1.5, None] * 20,
    )
    assert {name: column.kind for name, column in found.items()} == {
        "when": Kind.DATE,
        "truth": Kind.CATEGORY,
        "nothing": Kind.CATEGORY,
        "pair": Kind.VECTOR,
        "label": Kind.CATEGORY,
        "gap": Kind.NUMBER,
    }
    assert found["nothing"].confidence < 0.5


def test_few_unique_rows_are_no_key(tmp_path):
    found = guess(tmp_path, id=range(19), label=[f"v{i}" for i in range(19)])
    assert found["id"].kind is Kind.NUMBER
    assert found["label"].kind is Kind.CATEGORY


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sex", Role.NONE),  # suggested elsewhere, never chosen
        ("ethnic group", Role.NONE),
        ("target", Role.TARGET),
        ("Label", Role.TARGET),
        ("sexton", Role.NONE),
        ("city", Role.NONE),
    ],
)
def test_roles_by_name_are_guesses_of_little_confidence(name, role, tmp_path):
    found = guess(tmp_path, **{name: ["a", "b"] * 20})[name]
    assert found.role is role
    assert (found.confidence <= 0.6) is (role is not Role.NONE)
