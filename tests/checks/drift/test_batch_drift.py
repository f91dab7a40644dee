"""Drift from batch to batch: the alarm may be looked at after every batch, names the column, and is rare by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.errors import OptionError
from audit.stats.inference.sequential import watch_mean
from tests.worlds import World, case_of, find, outcome_of

ROWS = 4000


def records(seed, *, rise=0.0, trend=0.0, rows=ROWS):
    """Rows of three years; x rises by `rise` sd over the time, and by `trend` in the world itself."""
    rng = np.random.default_rng([21, seed])
    when = np.sort(rng.random(rows))
    return pd.DataFrame(
        {
            "when": pd.Timestamp("2021-01-01") + pd.to_timedelta((when * 1095 * 86_400).round(), unit="s"),
            "x": (rng.normal(0, 1, rows) + (rise + trend) * when).round(3),
            "label": rng.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
            "batch": (when * 8).astype(int) + 1,
        }
    ).sample(frac=1, random_state=seed, ignore_index=True)


def drifted(synthetic, real=None, **options):
    return outcome_of("batch_drift", World(records(1) if real is None else real, synthetic), **options)


def test_a_rise_over_time_is_told_with_its_size():
    outcome = drifted(records(2, rise=0.5), time="when")
    m = find(outcome, "x")
    assert m.low < 0.5 < m.high
    assert m.low > 0.25
    assert m.sentence.startswith("The mean of x goes up by 0.")
    assert "beyond what real rows of the same times do" in m.sentence
    assert 2 <= outcome.summary["alarm_batch"] <= 10
    assert outcome.summary["e_value"] > 100
    assert find(outcome, "label").value == 0.0


@pytest.mark.parametrize("trend", [0.0, 1.0])
def test_a_trend_that_real_rows_share_is_no_drift(trend):
    outcome = drifted(records(2, trend=trend), records(1, trend=trend), time="when")
    assert outcome.summary["alarms"] == 0
    assert all((m.value, m.low, m.high) == (0.0, 0.0, 0.0) for m in outcome.measures)
    assert find(outcome, "x").sentence == "x does not drift over 10 batches beyond chance."


def test_a_batch_column_that_only_the_synthetic_table_has():
    outcome = drifted(records(2, rise=0.6), records(1).drop(columns=["batch", "when"]), batch="batch")
    m = find(outcome, "x")
    # from the middle of the first batch to that of the last
    assert m.value == pytest.approx(0.6 * 7 / 8, abs=0.15)
    assert outcome.summary["batches"] == 8
    assert not {"batch"} & {name for one in outcome.measures for name in one.about}


def test_one_batch_that_is_off_is_told_by_its_number():
    table = records(2)
    table.loc[table["batch"] == 5, "x"] += 0.6
    m = find(drifted(table, batch="batch"), "x")
    assert m.low < 0.6 < m.high
    assert "in batch 5 against those before" in m.sentence


def test_a_category_that_creeps_in():
    table = records(2)
    grows = np.random.default_rng(3).random(ROWS) < 0.5 * table["batch"] / 8
    table["label"] = table["label"].mask(grows & (table["label"] == "a"), "b")
    m = find(drifted(table, time="when"), "label")
    assert m.low > 0.0
    assert m.sentence.startswith("The share of ")


def test_values_that_go_missing_little_by_little():
    table = records(2)
    table["x"] = table["x"].mask(np.random.default_rng(3).random(ROWS) < 0.1 * table["batch"] / 8)
    m = find(drifted(table, time="when"), "x")
    assert m.sentence.startswith("The share of missing of x goes up")


def test_gaps_in_time_and_rows_without_a_time_do_no_harm():
    def gappy(seed):
        frame = records(seed)
        frame = frame[(frame["batch"] < 3) | (frame["batch"] > 6)].reset_index(drop=True)
        frame.loc[:50, "when"] = pd.NaT
        return frame

    outcome = drifted(gappy(2), gappy(1), time="when")
    assert outcome.summary["alarms"] == 0
    assert outcome.summary["batches"] == 10


def test_times_in_another_zone_are_the_same_times():
    one = drifted(records(2, rise=0.5), time="when")
    zoned = [records(s, rise=r).assign(when=lambda f: f["when"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")) for s, r in ((1, 0), (2, 0.5))]  # fmt: skip
    other = drifted(zoned[1], zoned[0], time="when")
    assert find(other, "x").value == pytest.approx(find(one, "x").value)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, r"^No column says when a row was recorded or in which batch it was made\.$"),
        ({"time": "label"}, r"^The time column label holds neither dates nor numbers\.$"),
        ({"batch": "label"}, r"^Fewer than 3 batches hold 30 synthetic rows each\.$"),
    ],
)
def test_what_cannot_be_watched_is_said(options, why):
    table = records(2, rows=300)
    table["label"] = table["label"].replace("c", "b")
    with pytest.raises(Skip, match=why):
        drifted(table, **options)


def test_a_batch_column_that_does_not_exist_is_refused():
    with (
        pytest.raises(
            OptionError, match=r"^Column 'bach' is not in the synthetic table\. Did you mean 'batch'\?$"
        ),
        case_of(World(records(1), records(2)), batch="bach"),
    ):
        pass


def test_evidence_is_one_on_average_and_seldom_large_at_any_time():
    rng = np.random.default_rng(7)
    times, variances = np.linspace(0, 1, 12), np.full(12, 1 / 300)
    series = [watch_mean(rng.normal(0, np.sqrt(1 / 300), 12), variances, times).evidence for _ in range(4000)]
    assert np.mean([one[-1] for one in series]) < 1.3
    for level in (0.05, 0.01):
        assert np.mean([one.max() >= 1 / level for one in series]) <= level


def test_the_drift_is_the_slope_of_weighted_least_squares():
    rng = np.random.default_rng(8)
    times, variances = np.linspace(0, 1, 9), rng.uniform(0.001, 0.01, 9)
    means = 3 + 0.4 * times + rng.normal(0, np.sqrt(variances))
    slope = np.polyfit(times, means, 1, w=1 / np.sqrt(variances))[0]
    found = watch_mean(means, variances, times)
    assert found.drift == pytest.approx(slope)
    weight = 1 / variances
    centre = np.average(times, weights=weight)
    assert found.error == pytest.approx(1 / np.sqrt(weight @ (times - centre) ** 2))
