"""How much synthetic data a loop bears before it is worse than its fresh real rows alone."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats

NO_LIMIT = 1000.0  # synthetic rows per fresh real row: more is told as "no limit found"


def loop_bias(mix: float, bias: float) -> float:
    """Where the bias settles in a loop that pools fresh real rows with its last synthetic ones.

    Parameters
    ----------
    mix : synthetic rows per fresh real row
    bias : that one generation adds to a mean or share

    Returns
    -------
    float, in the unit of `bias`

    Notes
    -----
    Each generation estimates from n fresh rows and mix * n synthetic ones, which repeat the
    estimate before it plus the bias; the fixed point is mix * bias. Derived and simulated here.
    """
    return mix * bias


def loop_variance(mix: float, variance: float) -> float:
    """Where the variance of an estimate settles in the loop of `loop_bias`.

    Parameters
    ----------
    mix : synthetic rows per fresh real row
    variance : of the estimate from the fresh rows alone

    Returns
    -------
    variance * (1 + mix) / (1 + 2 mix): from the variance itself down to half of it

    Examples
    --------
    >>> round(loop_variance(4.0, 1.0), 3)
    0.556
    """
    return variance * (1 + mix) / (1 + 2 * mix)


def weighted_loop_variance(weight: float) -> float:
    """Variance, in units of real-only, where fresh rows weigh so much and as many synthetic ones the rest.

    Parameters
    ----------
    weight : of the fresh real rows, above 0, at most 1

    Returns
    -------
    float: 1 at a weight of 1; least, 0.618, at the weight 0.618; above 1 below a third

    Source: He, Xu and Cheng (2025), arXiv:2502.18049 (the golden ratio as the best weight of real data).

    Examples
    --------
    >>> round(weighted_loop_variance(0.6180339887), 6)
    0.618034
    """
    rest = 1 - weight
    return (weight**2 + rest**2) / (1 - rest**2)


def admissible_mix(bias: Floats | float, variance: Floats | float) -> Floats:
    """Most synthetic rows per fresh real row before the loop errs more than its fresh rows alone.

    Parameters
    ----------
    bias : that one generation adds to a mean or share
    variance : of the estimate from the fresh rows alone, above 0

    Returns
    -------
    array, 0 … 1000 (which stands for no limit)

    Notes
    -----
    The largest mix with mix^2 bias^2 + variance (1 + mix) / (1 + 2 mix) <= variance, hence the
    root of 2 x^2 + x = variance / bias^2. Derived here; it holds for means and shares, and for a
    bias that stays the same in every generation.

    Examples
    --------
    >>> round(float(admissible_mix(0.2, 1.0)), 3)
    3.294
    """
    square = np.square(np.asarray(bias, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(square > 0, np.asarray(variance, dtype=np.float64) / square, np.inf)
    found: Floats = np.asarray(np.minimum((np.sqrt(1 + 8 * ratio) - 1) / 4, NO_LIMIT), dtype=np.float64)
    return found
