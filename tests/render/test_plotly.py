"""Charts as Plotly figures: every kind, escaped, in the colours of the report."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from audit.model import (
    Chart,
    Estimate,
    Heatmap,
    RatioPlane,
    Series,
    Unit,
    UnknownChart,
    interval_chart,
    line_chart,
    ratio_plane,
    share_bars,
)
from audit.render.chart_codec import PlainChart, PlainSeries, from_plain
from audit.render.charts.palette import DARK, LIGHT
from audit.render.charts.plotly import DRAW, literal, to_figure
from tests.render.test_svg import CHARTS

FOREST = ("real", "real low", "real high")
ALLOWED = {"bar", "scatter", "heatmap"}


def plain(chart: Chart, theme: str = "light") -> dict[str, Any]:
    return json.loads(to_figure(chart, theme).to_json())


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_every_kind_is_drawn() -> None:
    assert set(DRAW) == {type(chart) for chart in CHARTS.values()}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", CHARTS)
def test_a_figure_has_plain_traces_a_clear_ground_and_no_title(kind: str, theme: str) -> None:
    figure = plain(CHARTS[kind], theme)
    assert {trace["type"] for trace in figure["data"]} <= ALLOWED
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert figure["layout"]["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "title" not in figure["layout"]


def test_many_points_of_a_plane_bear_their_names() -> None:
    def plane(count: int) -> RatioPlane:
        names, places = [f"t={at}" for at in range(count)], [Estimate.from_half_width(0.5, 0.0)] * count
        return ratio_plane(names, places, places, ("realism", "diversity"), title="t", alt="a")

    few, many = (plain(plane(count), "light")["data"] for count in (3, 4))
    assert {one["mode"] for one in few} == {"markers"}
    assert {one["mode"] for one in many} == {"markers+text"}
    assert [one["text"][0] for one in many] == ["t=0", "t=1", "t=2", "t=3", "real rows"]


def test_the_interval_of_a_line_is_a_band_behind_it() -> None:
    synthetic = Series("synthetic", (1.0, 0.8, 0.6), (1.0, 0.7, 0.5), (1.0, 0.9, 0.7))
    series = (synthetic, Series("real", (1.0, 1.0, 1.0)))
    figure = plain(line_chart(series, title="t", alt="a"), "light")
    low, high, line, real = figure["data"]
    assert [one["y"] for one in (low, high, line)] == [[1.0, 0.7, 0.5], [1.0, 0.9, 0.7], [1.0, 0.8, 0.6]]
    assert (low["fill"], high["fill"]) == ("none", "tonexty")
    assert [one.get("showlegend", True) for one in figure["data"]] == [False, False, True, True]
    assert (line["name"], real["name"]) == ("synthetic", "real")
    assert figure["layout"]["xaxis"]["dtick"] == 1  # there is nothing between two generations


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_real_and_synthetic_have_their_colours_and_styles(theme: str, colours: Any) -> None:
    real, synthetic = plain(CHARTS["lines"], theme)["data"]
    assert (real["line"]["color"], real["line"]["dash"]) == (colours.real, "solid")
    assert (synthetic["line"]["color"], synthetic["line"]["dash"]) == (colours.synthetic, "dash")
    bars = plain(CHARTS["bars"], theme)["data"]
    assert "pattern" not in bars[0]["marker"]
    assert bars[1]["marker"]["pattern"]["shape"] == "/"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["lines", "histogram"])
def test_series_that_are_no_table_are_told_apart(kind: str, theme: str) -> None:
    chart = CHARTS[kind]
    values = chart.series[0].values
    named = ("real", "to rows it saw", "to fresh rows", "synthetic", "to nobody")
    drawn = plain(replace(chart, series=tuple(Series(name, values) for name in named)), theme)["data"]
    looks = {trace["name"]: trace["line"] for trace in drawn if trace["type"] == "scatter"}
    assert len({look["color"] for look in looks.values()}) == len(looks)
    others = [looks[name] for name in named if name not in ("real", "synthetic")]
    assert len({look["dash"] for look in others}) == 3


@pytest.mark.parametrize("kind", CHARTS)
def test_names_and_values_are_text(kind: str, hostile: tuple[str, ...]) -> None:
    size = {"bars": 10, "histogram": 10, "lines": 11, "intervals": 10, "plane": 10}.get(kind, 100)
    size = 10 if kind == "forest" else size
    own = {
        "joint": ("real", "synthetic"),
        "intervals": ("value", "low"),
        "plane": ("across", "up"),
        "forest": FOREST,
    }
    named = own.get(kind, ("real", hostile[0]))
    series = tuple(PlainSeries(name, (0.01,) * size) for name in named)
    chart = PlainChart(
        kind,
        hostile[0],
        hostile[0],
        hostile,
        hostile,
        hostile,
        tuple(map(float, range(11))),
        series,
        hostile[1],
    )
    for text in strings(plain(from_plain(chart))):
        assert "<" not in text.replace("<extra></extra>", "").replace("<br>", "")  # our own line breaks
        assert "%{x}" not in text


def test_text_is_escaped_for_plotly() -> None:
    assert literal("<b>a</b> & %{x} $y$") == "&lt;b&gt;a&lt;/b&gt; &amp; %\u200b{x} &#36;y&#36;"
    assert literal("") == "(empty)"
    assert len(literal("n" * 5_000)) == 300


def test_labels_that_look_alike_stay_apart() -> None:
    labels = ("a" * 60 + "1", "a" * 60 + "2")
    chart = share_bars(labels, {"real": (0.25, 0.75)}, title="t", alt="a")
    figure = plain(chart)
    assert figure["data"][0]["y"] == [0, 1]
    assert figure["data"][0]["x"] == [0.25, 0.75]


def test_the_numbers_are_those_of_the_chart() -> None:
    chart = CHARTS["histogram"]
    real, synthetic = plain(chart)["data"]
    assert real["y"] == list(chart.series[0].values)
    assert synthetic["y"] == [0.0, *chart.series[1].values, 0.0]
    joint = plain(CHARTS["joint"])["data"]
    assert [cell for row in joint[0]["z"] for cell in row] == list(CHARTS["joint"].series[0].values)
    assert joint[2]["z"][0][0] == pytest.approx(joint[1]["z"][0][0] - joint[0]["z"][0][0])


def test_a_large_heatmap_is_cut() -> None:
    names = tuple(f"c{at}" for at in range(200))
    chart = Heatmap(names, names, (Series("d", (0.1,) * 40_000),), title="t", alt="a")
    assert len(plain(chart)["data"][0]["z"]) == 60


def test_missing_ends_and_values_are_drawn_as_nothing() -> None:
    chart = CHARTS["intervals"]
    bare = replace(chart, estimates=(Estimate(0.1), Estimate(None), Estimate(0.3)), baselines=None)
    points = plain(bare)["data"][0]
    assert (points["x"], points["error_x"]["array"]) == ([0.1, 0.3], [0.0, 0.0])


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_a_plane_has_a_point_for_each_table_and_lines_at_one(theme: str, colours: Any) -> None:
    figure = plain(CHARTS["plane"], theme)
    synthetic, real = figure["data"]
    assert (synthetic["x"], synthetic["y"]) == ([0.93], [0.81])
    assert synthetic["error_x"]["array"] == [pytest.approx(0.03)]
    assert synthetic["error_y"]["arrayminus"] == [pytest.approx(0.02)]
    assert real["error_x"]["array"] == [0.0]
    assert (synthetic["marker"]["color"], real["marker"]["color"]) == (colours.synthetic, colours.holdout)
    assert synthetic["marker"]["symbol"] != real["marker"]["symbol"]
    lines = figure["layout"]["shapes"]
    assert {(one["x0"], one["x1"]) for one in lines if one["x0"] == one["x1"]} == {(1.0, 1.0)}
    assert {(one["y0"], one["y1"]) for one in lines if one["y0"] == one["y1"]} == {(1.0, 1.0)}
    axes = figure["layout"]["xaxis"]["title"]["text"], figure["layout"]["yaxis"]["title"]["text"]
    assert axes == ("realism", "diversity")


RATIOS = interval_chart(
    ("a rule that is far too long to stand in one line of an axis", "b"),
    (Estimate(80.0, 51.0, 123.0), Estimate(0.5, 0.4, 0.6)),
    1.0,
    title="t",
    alt="a",
    unit=Unit.RATIO,
    words="synthetic rows per real row",
)


def test_ratios_far_apart_stand_on_an_axis_of_factors() -> None:
    figure = plain(RATIOS)
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert (
        figure["layout"]["yaxis"]["ticktext"][0]
        == "a rule that is far too long<br>to stand in one line of an…"
    )
    near = replace(RATIOS, estimates=RATIOS.estimates[1:] * 2)
    assert "type" not in plain(near)["layout"]["xaxis"]
    assert "type" not in plain(CHARTS["intervals"])["layout"]["xaxis"]


def test_small_shares_have_ticks_that_tell_them_apart() -> None:
    chart = CHARTS["histogram"]
    small = replace(
        chart,
        series=tuple(replace(one, values=tuple((v or 0) / 100 for v in one.values)) for one in chart.series),
    )
    assert plain(chart)["layout"]["yaxis"]["tickformat"] == ".0~%"
    assert plain(small)["layout"]["yaxis"]["tickformat"] == ".2~%"


def test_an_unknown_kind_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="A chart of kind 'pie' is unknown to this version"):
        to_figure(UnknownChart("pie", title="t", alt="a"))


def test_plotly_is_loaded_only_when_a_figure_is_drawn() -> None:
    code = "import sys, audit.render.charts.plotly, audit.render; sys.exit('plotly' in sys.modules or 'jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_forest_has_both_tables_with_their_intervals() -> None:
    real, synthetic = plain(CHARTS["forest"])["data"]
    assert (real["name"], synthetic["name"]) == ("real", "synthetic")
    assert real["x"] == [0.3, 0.1, 0.4, 0.2] and synthetic["x"] == [0.32, 0.2, 0.4]
    assert real["error_x"]["array"] == pytest.approx([0.05] * 4)
    assert len(plain(CHARTS["forest"])["layout"]["shapes"]) == 2  # everyone's, down the picture


def test_a_matrix_tells_its_numbers_and_greys_what_is_too_small() -> None:
    small, cells = plain(CHARTS["matrix"])["data"]
    assert small["z"] == [[None, 1.0, None], [None, None, None]]
    assert cells["text"] == [["10", "", "−20"], ["5", "0", "30"]]
    assert (cells["zmin"], cells["zmax"]) == (-0.3, 0.3)
