"""A number on the lattice of its real values, cut into stretches: what real rows give at the same places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import ValueCounts
from audit.checks.artifacts._shared.lattice import Lattice

_BLOCKS = 20  # stretches of the column within which digits are compared
SPIKE = 0.05  # a value of more real rows is a spike, which value_spikes judges
_NEW_SPIKE = (0.003, 5.0)  # so is one of so many synthetic rows, and so many times its real share
TENS = 3  # a column that spans fewer tens has no last digit that is free of its shape
_MIN_ROWS = 200  # rows to compare in either table


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """A table's values in units of the last decimal, increasing and without spikes, and their rows."""

    values: Ints
    rows: Ints

    def table(self, cuts: Ints, base: int, unit: int, k: int) -> Floats:
        """Rows by block and class, shape (blocks, k): last digits (k = 10), or round or not (k = 2)."""
        sizes = np.diff(np.searchsorted(self.values, cuts), prepend=0, append=len(self.values))
        even = self.values % base == 0
        classes = even.astype(np.int64) if k == 2 else (np.abs(self.values) // unit) % 10
        cell = np.repeat(np.arange(len(cuts) + 1), sizes) * k + classes
        found = np.bincount(cell, weights=self.rows, minlength=(len(cuts) + 1) * k)
        return found.reshape(-1, k).astype(np.float64)


@dataclass(frozen=True, slots=True)
class UnitColumn:
    """A number in all tables, on the lattice of its real values."""

    name: str
    lattice: Lattice
    units: Mapping[str, UnitCounts]

    @property
    def n(self) -> int:
        """Synthetic rows that are compared."""
        return int(self.units["synthetic"].rows.sum())

    def against_real(self, base: int, unit: int, k: int) -> StretchComparison | None:
        """The synthetic table beside real and holdout rows."""
        cuts = self._cuts(max(base, 10 * unit))
        tables = {role: part.table(cuts, base, unit, k) for role, part in self.units.items()}
        return _compare(tables["synthetic"], tables["real"] + tables.get("holdout", 0.0))

    def holdout_against_real(self, base: int, unit: int, k: int) -> StretchComparison | None:
        """The holdout beside the real table."""
        if "holdout" not in self.units:
            return None
        cuts = self._cuts(max(base, 10 * unit))
        return _compare(*(self.units[role].table(cuts, base, unit, k) for role in ("holdout", "real")))

    def _cuts(self, width: int) -> Ints:
        """Ends of stretches of about equal rows, at multiples of the width."""
        real = self.units["real"]
        ends = np.cumsum(real.rows)
        found = np.searchsorted(ends, np.arange(1, _BLOCKS) / _BLOCKS * ends[-1])
        return np.unique(real.values[found] // width * width)


@dataclass(frozen=True, slots=True)
class StretchComparison:
    """Rows of each class beside what real rows would give at the same places of the column.

    share, expected : of synthetic rows, shape (classes,)
    covariance : of share less expected, where chance alone parts them
    """

    share: Floats
    expected: Floats
    covariance: Floats
    n: int

    @property
    def gap(self) -> Floats:
        """Share less expected share of each class."""
        return self.share - self.expected

    @property
    def error(self) -> float:
        """Standard error of the last class's gap, where chance alone parts them."""
        return float(np.sqrt(max(self.covariance[-1, -1], 0.0)))


def last_unit(lattice: Lattice) -> int:
    """The decimal place that varies: in multiples of 100 the hundreds."""
    unit = 1
    while lattice.units % (unit * 10) == 0:
        unit *= 10
    return unit


def read_units(case: Case, name: str, lattice: Lattice) -> UnitColumn | None:
    """What can be compared: on the lattice, inside the real range, no spike."""
    counts = {part.role: part.value_counts(name) for part in case.tables()}
    spikes = _spikes(counts["real"], counts["synthetic"])
    real = np.asarray(counts["real"].values, dtype=np.float64)
    places = {}
    for role, table in counts.items():
        values = np.asarray(table.values, dtype=np.float64)
        kept = (values >= real[0]) & (values <= real[-1]) & (np.abs(values) * lattice.scale < 2.0**53)
        kept &= lattice.contains(values) & ~np.isin(values, spikes)
        places[role] = UnitCounts(lattice.to_units(values[kept]), table.counts[kept])
    enough = all(int(places[role].rows.sum()) >= _MIN_ROWS for role in ("real", "synthetic"))
    return UnitColumn(name, lattice, places) if enough else None


def _spikes(real: ValueCounts, synthetic: ValueCounts) -> Floats:
    """Values that hold so many rows that they are judged one by one."""
    old = np.asarray(real.values)[real.counts > SPIKE * max(real.filled, 1)]
    many = synthetic.counts >= _NEW_SPIKE[0] * max(synthetic.filled, 1)
    values, shares = np.asarray(synthetic.values)[many], synthetic.counts[many] / max(synthetic.filled, 1)
    places = np.minimum(np.searchsorted(real.values, values), len(real.values) - 1)
    held = np.where(real.values[places] == values, real.counts[places], 0) / max(real.filled, 1)
    return np.asarray(np.concatenate([old, values[shares > _NEW_SPIKE[1] * held]]), dtype=np.float64)


def _compare(ours: Floats, theirs: Floats) -> StretchComparison | None:
    """Classes of one table's rows beside those of another in the same blocks, shape (blocks, classes)."""
    n, m = ours.sum(axis=1), theirs.sum(axis=1)
    both = (n > 0) & (m > 0)
    x, y, n, m = ours[both], theirs[both], n[both], m[both]
    total = float(n.sum())
    if total == 0:
        return None
    pooled = (x + y) / (n + m)[:, None]
    spread = n * (1.0 + n / m)
    covariance = np.diag(spread @ pooled) - (pooled * spread[:, None]).T @ pooled
    expected = ((n / m)[:, None] * y).sum(axis=0)
    return StretchComparison(x.sum(axis=0) / total, expected / total, covariance / total**2, int(total))
