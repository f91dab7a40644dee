"""Whether a declared watermark is there, and what it excuses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import ValueCounts
from audit.case.check import Outcome
from audit.checks.artifacts._shared.tabular_mark import DETECTED, moved_cells
from audit.declare.watermark import KeyCells, Watermark, make_watermark
from audit.model import Kind, Measure

_SHARE = 0.5  # of values that carry no watermark: one interval of each pair is green


@dataclass(frozen=True, slots=True)
class GreenCounts:
    """Values in green intervals, of all values.

    spread : variance of the green synthetic values if the key were drawn anew: values that share an
        interval are green together
    """

    synthetic: int
    n: int
    real: int
    rows: int
    spread: float

    def __add__(self, other: GreenCounts) -> GreenCounts:
        return GreenCounts(
            self.synthetic + other.synthetic,
            self.n + other.n,
            self.real + other.real,
            self.rows + other.rows,
            self.spread + other.spread,
        )

    @property
    def z(self) -> float:
        """One-proportion test of the synthetic values against a half."""
        return (self.synthetic - self.n * _SHARE) / math.sqrt(max(self.n, 1) * _SHARE * (1 - _SHARE))

    @property
    def beyond_real(self) -> float:
        """Two-proportion test against real values: whole numbers are all green, or none, without a mark."""
        pooled = (self.synthetic + self.real) / max(self.n + self.rows, 1)
        error = math.sqrt(pooled * (1 - pooled) * (1 / max(self.n, 1) + 1 / max(self.rows, 1)))
        gap = self.synthetic / max(self.n, 1) - self.real / max(self.rows, 1)
        return gap / error if error > 0 else 0.0

    @property
    def beyond_other_keys(self) -> float:
        """The same test against other keys: rounded values stand in few intervals, and any key fits by luck."""
        return (self.synthetic - self.n * _SHARE) / math.sqrt(self.spread) if self.spread > 0 else 0.0

    @property
    def is_marked(self) -> bool:
        """Whether the mark is there, not in the real values as well, and not there for many keys."""
        return min(self.z, self.beyond_real, self.beyond_other_keys) > DETECTED


def declared_watermark(case: Case) -> Watermark | KeyCells | None:
    """The watermark that the user declared."""
    return None if case.options.watermark is None else make_watermark(case.options.watermark)


def green_counts(case: Case) -> dict[str, GreenCounts]:
    """Green values of each declared column that holds numbers, counted once."""
    return case.shared("green values of the declared watermark", lambda: _greens(case))


def _greens(case: Case) -> dict[str, GreenCounts]:
    mark = declared_watermark(case)
    if not isinstance(mark, Watermark):
        return {}
    known = {column.name for column in case.of_kind(Kind.NUMBER)}
    found = {}
    for name in mark.columns:
        if name in known:
            synthetic, real = (
                _in_bins(mark, part.value_counts(name)) for part in (case.synthetic, case.real)
            )
            found[name] = count_greens(synthetic, real, mark.green(name))
    return found


def count_greens(synthetic: Ints, real: Ints, green: Sequence[bool]) -> GreenCounts:
    """Green values of two tables.

    synthetic, real : values in each interval, shape (bins,)
    green : which intervals are green, one of each pair of neighbours
    """
    chosen = np.array(green)
    apart = (synthetic[1::2] - synthetic[::2]) / 2
    return GreenCounts(
        int(synthetic[chosen].sum()),
        int(synthetic.sum()),
        int(real[chosen].sum()),
        int(real.sum()),
        float(apart @ apart),
    )


def _in_bins(mark: Watermark, counts: ValueCounts) -> Ints:
    values = np.asarray(counts.values, dtype=np.float64)
    kept = np.isfinite(values)
    values, rows = values[kept], counts.counts[kept]
    bins = np.minimum(((values - np.floor(values)) * mark.bins).astype(np.int64), mark.bins - 1)
    return np.bincount(bins, rows, mark.bins).astype(np.int64)


def exempt_watermarked(case: Case, outcome: Outcome) -> Outcome:
    """The same numbers, but those of columns that carry the declared watermark are only shown."""
    marked = _marked(case)
    if not marked:
        return outcome
    return replace(
        outcome, measures=tuple(_excused(m) if marked & set(m.about) else m for m in outcome.measures)
    )


def _marked(case: Case) -> set[str]:
    """Columns in which the declared mark was found."""
    mark = declared_watermark(case)
    if isinstance(mark, KeyCells):
        return set(mark.columns) if moved_cells(case, mark).is_marked else set()
    return {name for name, green in green_counts(case).items() if green.is_marked}


def _excused(measure: Measure) -> Measure:
    sentence = f"{measure.sentence} The column carries the declared watermark, which changes its digits."
    return replace(measure, descriptive=True, sentence=sentence)
