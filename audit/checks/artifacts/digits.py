"""Last digits and round numbers: as often as in real rows, whatever the shape of the column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.case import Case
from audit.check import Outcome, Skip, check
from audit.checks.artifacts.counted import ALARM, SHARE, percent
from audit.checks.artifacts.first_digits import benford
from audit.checks.artifacts.marks import excused
from audit.checks.artifacts.places import Compared, PlacedColumn, last_unit, read_places
from audit.checks.artifacts.steps import lattice_of
from audit.model import Chart, Family, Kind, Measure, Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TENS = 3  # a column that spans fewer tens has no last digit that is free of its shape
_CELL = 10.0  # rows expected of a digit that is looked at alone
_BENFORD_PART = 0.1  # of the allowance for chance goes to first digits
_HEAPS = 0.9  # of the rest goes to round numbers: a few rows on them are what is hardest to see
_WEIGHTS = (0.75, 0.17, 0.02, 0.02, 0.02, 0.02)  # of that, by base: rounding to more is easier to see
_UPWARDS = 0.95


@check(
    id="last_digits",
    title="Last digits and round numbers",
    family=Family.ARTIFACTS,
    question="Do numbers end in the same digits, and fall on round numbers as often, as real ones?",
    scale=SHARE,
    needs=("number",),
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
    spread = _columns(case)
    measures: list[Measure] = []
    charts: list[tuple[float, Chart]] = []
    for name in spread:
        found = _digits(case, name, (1 - _BENFORD_PART) * ALARM / len(spread))
        measures += [m for m, _ in found]
        charts += [(m.value, chart) for m, chart in found]
    for name in columns:
        measures += benford(case, name, _BENFORD_PART * ALARM / len(columns))
    if not measures:
        raise Skip(
            "No number has last digits to compare: too few tens, too few rows in the real range, or no step.",
            assessable=not spread,
        )
    best = max((value for value, _ in charts), default=0.0)
    chosen = [chart for value, chart in charts if value == best][:1]
    return excused(
        case, Outcome(tuple(measures), {"columns": float(len({m.about for m in measures}))}, tuple(chosen))
    )


def _columns(case: Case) -> list[str]:
    """Numbers that span enough tens of a step to have a last digit."""
    found = []
    for column in case.of_kind(Kind.NUMBER):
        lattice = lattice_of(case, column.name)
        values = np.asarray(case.real.value_counts(column.name).values, dtype=np.float64)
        values = values[np.isfinite(values)]
        if lattice is not None and np.ptp(values) * lattice.scale >= _TENS * 10 * last_unit(lattice):
            found.append(column.name)
    return found


def _digits(case: Case, name: str, alarm: float) -> list[tuple[Measure, Chart]]:
    lattice = lattice_of(case, name)
    column = None if lattice is None else read_places(case, name, lattice)
    if column is None:
        return []
    heaping = _heaping(column, _HEAPS * alarm)
    return [_last(column, (1 - _HEAPS) * alarm), *([] if heaping is None else [heaping])]


def _surplus(compared: Compared | None, alarm: float) -> float:
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


def _last(column: PlacedColumn, alarm: float) -> tuple[Measure, Chart]:
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


def _shares(compared: Compared | None) -> tuple[Floats, Floats]:
    return (np.zeros(10), np.zeros(10)) if compared is None else (compared.share, compared.expected)


def _chart(name: str, share: Floats, expected: Floats, sentence: str) -> Chart:
    return Chart(
        kind="bars",
        title=f"Last digits of {name}",
        alt=sentence,
        about=(name,),
        x=tuple(str(digit) for digit in range(10)),
        series=(
            Series("real", tuple(float(x) for x in expected)),
            Series("synthetic", tuple(float(x) for x in share)),
        ),
        unit="share of rows",
    )


def _bases(column: PlacedColumn) -> list[int]:
    """5, 10, 50, 100 and so on, in units of the last decimal, as long as they are coarser than the step."""
    span = int(np.ptp(column.places["real"].values))
    bases = [factor * 10**power for power in range(16) for factor in (1, 5)]
    coarser = sorted(b for b in bases if b > column.lattice.units and _TENS * max(10, b) <= span)
    return coarser[: len(_WEIGHTS)]


def _heaping(column: PlacedColumn, alarm: float) -> tuple[Measure, Chart] | None:
    unit = last_unit(column.lattice)
    found = []
    for weight, base in zip(_WEIGHTS, _bases(column), strict=False):
        one = column.against_real(base, unit, 2)
        if one is not None and one.expected[1] < 1.0:
            found.append((_over(one, weight * alarm), base, one, weight * alarm))
    if not found:
        return None
    over, base, compared, level = max(found, key=lambda entry: entry[0])
    value = min(1.0, abs(float(compared.gap[1]))) if over > 0 else 0.0
    held = column.holdout_against_real(base, unit, 2)
    sentence = _round_sentence(column.name, base / column.lattice.scale, compared)
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
    shares = (("real", compared.expected), ("synthetic", compared.share))
    series = tuple(Series(role, (float(s[1]),)) for role, s in shares)
    label = f"multiples of {base / column.lattice.scale:g}"
    chart = Chart("bars", f"Round values of {column.name}", sentence, (column.name,), (label,), series=series)
    return measure, chart


def _over(compared: Compared, alarm: float) -> float:
    """By how many standard errors the share of round values is beyond what chance explains.

    Most of the allowance is for too many: where round numbers are lost, very many are.
    """
    up = compared.gap[1] > 0
    limit = float(special.ndtri(1.0 - alarm * (_UPWARDS if up else 1.0 - _UPWARDS)))
    return _score(compared) - limit


def _score(compared: Compared) -> float:
    """How many standard errors the share of round values is off; few expected rows count for less."""
    error = float(np.sqrt(max(compared.covariance[1, 1], 0.0)))
    gap = abs(float(compared.gap[1])) * compared.n
    # Two rows are allowed for, and an error of no fewer than three: rare events are not normal.
    return float(max(gap - 2.0, 0.0) / max(error * compared.n, 3.0))


def _round_sentence(name: str, base: float, compared: Compared) -> str:
    share, expected = float(compared.share[1]), float(compared.expected[1])
    times = f", {share / expected:.2g} times as often" if expected > 0 else ""
    return (
        f"{percent(share)} of the synthetic values of {name} are multiples of {base:g}{times}; real rows at the "
        f"same places give {percent(expected)}."
    )
