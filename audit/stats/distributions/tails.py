"""The ends of a distribution given as counts: how many rows lie there, and how far out."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from audit.arrays import Floats, Ints
from audit.stats.distributions.distances import ks_distance
from audit.stats.inference.intervals import Z95, Interval, clopper_pearson


def cut_at(ends: Ints, level: float, slack: float = 2.0) -> int | None:
    """Where a tail of about a wanted share of the rows begins.

    Parameters
    ----------
    ends : shape (k,), rows at each value or beyond it, outward; ends[0] is all rows
    level : wanted share of the rows, in (0, 1)
    slack : how many times larger or smaller the tail may be

    Returns
    -------
    place of the first value of the tail, or None where no cut comes near the level
        A value that holds many rows lies wholly in the tail or wholly outside, whichever is
        nearer to the wanted share on the scale of ratios.
    """
    wanted = level * float(ends[0])
    last = int(np.searchsorted(-ends, -wanted, side="right")) - 1
    near = [place for place in (last, last + 1) if 0 < place < len(ends)]
    off = {place: abs(math.log(float(ends[place]) / wanted)) for place in near}
    best = min(near, key=lambda place: off[place], default=None)
    return best if best is not None and off[best] <= math.log(slack) + 1e-9 else None


def rate_ratio(
    hits: float, n: float, other_hits: float, m: float, level: float = 0.95
) -> tuple[float, Interval]:
    """Ratio of two shares of few rows, first over second, with an exact interval.

    Parameters
    ----------
    hits, n : rows in the tail, and rows
    other_hits, m : the same for the other table; not both hits may be 0
    level : coverage of the interval

    Returns
    -------
    (ratio > 0, (low >= 0, high))
        Two more rows, dealt out by the sizes of the tables, keep the ratio of an empty tail
        above zero and draw the ratio of few rows towards one. high is infinite where the
        second table has no row.

    Notes
    -----
    Given their sum, the hits of the first table are binomial, whatever the common rate.

    Source: Przyborowski and Wilenski (1940), Biometrika 31, 313-323; Clopper and Pearson
    (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> ratio, (low, high) = rate_ratio(40, 1000, 20, 1000)
    >>> round(ratio, 2), round(low, 2), round(high, 2)
    (1.95, 1.14, 3.61)
    """
    more = 2 * n / (n + m)
    value = (hits + more) / n / ((other_hits + 2 - more) / m)
    low, high = clopper_pearson(round(hits), round(hits) + round(other_hits), level)
    ends = low / (1 - low) * m / n, high / (1 - high) * m / n if high < 1 else math.inf
    return value, (min(ends[0], value), max(ends[1], value))


def same_rate(hits: int, n: float, other_hits: int, m: float) -> float:
    """Two-sided p-value of two tables having the same share of rows in a tail.

    Source: Przyborowski and Wilenski (1940), Biometrika 31, 313-323; twice the smaller side.
    """
    total, share = hits + other_hits, n / (n + m)
    below = float(special.bdtr(hits, total, share))
    above = 1.0 if hits == 0 else float(special.bdtrc(hits - 1, total, share))
    return min(1.0, 2 * min(below, above))


def nearer_end(value: float, p_value: float) -> float:
    """End of the 95 % interval of a ratio that is nearer to 1, from the p-value of its being 1.

    Parameters
    ----------
    value : the ratio, > 0
    p_value : two-sided

    Returns
    -------
    a ratio; 1 where the p-value is 0.05, and on the value's own side where it is less

    Notes
    -----
    Where few rows decide, a symmetric error of the logarithm says much less than the exact test
    does: this end says what the test says. It holds near 1; far from it the exact interval may
    end nearer to 1.

    Source: Miettinen (1976), American Journal of Epidemiology 103, 226-235 (test-based limits).

    Examples
    --------
    >>> round(nearer_end(0.1, 0.05), 9), round(nearer_end(8.0, 1e-6), 2)
    (1.0, 3.48)
    """
    z = -float(special.ndtri(max(min(p_value, 1.0), 1e-300) / 2))
    return float(value ** (1 - Z95 / z)) if z > 0 else 1 / value


def mean_excess(values: Floats, counts: Ints, cut: float) -> tuple[float, float]:
    """How far beyond a cut the rows at or beyond it lie on average, and its standard error.

    Parameters
    ----------
    values : shape (k,), all at or beyond the cut
    counts : shape (k,), not all 0

    Source: Embrechts, Klueppelberg and Mikosch (1997), Modelling Extremal Events, section 6.2.
    """
    rows = float(counts.sum())
    mean = float(np.average(values - cut, weights=counts))
    spread = float(np.sqrt(np.average((values - cut - mean) ** 2, weights=counts)))
    return mean, spread / math.sqrt(max(rows - 1, 1.0))


def same_values(left: Ints, right: Ints) -> float:
    """Two-sided p-value of two tables having the same values, by the largest gap of their shares below one.

    Parameters
    ----------
    left, right : rows at each of the same values in increasing order, shape (k,); both with rows

    Notes
    -----
    The limiting form, which is too large where rows are few or tied. Heavy tails do no harm,
    unlike to means, and a gap at the edge of a tail counts as much as one far out.

    Source: Kolmogorov (1933); Smirnov (1948), Annals of Mathematical Statistics 19, 279-281.
    """
    n, m = float(left.sum()), float(right.sum())
    return float(special.kolmogorov(math.sqrt(n * m / (n + m)) * ks_distance(left, right)))
