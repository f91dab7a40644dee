"""What checks on a series share: the series itself, and its pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from audit.case.case import Case
from audit.case.check import Skip
from audit.case.series import TableSeries as Tables
from audit.model import Better, Measure, Scale, Series, Unit
from audit.stats.inference.intervals import Z95
from audit.stats.loops.selfconsuming import walk_slope

KEPT_SCALE = Scale(
    Unit.SHARE_PER_GENERATION, "share kept per generation, beyond chance", Better.HIGHER, 0.0, None
)
_APART = 3  # generations that tell a loss at once from one that goes on
_FARTHEST = 700.0  # logarithm of the largest number


def series_of(case: Case) -> Tables:
    """The series; the runner has seen to it that there is one."""
    if case.series is None:
        raise Skip("Only one synthetic table was given.", "Give several: python -m audit generations.")
    return case.series


def loop_slope(beyond: Sequence[float], steps: Sequence[float]) -> tuple[float, float]:
    """Slope of logarithms beyond chance at generations 1 … t, and its error; 0 is the real table.

    What the first generation loses at once is the generator's; from three generations on the slope
    begins there, so that only a loss that goes on is the loop's.
    """
    if len(beyond) < _APART:
        return walk_slope(beyond, steps)
    return walk_slope(beyond[1:], steps[1:], beyond[0])


def share_left(
    beyond: float, steps: Sequence[float], about: tuple[str, ...], n: int, sentence: str
) -> Measure:
    """What the last generation has left in all, beyond chance."""
    return replace(share_kept(beyond, math.sqrt(sum(steps)), about, n, sentence), name="left")


def share_kept(slope: float, error: float, about: tuple[str, ...], n: int, sentence: str) -> Measure:
    """A slope of logarithms as the share that one generation keeps."""
    value, low, high = (math.exp(min(slope + way * Z95 * error, _FARTHEST)) for way in (0.0, -1.0, 1.0))
    return Measure(value=value, about=about, low=low, high=high, baseline=1.0, n=n, sentence=sentence)


def confidence_band(name: str, path: Sequence[float], errors: Sequence[float]) -> Series:
    """A line of shares with its 95 % interval; the errors are those of the logarithm."""
    low, high = (
        tuple(value * math.exp(way * Z95 * error) for value, error in zip(path, errors, strict=True))
        for way in (-1.0, 1.0)
    )
    return Series(name, tuple(path), low, high)


def accumulated_errors(steps: Sequence[float]) -> list[float]:
    """Errors at generations 0 … t from the variance that chance adds in each; chance piles up."""
    return [0.0, *(math.sqrt(total) for total in accumulate(steps))]
