"""Tables for timing have the size and the kinds they should, and curves are drawn to scale."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from bench import sizes
from bench.curves import Panel, draw
from bench.growth import Cost, Limit, panel


def test_wide_tables_hold_numbers_and_labels_that_go_together():
    frames = sizes.wide(20, rows=3000)
    assert {part: frame.shape for part, frame in frames.items()} == dict.fromkeys(sizes.PARTS, (3000, 20))
    real = frames["real"]
    numbers = real.select_dtypes("number")
    assert numbers.shape[1] == 10
    assert real["label_0"].nunique() == 2
    assert np.abs(np.triu(numbers.corr(), 1)).max() > 0.3
    assert not frames["synthetic"].equals(real)
    assert sizes.wide(20, rows=3000)["real"].equals(real)


@pytest.mark.acceptance
def test_long_tables_keep_the_columns_and_the_spikes(acceptance_data):
    real = sizes.long(acceptance_data, 40_000)["real"]
    assert real.shape == (40_000, 15)
    assert 0.9 < (real["capital-gain"] == 0).mean() < 0.94
    assert real["fnlwgt"].nunique() > 25_000


def test_a_line_stands_for_each_check_and_for_their_sum():
    costs = {size: Cost({"a": size / 1e4, "b & c": 0.02}, 9.0, 8.0, 10**9) for size in (10_000, 1_000_000)}
    drawn = draw("Seconds", [panel("rows", costs, 25.0)])
    tree = ElementTree.fromstring(drawn)
    lines = re.findall(r'<polyline points="([^"]*)"', drawn)
    assert tree.tag.endswith("svg")
    assert len(lines) == 3
    assert "b &amp; c 0.0 s" in drawn
    assert "limit 25 s" in drawn


def test_curves_rise_by_decades():
    drawn = draw("Seconds", [Panel("rows", (1, 10, 100), {"a": (0.1, 1.0, 10.0)}, (0.1, 1.0, 10.0))])
    points = re.findall(r'<polyline points="([^"]*)"', drawn)[0].split()
    places = np.array([[float(number) for number in point.split(",")] for point in points])
    steps = np.diff(places, axis=0)
    assert steps[0] == pytest.approx(steps[1], abs=0.11)


def test_a_limit_of_the_whole_command_counts_the_reading_too():
    cost = Cost({"a": 3.0, "b": 4.0}, wall=12.0, cpu=15.0, peak=10**9)
    assert Limit(10.0).seconds_of(cost) == 7.0
    assert Limit(10.0, whole=True).seconds_of(cost) == 12.0
