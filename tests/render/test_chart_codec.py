"""Charts in the one shape of documents, and back: every kind, and what other versions wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from audit.model import (
    Bars,
    Captioned,
    Estimate,
    Forest,
    Heatmap,
    Histogram,
    Intervals,
    JointShares,
    Lines,
    Matrix,
    RatioPlane,
    Series,
    UnknownChart,
)
from audit.render.chart_codec import PlainChart, PlainSeries, finite, from_plain, plain_series, to_plain
from audit.render.records import decode, encode
from tests.render.test_svg import CHARTS

CAPTION = {"title": "t", "alt": "a"}
VALUES = st.one_of(st.none(), st.floats(-1e6, 1e6))
LABELS = st.lists(st.text(max_size=8), min_size=1, max_size=4)
ESTIMATES = st.builds(Estimate, VALUES, VALUES, VALUES)
WITH_ENDS = (Lines, Forest, Matrix)


def there_and_back(chart: Any) -> Any:
    text = json.dumps(encode(to_plain(chart)), allow_nan=False)
    return from_plain(decode(PlainChart, json.loads(text), "a chart"))


def many(values: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=size, max_size=size).map(tuple)


@st.composite
def of_series(draw: st.DrawFn, size: int, *, ends: bool) -> tuple[Series, ...]:
    found = []
    for name in draw(st.sampled_from([("real",), ("real", "synthetic"), ("synthetic", "chance")])):
        values, low, high = (draw(many(VALUES, size)) for _ in range(3))
        found.append(
            Series(name, values, low, high) if ends and draw(st.booleans()) else Series(name, values)
        )
    return tuple(found)


@st.composite
def charts(draw: st.DrawFn) -> Captioned:
    kind = draw(st.sampled_from([Bars, Histogram, Lines, Forest, Heatmap, JointShares, Matrix]))
    labels = tuple(draw(LABELS))
    size = len(labels)
    if kind in (Heatmap, JointShares, Matrix):
        rows = tuple(draw(LABELS))
        values = draw(of_series(size * len(rows), ends=kind is Matrix))
        return kind(labels, rows, values, **CAPTION)  # type: ignore[no-any-return]
    places = tuple(float(at) for at in range(size + (kind is Histogram)))
    axis = labels if kind in (Bars, Forest) else places
    return kind(axis, draw(of_series(size, ends=kind in WITH_ENDS)), **CAPTION)  # type: ignore[no-any-return]


@given(charts())
def test_a_chart_of_series_comes_back_as_it_was(chart: Captioned) -> None:
    assert there_and_back(chart) == chart


@given(LABELS, st.data())
def test_intervals_and_planes_come_back_as_they_were(labels: list[str], data: st.DataObject) -> None:
    names, size = tuple(labels), len(labels)
    across, up = (data.draw(many(ESTIMATES, size)) for _ in range(2))
    baselines = data.draw(st.one_of(st.none(), many(VALUES, size)))
    intervals = Intervals(names, across, baselines, **CAPTION)
    plane = RatioPlane(names, ("realism", "diversity"), across, up, **CAPTION)
    assert there_and_back(intervals) == intervals
    assert there_and_back(plane) == plane


@pytest.mark.parametrize("kind", CHARTS)
def test_every_kind_bears_the_name_that_documents_know(kind: str) -> None:
    assert to_plain(CHARTS[kind]).kind == kind
    assert there_and_back(CHARTS[kind]) == CHARTS[kind]


def test_ends_of_intervals_stand_as_series_of_their_own() -> None:
    band = Series("synthetic", (1.0, 0.5), (1.0, 0.4), (1.0, 0.6))
    lines = Lines((0.0, 1.0), (band, Series("real", (1.0, 1.0))), title="t", alt="a")
    assert [(one.name, one.values) for one in plain_series(lines)] == [
        ("synthetic", (1.0, 0.5)),
        ("synthetic low", (1.0, 0.4)),
        ("synthetic high", (1.0, 0.6)),
        ("real", (1.0, 1.0)),
    ]
    assert to_plain(lines).edges == (0.0, 1.0)


def test_intervals_without_a_baseline_have_no_such_series() -> None:
    chart = Intervals(("a",), (Estimate(0.5, 0.4, 0.6),), title="t", alt="a")
    assert [one.name for one in plain_series(chart)] == ["value", "low", "high"]
    assert [one.name for one in plain_series(replace(chart, baselines=(None,)))][-1] == "baseline"
    assert finite(replace(chart, baselines=(None,))) == [0.5, 0.4, 0.6]


def test_a_series_that_is_cut_short_is_read_with_nothing_at_its_end() -> None:
    plain = PlainChart("intervals", "t", "a", y=("a", "b"), series=(PlainSeries("value", (0.5,)),))
    chart = from_plain(plain)
    assert isinstance(chart, Intervals)
    assert chart.estimates == (Estimate(0.5), Estimate(None))
    assert chart.baselines is None


def test_a_kind_that_is_not_known_keeps_its_words() -> None:
    chart = from_plain(PlainChart("pie", "t", "a", ("sex",), x=("m", "f")))
    assert chart == UnknownChart("pie", title="t", alt="a", about=("sex",))
    assert to_plain(chart).kind == "pie"
    assert plain_series(chart) == ()
