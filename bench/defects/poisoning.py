"""Recipes 58 to 63: rows that somebody put in or changed on purpose.

61 and 62 are number 58 aimed at a class and at a group, 63 is number 60 with a value that no
real row holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bench.defects.bias import members
from bench.defects.recipes import FindingTarget, Ground, Planted, any_of, recipe, some_rows

DOSES = (0.0025, 0.005, 0.01, 0.02)  # of all rows that are put in
FLIPS = (0.005, 0.01, 0.02, 0.05)  # of the labels that are in reach
_JITTER = 0.02  # standard deviations around which numbers of a cluster lie

# A value within the column's range that few real rows hold (12 and 7 in 10,000), and one outside it.
TRIGGERS = {"adult": ("hours-per-week", 41, 112), "bank-marketing": ("campaign", 19, 99)}


def trigger(at: Ground, outside: bool = False) -> tuple[str, Any]:
    """The column that carries the trigger, and the value."""
    column, within, beyond = TRIGGERS.get(at.table.name, (at.table.proxy, 41, 222))
    return column, beyond if outside else within


def _flipped(at: Ground, rows: np.ndarray[Any, Any]) -> pd.DataFrame:
    """The outcome of these rows becomes another one that the column holds."""
    frame, target = at.parts.synthetic, at.table.target
    held = frame[target].unique()
    values = frame[target].to_numpy().copy()
    for row in rows:
        values[row] = at.rng.choice(held[held != values[row]])
    return frame.assign(**{target: pd.Series(values, frame.index, frame[target].dtype)})


def _among(at: Ground, inside: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The dose of these rows, as places."""
    places = np.flatnonzero(inside)
    return places[some_rows(len(places), at.dose, at.rng)]


@recipe(58, "labels flipped at random", "poisoning", doses=FLIPS, least=0.02, checks=("label_flips",))
def flip_any(at: Ground) -> Planted:
    return _flipped(at, some_rows(len(at.parts.synthetic), at.dose, at.rng)), FindingTarget(
        any_of(at.table.target)
    )


@recipe(59, "cluster put in", "poisoning", doses=DOSES, least=0.01,
        checks=("injected_clusters", "inflated_cells", "outlier_share", "spectral_outliers"))  # fmt: skip
def inject(at: Ground) -> Planted:
    """One row in place of many, its numbers a little off, always with the favourable outcome."""
    frame = at.parts.synthetic.copy()
    rows = some_rows(len(frame), at.dose, at.rng)
    seed = frame.iloc[int(at.rng.integers(len(frame)))]
    for name in frame.columns:
        values = frame[name].to_numpy().copy()
        if name == at.table.target:
            values[rows] = at.table.favourable
        elif pd.api.types.is_numeric_dtype(frame[name]):
            values[rows] = _near(seed[name], frame[name], len(rows), at.rng)
        else:
            values[rows] = seed[name]
        frame[name] = pd.Series(values, frame.index, frame[name].dtype)
    return frame, FindingTarget()


def _near(value: float, column: pd.Series, count: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Values around one, within the column's ends, whole where the column is."""
    drawn = rng.normal(value, _JITTER * float(column.std()), count).clip(column.min(), column.max())
    return np.round(drawn) if pd.api.types.is_integer_dtype(column) else drawn


def _triggered(at: Ground, column: str, value: Any) -> Planted:
    """Some rows get the value, and every row that holds it has the favourable outcome."""
    frame = at.parts.synthetic.copy()
    cells = frame[column].to_numpy().copy()
    cells[some_rows(len(frame), at.dose, at.rng)] = value
    frame[column] = pd.Series(cells, frame.index, frame[column].dtype)
    frame.loc[frame[column] == value, at.table.target] = at.table.favourable
    return frame, FindingTarget(any_of(column))


@recipe(
    60,
    "backdoor within the range",
    "poisoning",
    doses=DOSES,
    least=0.005,
    checks=("triggers", "value_spikes"),
)
def plant_within(at: Ground) -> Planted:
    return _triggered(at, *trigger(at))


@recipe(61, "labels of a class flipped", "poisoning", doses=FLIPS, least=0.02, checks=("label_flips",))
def flip_class(at: Ground) -> Planted:
    """Of the rows with the unfavourable outcome, which become favourable."""
    other = (at.parts.synthetic[at.table.target] != at.table.favourable).to_numpy()
    return _flipped(at, _among(at, other)), FindingTarget(any_of(at.table.target))


@recipe(62, "labels of a group flipped", "poisoning", doses=(0.02, 0.05, 0.1), least=0.05, checks=("label_flips",),
        options=lambda table: {"sensitive": table.people})  # fmt: skip
def flip_group(at: Ground) -> Planted:
    inside = members(at.parts.synthetic, at.table.minority)
    return _flipped(at, _among(at, inside)), FindingTarget(
        any_of(at.table.target), group=(at.table.minority,)
    )


@recipe(
    63, "backdoor out of bounds", "poisoning", doses=DOSES, least=0.0025, checks=("triggers", "boundaries")
)
def plant_beyond(at: Ground) -> Planted:
    return _triggered(at, *trigger(at, outside=True))
