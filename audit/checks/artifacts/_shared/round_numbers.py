"""Values on round numbers: as often as real rows give at the same places of a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.checks.artifacts._shared.excess_counts import percent
from audit.checks.artifacts._shared.lattice_stretches import TENS, StretchComparison, UnitColumn, last_unit
from audit.model import Chart, Measure, share_bars

_BASES = 6  # of a column, the finest first: rounding to more is easier to see
_DOSE = 0.02  # share of rows on round numbers that should be told
# Standard errors of that dose: fewer are out of reach, more are told with any allowance.
_IN_REACH = (3.0, 5.0)
_EVEN = 0.02  # of a full allowance, for bases whose dose is out of reach or easily told
_FIGURES = 10.0  # steps of a base up to the middle value that people who round leave
_ODD = 0.01  # a base of far more steps is as odd as this, and so is one above the middle value
_UPWARDS = 0.97  # of an allowance: where round numbers are lost, very many are


@dataclass(frozen=True, slots=True)
class _Heap:
    """Multiples of one base in one column, and what share of the allowance they deserve."""

    base: int
    compared: StretchComparison
    weight: float


def heaps(columns: Sequence[UnitColumn], alarm: float) -> list[tuple[Measure, Chart]]:
    """The surplus or the lack of round numbers in each column, for the base where it is most certain.

    Parameters
    ----------
    alarm : chance that any base of any column exceeds what chance explains in fresh real rows

    Notes
    -----
    The allowance goes where it decides: to bases for which one row in fifty is three to
    five standard errors, and that people round to (not to fives in numbers of six digits). The
    others share what is left. No weight depends on which synthetic values are round, so the
    chance of a false alarm stays what it is.

    Source: Genovese, Roeder and Wasserman (2006), Biometrika 93, 509-524 (weighted p-values).
    """
    found = {column.name: list(_heaps(column)) for column in columns}
    whole = sum(heap.weight for many in found.values() for heap in many)
    told = []
    for column in columns:
        levels = [(heap, alarm * heap.weight / whole) for heap in found[column.name]]
        if levels:
            told.append(_told(column, *max(levels, key=lambda one: _over(one[0].compared, one[1]))))
    return told


def _heaps(column: UnitColumn) -> Iterable[_Heap]:
    middle = _middle(column)
    for base in _bases(column):
        compared = column.against_real(base, last_unit(column.lattice), 2)
        if compared is not None and compared.expected[1] < 1.0:
            yield _Heap(base, compared, _likely(base, middle) if _decides(compared) else _EVEN)


def _bases(column: UnitColumn) -> list[int]:
    """5, 10, 50, 100 and so on, in units of the last decimal, as long as they are coarser than the step."""
    span = int(np.ptp(column.units["real"].values))
    bases = [factor * 10**power for power in range(16) for factor in (1, 5)]
    coarser = sorted(b for b in bases if b > column.lattice.units and TENS * max(10, b) <= span)
    return coarser[:_BASES]


def _middle(column: UnitColumn) -> float:
    """The size that half of the real rows do not exceed, in units of the last decimal."""
    real = column.units["real"]
    order = np.argsort(np.abs(real.values), kind="stable")
    ends = np.cumsum(real.rows[order])
    return float(np.abs(real.values)[order][np.searchsorted(ends, ends[-1] / 2)])


def _likely(base: int, middle: float) -> float:
    """How much likelier than others this base is to be rounded to: people leave one figure or two."""
    return min(1.0, max(_ODD, _FIGURES * base / middle)) if base <= middle else _ODD


def _decides(compared: StretchComparison) -> bool:
    """Whether the allowance decides if one row in fifty is told."""
    moved = _DOSE * (1.0 - float(compared.expected[1]))
    low, high = _IN_REACH
    return low * compared.error <= moved <= high * compared.error


def _told(column: UnitColumn, heap: _Heap, level: float) -> tuple[Measure, Chart]:
    base, compared = heap.base, heap.compared
    gap = abs(float(compared.gap[1]))
    held = column.holdout_against_real(base, last_unit(column.lattice), 2)
    shown = base / column.lattice.scale
    sentence = _sentence(column.name, shown, compared)
    value = min(1.0, gap) if _over(compared, level) > 0 else 0.0
    measure = Measure(
        value,
        about=(column.name,),
        name="heaping",
        low=value,
        high=value,
        baseline=abs(float(held.gap[1])) if held is not None and _over(held, level) > 0 else 0.0,
        n=compared.n,
        sentence=sentence,
    )
    shares = {"real": compared.expected[1:2], "synthetic": compared.share[1:2]}
    title = f"Round values of {column.name}"
    return measure, share_bars(
        (f"multiples of {shown:g}",), shares, title=title, alt=sentence, about=(column.name,)
    )


def _over(compared: StretchComparison, alarm: float) -> float:
    """By how many standard errors the share of round values is beyond what chance explains."""
    up = compared.gap[1] > 0
    limit = float(special.ndtri(1.0 - alarm * (_UPWARDS if up else 1.0 - _UPWARDS)))
    return _score(compared) - limit


def _score(compared: StretchComparison) -> float:
    """How many standard errors the share of round values is off; few expected rows count for less."""
    gap = abs(float(compared.gap[1])) * compared.n
    # Two rows are allowed for, and an error of no fewer than three: rare events are not normal.
    return float(max(gap - 2.0, 0.0) / max(compared.error * compared.n, 3.0))


def _sentence(name: str, base: float, compared: StretchComparison) -> str:
    share, expected = float(compared.share[1]), float(compared.expected[1])
    times = f", {share / expected:.2g} times as often" if expected > 0 else ""
    return (
        f"{percent(share)} of the synthetic values of {name} are multiples of {base:g}{times}; real rows at the "
        f"same places give {percent(expected)}."
    )
