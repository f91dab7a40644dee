"""What a loop does to a table that is trained on itself, by chance alone: closed forms.

A loop that replaces its data fits each generation to the rows of the one before. Even a
perfect generator then loses variance and categories, because every generation is a sample
of a sample. These forms say how much, so that only what is lost beyond it counts against a
generator.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from audit.arrays import Floats, Ints


def neutral_log_variance(sizes: Sequence[int]) -> float:
    """Mean change of the logarithm of a variance over generations of a perfect generator.

    Parameters
    ----------
    sizes : rows of each generation so far, each at least 2

    Returns
    -------
    float <= 0; about -t / (n - 1) for t generations of n rows

    Notes
    -----
    The sum of digamma((n - 1) / 2) - log((n - 1) / 2): the mean logarithm of a chi-square over
    its degrees of freedom. Exact for normal values.

    Source: Bartlett and Kendall (1946), Supplement to the Journal of the Royal Statistical
    Society 8, 128-138 (the logarithmic transformation of a variance); the sum over generations
    is derived and simulated here.

    Examples
    --------
    >>> round(neutral_log_variance([100] * 50), 3)
    -0.508
    """
    half = (np.asarray(sizes, dtype=np.float64) - 1) / 2
    return float(np.sum(special.digamma(half) - np.log(half)))


def log_variance_variance(kurtosis: float, size: int) -> float:
    """Variance of the logarithm of a sample variance.

    Parameters
    ----------
    kurtosis : fourth central moment over the squared variance, 3 for normal values
    size : rows, at least 3

    Source: Cramér (1946), Mathematical Methods of Statistics, 27.4.
    """
    least = 2 / (size - 1)
    return max(kurtosis - (size - 3) / (size - 1), least) / size


def heterozygosity(counts: Ints) -> float:
    """Chance that two rows drawn with replacement hold different categories.

    Returns
    -------
    float in [0, 1): 0 where one category holds every row

    Source: Simpson (1949), Nature 163, 688; as heterozygosity, Nei (1973), PNAS 70, 3321-3323.
    """
    total = float(np.sum(counts))
    if not total:
        return 0.0
    p = np.asarray(counts, dtype=np.float64) / total
    return max(0.0, 1 - float(p @ p))


def neutral_heterozygosity(sizes: Sequence[int]) -> float:
    """Share of the heterozygosity that is left after generations of a perfect generator.

    Parameters
    ----------
    sizes : rows of each generation so far

    Returns
    -------
    float in (0, 1]: the product of 1 - 1/n

    Source: Wright (1931), Genetics 16, 97-159; Fisher (1930), The Genetical Theory of Natural
    Selection (a haploid population of n).
    """
    return float(np.prod(1 - 1 / np.asarray(sizes, dtype=np.float64)))


def log_heterozygosity_variance(counts: Ints, size: int) -> float:
    """Variance of the logarithm of the heterozygosity of a sample of so many rows.

    Parameters
    ----------
    counts : of the population; at least two categories hold rows
    size : rows of the sample

    Notes
    -----
    First order (delta method), plus the second-order term that is all there is where every
    category is as frequent as the others.

    Source: Simpson (1949), Nature 163, 688.
    """
    p = np.asarray(counts, dtype=np.float64) / float(np.sum(counts))
    square, cube = float(p @ p), float(np.sum(p**3))
    linear = 4 * (cube - square**2) / size
    flat = 2 * (square - 2 * cube + square**2) / size**2
    return max(linear + flat, 0.0) / (1 - square) ** 2


def chance_lost(counts: Ints | Floats, sizes: Sequence[int], start: int) -> Floats:
    """Chance that each category is gone after generations of a perfect generator.

    Parameters
    ----------
    counts : rows that hold each category in the first table
    sizes : rows of each generation since
    start : rows of the first table

    Returns
    -------
    array of the counts' shape, in [0, 1]

    Notes
    -----
    Every row leaves a Poisson number of rows of its category, on average as many as the tables
    grow; a category is gone when all its lines are. For one generation this is exp(-n p), the
    limit of (1 - p)^n. Right for categories that hold few of the rows, which are those that get
    lost.

    Source: Fisher (1922), Proceedings of the Royal Society of Edinburgh 42, 321-341 (chance of
    survival of a single mutant).
    """
    growths = [after / before for before, after in zip([start, *sizes], sizes, strict=False)]
    gone = 0.0
    for growth in reversed(growths):
        gone = float(np.exp(growth * (gone - 1)))
    return np.asarray(gone ** np.asarray(counts, dtype=np.float64))


def walk_slope(values: Sequence[float], steps: Sequence[float], start: float = 0.0) -> tuple[float, float]:
    """Slope per generation through a first point, where every generation adds an error of its own.

    Parameters
    ----------
    values : at generations 1 … t
    steps : variance that each generation adds
    start : the value at generation 0

    Returns
    -------
    (slope, standard error)

    Notes
    -----
    Generation t holds the errors of all before it, so that steps are independent and values are
    not. The best slope weighs steps by their variance: with equal ones it is the last value less
    the first, over the number of generations.

    Source: Aitken (1936), Proceedings of the Royal Society of Edinburgh 55, 42-48 (generalised
    least squares).
    """
    moves = np.diff(np.concatenate([[start], values]))
    weights = 1 / np.maximum(np.asarray(steps, dtype=np.float64), 1e-300)
    return float(moves @ weights / weights.sum()), float(1 / np.sqrt(weights.sum()))


def line_slope(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Slope of values on 1 … t by weighted least squares, with its standard error.

    Parameters
    ----------
    values, errors : at least two; errors are independent standard errors above 0

    Source: Aitken (1936), Proceedings of the Royal Society of Edinburgh 55, 42-48.
    """
    y = np.asarray(values, dtype=np.float64)
    weights = 1 / np.maximum(np.asarray(errors, dtype=np.float64), 1e-12) ** 2
    at = np.arange(1.0, len(y) + 1)
    away = at - float(at @ weights / weights.sum())
    spread = float(weights @ away**2)
    return float((weights * away) @ y / spread), float(1 / np.sqrt(spread))
