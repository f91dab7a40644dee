"""Charts as SVG: every kind, escaped, finite, honest about what is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from audit.model import (
    Bars,
    Chart,
    Estimate,
    Heatmap,
    Histogram,
    JointShares,
    Series,
    Unit,
    UnknownChart,
    as_series,
    interval_chart,
    line_chart,
    share_bars,
)
from audit.render.chart_codec import PlainChart, PlainSeries, from_plain, to_plain
from audit.render.charts.grids import trim_chart, upright, without_empty
from audit.render.charts.layout import has_even_bins, ticks
from audit.render.charts.precision_recall_plane import plane_points
from audit.render.charts.svg import DRAW, chart_svg, sparkline
from tests.render import example

CHARTS: dict[str, Any] = {
    "bars": example.column_chart("age", 1),
    "histogram": example.column_chart("age", 0),
    "lines": example.lines_chart("age"),
    "heatmap": example.heatmap_chart(example.names_of(15)),
    "joint": example.joint_chart("age", "income"),
    "intervals": example.intervals_chart(),
    "plane": example.plane_chart(),
    "forest": example.forest_chart(),
    "matrix": example.matrix_chart(),
}


def drawn(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(chart, standalone=True))


def shapes(chart: Chart, tag: str) -> list[ElementTree.Element]:
    return list(drawn(chart).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def test_every_kind_is_here() -> None:
    assert {type(chart) for chart in CHARTS.values()} == set(DRAW)
    assert {kind: to_plain(chart).kind for kind, chart in CHARTS.items()} == {kind: kind for kind in CHARTS}


@pytest.mark.parametrize("kind", CHARTS)
def test_it_is_well_formed_with_title_and_alt(kind: str) -> None:
    picture, chart = drawn(CHARTS[kind]), CHARTS[kind]
    assert [child.text for child in list(picture)[:2]] == [chart.title, chart.alt]
    assert picture.get("role") == "img"


@pytest.mark.parametrize("kind", CHARTS)
def test_every_length_is_finite_and_inside(kind: str) -> None:
    picture = drawn(CHARTS[kind])
    width, height = float(picture.get("width", 0)), float(picture.get("height", 0))
    for one in picture.iter():
        for name, value in one.attrib.items():
            assert "nan" not in value
            assert "inf" not in value.replace("infinity", "")
            if name in ("x", "x1", "x2", "cx"):
                assert -0.1 <= float(value) <= width + 0.1
            if name in ("y", "y1", "y2", "cy"):
                assert -0.1 <= float(value) <= height + 0.1


def test_bars_are_as_long_as_their_shares() -> None:
    chart = share_bars(("a", "b"), {"real": (0.25, 0.75), "synthetic": (0.5, 0.5)}, title="t", alt="a")
    widths = [float(one.get("width", 0)) for one in shapes(chart, "rect") if one.get("x") == "150"]
    assert [round(width / widths[0], 1) for width in widths] == [1.0, 2.0, 3.0, 2.0]


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    path = shapes(CHARTS["lines"], "path")[-1].get("d", "")
    assert path.count("M") == 2


def test_the_interval_of_a_line_is_a_band_and_no_line_of_its_own() -> None:
    line_with_ends = Series("synthetic", (1.0, 0.5), (1.0, 0.25), (1.0, 0.75))
    chart = line_chart([line_with_ends], title="t", alt="a")
    swatch, band, line = shapes(chart, "path")
    assert (swatch.get("stroke"), line.get("stroke")) == (band.get("fill"), band.get("fill"))
    assert (band.get("stroke"), band.get("fill-opacity")) == ("none", "0.16")
    assert (
        len(re.findall(r"[ML]", band.get("d", ""))) == 4
    )  # there along the low ends, back along the high ones
    labels = ["".join(one.itertext()) for one in shapes(chart, "text")]
    assert "synthetic" in labels
    assert not any("low" in text or "high" in text for text in labels)
    assert {"0", "1"} <= set(labels)
    assert "0.5" not in labels


def test_real_and_synthetic_differ_by_more_than_colour() -> None:
    looks = [dict(one.attrib) for one in shapes(CHARTS["lines"], "path")[-2:]]
    assert "stroke-dasharray" not in looks[0]
    assert "stroke-dasharray" in looks[1]
    fills = [dict(one.attrib) for one in shapes(CHARTS["histogram"], "path")]
    assert "stroke" not in fills[0]
    assert "stroke" in fills[1]


@pytest.mark.parametrize("kind", ["lines", "histogram", "bars"])
def test_series_that_are_no_table_are_told_apart(kind: str) -> None:
    chart = CHARTS[kind]
    named = tuple(Series(name, chart.series[0].values) for name in ("to rows it saw", "to fresh rows"))
    marks = [*shapes(replace(chart, series=named), "path"), *shapes(replace(chart, series=named), "rect")]
    looks = {(one.get("class"), one.get("stroke"), one.get("stroke-dasharray")) for one in marks}
    assert len({colour for _, colour, _ in looks}) == 2
    assert len({dash for _, _, dash in looks}) == 2


def test_a_long_label_is_cut_with_the_whole_text_in_its_title() -> None:
    chart = share_bars(("the longest label that anyone would write",), {"real": (1.0,)}, title="t", alt="a")
    text = next(one for one in shapes(chart, "text") if (one.text or "").startswith("the longest"))
    assert (text.text or "").endswith("…")
    assert text[0].text == "the longest label that anyone would write"


def test_many_categories_keep_the_largest_and_count_the_rest() -> None:
    labels = tuple(f"level {at}" for at in range(30))
    chart = share_bars(labels, {"real": [at / 435 for at in range(30)]}, title="t", alt="a")
    words = [one.text for one in shapes(chart, "text")]
    assert "and 10 more" in words
    assert "level 29" in words
    assert "level 9" not in words


@pytest.mark.parametrize("kind", CHARTS)
@pytest.mark.parametrize("change", ["empty", "none", "short"])
def test_what_is_not_there_is_said(kind: str, change: str) -> None:
    chart = _without(CHARTS[kind], change)
    assert "There is nothing to draw." in chart_svg(chart)
    if isinstance(chart, Bars | Histogram):
        assert sparkline(chart) == ""


def _without(chart: Any, change: str) -> Any:
    """A chart that has lost its values, all of them or the last of each series."""
    names = [name for name in ("series", "estimates", "baselines", "across", "up") if hasattr(chart, name)]
    return replace(chart, **{name: tuple(_lost(getattr(chart, name), change)) for name in names})


def _lost(values: tuple[Any, ...], change: str) -> tuple[Any, ...]:
    if not isinstance(values[0], Series):
        nothing = Estimate(None) if isinstance(values[0], Estimate) else None
        return {"empty": (), "none": (nothing,) * len(values), "short": values[:-1]}[change]
    if change == "empty":
        return ()
    ends = ("values", "low", "high")
    return tuple(
        replace(one, **{end: _lost(getattr(one, end), change) for end in ends if getattr(one, end)})
        for one in values
    )


def test_an_unknown_kind_is_said() -> None:
    assert "unknown to this version" in chart_svg(UnknownChart("pie", title="t", alt="a"))


@pytest.mark.parametrize("value", [0.0, 1e-12, 1e9, -0.3])
@pytest.mark.parametrize("kind", ["bars", "histogram", "lines", "intervals", "heatmap", "plane"])
def test_extreme_values_are_drawn(kind: str, value: float) -> None:
    names = {"intervals": ("value",), "plane": ("across", "up")}.get(kind, ("real",))
    series = tuple(PlainSeries(name, (value,) * (2 if kind == "lines" else 1)) for name in names)
    chart = from_plain(PlainChart(kind, "t", "a", x=("a",), y=("b",), edges=(0.0, 1.0), series=series))
    assert "nothing to draw" not in chart_svg(chart)
    assert not re.search(r'"-?(nan|inf)', chart_svg(chart))


def test_a_large_heatmap_stays_small_and_keeps_its_darkest_cell() -> None:
    names = tuple(f"c{at}" for at in range(100))
    values = [0.01] * 10_000
    values[77 * 100 + 88] = 0.9
    chart = Heatmap(names, names, as_series({"d": values}), title="t", alt="a")
    assert len(chart_svg(chart)) < 60_000
    kept = trim_chart(chart, 40)
    assert "c77" in kept.rows
    assert 0.9 in trim_chart(chart, 200).series[0].values


def test_uneven_bins_get_equal_room() -> None:
    assert not has_even_bins((0.0, 1.0, 100.0))
    assert has_even_bins((0.0, 1.0, 2.5))
    chart = Histogram((0.0, 1.0, 100.0), as_series({"real": (0.5, 0.5)}), title="t", alt="a")
    stops = re.findall(r"H([\d.]+)", shapes(chart, "path")[0].get("d", ""))
    assert [float(stop) for stop in stops] == [248.0, 450.0]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, [0.0, 0.25, 0.5, 0.75, 1.0]), (0.0, 0.0, [0.0]), (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_a_joint_view_drops_what_is_empty_and_stands_upright() -> None:
    wide = JointShares(
        ("a", "b", "c", "never"),
        ("low", "high"),
        (
            Series("real", (0.1, 0.2, 0.3, 0.0, 0.2, 0.1, 0.1, 0.0)),
            Series("synthetic", (0.3, 0.2, 0.1, 0.0, 0.1, 0.1, 0.2, 0.0)),
        ),
        title="t",
        alt="a",
    )
    seen = [one.text for one in shapes(wide, "text")]
    assert "never" not in seen
    assert seen.count("low") == 3
    assert seen.count("a") == 1
    upright_real = upright(without_empty(wide)).series[0].values
    assert upright_real == (0.1, 0.2, 0.2, 0.1, 0.3, 0.1)


def test_a_plane_holds_both_points_with_their_intervals_and_the_lines_of_real_rows() -> None:
    seen = [one.text for one in shapes(CHARTS["plane"], "text")]
    assert {"synthetic", "real rows", "realism →", "↑ diversity"} <= set(seen)
    (dot,) = shapes(CHARTS["plane"], "circle")
    (square,) = shapes(CHARTS["plane"], "rect")
    assert (dot.get("class"), square.get("class")) == ("f-synthetic", "f-holdout")
    # less realism lies to the left, less diversity below
    assert float(dot.get("cx", 0)) < float(square.get("x", 0))
    assert float(dot.get("cy", 0)) > float(square.get("y", 0))
    bars = [one for one in shapes(CHARTS["plane"], "line") if one.get("class") == "l-synthetic"]
    lengths = [float(one.get("x2", 0)) - float(one.get("x1", 0)) for one in bars]
    assert lengths[0] > 0 == lengths[1]
    best = [one for one in shapes(CHARTS["plane"], "line") if one.get("stroke-dasharray")]
    assert len(best) == 2


def test_a_point_of_a_plane_needs_both_numbers() -> None:
    chart, nothing = example.plane_chart(), Estimate(None)
    assert [one.name for one in plane_points(replace(chart, up=(nothing, chart.up[1])))] == ["real rows"]
    assert "There is nothing to draw." in chart_svg(replace(chart, up=(nothing, nothing)))
    assert "There is nothing to draw." in chart_svg(replace(chart, up=()))


def test_ratios_far_apart_stand_on_an_axis_of_factors() -> None:
    estimates = [Estimate.from_half_width(value, 0.0) for value in (0.1, 10.0)]
    chart = interval_chart("ab", estimates, 1.0, title="t", alt="a", unit=Unit.RATIO, words="times")
    low, high = (float(dot.get("cx", 0)) for dot in shapes(chart, "circle"))
    one = float(next(mark for mark in shapes(chart, "line") if mark.get("class") == "l-real").get("x1", 0))
    assert one - low == pytest.approx(high - one, abs=0.2)
    linear = replace(chart, baselines=None)
    low, high = (float(dot.get("cx", 0)) for dot in shapes(linear, "circle"))
    zero = (low * 10.0 - high * 0.1) / 9.9
    assert 150 <= zero < low < high


def test_long_names_of_intervals_have_room() -> None:
    chart = replace(example.intervals_chart(), labels=("x" * 40, "b", "c"))
    left = [float(one.get("x1", 0)) for one in shapes(chart, "line")]
    assert min(left) >= 220


def test_a_group_has_a_dot_and_a_line_for_each_table() -> None:
    for role, groups in (("real", 4), ("synthetic", 3)):  # one group has no synthetic rows
        dots = [one for one in shapes(CHARTS["forest"], "circle") if one.get("class") == f"f-{role}"]
        lines = [one for one in shapes(CHARTS["forest"], "line") if one.get("class") == f"l-{role}"]
        assert (len(dots), len(lines)) == (groups + 1, groups)  # and one in the legend


def test_a_crossing_of_too_few_rows_is_grey_and_says_so() -> None:
    seen = [one.text for one in shapes(CHARTS["matrix"], "text")]
    assert {"10", "few", "−20", "30"} <= set(seen)
    assert len([one for one in shapes(CHARTS["matrix"], "path") if one.get("class") == "n"]) == 1
