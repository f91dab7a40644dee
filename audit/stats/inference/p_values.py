"""How often chance alone gives as much: p-values of shares, differences and numbers with a normal error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from audit.arrays import Floats
from audit.stats.inference.intervals import newcombe, normal_tail

_FARTHEST = 38.0  # standard errors beyond which no float tells a probability from 0
_HALVINGS = 26


def normal_p(value: float, error: float, *, two_sided: bool = False) -> float:
    """Chance that a normal number with mean 0 is at least as large.

    Parameters
    ----------
    value, error : the number less its null, and its standard error; without an error any number above 0 is certain
    two_sided : whether numbers as far below 0 count, too

    Returns
    -------
    float in [0, 1]; at most a where the number is beyond the normal quantile of 1 - a (of 1 - a / 2
    where both sides count) times its error

    Examples
    --------
    >>> round(normal_p(1.96, 1.0, two_sided=True), 3)
    0.05
    """
    size = abs(value) if two_sided else value
    if error <= 0:
        return 0.0 if size > 0 else 1.0
    return min(1.0, (1 + two_sided) * normal_tail(size / error))


def share_p(hits: float, n: float, null: float) -> float:
    """Chance of a share at least as large where the true one is `null`, by the score test.

    At most a where the lower end of the Wilson interval with the normal quantile of 1 - a is at or
    above `null`.

    Parameters
    ----------
    hits, n : rows that have the property, rows; n > 0
    null : in [0, 1]

    Source: Wilson (1927), JASA 22, 209-212 (the interval is the score test turned round).
    """
    if not 0 < null < 1:
        return 0.0 if hits / n > null else 1.0
    return normal_tail((hits / n - null) / math.sqrt(null * (1 - null) / n))


def difference_p(hits: int, n: int, other_hits: int, m: int) -> float:
    """Chance of a difference of shares at least as large where they are equal, by Newcombe's interval.

    At most a where the lower end of `newcombe` with the normal quantile of 1 - a is at or above 0;
    1 where the first share is not the larger.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    return inverted_p(lambda z: newcombe(hits, n, other_hits, m, z)[0])


def inverted_p(low: Callable[[float], float], null: float = 0.0) -> float:
    """One-sided p-value of an interval: at most a where its lower end at the quantile of 1 - a reaches `null`.

    Parameters
    ----------
    low : lower end of the interval by the normal quantile z >= 0, falling in z; at 0 the number itself
    null : what chance gives

    Returns
    -------
    float in [0, 1]; 1 where the number is not above `null`

    Source: a confidence interval holds the values that a test does not reject: Neyman (1937),
    Philosophical Transactions of the Royal Society A 236, 333-380.
    """
    if low(0.0) <= null:
        return 1.0
    if low(_FARTHEST) > null:
        return 0.0
    return normal_tail(float(optimize.brentq(lambda z: low(z) - null, 0.0, _FARTHEST, xtol=1e-12)))


def inverted_two_sided_p(bounds: Callable[[Floats], tuple[Floats, Floats]], size: int) -> Floats:
    """Two-sided p-values of many intervals at once, of the null that their number is 0.

    Parameters
    ----------
    bounds : lower and upper ends by normal quantiles z > 0, all of shape (k,); wider as z grows
    size : k

    Returns
    -------
    array of shape (k,), in [0, 1]: at most a where the interval with the quantile of 1 - a / 2
    excludes 0, to a millionth of a standard error; 1 where its ends are no numbers

    Source: as `inverted_p`.
    """
    near, far = np.zeros(size), np.full(size, _FARTHEST)
    for _ in range(_HALVINGS):
        z = (near + far) / 2
        low, high = bounds(z)
        beyond = (low > 0) | (high < 0)
        near, far = np.where(beyond, z, near), np.where(beyond, far, z)
    p_values: Floats = 2 * special.ndtr(-near)
    return p_values
