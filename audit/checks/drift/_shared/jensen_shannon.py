"""A column's Jensen-Shannon distance beyond chance, and from where on a column has drifted."""

from __future__ import annotations

import numpy as np

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.stats.distributions.distances import (
    jensen_shannon_distance,
)
from audit.stats.distributions.divergence import expected_jensen_shannon, jensen_shannon_error
from audit.stats.inference.intervals import Z95

DRIFTED = 0.1  # Jensen-Shannon distance; a widespread mark, see docs/tolerances.md


def beyond_chance(case: Case, part: CaseTable, name: str) -> tuple[float, float, float]:
    """A column's distance beyond chance, and its interval, found on the divergence, where errors are even."""
    real, other = case.real.counts(name), part.counts(name)
    divergence = jensen_shannon_distance(real, other) ** 2
    divergence -= expected_jensen_shannon(real, case.real.rows, part.rows)
    half = Z95 * jensen_shannon_error(real, other)
    ends = (max(divergence, 0.0), divergence - half, max(divergence, 0.0) + half)
    value, low, high = np.sqrt(np.clip(ends, 0.0, 1.0)).tolist()
    return value, low, high
