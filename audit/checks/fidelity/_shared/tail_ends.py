"""One end of a column: its tails, and how many rows of each table lie in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import ValueCounts
from audit.checks.fidelity._shared.joint_tails import ENOUGH
from audit.model import Column
from audit.stats.distributions.tails import cut_at, mean_excess, same_values
from audit.stats.distributions.weighted import common_support
from audit.stats.inference.intervals import Interval
from audit.stats.inference.p_values import normal_p

LEVELS = (0.05, 0.025, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002)  # shares of the real rows in a tail
_WIDE = 0.01  # wider tails are looked at only where the more extreme hold too few rows
MIN_ROWS = 3  # real rows that a tail has at least, so that no single person makes it
_LARGE = 1e150  # the square of a larger value is infinite


@dataclass(frozen=True, slots=True)
class TailCut:
    """One tail: rows at or beyond a place of the real values, counted in each table."""

    value: float
    real: int
    synthetic: int
    holdout: int | None


@dataclass(frozen=True, slots=True)
class TailSpread:
    """p-value of the same spread beyond a cut, ratio of the mean excesses and error of its logarithm."""

    p_value: float
    ratio: float
    error: float

    def chance(self, wide: float) -> float:
        """Chance of such rows: that of their spread, or of the ratio where 1 lies within so many errors."""
        off = abs(math.log(self.ratio))
        if off > wide * self.error:
            return self.p_value
        return max(self.p_value, normal_p(off, self.error, two_sided=True))

    def interval(self, wide: float) -> Interval:
        """Ends so many errors away."""
        factor = math.exp(wide * self.error)
        return self.ratio / factor, self.ratio * factor


class TailSide:
    """One end of a column, its values turned so that outward is up."""

    def __init__(self, case: Case, column: Column, name: str) -> None:
        self.case, self.column, self.name = case, column, name
        self.sign = 1.0 if name == "upper" else -1.0
        self.tables = {part.role: self._turned(part.value_counts(column.name)) for part in case.tables()}
        self.rows = {role: int(counts.sum()) for role, (_, counts) in self.tables.items()}

    def _turned(self, table: ValueCounts) -> tuple[Floats, Ints]:
        values = np.asarray(table.values, dtype=np.float64)
        return (values, table.counts) if self.sign > 0 else (-values[::-1], table.counts[::-1])

    @cached_property
    def tail_cuts(self) -> tuple[TailCut, ...]:
        """The tails that exist, from the widest to the most extreme."""
        _, counts = self.tables["real"]
        ends = np.cumsum(counts[::-1])[::-1]
        places = dict.fromkeys(cut_at(ends, level) for level in LEVELS)
        return tuple(self._cut(p) for p in places if p is not None and ends[p] >= MIN_ROWS)

    def _cut(self, place: int) -> TailCut:
        """The tail that begins at one of the real values."""
        values, counts = self.tables["real"]
        return TailCut(
            float(values[place]),
            int(counts[place:].sum()),
            self._beyond("synthetic", values[place]),
            self._beyond("holdout", values[place]) if self.rows.get("holdout") else None,
        )

    def _beyond(self, role: str, cut: float) -> int:
        values, counts = self.tables[role]
        return int(counts[np.searchsorted(values, cut) :].sum())

    def has_enough_rows(self, cut: TailCut) -> bool:
        """Whether the tables are large enough to tell this tail from the real one."""
        return self.support(cut) >= ENOUGH

    def support(self, cut: TailCut) -> int:
        """Rows of a tail in the table that has fewer, were they as frequent in both."""
        return int(min(cut.real, cut.real * self.rows["synthetic"] / self.rows["real"]))

    @property
    def judged_cut(self) -> TailCut:
        """The most extreme tail with enough rows; the widest where none has."""
        return next((cut for cut in reversed(self.tail_cuts) if self.has_enough_rows(cut)), self.tail_cuts[0])

    @property
    def extremes(self) -> tuple[TailCut, ...]:
        """The tails in which a difference is looked for: of 1 % at most, unless those hold too few rows."""
        return tuple(cut for cut in self.tail_cuts if cut.real <= self._widest)

    @property
    def _widest(self) -> float:
        return max(_WIDE * self.rows["real"] * 1.5, self.judged_cut.real)

    @property
    def other_cuts(self) -> list[TailCut]:
        """Tails beside the one told: more extreme levels, and what lies beyond every synthetic value."""
        found = [cut for cut in self.extremes if cut is not self.judged_cut]
        place = int(np.searchsorted(self.tables["real"][0], self.tables["synthetic"][0][-1], side="right"))
        if place < len(self.tables["real"][0]):
            cut = self._cut(place)
            if MIN_ROWS <= cut.real <= self._widest and cut not in self.tail_cuts:
                found.append(cut)
        return found


def tail_spread(side: TailSide, cut: TailCut) -> TailSpread | None:
    """How far beyond a cut the rows lie; None where there are hardly any."""
    if min(cut.real, cut.synthetic) < MIN_ROWS:
        return None
    tables = [_from(side.tables[role], cut.value) for role in ("real", "synthetic")]
    if max(abs(float(values[-1])) for values, _ in tables) > _LARGE:
        return None
    _, real, synthetic = common_support(*tables[0], *tables[1])
    (far, error), (other, other_error) = (mean_excess(*table, cut.value) for table in tables)
    if far <= 0 or other <= 0 or not 0 < other / far < math.inf:
        return None
    return TailSpread(same_values(synthetic, real), other / far, math.hypot(error / far, other_error / other))


def _from(table: tuple[Floats, Ints], cut: float) -> tuple[Floats, Ints]:
    values, counts = table
    first = int(np.searchsorted(values, cut))
    return values[first:], counts[first:]
