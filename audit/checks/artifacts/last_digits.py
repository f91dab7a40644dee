"""Last digits and round numbers: as often as in real rows, whatever the shape of the column."""

from __future__ import annotations

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import SHARE, percent
from audit.checks.artifacts._shared.first_digits import benford
from audit.checks.artifacts._shared.green_list import exempt_watermarked
from audit.checks.artifacts._shared.lattice import Lattice, lattice_of
from audit.checks.artifacts._shared.lattice_stretches import (
    TENS,
    StretchComparison,
    UnitColumn,
    last_unit,
    read_units,
)
from audit.checks.artifacts._shared.round_numbers import heaps
from audit.model import Chart, Family, Kind, Measure, share_bars

# Twice what other checks may: with half of it heaped ages of one row in fifty stay hidden too often.
_FALSE_ALARM_RATE = 0.02
_CELL = 10.0  # rows expected of a digit that is looked at alone
# Parts of the allowance for chance; a few rows on round numbers are what is hardest to see.
_HEAPS, _LAST, _FIRST = 0.9, 0.05, 0.05


@check(
    id="last_digits",
    title="Last digits and round numbers",
    known_as="digit preference (heaping), Benford's law",
    family=Family.ARTIFACTS,
    question="Do numbers end in the same digits, and fall on round numbers as often, as real ones?",
    scale=SHARE,
    needs=(Need.NUMBER,),
    next_step="Look for a rounding, or a missing one, in the generator: draw the last digits as real rows hold them.",
)
def last_digits(case: Case) -> Outcome:
    """Share of a number's values that end in the wrong digit, beyond chance.

    Synthetic last digits are held against those of the real and holdout rows in the same
    twentieth of the column, so that a shifted column alone moves nothing; never against equal
    shares. The number is half the sum of the differences (total variation), 0 where a
    chi-square test says that chance explains them: 0.02 means that two values in a hundred
    would have to end otherwise. `heaping` is the surplus, or the lack, of values on multiples
    of 5, 10, 50, 100 and so on, for the base where it is most certain; its sentence gives the
    ratio of synthetic to real shares, as Whipple's index does for ages. `benford` is how much
    further the first digits lie from Benford's law than the real ones (mean absolute
    deviation), only where real values span three orders of magnitude and follow that law. The
    baseline is the holdout against the real table. Values that hold many rows are left to
    `value_spikes`; so are missing cells, values off the real step and columns that span fewer
    than three tens. It cannot tell a rounding that real rows show as well.

    Source: stratified comparison: Mantel and Haenszel (1959), JNCI 22, 719-748; Whipple's index:
    United Nations (1955), Manual II; first digits: Nigrini (2012), Benford's Law.
    """
    columns = [c.name for c in case.of_kind(Kind.NUMBER)]
    spread = _spread(case)
    placed = [column for one in spread if (column := read_units(case, *one)) is not None]
    found = [_last(column, _LAST * _FALSE_ALARM_RATE / len(placed)) for column in placed]
    found += heaps(placed, _HEAPS * _FALSE_ALARM_RATE)
    measures = [measure for measure, _ in found]
    for name in columns:
        measures += benford(case, name, _FIRST * _FALSE_ALARM_RATE / len(columns))
    if not measures:
        raise Skip(
            "No number has last digits to compare: too few tens, too few rows in the real range, or no step.",
            assessable=not spread,
        )
    worst = max((m.value for m, _ in found), default=0.0)
    chosen = [chart for m, chart in found if m.value == worst][:1]
    return exempt_watermarked(
        case, Outcome(tuple(measures), {"columns": float(len({m.about for m in measures}))}, tuple(chosen))
    )


def _spread(case: Case) -> list[tuple[str, Lattice]]:
    """Numbers that span enough tens of a step to have a last digit, with that step."""
    found = []
    for column in case.of_kind(Kind.NUMBER):
        lattice = lattice_of(case, column.name)
        values = np.asarray(case.real.value_counts(column.name).values, dtype=np.float64)
        values = values[np.isfinite(values)]
        if lattice is not None and np.ptp(values) * lattice.scale >= TENS * 10 * last_unit(lattice):
            found.append((column.name, lattice))
    return found


def _surplus(compared: StretchComparison | None, alarm: float) -> float:
    """Total variation less what chance gives on average; 0 where chance explains it."""
    if compared is None:
        return 0.0
    kept = np.minimum(compared.expected, compared.share + compared.expected) * compared.n >= _CELL
    if kept.sum() < 2:
        return 0.0
    gap, covariance = compared.gap[kept], compared.covariance[np.ix_(kept, kept)]
    freedom = int(np.linalg.matrix_rank(covariance))
    statistic = float(gap @ np.linalg.pinv(covariance) @ gap)
    if freedom == 0 or special.chdtrc(freedom, statistic) >= alarm:
        return 0.0
    chance = 0.5 * np.sqrt(2.0 / np.pi * np.diag(compared.covariance)).sum()
    return float(min(1.0, max(0.0, 0.5 * np.abs(compared.gap).sum() - chance)))


def _last(column: UnitColumn, alarm: float) -> tuple[Measure, Chart]:
    unit = last_unit(column.lattice)
    compared = column.against_real(1, unit, 10)
    value = _surplus(compared, alarm)
    share, expected = _shares(compared)
    worst = int(np.argmax(np.abs(share - expected)))
    sentence = (
        f"{percent(float(share[worst]))} of the synthetic values of {column.name} end in {worst}; real rows at the "
        f"same places give {percent(float(expected[worst]))}."
    )
    measure = Measure(
        value,
        about=(column.name,),
        low=value,
        high=value,
        baseline=_surplus(column.holdout_against_real(1, unit, 10), alarm),
        n=column.n,
        sentence=sentence,
    )
    return measure, _chart(column.name, share, expected, sentence)


def _shares(compared: StretchComparison | None) -> tuple[Floats, Floats]:
    return (np.zeros(10), np.zeros(10)) if compared is None else (compared.share, compared.expected)


def _chart(name: str, share: Floats, expected: Floats, sentence: str) -> Chart:
    return share_bars(
        [str(digit) for digit in range(10)],
        {"real": expected, "synthetic": share},
        title=f"Last digits of {name}",
        alt=sentence,
        about=(name,),
    )
