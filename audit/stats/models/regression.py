"""Regressions with errors that hold where the spread is uneven, and how far two intervals overlap."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.stats.inference.intervals import Z95, Interval

_STEPS, _CLOSE = 50, 1e-8  # of Newton's method: a step that moves no coefficient further ends it
_SINGULAR = 1e-9  # smallest eigenvalue over the largest, columns standardised
_SEPARATED = 30.0  # log odds: where fitted ones lie beyond, classes are separated and have no estimate


def least_squares(table: Floats, outcome: Floats) -> tuple[Floats, Floats] | None:
    """Coefficients of a linear regression and their standard errors.

    Parameters
    ----------
    table : shape (n, p), a column of ones among them where an intercept is wanted
    outcome : shape (n,)

    Returns
    -------
    (coefficients, errors), each of shape (p,); None where columns follow from each other or
    there are no more rows than columns

    Source: MacKinnon and White (1985), Journal of Econometrics 29, 305-325 (HC1).
    """
    n, p = table.shape
    inverse = _inverse(table.T @ table) if n > p else None
    if inverse is None:
        return None
    found = inverse @ (table.T @ outcome)
    pulls = table * (outcome - table @ found)[:, None]
    return found, _sandwich(inverse, pulls) * math.sqrt(n / (n - p))


def logistic(table: Floats, outcome: Floats) -> tuple[Floats, Floats] | None:
    """Coefficients of a logistic regression (log odds) and their standard errors.

    Parameters
    ----------
    table : shape (n, p), a column of ones among them where an intercept is wanted
    outcome : shape (n,), 0 or 1

    Returns
    -------
    (coefficients, errors), each of shape (p,); None where columns follow from each other, or
    where the classes are separated so that no estimate exists

    Source: Cox (1958), Journal of the Royal Statistical Society B 20, 215-242; errors: White
    (1982), Econometrica 50, 1-25.
    """
    n, p = table.shape
    found = np.zeros(p)
    for _ in range(_STEPS):
        odds = table @ found
        if n <= p or np.abs(odds).max() > _SEPARATED:
            return None
        chance = special.expit(odds)
        inverse = _inverse((table * (chance * (1 - chance))[:, None]).T @ table)
        if inverse is None:
            return None
        step = inverse @ (table.T @ (outcome - chance))
        found = found + step
        if np.abs(step).max() < _CLOSE:
            return found, _sandwich(inverse, table * (outcome - chance)[:, None])
    return None


def _inverse(square: Floats) -> Floats | None:
    scale = np.sqrt(np.diag(square))
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return None
    roots, axes = np.linalg.eigh(square / np.outer(scale, scale))
    if roots[0] < _SINGULAR * roots[-1]:
        return None
    inverse: Floats = (axes / roots) @ axes.T / np.outer(scale, scale)
    return inverse


def _sandwich(inverse: Floats, pulls: Floats) -> Floats:
    meat = pulls.T @ pulls
    errors: Floats = np.sqrt(np.maximum(np.diag(inverse @ meat @ inverse), 0.0))
    return errors


def interval_overlap(one: Interval, other: Interval) -> float:
    """How far two intervals overlap: the mean of the shares of each that lie in the other.

    Returns
    -------
    1 for the same interval, 0 where they only touch; less than 0 where they are apart

    Notes
    -----
    An interval of no length lies in the other wholly or not at all.

    Source: Karr, Kohnen, Oganian, Reiter and Sanil (2006), The American Statistician 60, 224-232.

    Examples
    --------
    >>> interval_overlap((0, 2), (1, 3))
    0.5
    """
    common = min(one[1], other[1]) - max(one[0], other[0])
    shares = []
    for low, high in (one, other):
        shares.append(common / (high - low) if high > low else float(common >= 0))
    return sum(shares) / 2


def expected_overlap(error: float, other_error: float, *, gap_error: float) -> float:
    """Mean of the overlap, not below 0, of two intervals whose centres differ by chance alone.

    Parameters
    ----------
    error, other_error : standard errors from which the intervals are made
    gap_error : standard error of the difference of their centres
    """
    gaps = gap_error * special.ndtri((np.arange(200) + 0.5) / 200)
    half, other = Z95 * error, Z95 * other_error
    overlaps = [interval_overlap((-half, half), (gap - other, gap + other)) for gap in gaps.tolist()]
    return sum(max(0.0, overlap) for overlap in overlaps) / len(overlaps)
