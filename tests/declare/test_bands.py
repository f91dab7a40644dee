"""Bands of numbers: read from options and files, or round edges near the fifths of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.declare.bands import parse_bands
from audit.declare.options import Options
from audit.errors import OptionError, SchemaError
from audit.stats.distributions.round_bands import band_labels, round_edges
from tests.worlds import World, case_of

_LIKE = "such as 25,45,65: below 25, 25 to 44, 45 to 64, 65 or more."
_FRAME = pd.DataFrame({"age": [*range(20, 60)], "sex": ["f", "m"] * 20})


def test_bands_are_read_as_a_column_and_its_edges() -> None:
    assert parse_bands("age=25,45,65") == ("age", (25.0, 45.0, 65.0))
    assert parse_bands("a=b= -1.5 , 2") == ("a=b", (-1.5, 2.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("25,45", "The bands '25,45' name no column. Write COLUMN=EDGES, such as age=25,45,65."),
        (
            "age=45,25",
            f"The bands of 'age' are not in increasing order: 45, 25. Give increasing numbers, {_LIKE}",
        ),
        (
            "age=25,old",
            f"The bands of 'age' hold 'old', which is no number. Give increasing numbers, {_LIKE}",
        ),
        ("age=", f"The bands of 'age' hold '', which is no number. Give increasing numbers, {_LIKE}"),
        ("age=nan", f"The bands of 'age' hold nan, which is no number. Give increasing numbers, {_LIKE}"),
    ],
)
def test_bands_that_cannot_be_read_are_refused(text: str, message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        parse_bands(text)
    assert str(refusal.value) == message


def test_bands_stand_in_options_and_in_the_schema() -> None:
    schema = {
        "columns": [{"name": "age", "bands": [30, 40]}, {"name": "pay", "bands": [1000]}, {"name": "sex"}]
    }
    asked = Options("r.csv", "s.csv", bands={"age": [50]}, schema=schema)
    assert asked.all_bands() == {"age": (50.0,), "pay": (1000.0,)}
    assert Options.from_json(asked.to_json()) == asked


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"bands": {"sex": [1]}},
            OptionError,
            "Column 'sex' holds no numbers (it is taken as category), so it cannot be cut into bands. "
            "Name a column of numbers, or leave its bands out.",
        ),
        (
            {"bands": {"agee": [1]}},
            OptionError,
            "Column 'agee' is not in both the real and the synthetic table. Did you mean 'age'?",
        ),
        (
            {"schema": {"columns": [{"name": "age", "bands": "25"}]}},
            SchemaError,
            f"The bands of 'age' are '25', not a list of numbers. Give increasing numbers, {_LIKE}",
        ),
    ],
)
def test_bands_of_what_cannot_be_cut_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as refusal, case_of(World(_FRAME, _FRAME), **options):
        pass
    assert str(refusal.value) == message


def test_edges_are_round_and_every_band_holds_people() -> None:
    rng = np.random.default_rng(0)
    for sample in (
        rng.normal(41, 13, 3000).round(),
        rng.lognormal(8, 1, 3000),
        rng.integers(0, 2000, 3000) / 7,
    ):
        values, counts = np.unique(sample, return_counts=True)
        edges = round_edges(values, counts)
        assert 3 <= len(edges) <= 4
        assert all(edge in (round(edge, 2), float(f"{edge:.2g}")) for edge in edges)
        assert np.histogram(sample, [-np.inf, *edges, np.inf])[0].min() >= 10


def test_no_edge_is_a_value_of_few_people() -> None:
    values, counts = np.arange(18.0, 68.0), np.full(50, 20)
    counts[values == 40] = 3
    assert round_edges(values, counts) == (25.0, 35.0, 50.0, 60.0)
    assert "39" not in "".join(band_labels((30, 40), values, np.where(values == 39, 3, counts)))


def test_few_values_are_bands_of_their_own() -> None:
    values, counts = np.arange(1.0, 6.0), np.array([50, 40, 30, 20, 3])
    edges = round_edges(values, counts)
    assert edges == (2.0, 3.0, 4.0)
    assert band_labels(edges, values, counts) == ("1", "2", "3", "4 or more")


def test_one_value_cannot_be_cut() -> None:
    assert round_edges(np.array([4.0]), np.array([50])) == ()
