"""How strongly two columns go together: rank correlation, Cramer's V, correlation ratio.

All functions take many pairs at once. Cramer's V and the correlation ratio are roots of a
squared association whose sample form is too large by chance; that is taken off, and their
intervals come from the statistic's own distribution, so they hold near zero too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Floats
from audit.stats.inference.intervals import Z95

_HALVINGS = 50
_PLACES = 128  # where two distribution functions are compared
_MIN_ROWS = 5  # rows that have both values, below which no association is told


@dataclass(frozen=True, slots=True)
class Strength:
    """Associations of many pairs in one table; arrays of shape (k,).

    value : the association; NaN where it is not defined (a constant column, too few rows)
    rows : rows that hold both values
    statistic, freedom : rows times the squared association as the sample has it, times
        `ceiling`, and its degrees of freedom; None for rank correlations
    stretch : variance of the statistic beyond chance, in units of a noncentral chi-square's
    ceiling : largest value of the squared association before it is scaled to one
    """

    value: Floats
    rows: Floats
    statistic: Floats | None = None
    freedom: Floats | None = None
    stretch: Floats | None = None
    ceiling: Floats | None = None


def midranks(values: Floats) -> Floats:
    """Ranks centred at zero and divided by their number: from -0.5 to 0.5, ties share the mean.

    Parameters
    ----------
    values : shape (n,); NaN where missing, which stays NaN

    Examples
    --------
    >>> midranks(np.array([10.0, 30.0, 20.0, 20.0])).tolist()
    [-0.375, 0.375, 0.0, 0.0]
    """
    ranks = np.full(len(values), np.nan)
    filled = np.flatnonzero(~np.isnan(values))
    if len(filled) == 0:
        return ranks
    order = filled[np.argsort(values[filled])]
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(first, len(ordered)))
    ranks[order] = np.repeat((first + lengths / 2) / len(ordered) - 0.5, lengths)
    return ranks


def rank_correlations(ranks: Floats) -> tuple[Floats, Floats]:
    """Spearman's correlation of every pair of columns, on the rows that hold both.

    Parameters
    ----------
    ranks : shape (n, p), as `midranks` gives them column by column; NaN where missing

    Returns
    -------
    (correlations in [-1, 1], rows that hold both), each of shape (p, p); NaN where a column
    does not vary in those rows. A column is ranked once, over all rows that hold it.

    Source: Spearman (1904), American Journal of Psychology 15, 72-101; ties: Kendall (1945),
    Biometrika 33, 239-251.
    """
    held = ~np.isnan(ranks)
    if held.all():
        rows = np.full((ranks.shape[1],) * 2, float(len(ranks)))
        product = ranks.T @ ranks
        square = np.broadcast_to(np.diag(product)[:, None], product.shape)
        return _correlation(product, square, square.T), rows
    filled, mask = np.where(held, ranks, 0.0), held.astype(np.float64)
    rows, sums, squares = mask.T @ mask, filled.T @ mask, (filled**2).T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums / rows
    product = filled.T @ filled - rows * means * means.T
    square = squares - rows * means**2
    return _correlation(product, square, square.T), rows


def _correlation(product: Floats, left: Floats, right: Floats) -> Floats:
    least = 1e-12
    defined = (left > least) & (right > least)
    size = np.sqrt(np.where(defined, left * right, 1.0))
    return np.where(defined, np.clip(product / size, -1.0, 1.0), np.nan)


def cramers_v(tables: NDArray[np.integer] | Floats) -> Strength:
    """Bias-corrected Cramer's V of tables of counts.

    Parameters
    ----------
    tables : shape (k, r, c); empty rows and columns do not count

    Returns
    -------
    Strength, value in [0, 1]: 0 for unrelated, 1 where one column tells the other

    Notes
    -----
    The spread is the delta method's for the squared association, scaled to what of it lies
    beyond chance.

    Source: Bergsma (2013), Journal of the Korean Statistical Society 42, 323-328; spread:
    Bishop, Fienberg and Holland (1975), Discrete Multivariate Analysis, section 11.3.
    """
    counts = np.asarray(tables, dtype=np.float64)
    rows = counts.sum(axis=(1, 2))
    safe = np.maximum(rows, 1.0)
    p = counts / safe[:, None, None]
    a, b = p.sum(axis=2), p.sum(axis=1)
    levels_a, levels_b = (a > 0).sum(axis=1), (b > 0).sum(axis=1)
    expected = a[:, :, None] * b[:, None, :]
    lift = np.divide(p, expected, out=np.zeros_like(p), where=expected > 0)
    squared = np.maximum((p * lift).sum(axis=(1, 2)) - 1.0, 0.0)
    slope = 2 * lift - _mean_along(p * lift, a, 2) - _mean_along(p * lift, b, 1)
    spread = (p * slope**2).sum(axis=(1, 2)) - (p * slope).sum(axis=(1, 2)) ** 2
    less = np.maximum(rows - 1.0, 1.0)
    freedom = np.maximum((levels_a - 1.0) * (levels_b - 1.0), 1.0)
    ceiling = np.minimum(levels_a - (levels_a - 1.0) ** 2 / less, levels_b - (levels_b - 1.0) ** 2 / less) - 1
    stretch = np.divide(spread, 4 * squared, out=np.ones_like(spread), where=squared > 1e-12)
    defined = (levels_a > 1) & (levels_b > 1) & (rows >= _MIN_ROWS) & (ceiling > 0)
    value = np.sqrt(np.maximum(squared - freedom / less, 0.0) / np.where(defined, ceiling, 1.0))
    value = np.where(defined, np.minimum(value, 1.0), np.nan)
    return Strength(value, rows, rows * squared, freedom, np.maximum(stretch, 0.0), ceiling)


def _mean_along(weights: Floats, margin: Floats, axis: int) -> Floats:
    """Sums along one axis over the margin, laid out over the whole table."""
    sums = weights.sum(axis=axis)
    ratio = np.divide(sums, margin, out=np.zeros_like(sums), where=margin > 0)
    return np.expand_dims(ratio, axis)


def correlation_ratios(sums: Floats, counts: Floats, squares: Floats) -> Strength:
    """Correlation ratio of numbers by groups, what groups explain by chance taken off.

    Parameters
    ----------
    sums, counts : shape (k, groups), sum of the numbers and rows in each group
    squares : shape (k,), sum of the squared numbers

    Returns
    -------
    Strength, value in [0, 1]: the root of the share of the variance that the groups explain

    Source: Kelley (1935), Proceedings of the National Academy of Sciences 21, 554-559
    (epsilon squared); spread of a squared correlation: Olkin and Finn (1995), Psychological
    Bulletin 118, 155-164.
    """
    rows, groups = counts.sum(axis=1), (counts > 0).sum(axis=1)
    safe = np.maximum(rows, 1.0)
    mean = sums.sum(axis=1) / safe
    total = squares - rows * mean**2
    between = np.divide(sums**2, counts, out=np.zeros_like(sums), where=counts > 0).sum(axis=1)
    between = np.maximum(between - rows * mean**2, 0.0)
    defined = (groups > 1) & (rows > groups) & (rows >= _MIN_ROWS) & (total > 1e-12)
    explained = np.clip(between / np.where(defined, total, 1.0), 0.0, 1.0)
    corrected = 1 - (1 - explained) * (rows - 1) / np.where(defined, rows - groups, 1.0)
    value = np.where(defined, np.sqrt(np.clip(corrected, 0.0, 1.0)), np.nan)
    freedom, stretch = np.maximum(groups - 1.0, 1.0), (1 - explained) ** 2
    return Strength(value, rows, rows * explained, freedom, stretch, np.ones_like(rows))


def association_bounds(strength: Strength, z: float | Floats = Z95) -> tuple[Floats, Floats]:
    """Interval of every association.

    Source: Bonett and Wright (2000), Psychometrika 65, 23-28 (rank correlations, on Fisher's
    scale); otherwise the noncentralities at which the statistic would be at the ends of its
    distribution: Steiger and Fouladi (1997), in What If There Were No Significance Tests?
    """
    if strength.statistic is None:
        centre = np.arctanh(np.clip(strength.value, -1 + 1e-12, 1 - 1e-12))
        half = z * _fisher_error(strength.value, strength.rows)
        return np.tanh(centre - half), np.tanh(centre + half)
    size = _size(strength)
    low, high = (np.sqrt(_noncentrality(strength, end) / size) for end in (z, -z))
    # Rounding aside, the association itself lies between.
    return np.minimum(low, strength.value), np.clip(np.maximum(high, strength.value), 0.0, 1.0)


def _fisher_error(value: Floats, rows: Floats) -> Floats:
    return np.sqrt((1 + value**2 / 2) / np.maximum(rows - 3.0, 1.0))


def _of(values: Floats | None) -> Floats:
    if values is None:
        raise TypeError("a rank correlation has no statistic")
    return values


def _size(strength: Strength) -> Floats:
    """Rows times the ceiling: what turns a statistic into a squared association."""
    ceiling = _of(strength.ceiling)
    return np.maximum(strength.rows, 1.0) * np.where(ceiling > 0, ceiling, 1.0)


def _noncentrality(strength: Strength, z: float | Floats) -> Floats:
    """The noncentrality under which the statistic lies `z` standard errors high, by bisection."""
    statistic, stretch = _of(strength.statistic), _of(strength.stretch)
    low = np.zeros_like(statistic)
    reach = 1 + np.abs(z)
    high = 2 * statistic + 8 * reach**2 * np.maximum(stretch, 1.0) + 4 * reach * _of(strength.freedom)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _place(statistic, middle, strength) > z
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(np.asarray(z) > 0, low, high)


def _place(statistic: Floats, beyond: Floats, strength: Strength) -> Floats:
    """Where a statistic lies in its distribution, as a normal quantile.

    Wilson and Hilferty's cube root for the gamma distribution that has the mean and the
    variance of the statistic (Patnaik 1949, Biometrika 36, 202-232).
    """
    freedom, stretch = _of(strength.freedom), _of(strength.stretch)
    mean = freedom + beyond
    shape = mean**2 / (2 * freedom + 4 * stretch * beyond)
    return (np.cbrt(statistic / mean) - 1 + 1 / (9 * shape)) * 3 * np.sqrt(shape)


def difference_bounds(real: Strength, other: Strength, z: float | Floats = Z95) -> tuple[Floats, Floats]:
    """Interval of the difference of associations, other less real, from the two intervals.

    z : normal quantile, one for all pairs or one for each

    Source: Zou (2007), Psychological Methods 12, 399-413.
    """
    (low_r, high_r), (low_s, high_s) = association_bounds(real, z), association_bounds(other, z)
    gap = other.value - real.value
    down = np.hypot(other.value - low_s, high_r - real.value)
    up = np.hypot(high_s - other.value, real.value - low_r)
    return gap - down, gap + up


def expected_difference(real: Strength, other: Strength) -> Floats:
    """Mean absolute difference of the associations of two samples of one population.

    Parameters
    ----------
    real, other : the same pairs in both samples; the population's association is taken from
        both together

    Returns
    -------
    array of shape (k,), >= 0

    Notes
    -----
    For rank correlations the mean of a folded normal. Otherwise the integral of
    F (1 - G) + G (1 - F) over the two distribution functions, which has the share of samples
    whose corrected association is zero in it.

    Source: Leone, Nelson and Nottingham (1961), Technometrics 3, 543-550; Gini's mean
    difference: Yitzhaki (2003), Metron 61, 285-316.
    """
    total = real.rows + other.rows
    if real.statistic is None:
        value = (real.rows * real.value + other.rows * other.value) / total
        error = np.hypot(_fisher_error(value, real.rows), _fisher_error(value, other.rows))
        return np.asarray(np.sqrt(2 / np.pi) * error * (1 - value**2), dtype=np.float64)
    middle = (real.rows * _squared(real) + other.rows * _squared(other)) / total
    middle = np.clip(middle, 0.0, 1.0)
    reach = [_spread(s, middle) for s in (real, other)]
    top = np.minimum(np.sqrt(middle + 5 * np.maximum(*reach)), 1.0)
    bottom = np.sqrt(np.maximum(middle - 5 * np.maximum(*reach), 0.0))
    grid = bottom + (top - bottom) * np.linspace(0, 1, _PLACES)[:, None]
    f, g = (_distribution(s, middle, grid) for s in (real, other))
    return np.asarray(np.trapezoid(f * (1 - g) + g * (1 - f), grid, axis=0), dtype=np.float64)


def folded_error(size: Floats, error: Floats) -> Floats:
    """Standard error of |difference|, given its size and the standard error of the difference.

    Source: Leone, Nelson and Nottingham (1961), Technometrics 3, 543-550.
    """
    mean = np.sqrt(np.maximum(size**2 - error**2, 0.0))
    ratio = np.divide(mean, error, out=np.full_like(mean, np.inf), where=error > 0)
    clear = 1 - 2 * special.ndtr(-ratio)
    folded = np.sqrt(2 / np.pi) * error * np.exp(-(ratio**2) / 2) + mean * clear
    return np.asarray(np.sqrt(np.maximum(mean**2 + error**2 - folded**2, 0.0)), dtype=np.float64)


def _squared(strength: Strength) -> Floats:
    """The squared association, chance taken off; below zero where there is less than chance."""
    size = _size(strength)
    return (_of(strength.statistic) - _of(strength.freedom)) / size


def _spread(strength: Strength, squared: Floats) -> Floats:
    size = _size(strength)
    return np.sqrt(2 * _of(strength.freedom) + 4 * _of(strength.stretch) * squared * size) / size


def _distribution(strength: Strength, squared: Floats, grid: Floats) -> Floats:
    """Probability that the corrected association is at most each place of the grid."""
    size = _size(strength)
    statistic = size * grid**2 + _of(strength.freedom)
    return np.asarray(special.ndtr(_place(statistic, squared * size, strength)), dtype=np.float64)
