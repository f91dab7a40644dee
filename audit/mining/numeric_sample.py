"""Numbers and dates of a sample of the real rows, with what rules about them must know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.mining.coded_sample import coded_sample
from audit.model import Kind

_DECIMALS = 6  # a column written with more has no step
_DATE_STEPS = (86400.0, 3600.0, 60.0, 1.0)
_HELD = 1e-6  # of a step by which a multiple may be off, for the sake of binary fractions
_LARGEST = 1e9  # steps beyond which a double cannot tell multiples apart


@dataclass(frozen=True, slots=True)
class NumericSample:
    """A sample of the real rows, holdout included.

    names : columns, in the order of the names, so that the order in the file is of no account
    dates : which of them hold dates
    values : shape (rows, columns), dates in seconds; NaN where missing
    steps : unit in which each column is written, such as 0.01; 0 where there is none
    rows : all real rows, holdout included
    possible : columns that could have taken part
    """

    names: tuple[str, ...]
    dates: NDArray[np.bool_]
    values: Floats
    steps: Floats
    rows: int
    possible: int

    def select(self, places: list[int]) -> NumericSample:
        """The same rows, with some of the columns."""
        return NumericSample(
            tuple(self.names[i] for i in places),
            self.dates[places],
            self.values[:, places],
            self.steps[places],
            self.rows,
            self.possible,
        )


def numeric_sample(case: Case, most: int) -> NumericSample:
    """The columns of numbers and dates that are not constant, at most so many."""
    sample = coded_sample(case)
    kept = [i for i, name in enumerate(sample.columns) if case.column(name).kind in NUMERIC_KINDS]
    chosen = sorted(kept[:most], key=lambda i: sample.columns[i])
    values = np.full((len(sample.codes), len(chosen)), np.nan, order="F")
    for place, i in enumerate(chosen):
        filled = sample.codes[:, i] >= 0
        values[filled, place] = np.asarray(sample.labels[i], dtype=np.float64)[sample.codes[filled, i]]
    dates = np.array([case.column(sample.columns[i]).kind is Kind.DATE for i in chosen], dtype=bool)
    labels = [np.asarray(sample.labels[i], dtype=np.float64) for i in chosen]
    return NumericSample(
        names=tuple(sample.columns[i] for i in chosen),
        dates=dates,
        values=values,
        steps=np.array(
            [value_step(v, bool(d)) for v, d in zip(labels, dates, strict=True)], dtype=np.float64
        ),
        rows=case.real.rows + (case.holdout.rows if case.holdout is not None else 0),
        possible=len(kept),
    )


def value_step(values: Floats, date: bool = False) -> float:
    """The coarsest unit that every value is a multiple of; 0 where there is none.

    Units are 1, 0.1, 0.01 … for numbers; a day, an hour, a minute, a second for dates.

    Examples
    --------
    >>> step(np.array([1.25, 3.5])), step(np.array([7.0, 100.0])), step(np.array([1 / 3, 0.1]))
    (0.01, 1.0, 0.0)
    """
    units = _DATE_STEPS if date else tuple(float(f"1e-{k}") for k in range(_DECIMALS + 1))
    for unit in units:
        parts = values / unit
        if np.abs(parts).max(initial=0.0) > _LARGEST * (10 if date else 1):
            break
        if bool((np.abs(parts - np.round(parts)) <= _HELD).all()):
            return unit
    return 0.0
