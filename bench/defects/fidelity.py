"""Defects of fidelity: recipes 11 to 24 of the planted-defect benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.defects.recipes import (
    FindingTarget,
    Ground,
    Parts,
    Planted,
    Table,
    all_of,
    any_of,
    permute,
    recipe,
    some_rows,
)
from bench.modes import clusters, encode

COLUMN = ("column_shapes", "column_distances")
PAIR = ("pair_shapes", "pair_associations")
COINS = ("coin_one", "coin_two", "coins_alike")
_STRETCH = 1.5
_ABOUT = 1.3  # a cluster may be so many times larger or smaller than the dose


def _reshaped(frame: pd.DataFrame, column: str, values: Any) -> pd.DataFrame:
    """The column with other values, rounded as it was."""
    whole = pd.api.types.is_integer_dtype(frame[column])
    return frame.assign(**{column: np.round(values).astype(np.int64) if whole else values})


# A shift of 0.05 sd is what the tolerance lets pass, so 0.1 is the least that must be told.
@recipe(11, "mean shifted by k sd", "fidelity", doses=(0.02, 0.05, 0.1, 0.2), least=0.1, checks=COLUMN)
def mean_shift(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.tail
    return _reshaped(frame, column, frame[column] + at.dose * frame[column].std()), FindingTarget(
        any_of(column)
    )


def _spread(parts: Parts, factor: float, column: str) -> Planted:
    frame = parts.synthetic
    mean = frame[column].mean()
    return _reshaped(frame, column, mean + factor * (frame[column] - mean)), FindingTarget(any_of(column))


@recipe(
    12,
    "variance shrunk",
    "fidelity",
    doses=(0.98, 0.95, 0.9, 0.8),
    least=0.95,
    checks=(*COLUMN, "value_spikes", "tails"),
)
def shrink(at: Ground) -> Planted:
    return _spread(at.parts, at.dose, at.table.number)


@recipe(
    13,
    "variance inflated",
    "fidelity",
    doses=(1.02, 1.05, 1.1, 1.2),
    least=1.05,
    checks=(*COLUMN, "boundaries", "tails"),
)
def inflate(at: Ground) -> Planted:
    return _spread(at.parts, at.dose, at.table.number)


@recipe(14, "correlation broken", "fidelity", doses=(0.05, 0.1, 0.2, 0.4), least=0.2, checks=PAIR)
def break_pairs(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.number
    return permute(frame, column, some_rows(len(frame), at.dose, at.rng), at.rng), FindingTarget(
        any_of(column)
    )


@recipe(15, "correlation invented", "fidelity", doses=(0.02, 0.05, 0.1, 0.2), least=0.05, checks=PAIR)
def couple(at: Ground) -> Planted:
    """Both columns sorted within the same rows."""
    frame = at.parts.synthetic.copy()
    rows = some_rows(len(frame), at.dose, at.rng)
    for column in at.table.lone:
        values = frame[column].to_numpy().copy()
        values[rows] = np.sort(values[rows])
        frame[column] = values
    return frame, FindingTarget(all_of(*at.table.lone))


def _toss(parts: Parts, rng: np.random.Generator) -> Parts:
    """Three columns of which any two are independent and any two tell the third."""

    def toss(frame: pd.DataFrame) -> pd.DataFrame:
        one, two = rng.integers(0, 2, (2, len(frame)))
        named = dict(zip(COINS, (one, two, one ^ two), strict=True))
        return frame.assign(**{name: np.where(coin, "heads", "tails") for name, coin in named.items()})

    return parts.map(toss)


@recipe(
    16,
    "three-way relation broken, every pair kept",
    "fidelity",
    doses=(0.1, 0.3, 0.6, 1.0),
    least=0.3,
    checks=("kway_marginals", "detectability"),
    prepare=_toss,
)
def break_triple(at: Ground) -> Planted:
    frame = at.parts.synthetic
    rows = some_rows(len(frame), at.dose, at.rng)
    values = frame[COINS[2]].to_numpy().copy()
    values[rows] = at.rng.choice(["heads", "tails"], len(rows))
    return frame.assign(**{COINS[2]: values}), FindingTarget(all_of(*COINS))


@recipe(
    17,
    "upper tail cut",
    "fidelity",
    doses=(0.001, 0.002, 0.005, 0.01),
    least=0.002,
    checks=("tails",),
)
def cut_tail(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.tail
    kept = frame[frame[column] <= frame[column].quantile(1 - at.dose)]
    return kept.reset_index(drop=True), FindingTarget(any_of(column))


@recipe(
    18,
    "upper tail stretched",
    "fidelity",
    doses=(0.001, 0.002, 0.005, 0.01),
    least=0.002,
    checks=("tails", "boundaries"),
)
def stretch_tail(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.tail
    top = frame[column] > frame[column].quantile(1 - at.dose)
    return _reshaped(frame, column, frame[column].where(~top, _STRETCH * frame[column])), FindingTarget(
        any_of(column)
    )


@recipe(
    19,
    "a mode lost",
    "fidelity",
    doses=(0.01, 0.03, 0.05, 0.1),
    least=0.03,
    checks=("diversity", "detectability"),
)
def drop_mode(at: Ground) -> Planted:
    """Of the clusters with about that many rows the one that lies most apart: a mode, not a crowd's slice."""
    found = clusters(at.parts, max(8, round(1 / at.dose)), at.rng)
    off = np.abs(np.log(np.maximum(found.shares, 1e-6) / at.dose))
    near = off <= max(off.min(), np.log(_ABOUT))
    lost = int(np.argmax(np.where(near, found.apart, -np.inf)))
    return at.parts.synthetic[found.of_row != lost].reset_index(drop=True), FindingTarget()


@recipe(
    20,
    "one row repeated",
    "fidelity",
    doses=(0.001, 0.002, 0.005, 0.01),
    least=0.001,
    checks=("duplicate_rows", "inflated_cells"),
)
def repeat_row(at: Ground) -> Planted:
    frame = at.parts.synthetic
    places = np.arange(len(frame))
    places[some_rows(len(frame), at.dose, at.rng)] = at.rng.integers(len(frame))
    return frame.iloc[places].reset_index(drop=True), FindingTarget()


@recipe(
    21,
    "rows between modes",
    "fidelity",
    doses=(0.02, 0.05, 0.1, 0.2),
    least=0.05,
    checks=("realism", "detectability", "support_gaps"),
)
def interpolate(at: Ground) -> Planted:
    """Each such row lies on the way from its own to a row of another cluster; labels are from either."""
    frame = at.parts.synthetic.copy()
    of_row = clusters(at.parts, 10, at.rng).of_row
    rows = some_rows(len(frame), at.dose, at.rng)
    order = at.rng.permutation(len(frame))
    other = order[rows]
    for _ in range(20):  # until nearly every one comes from elsewhere
        same = of_row[other] == of_row[rows]
        other = np.where(same, at.rng.integers(0, len(frame), len(rows)), other)
    way = at.rng.random(len(rows))
    for column in frame.columns:
        values = frame[column].to_numpy().copy()
        near, far = values[rows], values[other]
        if pd.api.types.is_numeric_dtype(frame[column]):
            between = near + way * (far - near)
            values[rows] = np.round(between) if pd.api.types.is_integer_dtype(frame[column]) else between
        else:
            values[rows] = np.where(at.rng.random(len(rows)) < way, far, near)
        frame[column] = values
    return frame, FindingTarget()


@recipe(
    22,
    "all columns independent",
    "fidelity",
    doses=(1.0,),
    least=1.0,
    checks=(*PAIR, "kway_marginals", "detectability"),
)
def shuffle(at: Ground) -> Planted:
    frame = at.parts.synthetic
    return frame.apply(lambda column: at.rng.permutation(column.to_numpy())), FindingTarget()


@recipe(
    23,
    "concept shifted",
    "fidelity",
    doses=(0.1, 0.2, 0.35, 0.5),
    least=0.2,
    checks=(
        "utility",
        "concept_drift",
        "estimand_overlap",
        "pair_associations",
        "pair_shapes",
        "detectability",
    ),
)
def shift_concept(at: Ground) -> Planted:
    """The outcome drawn anew where its log odds grow by the dose for each sd of a number.

    Only as many labels are flipped as the shift asks for, so a dose of zero changes nothing.
    """
    frame, column = at.parts.synthetic, at.table.number
    chance = _chances(at.parts, at.table.target)
    labels = sorted(frame[at.table.target].unique())
    outcome = (frame[at.table.target] == labels[1]).to_numpy()
    size = (frame[column] - frame[column].mean()) / frame[column].std()
    shifted = 1 / (1 + np.exp(-(np.log(chance / (1 - chance)) + at.dose * size.to_numpy())))
    change = np.where(outcome, (chance - shifted) / chance, (shifted - chance) / (1 - chance))
    outcome = outcome ^ (at.rng.random(len(frame)) < np.clip(change, 0, 1))
    return frame.assign(**{at.table.target: np.where(outcome, labels[1], labels[0])}), FindingTarget(
        any_of(at.table.target)
    )


def _chances(parts: Parts, target: str) -> np.ndarray[Any, Any]:
    """Chance of the outcome for every synthetic row, learnt on the real ones."""
    from sklearn.linear_model import LogisticRegression

    real, frame = parts.real.drop(columns=target), parts.synthetic.drop(columns=target)
    known = parts.real[target] == max(parts.real[target])
    model = LogisticRegression(max_iter=300).fit(encode(real, real), known)
    return np.clip(model.predict_proba(encode(frame, real))[:, 1], 1e-4, 1 - 1e-4)


def _as_sensitive(table: Table) -> Mapping[str, Any]:
    """The slice's column is one whose groups are looked at."""
    known = tuple(table.options.get("sensitive", ()))
    return {} if table.group[0] in known else {"sensitive": (*known, table.group[0])}


@recipe(
    24,
    "relations broken in one group alone",
    "fidelity",
    doses=(0.2, 0.4, 0.6, 1.0),
    least=0.6,
    checks=("subgroup_shapes",),
    options=_as_sensitive,
)
def break_group(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.bound
    members = np.flatnonzero(frame[at.table.group[0]] == at.table.group[1])
    rows = members[some_rows(len(members), at.dose, at.rng)]
    return permute(frame, column, rows, at.rng), FindingTarget(any_of(column), (at.table.group,))
