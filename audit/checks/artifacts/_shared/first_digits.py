"""First digits beside Benford's law, where the real ones follow it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import ValueCounts
from audit.checks.artifacts._shared.lattice_stretches import SPIKE
from audit.model import Measure

_CONFORMS = 0.015  # mean absolute deviation up to which first digits are taken to follow Benford's law
_MAGNITUDES = 1000.0
_MIN_ROWS = 200  # synthetic rows with a first digit
_MIN_ROWS_BENFORD = 1000
_FIRST_STEP = "Look at how large and small amounts are made: scaling a uniform draw leaves such first digits."


def benford(case: Case, name: str, alarm: float) -> Iterable[Measure]:
    """How much further the first digits lie from Benford's law than the real ones, if those follow it."""
    real, synthetic = (
        _first(part.value_counts(name), case.real.value_counts(name)) for part in (case.real, case.synthetic)
    )
    if not _follows(real, case.real.value_counts(name)) or synthetic.sum() < _MIN_ROWS:
        return
    limit = special.chdtri(8, alarm)
    value = _further(synthetic, real, limit)
    held = None
    if case.holdout is not None:
        held = _first(case.holdout.value_counts(name), case.real.value_counts(name))
    yield Measure(
        value,
        about=(name,),
        name="benford",
        low=value,
        high=value,
        baseline=0.0 if held is None or held.sum() < _MIN_ROWS else _further(held, real, limit),
        n=int(synthetic.sum()),
        sentence=f"The first digits of {name} lie {_deviation(synthetic):.4f} from Benford's law on average, "
        f"those of real rows {_deviation(real):.4f}.",
        next_step=_FIRST_STEP,
    )


def _first(counts: ValueCounts, real: ValueCounts) -> Floats:
    """Rows by first digit, spikes of the real table apart."""
    values = np.abs(np.asarray(counts.values, dtype=np.float64))
    spikes = np.asarray(real.values)[real.counts > SPIKE * max(real.filled, 1)]
    kept = (values > 0) & np.isfinite(values) & ~np.isin(counts.values, spikes)
    values = values[kept]
    digit = (values / 10.0 ** np.floor(np.log10(values)) + 1e-9).astype(np.int64).clip(1, 9)
    return np.bincount(digit - 1, weights=counts.counts[kept], minlength=9).astype(np.float64)


def _follows(real: Floats, counts: ValueCounts) -> bool:
    if real.sum() < _MIN_ROWS_BENFORD:
        return False
    values = np.abs(np.asarray(counts.values, dtype=np.float64))
    kept = (values > 0) & np.isfinite(values)
    order = np.argsort(values[kept])
    ends = np.cumsum(counts.counts[kept][order])
    low, high = values[kept][order][np.searchsorted(ends, np.array([0.01, 0.99]) * ends[-1])]
    return bool(high / low >= _MAGNITUDES and _deviation(real) <= _CONFORMS)


def _deviation(rows: Floats) -> float:
    law = np.log10(1.0 + 1.0 / np.arange(1, 10))
    return float(np.abs(rows / rows.sum() - law).mean())


def _further(ours: Floats, theirs: Floats, limit: float) -> float:
    """Deviation beyond the other table's; 0 where a chi-square test says the digits are alike."""
    pooled = (ours + theirs) / (ours.sum() + theirs.sum())
    error = pooled * (1.0 / ours.sum() + 1.0 / theirs.sum())
    gap = ours / ours.sum() - theirs / theirs.sum()
    statistic = float((gap[pooled > 0] ** 2 / error[pooled > 0]).sum())
    return max(0.0, _deviation(ours) - _deviation(theirs)) if statistic > limit else 0.0
