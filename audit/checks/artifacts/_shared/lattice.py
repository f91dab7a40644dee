"""The lattice that the values of a number stand on: how many decimals they need, and what step they keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Bools, Floats, Ints
from audit.case.case import Case
from audit.case.case_table import ValueCounts

MAX_DECIMALS = 9  # a column that needs more is not written to a step
_MIN_SHARE = 0.99  # real rows that keep a step
_MIN_ROWS = 100  # real rows off the most frequent value from which a step is learned
_EXACT = 2.0**53  # whole numbers from here up are not all told apart
_MAX_EXAMINED = 20_000  # distinct values from which it is seen that a column has no step
_PRIMES = (2, 3, 5, 7, 11, 13)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Multiples of a step: `units` times ten to the minus `decimals`."""

    decimals: int
    units: int

    @property
    def scale(self) -> float:
        """What turns a value into a whole number of the last decimal."""
        return float(10.0**self.decimals)

    @property
    def step(self) -> float:
        """Distance between neighbouring values."""
        return self.units / self.scale

    def contains(self, values: Floats) -> Bools:
        """Which values are multiples of the step."""
        held = needs_at_most(values, self.decimals)
        if self.units > 1:
            held &= np.remainder(np.rint(values * self.scale), self.units) == 0
        return held

    def to_units(self, values: Floats) -> Ints:
        """Values in units of the last decimal; only for values that the lattice holds."""
        return np.rint(values * self.scale).astype(np.int64)

    @property
    def description(self) -> str:
        """What its values are."""
        if self.units == 1:
            return "whole numbers" if self.decimals == 0 else f"numbers of at most {self.decimals} decimals"
        return f"multiples of {self.step:.{self.decimals}f}"


def needs_at_most(values: Floats, decimals: int) -> Bools:
    """Which values can be written with so many decimals, exactly as they were read.

    A decimal text and its nearest binary number belong together as long as the digits fit into
    53 bits; dividing the rounded whole number by a power of ten gives that binary number again.

    Examples
    --------
    >>> needs_at_most(np.array([0.5, 0.25, 0.1 + 0.2]), 1).tolist()
    [True, False, False]
    """
    scale = 10.0**decimals
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.rint(values * scale)
        fits: Bools = (whole / scale == values) & (np.abs(whole) < _EXACT)
    return fits | (np.abs(values) >= _EXACT) if decimals == 0 else fits


def lattice_of(case: Case, name: str) -> Lattice | None:
    """The step that the real values of a number keep, found once; None where they keep none."""
    return case.shared(f"lattice of {name}", lambda: find_lattice(case.real.value_counts(name)))


def find_lattice(counts: ValueCounts) -> Lattice | None:
    """The coarsest lattice that at least 99 % of the rows keep, zeros and the most frequent value apart."""
    values, rows = _informative(counts)
    if rows.sum() < _MIN_ROWS or len(values) < 2:
        return None
    decimals = _decimals(values, rows)
    if decimals is None:
        return None
    on = needs_at_most(values, decimals) & (np.abs(values) * 10.0**decimals < _EXACT)
    places = np.abs(np.rint(values[on] * 10.0**decimals)).astype(np.int64)
    return Lattice(decimals, _common_step(places, rows[on])) if len(places) else None


def _informative(counts: ValueCounts) -> tuple[Floats, Ints]:
    """A spike would say that its own value is the step of the column."""
    values = np.asarray(counts.values, dtype=np.float64)
    if len(values) == 0:
        return values, counts.counts
    kept = np.isfinite(values) & (values != 0)
    kept[int(np.argmax(counts.counts))] &= bool(counts.counts.max() < 0.5 * counts.filled)
    return values[kept], counts.counts[kept]


def _decimals(values: Floats, rows: Ints) -> int | None:
    thin = slice(None, None, max(1, len(values) // _MAX_EXAMINED))
    few, weights = values[thin], rows[thin]
    for decimals in range(MAX_DECIMALS + 1):
        if _share(needs_at_most(few, decimals), weights) < _MIN_SHARE - 0.01 * (len(few) < len(values)):
            continue
        if len(few) == len(values) or _share(needs_at_most(values, decimals), rows) >= _MIN_SHARE:
            return decimals
    return None


def _share(held: Bools, rows: Ints) -> float:
    return float(rows[held].sum() / rows.sum())


def _common_step(places: Ints, rows: Ints) -> int:
    """The largest divisor that 99 % of the rows share, built prime by prime."""
    total = rows.sum()
    step = max(int(np.gcd.reduce(places)), 1)
    for prime in _PRIMES:
        while rows[places % (step * prime) == 0].sum() >= _MIN_SHARE * total and step * prime <= places.max():
            step *= prime
    return step
