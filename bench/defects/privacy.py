"""Recipes 52 to 57: what a generator must not do with the rows it saw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.defects.recipes import FindingTarget, Ground, Planted, recipe, some_rows

_NEAREST = 5  # neighbours that say how alone a row is
_AMONG = 4_000  # rows among which they are looked for
KNOWN = {
    "adult": ("age", "education", "marital-status", "race", "sex", "hours-per-week", "native-country"),
    "bank-marketing": ("age", "marital", "education", "day", "month", "housing", "loan"),
}
SECRET = {"adult": "occupation", "bank-marketing": "job"}


def _pasted(frame: pd.DataFrame, rows: np.ndarray, taken: pd.DataFrame) -> pd.DataFrame:
    """Rows of the frame replaced by others, types kept."""
    result = frame.copy()
    for name in taken.columns:
        values = result[name].to_numpy().copy()
        values[rows] = taken[name].to_numpy()
        result[name] = values
    return result.astype(frame.dtypes.to_dict())


def _copied(at: Ground) -> pd.DataFrame:
    """As many real rows as the dose says in place of synthetic ones, in random places."""
    frame, real = at.parts.synthetic, at.parts.real
    rows = some_rows(len(frame), at.dose, at.rng)
    return _pasted(frame, rows, real.iloc[at.rng.choice(len(real), len(rows), replace=False)])


@recipe(52, "exact copies", "privacy", doses=(0.001, 0.0025, 0.005, 0.01), least=0.0025,
        checks=("copied_rows", "membership"))  # fmt: skip
def copy(at: Ground) -> Planted:
    return _copied(at), FindingTarget()


@recipe(53, "copies with one column changed", "privacy", doses=(0.0025, 0.005, 0.02, 0.05), least=0.005,
        checks=("near_copies", "membership"))  # fmt: skip
def nearly_copy(at: Ground) -> Planted:
    """The changed cell is drawn from its own column."""
    frame, real = at.parts.synthetic, at.parts.real
    rows = some_rows(len(frame), at.dose, at.rng)
    taken = real.iloc[at.rng.choice(len(real), len(rows), replace=False)].reset_index(drop=True)
    which = at.rng.integers(len(taken.columns), size=len(taken))
    for i, name in enumerate(taken.columns):
        hit = which == i
        values = taken[name].to_numpy().copy()
        values[hit] = real[name].to_numpy()[at.rng.integers(len(real), size=int(hit.sum()))]
        taken[name] = values
    return _pasted(frame, rows, taken), FindingTarget()


@recipe(54, "every row a changed copy", "privacy", doses=(0.3, 0.5, 0.7, 0.9), least=0.5,
        checks=("closeness", "membership", "too_good"))  # fmt: skip
def change_cells(at: Ground) -> Planted:
    """The real rows, each cell kept by the dose and else drawn from its column."""
    return flipped(at.parts.real, 1 - at.dose, at.rng), FindingTarget()


def flipped(frame: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """A share of the cells of each column drawn anew from the column."""
    result = frame.copy()
    for name in result.columns:
        values = result[name].to_numpy().copy()
        hit = rng.random(len(values)) < share
        values[hit] = values[rng.integers(len(values), size=int(hit.sum()))]
        result[name] = values
    return result.astype(frame.dtypes.to_dict())


@recipe(55, "outliers learned by heart", "privacy", doses=(10, 20, 30, 50), least=20,
        checks=("vulnerable_records",))  # fmt: skip
def memorise(at: Ground) -> Planted:
    """As many as the dose says of the 50 real rows that are most alone."""
    frame, real = at.parts.synthetic, at.parts.real
    taken = at.rng.permutation(most_isolated(real, 50, at.rng))[: int(at.dose)]
    rows = at.rng.choice(len(frame), len(taken), replace=False)
    return _pasted(frame, rows, real.iloc[taken]), FindingTarget()


def most_isolated(frame: pd.DataFrame, most: int, rng: np.random.Generator) -> np.ndarray:
    """Places of the rows farthest from their fifth neighbour: numbers standardised, labels as same or not."""
    from sklearn.neighbors import NearestNeighbors

    numbers = frame.select_dtypes("number")
    scaled = ((numbers - numbers.mean()) / numbers.std().replace(0, 1)).clip(-5, 5).to_numpy(dtype=np.float64)
    labels = pd.get_dummies(frame.drop(columns=numbers.columns)).to_numpy(dtype=np.float64)
    points = np.hstack([scaled, labels])
    among = points[rng.choice(len(points), min(_AMONG, len(points)), replace=False)]
    found, _ = NearestNeighbors(n_neighbors=_NEAREST + 1, algorithm="brute").fit(among).kneighbors(points)
    return np.argsort(-found[:, -1], kind="stable")[:most]


@recipe(56, "a secret leaks", "privacy", doses=(0.005, 0.01, 0.02, 0.05), least=0.02,
        checks=("attribute_inference",),
        options=lambda table: {"quasi": KNOWN[table.name], "secret": (SECRET[table.name],), "sensitive": ()})  # fmt: skip
def leak_secret(at: Ground) -> Planted:
    """What an attacker knows and the secret are copied together; the rest of the row stays."""
    frame, real = at.parts.synthetic, at.parts.real
    name = at.table.name if at.table.name in KNOWN else ""
    columns = [*KNOWN.get(name, tuple(frame.columns[:3])), SECRET.get(name, frame.columns[-1])]
    rows = some_rows(len(frame), at.dose, at.rng)
    taken = real.iloc[at.rng.choice(len(real), len(rows), replace=False)][columns]
    return _pasted(frame, rows, taken), FindingTarget()


@recipe(57, "a false claim of privacy", "privacy", doses=(0.005, 0.01, 0.02), least=0.02,
        checks=("privacy_claim",), options=lambda _table: {"epsilon": 1.0})  # fmt: skip
def claim(at: Ground) -> Planted:
    return _copied(at), FindingTarget()
