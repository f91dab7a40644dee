"""Drift: recipes 25, 26, 29 and 30 of the planted-defect benchmark.

Three of them need to know when a row was recorded, which the tables at hand do not say. All
three parts are given a moment in three years, more of them in summer and on weekdays, and a
number that follows the month; both are drawn in the same way for all parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.defects.recipes import FindingTarget, Ground, Parts, Planted, Table, any_of, recipe, some_rows

WHEN, SOLD = "recorded", "sold"
BATCHES = 12  # quarters of the three years, with equally many rows each
_FIRST, _DAYS = "2021-01-01", 1095
_SEASON = 0.8  # how much more of everything there is in July than in January, as a log ratio


def with_dates(parts: Parts, rng: np.random.Generator) -> Parts:
    """The parts with a moment and a number that follows its month."""
    return parts.map(lambda frame: pd.concat([frame, _moments(len(frame), rng)], axis=1))


def _moments(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    days = np.datetime64(_FIRST) + np.arange(_DAYS)
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    weight = np.exp(_season(months)) * np.where((days.astype(np.int64) + 3) % 7 < 5, 1.0, 0.4)
    day = rng.choice(days, rows, p=weight / weight.sum()).astype("datetime64[s]")
    hour = np.clip(rng.normal(13, 3, rows), 0, 23).astype(np.int64)
    when = day + hour * 3600 + rng.integers(0, 3600, rows)
    month = when.astype("datetime64[M]").astype(np.int64) % 12
    sold = np.exp(2 * _season(month) + rng.normal(0, 0.5, rows)).round(3)
    return pd.DataFrame({WHEN: when.astype(str).astype(object), SOLD: sold})


def _season(month: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """From January to July and back."""
    return -_SEASON / 2 * np.cos(2 * np.pi * month / 12)


def time_option(_: Table) -> Mapping[str, Any]:
    """The option that says when rows were recorded."""
    return {"time": WHEN}


def batches(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """The batch of every row by its moment, from 0."""
    order = np.argsort(frame[WHEN].to_numpy().astype("datetime64[s]"), kind="stable")
    found = np.empty(len(frame), dtype=np.int64)
    found[order] = np.arange(len(frame)) * BATCHES // len(frame)
    return found


@recipe(
    25,
    "mean moves a little in every batch",
    "drift",
    doses=(0.01, 0.02, 0.03, 0.05),
    least=0.02,
    checks=("batch_drift",),
    prepare=with_dates,
    options=time_option,
)
def creep(at: Ground) -> Planted:
    """The number rises by the dose, in standard deviations, from each quarter to the next."""
    frame, column = at.parts.synthetic, at.table.number
    moved = frame[column] + at.dose * batches(frame) * frame[column].std()
    # Rounded at random, so that the mean moves by the dose and the column keeps its whole numbers.
    values = np.floor(moved + at.rng.random(len(frame))).astype(frame[column].dtype)
    return frame.assign(**{column: values}), FindingTarget(any_of(column))


@recipe(
    26,
    "season lost",
    "drift",
    doses=(0.1, 0.2, 0.5, 1.0),
    least=0.2,
    checks=("calendar_drift", "timestamps"),
    prepare=with_dates,
    options=time_option,
)
def lose_season(at: Ground) -> Planted:
    """The months of some rows dealt anew among them; days beyond the end of a month become its last."""
    frame = at.parts.synthetic
    rows = some_rows(len(frame), at.dose, at.rng)
    when = frame[WHEN].to_numpy().astype("datetime64[s]")[rows]
    year = when.astype("datetime64[Y]")
    month = at.rng.permutation(when.astype("datetime64[M]").astype(np.int64) % 12)
    start = year.astype("datetime64[M]") + month
    last = (start + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    day = when.astype("datetime64[D]") - when.astype("datetime64[M]").astype("datetime64[D]")
    moved = np.minimum(start.astype("datetime64[D]") + day, last) + (when - when.astype("datetime64[D]"))
    cells = frame[WHEN].to_numpy().copy()
    cells[rows] = moved.astype("datetime64[s]").astype(str)
    return frame.assign(**{WHEN: cells}), FindingTarget(any_of(WHEN))


@recipe(
    29,
    "a category renamed more and more",
    "drift",
    doses=(0.01, 0.02, 0.05, 0.1),
    least=0.01,
    checks=("batch_drift", "new_categories"),
    prepare=with_dates,
    options=time_option,
)
def rename(at: Ground) -> Planted:
    """A frequent category has another name in a share of its rows that grows from batch to batch up to the dose."""
    frame, column = at.parts.synthetic, at.table.label
    value = frame[column].mode()[0]
    chance = at.dose * (batches(frame) + 1) / BATCHES
    hit = (frame[column] == value).to_numpy() & (at.rng.random(len(frame)) < chance)
    return frame.assign(**{column: frame[column].mask(hit, f"{value} (new)")}), FindingTarget(any_of(column))


@recipe(
    30,
    "covariate shifted, rule kept",
    "drift",
    doses=(0.05, 0.1, 0.2, 0.3),
    least=0.2,
    checks=("column_shapes", "column_distances", "column_drift", "dataset_drift"),
)
def tilt(at: Ground) -> Planted:
    """Rows drawn again with weights that grow by the dose, as a log ratio, for each sd of a number."""
    frame, column = at.parts.synthetic, at.table.number
    size = (frame[column] - frame[column].mean()) / frame[column].std()
    weight = np.exp(at.dose * size.to_numpy())
    # Drawn without replacement, so that no row is repeated: the most that the weights allow.
    kept = at.rng.random(len(frame)) < weight / np.quantile(weight, 0.99)
    return frame[kept].reset_index(drop=True), FindingTarget(any_of(column))
