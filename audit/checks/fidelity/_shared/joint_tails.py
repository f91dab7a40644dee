"""Columns that are extreme together: rows in the upper tenth of two at once."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.model import Column, Measure
from audit.stats.distributions.tails import cut_at, rate_ratio, same_rate

ENOUGH = 125  # rows of a tail at which chance keeps a ratio, with its interval, within a factor of two
DISTINCT = 20  # a column with fewer values has no tail: column_shapes sees every one of them
_JOINT = 0.1  # share of the rows that is the upper end of a column, where ends are compared together
_MAX_PAIRS = 300
_CHUNK = 100_000


class JointTails:
    """Rows in the upper tenth of two columns at once, for all pairs, in each table."""

    def __init__(self, case: Case) -> None:
        self.case = case
        found = [
            (c, first) for c in case.of_kind(*NUMERIC_KINDS) for first in [_upper_cell(case, c)] if first
        ]
        self.columns = [column for column, _ in found]
        self.first = [first for _, first in found]
        self.pairs = len(found) * (len(found) - 1) // 2
        self.together = {part.role: self._count(part) for part in case.tables()} if self.pairs else {}

    def _count(self, part: CaseTable) -> Floats:
        """Shape (columns, columns): rows in both ends; on the diagonal rows in one."""
        total = np.zeros((len(self.columns), len(self.columns)))
        for start in range(0, part.rows, _CHUNK):
            rows = part.codes[start : start + _CHUNK]
            inside = np.empty((len(rows), len(self.columns)), dtype=np.float32)
            for i, (column, first) in enumerate(zip(self.columns, self.first, strict=True)):
                codes = rows[:, self.case.code_index(column.name)]
                inside[:, i] = (codes >= first) & (codes < self.case.binning(column.name).size - 1)
            total += inside.T @ inside
        return total

    def measures(self, alarm: float, comparisons: int) -> list[Measure]:
        """The pairs with the most real rows in both ends, and those off beyond chance.

        alarm, comparisons : chance over so many numbers, this one's pairs among them
        """
        if not self.pairs:
            return []
        real, synthetic = self.together["real"], self.together["synthetic"]
        a, b = np.triu_indices(len(self.columns), 1)
        scale = self._exposure("synthetic") / np.maximum(self._exposure("real"), 1e-12)
        support = np.minimum(real[a, b], real[a, b] * scale[a, b])
        enough = support >= ENOUGH
        order = np.argsort(-real[a, b], kind="stable")
        chosen = [i for i in order if enough[i]][:_MAX_PAIRS]
        rest = [i for i in order if not enough[i] and real[a[i], b[i]] + synthetic[a[i], b[i]] > 0]
        clear = [i for i in rest if self._p_value(int(a[i]), int(b[i])) * comparisons < alarm][:_MAX_PAIRS]
        found = [(int(support[i]), self._measure(int(a[i]), int(b[i]))) for i in (*chosen, *clear)]
        return [replace(m, support=rows, comparisons=comparisons) for rows, m in found if m is not None]

    def _exposure(self, role: str) -> Floats:
        """Rows that would be in both ends if being in one went with the other for sure."""
        single = np.diag(self.together[role])
        return np.sqrt(np.outer(single, single))

    def _sizes(self, a: int, b: int, role: str) -> tuple[int, float]:
        return int(self.together[role][a, b]), float(self._exposure(role)[a, b])

    def _p_value(self, a: int, b: int) -> float:
        (x, n), (y, m) = (self._sizes(a, b, role) for role in ("synthetic", "real"))
        return same_rate(x, n, y, m) if min(n, m) > 0 else 1.0

    def _measure(self, a: int, b: int) -> Measure | None:
        (x, n), (y, m) = (self._sizes(a, b, role) for role in ("synthetic", "real"))
        if min(n, m) <= 0:
            return None
        value, (low, high) = rate_ratio(x, n, y, m)
        if not math.isfinite(high):
            return None
        left, right = self.columns[a].name, self.columns[b].name
        return Measure(
            value=value,
            about=(left, right),
            name="joint",
            low=low,
            high=high,
            baseline=self._baseline(a, b, y, m),
            n=self.case.synthetic.rows,
            sentence=(
                f"Of the rows in the upper tenth of {left} or of {right}, {y / m:.1%} of the real and {x / n:.1%} of the "
                f"synthetic ones are in both: {in_words(value)} the real share."
            ),
            p_value=self._p_value(a, b),
        )

    def _baseline(self, a: int, b: int, y: int, m: float) -> float:
        if "holdout" not in self.together:
            return 1.0
        x, n = self._sizes(a, b, "holdout")
        return rate_ratio(x, n, y, m)[0] if n > 0 else 1.0


def _upper_cell(case: Case, column: Column) -> int:
    """First cell of the column's upper tenth of real rows, as near as its cells allow; 0 for none."""
    counts = case.real.counts(column.name)[:-1]
    if len(case.real.value_counts(column.name).values) <= DISTINCT or counts.sum() == 0:
        return 0
    return cut_at(np.cumsum(counts[::-1])[::-1], _JOINT) or 0


def in_words(ratio: float) -> str:
    """A ratio as it is told."""
    return f"{ratio:.2f} times" if ratio < 9.95 else f"{ratio:,.0f} times"
