"""The calendar: profiles, trend, and columns that follow the season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.stats.distributions.calendar import LABELS, calendar_cells
from audit.stats.distributions.interaction import match_pattern
from bench.defects.drift import SOLD, WHEN, with_dates
from bench.defects.recipes import RECIPES, Ground, Parts
from tests.bench.test_recipes import TABLE
from tests.worlds import World, find, outcome_of

ROWS = 6000


@pytest.fixture(scope="module")
def parts():
    plain = pd.DataFrame({"x": np.random.default_rng(0).normal(size=ROWS).round(2)})
    return with_dates(Parts(plain, plain.copy(), plain.copy()), np.random.default_rng(1))


def drifted(parts, synthetic=None, holdout=True):
    table = parts.synthetic if synthetic is None else synthetic
    return outcome_of("calendar_drift", World(parts.real, table, parts.holdout if holdout else None))


def moved(frame, change):
    when = pd.to_datetime(frame[WHEN])
    return frame.assign(**{WHEN: change(when).dt.strftime("%Y-%m-%dT%H:%M:%S")})


def test_the_same_calendar_is_silent(parts):
    outcome = drifted(parts)
    for m in outcome.measures:
        assert m.low <= 0.02, m
        assert m.value < 0.05, m
    assert {m.name for m in outcome.measures} == {
        "",
        "hour",
        "weekday",
        "month",
        "quarter",
        "trend",
        "season",
    }
    assert find(outcome, WHEN, name="quarter").descriptive


def test_lost_seasons_are_told_by_their_share(parts):
    for dose in (0.2, 1.0):
        table = RECIPES[26].plant(Ground(parts, dose, TABLE, np.random.default_rng(2)))[0]
        outcome = drifted(parts, table)
        m = find(outcome, WHEN, SOLD, name="season")
        assert m.value == pytest.approx(dose, abs=0.08)
        assert m.low > 0.05
        assert m.baseline < 0.1
        assert find(outcome, WHEN, name="month").value < 0.03


def test_dates_an_hour_late_keep_their_weekday(parts):
    outcome = drifted(parts, moved(parts.synthetic, lambda when: when + pd.Timedelta(hours=2)), holdout=False)
    assert find(outcome, WHEN, name="hour").low > 0.1
    assert find(outcome, WHEN, name="weekday").value < 0.02


def test_weekends_like_weekdays(parts):
    rng = np.random.default_rng(3)
    outcome = drifted(
        parts, moved(parts.synthetic, lambda when: when + pd.to_timedelta(rng.integers(0, 7, ROWS), unit="D"))
    )
    m = find(outcome, WHEN, name="weekday")
    # five days of weight 1 and two of weight 0.4: what lacks at the weekend once all days are alike
    assert m.value == pytest.approx(2 / 7 - 0.8 / 5.8, abs=0.025)
    assert "Sat" in m.sentence or "Sun" in m.sentence


def test_later_dates_are_a_trend(parts):
    table = parts.synthetic[parts.synthetic[WHEN] > "2021-07-01"]
    m = find(drifted(parts, table), WHEN, name="trend")
    assert m.low > 0.03
    assert "lies later than a real one" in m.sentence


def test_hours_are_asked_only_where_real_dates_have_them():
    days = [pd.DataFrame({"d": pd.date_range("2020-01-01", periods=900, freq="D")}) for _ in range(2)]
    outcome = outcome_of("calendar_drift", World(*days))
    assert {m.name for m in outcome.measures} == {"", "weekday", "month", "quarter", "trend"}
    assert all(m.value == pytest.approx(0, abs=1e-9) for m in outcome.measures)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pd.DataFrame({"x": range(300)}), r"^No column holds dates\.$"),
        (
            pd.DataFrame({"d": pd.date_range("2020-01-01", periods=60).repeat(2)}),
            r"^No column of dates holds 200 of them in both tables\.$",
        ),
    ],
)
def test_what_cannot_be_asked_is_said(frame, why):
    with pytest.raises(Skip, match=why):
        outcome_of("calendar_drift", World(frame, frame))


def test_places_in_the_calendar_are_those_of_pandas():
    moments = pd.Series(pd.date_range("1965-02-28 23:59:59", periods=500, freq="373h"))
    seconds = moments.astype("datetime64[s]").astype("int64").to_numpy().astype(float)
    assert (calendar_cells(seconds, "weekday") == moments.dt.weekday).all()
    assert (calendar_cells(seconds, "hour") == moments.dt.hour).all()
    assert (calendar_cells(seconds, "month") == moments.dt.month - 1).all()
    assert (calendar_cells(seconds, "quarter") == moments.dt.quarter - 1).all()
    assert [len(LABELS[p]) for p in ("weekday", "hour", "month", "quarter")] == [7, 24, 12, 4]


def test_what_is_kept_of_a_pattern_by_hand():
    real = np.array([[3000, 1000], [1000, 3000]])
    whole = match_pattern(real, real)
    assert whole.strength == pytest.approx(0.5, abs=0.001)
    assert whole.share == pytest.approx(1.0, abs=0.01)
    # half of the rows dealt anew: the pattern halves
    assert match_pattern(real, np.array([[2500, 1500], [1500, 2500]])).share == pytest.approx(0.5, abs=0.005)
    assert match_pattern(real, np.array([[2000, 2000], [2000, 2000]])).share == pytest.approx(0.0, abs=1e-9)
    assert match_pattern(np.full((2, 2), 50), real) is None


def test_the_error_of_what_is_kept_is_that_of_repeated_samples():
    rng = np.random.default_rng(9)
    chances = np.array([0.4, 0.1, 0.2, 0.3])
    found = [
        match_pattern(*(rng.multinomial(n, chances).reshape(2, 2) for n in (2000, 1000))) for _ in range(300)
    ]
    shares = np.array([one.share for one in found])
    assert shares.mean() == pytest.approx(1, abs=0.03)
    assert np.mean([one.error for one in found]) == pytest.approx(shares.std(), rel=0.15)
