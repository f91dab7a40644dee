"""What checks on a series share: the series itself, and its pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from audit.case import Case
from audit.check import Skip
from audit.model import Chart, Measure, Scale, Series
from audit.series import Series as Tables
from audit.stats.intervals import Z95

KEPT = Scale("share kept per generation, beyond chance", "higher", 0.0, None)
_FARTHEST = 700.0  # logarithm of the largest number


def series_of(case: Case) -> Tables:
    """The series; the runner has seen to it that there is one."""
    if case.series is None:
        raise Skip("Only one synthetic table was given.", "Give several: python -m audit generations.")
    return case.series


def kept(slope: float, error: float, about: tuple[str, ...], n: int, sentence: str) -> Measure:
    """A slope of logarithms as the share that one generation keeps."""
    value, low, high = (math.exp(min(slope + way * Z95 * error, _FARTHEST)) for way in (0.0, -1.0, 1.0))
    return Measure(value=value, about=about, low=low, high=high, baseline=1.0, n=n, sentence=sentence)


def lines(
    title: str, alt: str, series: Mapping[str, Sequence[float | None]], unit: str, about: tuple[str, ...] = ()
) -> Chart:
    """Numbers by generation; the first series begins at generation 0, or all at 1."""
    length = max(len(values) for values in series.values())
    return Chart(
        kind="lines",
        title=title,
        alt=alt,
        about=about,
        edges=tuple(float(at) for at in range(length)),
        series=tuple(Series(name, tuple(values)) for name, values in series.items()),
        unit=unit,
    )
