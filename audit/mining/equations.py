"""Equations between columns: candidates from a sample, with coefficients that a person would write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.declare.rules import Rule, RuleKind
from audit.mining.numeric_sample import NumericSample
from audit.mining.orders import SURPRISE

Ints = NDArray[np.intp]

_LOOKS = (24, 400, 4_000)  # rows of the first looks, each cheaper than the next
_CHUNK = 400  # candidates whose rows are held at once
_UNITS = (1.0, 60.0, 3600.0, 86400.0, 604800.0)  # in which the time between two dates is counted
_DENOMINATORS = (1, 2, 3, 4, 5, 8, 10, 12, 16, 20, 25, 50, 60, 100, 200, 1000)
EXACT, SINGLE = 1e-9, 1e-6  # of a column's size by which sums of double and single precision are off
_HALF = 0.5  # of the chance to differ: an equation that is broken more rarely says too little
_NULL = 3e-3  # share of a standardised column's variance that rounding may leave
_ENTRY = 1e-3  # of a null vector: what is smaller is no part of the equation
_TERMS = 7  # columns beside the one that stands alone
_COMPLETE = 300  # rows without a gap that the null space needs
_DIMENSIONS = 50


@dataclass(frozen=True, slots=True)
class Linear:
    """sum of coefficients times columns = constant; places of the columns in the sample."""

    column_indices: tuple[int, ...]
    coefficients: tuple[float, ...]
    constant: float = 0.0


def equal_pairs(sample: NumericSample) -> Iterator[list[Rule]]:
    """Two columns tied by y = k x + c: both numbers, or both dates a fixed time apart."""
    filled = np.where(np.isnan(sample.values), np.nanmean(sample.values, axis=0), sample.values)
    spread = filled.std(axis=0)
    scaled = (filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    near = np.abs(scaled.T @ scaled) / max(len(scaled), 1) > 0.5
    for i, j in combinations(range(len(sample.names)), 2):
        if near[i, j] and sample.dates[i] == sample.dates[j]:
            yield from _fitted_either_way(sample, [i, j])


def sums(sample: NumericSample) -> Iterator[list[Rule]]:
    """A + B = C among numbers, and start + time = end among dates."""
    numbers = [i for i in range(len(sample.names)) if not sample.dates[i]]
    for a, b, c in _surviving(sample, _triples(numbers), _sum_gap):
        yield from _checked(sample, Linear((a, b, c), (1.0, 1.0, -1.0)))
    for first, last in combinations(np.flatnonzero(sample.dates).tolist(), 2):
        for start, end in ((first, last), (last, first)):
            yield from _durations(sample, start, end, numbers)


def _durations(sample: NumericSample, start: int, end: int, numbers: Sequence[int]) -> Iterator[list[Rule]]:
    gap = sample.values[:, end] - sample.values[:, start]
    for number in numbers:
        told = ~np.isnan(gap) & ~np.isnan(sample.values[:, number])
        size = np.abs(sample.values[told, number]).mean() if told.any() else 0.0
        ratio = np.abs(gap[told]).mean() / size if size > 0 else 0.0
        for unit in _UNITS:
            if 0.5 < ratio / unit < 2.0:
                yield from _checked(sample, Linear((start, number, end), (1.0, unit, -1.0)))


def products(sample: NumericSample) -> Iterator[list[Rule]]:
    """A x B = C up to the rounding of C."""
    numbers = [i for i in range(len(sample.names)) if not sample.dates[i]]
    for a, b, c in _surviving(sample, _triples(numbers), _product_gap):
        names = tuple(sample.names[i] for i in (a, b, c))
        x, y, z = (sample.values[:, i] for i in (a, b, c))
        size = EXACT * float(np.nanmax(np.abs(z)))
        loose = [max(share * sample.steps[c], size) for share in (0.25, 0.5 + 1e-6, 1.0)]
        tried = [t for t in dict.fromkeys(loose) if _never(np.abs(x * y - z) > t)]
        if tried and _surprising(sample, (a, b, c), lambda v: v[0] * v[1] - v[2], tried[0]):
            yield [Rule(RuleKind.PRODUCT, names, tolerance=t) for t in tried]


def null_space(sample: NumericSample) -> Iterator[list[Rule]]:
    """Equations of several columns: directions in which the standardised numbers do not vary.

    Source: Golub and Van Loan (2013), Matrix Computations, section 5.4 (numerical rank).
    """
    block, rows = _complete(sample)
    if len(block) < 2 or len(rows) < _COMPLETE:
        return
    values = sample.values[rows][:, block]
    spread = values.std(axis=0)
    varying = spread > 0
    block = [i for i, keep in zip(block, varying, strict=True) if keep]
    scaled = ((values - values.mean(axis=0)) / np.where(varying, spread, 1.0))[:, varying]
    if len(block) < 2:
        return
    left, directions = np.linalg.eigh(scaled.T @ scaled / len(rows))  # those with the least variance first
    null = directions.T[left < _NULL][:_DIMENSIONS]
    for vector in _reduced(null):
        support = np.flatnonzero(np.abs(vector) > _ENTRY)
        if 2 <= len(support) <= _TERMS + 1:
            yield from _fitted_either_way(sample, [block[i] for i in support])


def _complete(sample: NumericSample) -> tuple[list[int], Ints]:
    """Numbers, those with fewer gaps first, as long as enough rows have all of them."""
    gaps = np.isnan(sample.values)
    order = sorted(
        (i for i in range(len(sample.names)) if not sample.dates[i]), key=lambda i: int(gaps[:, i].sum())
    )
    rows = np.ones(len(gaps), dtype=bool)
    block: list[int] = []
    for i in order:
        left = rows & ~gaps[:, i]
        if left.sum() >= max(_COMPLETE, 5 * len(block)):
            rows, block = left, [*block, i]
    return sorted(block), np.flatnonzero(rows)[: _LOOKS[-1]]


def _reduced(vectors: Floats) -> Floats:
    """The same space spanned by vectors that share few columns: a one each, zero in the others."""
    vectors = vectors.copy()
    free = np.ones(vectors.shape[1], dtype=bool)
    for i in range(len(vectors)):
        rest = np.abs(vectors[i:]) * free
        row, column = np.unravel_index(int(np.argmax(rest)), rest.shape)
        vectors[[i, i + int(row)]] = vectors[[i + int(row), i]]
        vectors[i] /= vectors[i, column]
        for j in range(len(vectors)):
            if j != i:
                vectors[j] -= vectors[j, column] * vectors[i]
        free[column] = False
    return vectors


def _fitted_either_way(sample: NumericSample, places: Sequence[int]) -> Iterator[list[Rule]]:
    """The equation solved for the column that gives the plainest coefficients."""
    found = []
    for target in places:
        fit = _fit(sample, [i for i in places if i != target], target)
        if fit is not None:
            cost, linear = fit
            found.append((cost, sample.names[target], linear))
    for _, _, linear in sorted(found, key=lambda one: one[:2]):
        rules = list(_checked(sample, linear))
        if rules:
            yield rules[0]
            return


def _fit(sample: NumericSample, others: list[int], target: int) -> tuple[float, Linear] | None:
    """The equation target = sum of k times others + c by least squares, with k rounded to plain fractions."""
    values = sample.values[:, [*others, target]]
    values = values[~np.isnan(values).any(axis=1)][: _LOOKS[-1]]
    if len(values) < len(others) + 10:
        return None
    centre = values.mean(axis=0)
    x, y = values[:, :-1] - centre[:-1], values[:, -1] - centre[-1]
    spread = x.std(axis=0)
    if not (spread > 0).all():
        return None
    slopes, *_ = np.linalg.lstsq(x / spread, y, rcond=None)
    left = y - x / spread @ slopes
    error = float(left.std()) / np.sqrt(len(y))
    if float(np.mean(left**2)) > 10 * _NULL * float(np.mean(y**2)):
        return None
    plain = [_plain(k / s, 4 * error / s) for k, s in zip(slopes, spread, strict=True)]
    if any(one is None or one[0] == 0 for one in plain):
        return None
    factors = [one[0] / one[1] for one in plain if one is not None]
    left_over = values[:, -1] - values[:, :-1] @ factors
    constant = _constant(left_over, float(sample.steps[target]), bool(sample.dates[target]))
    # People write sums; minus signs are as good as none where all terms can change sides.
    minus = sum(factor < 0 for factor in factors) % len(factors)
    cost = sum(one[1] + abs(one[0]) for one in plain if one is not None) + minus + (constant < 0) / 2
    order = sorted(range(len(others)), key=lambda i: sample.names[others[i]])
    places = (*(others[i] for i in order), target)
    return cost, Linear(places, (*(factors[i] for i in order), -1.0), -constant)


def _plain(value: float, error: float) -> tuple[int, int] | None:
    """The fraction with the smallest denominator that lies within the error.

    Examples
    --------
    >>> _plain(1.80001, 1e-4), _plain(-1.0, 1e-9)
    ((9, 5), (-1, 1))
    """
    for bottom in _DENOMINATORS:
        top = round(value * bottom)
        if abs(value - top / bottom) <= max(error, 1e-9 * abs(value)):
            return top, bottom
    return None


def _constant(left: Floats, step: float, dated: bool) -> float:
    """The roundest number in the middle of what is left over; between dates the longest whole unit."""
    middle, width = float(left.max() + left.min()) / 2, float(left.max() - left.min()) / 2
    near = max(width / 2, step / 4, 1e-9 * abs(middle))
    whole = [round(middle / unit) * unit for unit in _UNITS[-2::-1]] if dated else []
    for rounded in [*whole, *(round(middle, digits) for digits in range(-6, 7))]:
        if abs(rounded - middle) <= near:
            return float(rounded)
    return middle


def _triples(numbers: Sequence[int]) -> Ints:
    """Every pair with every third column."""
    found = [(a, b, c) for a, b in combinations(numbers, 2) for c in numbers if c not in (a, b)]
    return np.array(found, dtype=np.intp).reshape(-1, 3)


def _sum_gap(a: Floats, b: Floats, c: Floats) -> Floats:
    return a + b - c


def _product_gap(a: Floats, b: Floats, c: Floats) -> Floats:
    return a * b - c


def _surviving(sample: NumericSample, triples: Ints, gap: object) -> Iterable[tuple[int, int, int]]:
    """Triples that no row of the first looks refutes, whatever is rounded."""
    assert callable(gap)
    largest = np.nanmax(np.abs(sample.values), axis=0, initial=0.0)
    product = gap is _product_gap
    for rows in _LOOKS:
        values = sample.values[:: max(len(sample.values) // rows, 1)]
        kept = []
        for start in range(0, len(triples), _CHUNK * _LOOKS[-1] // rows):
            part = triples[start : start + _CHUNK * _LOOKS[-1] // rows]
            a, b, c = part.T
            loose = sample.steps[c] if product else sample.steps[part].sum(axis=1) / 2
            loose = loose * (1 + 1e-6) + SINGLE * largest[c]
            broken = np.abs(gap(values[:, a], values[:, b], values[:, c])) > loose
            kept.append(part[~broken.any(axis=0)])
        triples = np.concatenate(kept) if kept else triples
    return [(int(a), int(b), int(c)) for a, b, c in triples]


def _checked(sample: NumericSample, linear: Linear) -> Iterator[list[Rule]]:
    """The equation with each tolerance that the sample allows, the tightest first."""
    places = list(linear.column_indices)
    factors = np.array(linear.coefficients)
    values = sample.values[:, places]
    sizes = np.abs(factors) * np.nanmax(np.abs(values), axis=0)
    off = np.abs(values @ factors - linear.constant)
    loose = [t for t in _tolerances(sample, linear, float(sizes.max())) if _never(off > t)]
    if loose and _surprising(
        sample, linear.column_indices, lambda v: factors @ v - linear.constant, loose[0]
    ):
        yield [_rule(sample, linear, tolerance) for tolerance in loose]


def _tolerances(sample: NumericSample, linear: Linear, size: float) -> list[float]:
    """No rounding at all; each column rounded; a time cut to whole units."""
    steps = np.abs(linear.coefficients) * sample.steps[list(linear.column_indices)]
    dated = bool(sample.dates[list(linear.column_indices)].any())
    if steps.min() > 0:
        exact = [0.25 * float(steps.min())]
    else:  # columns of measured values: what sums of double, else of single precision are off
        exact = [EXACT * size] if dated else [EXACT * size, SINGLE * size]
    rounded = 0.5 * float(steps.sum()) * (1 + 1e-6)
    cut = float(steps.max()) if dated else 0.0
    return sorted({max(t, exact[0]) for t in (*exact, rounded, cut)})


def _never(broken: NDArray[np.bool_]) -> bool:
    return not bool(broken.any())


def _surprising(sample: NumericSample, places: Sequence[int], gap: object, tolerance: float) -> bool:
    """Whether every column counts: with its cells dealt anew, chance would break the rule."""
    assert callable(gap)
    values = sample.values[:, list(places)]
    values = values[~np.isnan(values).any(axis=1)]
    share = len(values) / max(len(sample.values), 1) * sample.rows
    dealt = np.random.default_rng(0).permutation(len(values))
    for i in range(values.shape[1]):
        other = values.copy()
        other[:, i] = values[dealt, i]
        differ = float((other[:, i] != values[:, i]).mean()) if len(values) else 0.0
        broken = float((np.abs(gap(other.T)) > tolerance).mean()) if len(values) else 0.0
        if broken * share < SURPRISE or broken < _HALF * differ:
            return False
    return True


def _rule(sample: NumericSample, linear: Linear, tolerance: float) -> Rule:
    factors, constant = linear.coefficients, linear.constant
    if all(k < 0 for k in factors):
        factors, constant = tuple(-k for k in factors), -constant
    names = tuple(sample.names[i] for i in linear.column_indices)
    if all(k == 1.0 for k in factors):
        names = tuple(sorted(names))
    timed = bool(sample.dates[list(linear.column_indices)].any())
    return Rule(
        RuleKind.EQUATION,
        names,
        coefficients=factors,
        constant=constant + 0.0,
        tolerance=tolerance,
        timed=timed,
    )
