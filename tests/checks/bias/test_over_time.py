"""Groups over time: lines fitted by hand, trends told only beyond chance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome
from audit.checks.bias._shared.time_trend import TrendLine
from audit.model import Lines, Measure
from tests.worlds import World, is_judged, outcome_of

_ASK = {"sensitive": ("g",), "target": "y", "time": "when"}
_DAYS, _A_DAY = 10, 200


def _line(values: list[float], variances: list[float]) -> TrendLine:
    return TrendLine(np.array(values), np.array(variances), np.array(values), 1)


def test_a_line_by_hand() -> None:
    slope, variance = _line([0, 1, 2], [1, 1, 1]).slope()
    assert (slope, variance) == (pytest.approx(2), pytest.approx(2))  # 1 / (0.25 + 0.25)
    slope, variance = _line([0, 9, 1, 2], [1, math.inf, 1, 1]).slope()
    at, y = np.array([0, 2 / 3, 1]), np.array([0, 1, 2.0])
    centred = at - at.mean()
    assert slope == pytest.approx(centred @ y / (centred @ centred))
    assert variance == pytest.approx(1 / (centred @ centred))
    assert _line([0, 1, 2], [1, math.inf, 1]).slope() == (0, math.inf)


def _people(
    share: tuple[float, float], rate: tuple[float, float] = (0.5, 0.5), days: int = _DAYS
) -> pd.DataFrame:
    """Group b's share and its rate of yes go in a line from the first day to the last; a's rate is a half."""
    rows = []
    for day in range(days):
        at = day / max(days - 1, 1)
        b = round(_A_DAY * (share[0] + at * (share[1] - share[0])))
        yes = round(b * (rate[0] + at * (rate[1] - rate[0])))
        a = _A_DAY - b
        groups, outcomes = ["b"] * b + ["a"] * a, ["yes"] * yes + ["no"] * (b - yes) + ["yes", "no"] * a
        rows.append(
            pd.DataFrame(
                {
                    "g": groups,
                    "y": outcomes[: b + a],
                    "when": pd.Timestamp("2020-01-01") + pd.Timedelta(days=day),
                }
            )
        )
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(x=np.arange(len(frame)) % 13)


def _trends(outcome: Outcome) -> list[Measure]:
    return [m for m in outcome.measures if m.name == "over_time"]


def _found(check: str, real: pd.DataFrame, synthetic: pd.DataFrame, **more: object) -> list[Measure]:
    return _trends(outcome_of(check, World(real, synthetic), **{**_ASK, **more}))


def test_a_share_that_no_longer_grows_is_told() -> None:
    outcome = outcome_of("representation", World(_people((0.3, 0.6)), _people((0.45, 0.45))), **_ASK)
    (trend,) = _trends(outcome)  # two groups share one trend
    assert is_judged("representation", trend)
    assert trend.group == {"g": "a"}
    growth = (0.6 / 0.4) / (0.3 / 0.7)  # of b's odds, so a's odds fall by as much
    assert trend.value == pytest.approx(growth, rel=0.05)
    assert trend.about == ("g", "when")
    assert trend.sentence.startswith(
        "g = a from the first to the last period of when: its odds among the rows change by"
    )
    (chart,) = [c for c in outcome.charts if isinstance(c, Lines)]
    assert len(chart.positions) == 10
    assert {s.name: s.values[0] for s in chart.series} == {
        "real": pytest.approx(0.7),
        "synthetic": pytest.approx(0.55),
    }


def test_a_gap_that_widens_over_time_is_told_in_points() -> None:
    real, wider = _people((0.4, 0.4)), _people((0.4, 0.4), (0.5, 0.2))
    (trend,) = _found("outcome_disparity", real, wider)
    assert is_judged("outcome_disparity", trend)
    assert (trend.group, trend.about) == ({"g": "b"}, ("g", "y", "when"))
    assert trend.value == pytest.approx(-0.3, abs=0.02)
    assert trend.low is not None
    assert trend.high is not None
    assert trend.low < -0.3 < trend.high


def test_the_same_movement_is_shown_and_not_judged() -> None:
    for check in ("representation", "outcome_disparity"):
        moving = _people((0.3, 0.6), (0.3, 0.6))
        (trend,) = _found(check, moving, moving)
        assert not is_judged(check, trend)
        assert trend.value == pytest.approx(1 if check == "representation" else 0)


def test_without_a_time_or_with_two_days_there_is_no_trend() -> None:
    assert _found("representation", _people((0.3, 0.6)), _people((0.3, 0.6)), time="") == []
    two = _people((0.3, 0.6), days=2)
    assert _found("representation", two, two) == []
    assert _found("outcome_disparity", two, two) == []


def test_random_tables_of_one_population_are_told_apart_as_seldom_as_asked() -> None:
    rng = np.random.default_rng(0)
    z = []
    for _ in range(400):
        ours, theirs = (rng.binomial(200, np.linspace(0.2, 0.4, 10)) for _ in range(2))
        lines = [
            TrendLine(np.log((h + 0.5) / (200.5 - h)), 1 / (h + 0.5) + 1 / (200.5 - h), h / 200, 2000)
            for h in (ours, theirs)
        ]
        (a, u), (b, v) = (line.slope() for line in lines)
        z.append((a - b) / math.sqrt(u + v))
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.05, abs=0.025)
