"""Last digits and round numbers: as often as in real rows, whatever the shape of the column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.case import Case, Counts
from audit.check import Outcome, Skip, check
from audit.checks.artifacts.counted import ALARM, SHARE, percent
from audit.checks.artifacts.steps import Lattice, lattice_of
from audit.model import Chart, Family, Kind, Measure, Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BLOCKS = 20  # stretches of the column within which digits are compared
_SPIKE = 0.05  # a value of more real rows is a spike, which value_spikes judges
_NEW_SPIKE = (0.003, 5.0)  # so is one of so many synthetic rows, and so many times its real share
_TENS = 3  # a column that spans fewer tens has no last digit that is free of its shape
_FEWEST = 200  # rows to compare in either table
_CELL = 10.0  # rows expected of a digit that is looked at alone
_BENFORD_PART = 0.1  # of the allowance for chance goes to first digits
_HEAPS = 0.9  # of the rest goes to round numbers: a few rows on them are what is hardest to see
_WEIGHTS = (0.6, 0.24, 0.04, 0.04, 0.04, 0.04)  # of that, by base: rounding to more is easier to see
_UPWARDS = 0.9
_BENFORD = np.log10(1.0 + 1.0 / np.arange(1, 10))
_CONFORMS = 0.015  # mean absolute deviation up to which first digits are taken to follow Benford's law
_MAGNITUDES = 1000.0
_FEWEST_BENFORD = 1000
_FIRST_STEP = "Look at how large and small amounts are made: scaling a uniform draw leaves such first digits."


@dataclass(frozen=True, slots=True)
class _Places:
    """A table's values in units of the last decimal, increasing and without spikes, and their rows."""

    values: Ints
    rows: Ints

    def table(self, cuts: Ints, base: int, unit: int, k: int) -> Floats:
        """Rows by block and class, shape (blocks, k): last digits (k = 10), or round or not (k = 2)."""
        sizes = np.diff(np.searchsorted(self.values, cuts), prepend=0, append=len(self.values))
        even = self.values % base == 0
        classes = even.astype(np.int64) if k == 2 else (np.abs(self.values) // unit) % 10
        cell = np.repeat(np.arange(len(cuts) + 1), sizes) * k + classes
        found = np.bincount(cell, weights=self.rows, minlength=(len(cuts) + 1) * k)
        return found.reshape(-1, k).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Column:
    """A number in all tables, on the lattice of its real values."""

    name: str
    lattice: Lattice
    places: Mapping[str, _Places]

    @property
    def n(self) -> int:
        """Synthetic rows that are compared."""
        return int(self.places["synthetic"].rows.sum())

    def against_real(self, base: int, unit: int, k: int) -> _Compared | None:
        """The synthetic table beside real and holdout rows."""
        cuts = self._cuts(max(base, 10 * unit))
        tables = {role: part.table(cuts, base, unit, k) for role, part in self.places.items()}
        return _compare(tables["synthetic"], tables["real"] + tables.get("holdout", 0.0))

    def holdout_against_real(self, base: int, unit: int, k: int) -> _Compared | None:
        """The holdout beside the real table."""
        if "holdout" not in self.places:
            return None
        cuts = self._cuts(max(base, 10 * unit))
        return _compare(*(self.places[role].table(cuts, base, unit, k) for role in ("holdout", "real")))

    def _cuts(self, width: int) -> Ints:
        """Ends of stretches of about equal rows, at multiples of the width."""
        real = self.places["real"]
        ends = np.cumsum(real.rows)
        found = np.searchsorted(ends, np.arange(1, _BLOCKS) / _BLOCKS * ends[-1])
        return np.unique(real.values[found] // width * width)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Rows of each class beside what real rows would give at the same places of the column.

    share, expected : of synthetic rows, shape (classes,)
    covariance : of share less expected, where chance alone parts them
    """

    share: Floats
    expected: Floats
    covariance: Floats
    n: int

    @property
    def gap(self) -> Floats:
        return self.share - self.expected


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
    """Share of a number's synthetic values that end in the wrong digit, beyond chance.

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
        measures += _benford(case, name, _BENFORD_PART * ALARM / len(columns))
    if not measures:
        raise Skip("No number has last digits to compare: too few tens, too few rows, or no step.")
    best = max((value for value, _ in charts), default=0.0)
    chosen = [chart for value, chart in charts if value == best][:1]
    return Outcome(tuple(measures), {"columns": float(len({m.about for m in measures}))}, tuple(chosen))


def _columns(case: Case) -> list[str]:
    """Numbers that span enough tens of a step to have a last digit."""
    found = []
    for column in case.of_kind(Kind.NUMBER):
        lattice = lattice_of(case, column.name)
        values = np.asarray(case.real.value_counts(column.name).values, dtype=np.float64)
        values = values[np.isfinite(values)]
        if lattice is not None and np.ptp(values) * lattice.scale >= _TENS * 10 * _last_unit(lattice):
            found.append(column.name)
    return found


def _digits(case: Case, name: str, alarm: float) -> list[tuple[Measure, Chart]]:
    lattice = lattice_of(case, name)
    column = None if lattice is None else _read(case, name, lattice)
    if column is None:
        return []
    heaping = _heaping(column, _HEAPS * alarm)
    return [_last(column, (1 - _HEAPS) * alarm), *([] if heaping is None else [heaping])]


def _last_unit(lattice: Lattice) -> int:
    """The decimal place that varies: in multiples of 100 the hundreds."""
    unit = 1
    while lattice.units % (unit * 10) == 0:
        unit *= 10
    return unit


def _read(case: Case, name: str, lattice: Lattice) -> _Column | None:
    """What can be compared: on the lattice, inside the real range, no spike."""
    counts = {part.role: part.value_counts(name) for part in case.parts()}
    spikes = _spikes(counts["real"], counts["synthetic"])
    real = np.asarray(counts["real"].values, dtype=np.float64)
    places = {}
    for role, table in counts.items():
        values = np.asarray(table.values, dtype=np.float64)
        kept = (values >= real[0]) & (values <= real[-1]) & (np.abs(values) * lattice.scale < 2.0**53)
        kept &= lattice.holds(values) & ~np.isin(values, spikes)
        places[role] = _Places(lattice.places(values[kept]), table.counts[kept])
    enough = all(int(places[role].rows.sum()) >= _FEWEST for role in ("real", "synthetic"))
    return _Column(name, lattice, places) if enough else None


def _spikes(real: Counts, synthetic: Counts) -> Floats:
    """Values that hold so many rows that they are judged one by one."""
    old = np.asarray(real.values)[real.counts > _SPIKE * max(real.filled, 1)]
    many = synthetic.counts >= _NEW_SPIKE[0] * max(synthetic.filled, 1)
    values, shares = np.asarray(synthetic.values)[many], synthetic.counts[many] / max(synthetic.filled, 1)
    places = np.minimum(np.searchsorted(real.values, values), len(real.values) - 1)
    held = np.where(real.values[places] == values, real.counts[places], 0) / max(real.filled, 1)
    return np.asarray(np.concatenate([old, values[shares > _NEW_SPIKE[1] * held]]), dtype=np.float64)


def _compare(ours: Floats, theirs: Floats) -> _Compared | None:
    """Classes of one table's rows beside those of another in the same blocks, shape (blocks, classes)."""
    n, m = ours.sum(axis=1), theirs.sum(axis=1)
    both = (n > 0) & (m > 0)
    x, y, n, m = ours[both], theirs[both], n[both], m[both]
    total = float(n.sum())
    if total == 0:
        return None
    pooled = (x + y) / (n + m)[:, None]
    spread = n * (1.0 + n / m)
    covariance = np.diag(spread @ pooled) - (pooled * spread[:, None]).T @ pooled
    expected = ((n / m)[:, None] * y).sum(axis=0)
    return _Compared(x.sum(axis=0) / total, expected / total, covariance / total**2, int(total))


def _surplus(compared: _Compared | None, alarm: float) -> float:
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


def _last(column: _Column, alarm: float) -> tuple[Measure, Chart]:
    unit = _last_unit(column.lattice)
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


def _shares(compared: _Compared | None) -> tuple[Floats, Floats]:
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


def _bases(column: _Column) -> list[int]:
    """5, 10, 50, 100 and so on, in units of the last decimal, as long as they are coarser than the step."""
    span = int(np.ptp(column.places["real"].values))
    bases = [factor * 10**power for power in range(16) for factor in (1, 5)]
    coarser = sorted(b for b in bases if b > column.lattice.units and _TENS * max(10, b) <= span)
    return coarser[: len(_WEIGHTS)]


def _heaping(column: _Column, alarm: float) -> tuple[Measure, Chart] | None:
    unit = _last_unit(column.lattice)
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


def _over(compared: _Compared, alarm: float) -> float:
    """By how many standard errors the share of round values is beyond what chance explains.

    Most of the allowance is for too many: where round numbers are lost, very many are.
    """
    up = compared.gap[1] > 0
    limit = float(special.ndtri(1.0 - alarm * (_UPWARDS if up else 1.0 - _UPWARDS)))
    return _score(compared) - limit


def _score(compared: _Compared) -> float:
    """How many standard errors the share of round values is off; few expected rows count for less."""
    error = float(np.sqrt(max(compared.covariance[1, 1], 0.0)))
    gap = abs(float(compared.gap[1])) * compared.n
    # Two rows are allowed for, and an error of no fewer than three: rare events are not normal.
    return float(max(gap - 2.0, 0.0) / max(error * compared.n, 3.0))


def _round_sentence(name: str, base: float, compared: _Compared) -> str:
    share, expected = float(compared.share[1]), float(compared.expected[1])
    times = f", {share / expected:.2g} times as often" if expected > 0 else ""
    return (
        f"{percent(share)} of the synthetic values of {name} are multiples of {base:g}{times}; real rows at the "
        f"same places give {percent(expected)}."
    )


def _benford(case: Case, name: str, alarm: float) -> Iterable[Measure]:
    real, synthetic = (
        _first(part.value_counts(name), case.real.value_counts(name)) for part in (case.real, case.synthetic)
    )
    if not _follows(real, case.real.value_counts(name)) or synthetic.sum() < _FEWEST:
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
        baseline=0.0 if held is None or held.sum() < _FEWEST else _further(held, real, limit),
        n=int(synthetic.sum()),
        sentence=f"The first digits of {name} lie {_deviation(synthetic):.4f} from Benford's law on average, "
        f"those of real rows {_deviation(real):.4f}.",
        next_step=_FIRST_STEP,
    )


def _first(counts: Counts, real: Counts) -> Floats:
    """Rows by first digit, spikes of the real table apart."""
    values = np.abs(np.asarray(counts.values, dtype=np.float64))
    spikes = np.asarray(real.values)[real.counts > _SPIKE * max(real.filled, 1)]
    kept = (values > 0) & np.isfinite(values) & ~np.isin(counts.values, spikes)
    values = values[kept]
    digit = (values / 10.0 ** np.floor(np.log10(values)) + 1e-9).astype(np.int64).clip(1, 9)
    return np.bincount(digit - 1, weights=counts.counts[kept], minlength=9).astype(np.float64)


def _follows(real: Floats, counts: Counts) -> bool:
    if real.sum() < _FEWEST_BENFORD:
        return False
    values = np.abs(np.asarray(counts.values, dtype=np.float64))
    kept = (values > 0) & np.isfinite(values)
    order = np.argsort(values[kept])
    ends = np.cumsum(counts.counts[kept][order])
    low, high = values[kept][order][np.searchsorted(ends, np.array([0.01, 0.99]) * ends[-1])]
    return bool(high / low >= _MAGNITUDES and _deviation(real) <= _CONFORMS)


def _deviation(rows: Floats) -> float:
    return float(np.abs(rows / rows.sum() - _BENFORD).mean())


def _further(ours: Floats, theirs: Floats, limit: float) -> float:
    """Deviation beyond the other table's; 0 where a chi-square test says the digits are alike."""
    pooled = (ours + theirs) / (ours.sum() + theirs.sum())
    error = pooled * (1.0 / ours.sum() + 1.0 / theirs.sum())
    gap = ours / ours.sum() - theirs / theirs.sum()
    statistic = float((gap[pooled > 0] ** 2 / error[pooled > 0]).sum())
    return max(0.0, _deviation(ours) - _deviation(theirs)) if statistic > limit else 0.0
