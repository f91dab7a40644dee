"""Builders of charts, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from audit.model import (
    Bars,
    Estimate,
    Intervals,
    Measure,
    Series,
    Unit,
    as_series,
    compared_intervals,
    interval_chart,
    line_chart,
    ratio_plane,
    share_bars,
)


def test_bars_show_the_places_asked_for_in_their_order() -> None:
    tables = {"real": np.array([0.5, 0.3, 0.2]), "synthetic": [0.4, 0.4, 0.2]}
    chart = share_bars(["a", "b", "c"], tables, [2, 0], title="t", alt="a", about=("sex",))
    assert chart == Bars(
        ("c", "a"),
        (Series("real", (0.2, 0.5)), Series("synthetic", (0.2, 0.4))),
        title="t",
        alt="a",
        about=("sex",),
        unit=Unit.SHARE,
        words="share of rows",
    )
    assert share_bars("ab", {"real": (1.0, None)}, title="t", alt="a").series[0].values == (1.0, None)


def test_numbers_of_an_array_become_plain_numbers() -> None:
    (series,) = as_series({"real": np.array([1, 2], dtype=np.int64)})
    assert [type(value) for value in series.values] == [float, float]


def test_lines_stand_at_whole_numbers_where_no_positions_are_given() -> None:
    lines = as_series({"real": [1.0], "synthetic": [1.0, 0.5, 0.2]})
    assert line_chart(lines, title="t", alt="a").positions == (0.0, 1.0, 2.0)
    assert line_chart(lines, range(1, 4), title="t", alt="a").positions == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("baseline", "baselines"), [(None, None), (1.0, (1.0, 1.0)), (0, (0.0, 0.0)), ([None, 0.1], (None, 0.1))]
)
def test_a_baseline_is_none_one_for_all_or_one_for_each(
    baseline: float | list[float | None] | None, baselines: tuple[float | None, ...] | None
) -> None:
    estimates = [Estimate.from_half_width(0.5, 0.125), Estimate(None)]
    chart = interval_chart(iter("ab"), iter(estimates), baseline, title="t", alt="a")
    assert chart == Intervals(
        ("a", "b"), (Estimate(0.5, 0.375, 0.625), Estimate(None)), baselines, title="t", alt="a"
    )


def test_measures_stand_beside_their_own_baselines() -> None:
    measures = [Measure(0.2, low=0.1, high=0.3, baseline=0.05), Measure(0.1)]
    chart = compared_intervals(["age", "sex"], measures, title="t", alt="a", words="distance")
    assert chart.estimates == (Estimate(0.2, 0.1, 0.3), Estimate(0.1, None, None))
    assert chart.baselines == (0.05, None)
    assert chart.words == "distance"


def test_a_plane_of_ratios_ends_with_real_rows_at_one() -> None:
    realism, diversity = Estimate(0.9, 0.8, 0.95), Estimate(0.7, 0.6, 0.8)
    chart = ratio_plane(["synthetic"], [realism], [diversity], ("realism", "diversity"), title="t", alt="a")
    assert (chart.names, chart.axes) == (("synthetic", "real rows"), ("realism", "diversity"))
    assert chart.across == (realism, Estimate(1.0))
    assert chart.up == (diversity, Estimate(1.0))
