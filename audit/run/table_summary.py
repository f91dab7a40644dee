"""From an open table to what is kept of it: counts, spreads, and where its rows stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable, ValueCounts
from audit.case.check import Skip
from audit.case.series import CategorySummary, Columns, NumericSummary, TableSummary
from audit.learn.precision_recall import sample_precision_recall
from audit.model import Column, Kind, Role
from audit.stats.inference.intervals import Z95
from audit.stats.neighbours.realism import RECALL_POINTS, TOGETHER, RatioEstimate

HEAVY = 10.0  # kurtosis above which the variance hangs on few rows: ranks are used then


def summarise_table(case: Case, *, standing: bool) -> TableSummary:
    """What is kept of the synthetic table of a case.

    standing : whether realism and diversity are measured; the dearest part
    """
    taken = _take(case, case.synthetic)
    return _with_standing(case, taken) if standing else taken


def summarise_real(case: Case) -> tuple[TableSummary, TableSummary | None]:
    """What is kept of the real table and of the holdout."""
    holdout = None if case.holdout is None else _take(case, case.holdout)
    return _take(case, case.real), holdout


def category_values(case: Case) -> dict[str, tuple[str, ...]]:
    """The values of the real table by category column, in the order they are counted."""
    return {
        c.name: tuple(str(v) for v in case.real.value_counts(c.name).values)
        for c in case.of_kind(Kind.CATEGORY)
    }


def _with_standing(case: Case, taken: TableSummary) -> TableSummary:
    try:
        found = sample_precision_recall(case).precision_recall
    except Skip:
        return taken
    rows = min(RECALL_POINTS, len(found.synthetic.credit))
    recall = _recall(found.summary["recall"], found.summary["recall_real"], rows)
    return replace(taken, realism=found.realism, diversity=found.diversity, recall=recall)


def _recall(ours: float, theirs: float, rows: int) -> RatioEstimate | None:
    """Over that of real rows, with the error of two shares; neighbours are missed together."""
    if theirs <= 0:
        return None
    variance = TOGETHER * (ours * (1 - ours) + theirs * (1 - theirs)) / rows
    value, reach = ours / theirs, Z95 * float(np.sqrt(variance)) / theirs
    return RatioEstimate(value, max(0.0, value - reach), value + reach)


def _take(case: Case, part: CaseTable) -> TableSummary:
    facts = part.table.facts
    numbers, labels = case.of_kind(*NUMERIC_KINDS), case.of_kind(Kind.CATEGORY)
    return TableSummary(
        name=facts.name,
        rows=part.rows,
        content=facts.content_hash,
        cells={names: part.counts(*names) for names in _crossed(case)},
        spreads={c.name: _spread(case, part, c) for c in numbers},
        varieties={c.name: _variety(case, part, c.name) for c in labels},
    )


def _crossed(case: Case) -> list[Columns]:
    """Every column, and every sensitive one with every outcome."""
    shaped = {column.name for column in case.distribution_columns}
    targets = [c.name for c in case.with_role(Role.TARGET) if c.name in shaped]
    sensitive = [c.name for c in case.with_role(Role.SENSITIVE) if c.name in shaped]
    return [(c.name,) for c in case.distribution_columns] + [(s, t) for s in sensitive for t in targets]


def _spread(case: Case, part: CaseTable, column: Column) -> NumericSummary:
    real, counts = case.real.value_counts(column.name), part.value_counts(column.name)
    heavy = _moments(real.values.astype(np.float64), real.counts)[2] > HEAVY
    values = counts.values.astype(np.float64)
    if heavy:
        values = _ranks(values, real)
    mean, variance, kurtosis = _moments(values, counts.counts)
    return NumericSummary(counts.filled, mean, variance, kurtosis, by_rank=heavy)


def _ranks(values: Floats, real: ValueCounts) -> Floats:
    """Mid-ranks among real values, 0 … 1; in proportion between known values."""
    middles = (np.cumsum(real.counts) - real.counts / 2) / real.counts.sum()
    ranks: Floats = np.interp(values, real.values.astype(np.float64), middles)
    return ranks


def _moments(values: Floats, counts: NDArray[np.int64]) -> tuple[float, float, float]:
    """Mean, variance and kurtosis of values that so many rows hold; zeros where there are none."""
    n = int(counts.sum())
    if n < 2:
        return 0.0, 0.0, 3.0
    mean = float(values @ counts / n)
    away = values - mean
    squares = float(away**2 @ counts)
    if squares <= 0:
        return mean, 0.0, 3.0
    return mean, squares / (n - 1), float(n * (away**4 @ counts) / squares**2)


def _variety(case: Case, part: CaseTable, name: str) -> CategorySummary:
    known, counts = case.real.value_counts(name).values, part.value_counts(name)
    found = np.zeros(len(known), dtype=np.int64)
    inside = np.isin(counts.values, known)
    found[np.searchsorted(known, counts.values[inside])] = counts.counts[inside]
    shares = counts.counts / max(counts.filled, 1)
    return CategorySummary(
        found, int(counts.counts[~inside].sum()), float(shares @ shares) if len(shares) else 1.0
    )
