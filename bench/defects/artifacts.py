"""Defects that binned scores cannot see: recipes 31 to 51 of the planted-defect benchmark.

Where a recipe may be read in more than one way (a bad e-mail address or a bad check digit), the
dice choose one, so that some seeds plant the one and some the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bench.defects.furnishing import with_furniture
from bench.defects.recipes import FindingTarget, Ground, Planted, all_of, any_of, permute, recipe, some_rows

SENTINEL = 99_999
_SMEARED = (1, 99)
_FRACTION = 0.37
_TAKEN = 0.5  # of the cells of a row that was made from a real one
_WIDE = 1000  # standard deviation from which a number is rounded to hundreds, not to tens


def _put(frame: pd.DataFrame, column: str, rows: Any, cells: Any) -> pd.DataFrame:
    """Other values in some rows of a column."""
    values = frame[column].to_numpy().copy()
    values[rows] = cells
    return frame.assign(**{column: values})


def _rows(at: Ground) -> np.ndarray[Any, Any]:
    return some_rows(len(at.parts.synthetic), at.dose, at.rng)


@recipe(31, "dependency broken", "artifacts", doses=(0.0005, 0.002, 0.005, 0.02), least=0.0005,
        checks=("functional_dependencies",), prepare=with_furniture)  # fmt: skip
def break_dependency(at: Ground) -> Planted:
    left, right = at.table.dependency
    frame, rows = at.parts.synthetic, _rows(at)
    values = frame[right].to_numpy()
    others = np.array([at.rng.choice(values[values != value]) for value in values[rows]], dtype=values.dtype)
    return _put(frame, right, rows, others), FindingTarget(all_of(left, right))


@recipe(32, "forbidden combination", "artifacts", doses=(0.0005, 0.002, 0.005, 0.02), least=0.005,
        checks=("forbidden_combinations", "implications"))  # fmt: skip
def forbid(at: Ground) -> Planted:
    frame = at.parts.synthetic
    (column, _), (other, _) = at.table.impossible[0]
    holds = np.isin(frame[column].to_numpy(), [value for (_, value), _ in at.table.impossible])
    may = np.flatnonzero(holds)
    rows = at.rng.choice(may, min(len(may), round(at.dose * len(frame))), replace=False)
    wrong = {value: cell for (_, value), (_, cell) in at.table.impossible}
    cells = frame[column].iloc[rows].map(wrong).to_numpy()
    return _put(frame, other, rows, cells), FindingTarget(all_of(column, other))


@recipe(33, "end before start", "artifacts", doses=(0.0005, 0.001, 0.005, 0.01), least=0.001,
        checks=("arithmetic_rules",), prepare=with_furniture)  # fmt: skip
def swap_ends(at: Ground) -> Planted:
    return _swapped(at, at.dose), FindingTarget(all_of("start", "end"))


def _swapped(at: Ground, dose: float) -> pd.DataFrame:
    frame = at.parts.synthetic
    may = np.flatnonzero((frame["start"] != frame["end"]).to_numpy())
    rows = at.rng.choice(may, max(1, round(dose * len(frame))), replace=False)
    start, end = frame["start"].to_numpy()[rows], frame["end"].to_numpy()[rows]
    return _put(_put(frame, "start", rows, end), "end", rows, start)


@recipe(34, "sum broken", "artifacts", doses=(0.0005, 0.001, 0.005, 0.01), least=0.001,
        checks=("arithmetic_rules",), prepare=with_furniture)  # fmt: skip
def break_sum(at: Ground) -> Planted:
    frame, rows = at.parts.synthetic, _rows(at)
    off = at.rng.choice([-1, 1], len(rows)) * at.rng.integers(2, 500, len(rows)) / 100
    cells = (frame["gross"].to_numpy()[rows] + off).round(2)
    return _put(frame, "gross", rows, cells), FindingTarget(all_of("net", "tax", "gross"))


@recipe(35, "key repeated", "artifacts", doses=(0.0, 0.0005, 0.001, 0.01), least=0.0, checks=("keys",),
        prepare=with_furniture)  # fmt: skip
def repeat_key(at: Ground) -> Planted:
    """Dose 0 is a single row."""
    frame = at.parts.synthetic
    order = at.rng.permutation(len(frame))
    count = max(1, round(at.dose * len(frame)))
    cells = frame["id"].to_numpy()[order[count : 2 * count]]
    return _put(frame, "id", order[:count], cells), FindingTarget(any_of("id"))


@recipe(36, "rows repeated", "artifacts", doses=(0.001, 0.002, 0.005, 0.01), least=0.001,
        checks=("duplicate_rows",))  # fmt: skip
def repeat_rows(at: Ground) -> Planted:
    frame = at.parts.synthetic
    places, rows = np.arange(len(frame)), _rows(at)
    places[rows] = at.rng.choice(np.setdiff1d(places, rows), len(rows), replace=False)
    return frame.iloc[places].reset_index(drop=True), FindingTarget()


@recipe(37, "spike smeared", "artifacts", doses=(0.005, 0.02, 0.05, 0.2), least=0.005,
        checks=("precision", "value_spikes"))  # fmt: skip
def smear(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.atom
    may = np.flatnonzero((frame[column] == frame[column].mode()[0]).to_numpy())
    rows = at.rng.choice(may, min(len(may), round(at.dose * len(frame))), replace=False)
    cells = at.rng.integers(_SMEARED[0], _SMEARED[1] + 1, len(rows))
    return _put(frame, column, rows, cells), FindingTarget(any_of(column))


@recipe(38, "spike made", "artifacts", doses=(0.001, 0.002, 0.005, 0.01), least=0.005,
        checks=("value_spikes", "boundaries"))  # fmt: skip
def make_spike(at: Ground) -> Planted:
    """The sentinel, or the median."""
    frame, column = at.parts.synthetic, at.table.tail
    cell = SENTINEL if at.rng.random() < 0.5 else int(frame[column].median())
    return _put(frame, column, _rows(at), cell), FindingTarget(any_of(column))


@recipe(39, "clipped", "artifacts", doses=(0.001, 0.002, 0.005, 0.01), least=0.005,
        checks=("value_spikes", "boundaries", "tails"))  # fmt: skip
def clip(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.tail
    most = frame[column].quantile(1 - at.dose, interpolation="lower")
    return frame.assign(**{column: frame[column].clip(upper=most)}), FindingTarget(any_of(column))


@recipe(40, "rounded", "artifacts", doses=(0.02, 0.05, 0.2, 0.5), least=0.02,
        checks=("last_digits", "precision"))  # fmt: skip
def round_some(at: Ground) -> Planted:
    frame, column = at.parts.synthetic, at.table.tail
    return _rounded(at, column, 100 if frame[column].std() > _WIDE else 10)


@recipe(41, "heaped on fives", "artifacts", doses=(0.01, 0.02, 0.05, 0.1), least=0.02,
        checks=("last_digits",))  # fmt: skip
def heap(at: Ground) -> Planted:
    return _rounded(at, at.table.number, 5)


def _rounded(at: Ground, column: str, base: int) -> Planted:
    frame, rows = at.parts.synthetic, _rows(at)
    cells = np.round(frame[column].to_numpy()[rows] / base) * base
    return _put(frame, column, rows, cells), FindingTarget(any_of(column))


@recipe(42, "first digits off", "artifacts", doses=(0.1, 0.2, 0.5, 1.0), least=0.2, checks=("last_digits",),
        prepare=with_furniture)  # fmt: skip
def level_digits(at: Ground) -> Planted:
    """Amounts of the same number of digits, each first digit as likely.

    A factor drawn between 1 and 2 would leave Benford's law as it is: whatever a number that
    follows it is multiplied with, the product follows it too.
    """
    frame, rows = at.parts.synthetic, _rows(at)
    size = 10.0 ** np.floor(np.log10(frame["amount"].to_numpy()[rows]))
    cells = (size * at.rng.uniform(1, 10, len(rows))).round(2)
    return _put(frame, "amount", rows, cells), FindingTarget(any_of("amount"))


@recipe(43, "decimals added", "artifacts", doses=(0.001, 0.0025, 0.005, 0.02), least=0.0025,
        checks=("precision", "types"), prepare=with_furniture)  # fmt: skip
def add_decimals(at: Ground) -> Planted:
    """In a number of whole values that is stored as a float: the rest is left as it was."""
    frame = at.parts.synthetic
    told = np.flatnonzero(frame["visits"].notna().to_numpy())
    rows = at.rng.choice(told, round(at.dose * len(frame)), replace=False)
    added = _FRACTION if at.rng.random() < 0.5 else at.rng.normal(0, 0.01, len(rows))
    return _put(frame, "visits", rows, frame["visits"].to_numpy()[rows] + added), FindingTarget(
        any_of("visits")
    )


@recipe(44, "category invented", "artifacts", doses=(0.0002, 0.0005, 0.002, 0.01), least=0.0005,
        checks=("new_categories",))  # fmt: skip
def invent(at: Ground) -> Planted:
    column = at.table.label
    return _put(at.parts.synthetic, column, _rows(at), "Astronaut"), FindingTarget(any_of(column))


@recipe(45, "category in other case", "artifacts", doses=(0.0005, 0.001, 0.005, 0.01), least=0.0005,
        checks=("new_categories",))  # fmt: skip
def other_case(at: Ground) -> Planted:
    frame, column, rows = at.parts.synthetic, at.table.group[0], _rows(at)
    cells = [other_spelling(value) for value in frame[column].to_numpy()[rows]]
    return _put(frame, column, rows, np.array(cells, dtype=object)), FindingTarget(any_of(column))


def other_spelling(value: str) -> str:
    """The same word in another case.

    Examples
    --------
    >>> other_spelling("Male"), other_spelling("male")
    ('male', 'Male')
    """
    return value.lower() if value != value.lower() else value.capitalize()


@recipe(46, "rare levels lost", "artifacts", doses=(0.0005, 0.001, 0.002, 0.005), least=0.0005,
        checks=("lost_categories",), prepare=with_furniture)  # fmt: skip
def lose_rare(at: Ground) -> Planted:
    """By their frequency in all three parts, so that the dose is about the population."""
    frame, column = at.parts.synthetic, at.table.rare
    whole = pd.concat([at.parts.real[column], at.parts.holdout[column], frame[column]])
    shares = whole.value_counts(normalize=True)
    rows = np.flatnonzero(frame[column].isin(shares.index[shares < at.dose]).to_numpy())
    return _put(frame, column, rows, shares.index[0]), FindingTarget(any_of(column))


@recipe(47, "values missing at random", "artifacts", doses=(0.001, 0.0025, 0.005, 0.01), least=0.0025,
        checks=("types", "missing_shares"))  # fmt: skip
def miss(at: Ground) -> Planted:
    column = at.table.label
    return _put(at.parts.synthetic, column, _rows(at), None), FindingTarget(any_of(column))


@recipe(48, "gaps dealt anew", "artifacts", doses=(0.5, 0.75, 1.0), least=0.5,
        checks=("missing_patterns",), prepare=with_furniture)  # fmt: skip
def deal_gaps(at: Ground) -> Planted:
    frame = at.parts.synthetic
    return permute(frame, "visits", _rows(at), at.rng), FindingTarget(any_of("visits"))


@recipe(49, "format broken", "artifacts", doses=(0.0005, 0.001, 0.005, 0.01), least=0.001,
        checks=("formats",), prepare=with_furniture)  # fmt: skip
def break_format(at: Ground) -> Planted:
    """An address without its sign, or a card number with one digit changed."""
    frame, rows = at.parts.synthetic, _rows(at)
    column = "email" if at.rng.random() < 0.5 else "card"
    change = _unsigned if column == "email" else _mistyped
    cells = [change(cell, at.rng) for cell in frame[column].to_numpy()[rows]]
    return _put(frame, column, rows, np.array(cells, dtype=object)), FindingTarget(any_of(column))


def _unsigned(address: str, _rng: np.random.Generator) -> str:
    return address.replace("@", ".")


def _mistyped(number: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(1, len(number)))
    digit = (int(number[place]) + int(rng.integers(1, 10))) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


@recipe(50, "order of rows", "artifacts", doses=(0.01, 0.05, 0.2, 1.0), least=0.05, checks=("row_order",))
def order(at: Ground) -> Planted:
    """A block sorted by a column, or rows that were made from the real row at the same place."""
    if at.rng.random() < 0.5:
        return _block(at, at.table.tail)
    rows = _rows(at)
    broken = at.parts.synthetic.copy()
    for column in broken.columns:
        taken = rows[at.rng.random(len(rows)) < _TAKEN]
        broken = _put(broken, column, taken, at.parts.real[column].to_numpy()[taken])
    return broken, FindingTarget()


def _block(at: Ground, column: str) -> Planted:
    frame, places = at.parts.synthetic, np.arange(len(at.parts.synthetic))
    length = round(at.dose * len(frame))
    first = int(at.rng.integers(0, len(frame) - length + 1))
    values = frame[column].to_numpy()[first : first + length]
    places[first : first + length] = first + np.argsort(values, kind="stable")
    return frame.iloc[places].reset_index(drop=True), FindingTarget(any_of(column))


@recipe(51, "impossible time", "artifacts", doses=(0.0005, 0.001, 0.005, 0.01), least=0.0005,
        checks=("timestamps", "arithmetic_rules"), prepare=with_furniture)  # fmt: skip
def impossible_time(at: Ground) -> Planted:
    """30 February, a day far ahead, or an end before its start."""
    which = int(at.rng.integers(3))
    if which == 2:
        return _swapped(at, at.dose), FindingTarget(all_of("start", "end"))
    cell = ("2020-02-30", "2087-05-04")[which]
    return _put(at.parts.synthetic, "end", _rows(at), cell), FindingTarget(any_of("end"))
