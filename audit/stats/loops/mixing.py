"""How much synthetic data a loop bears before it is worse than its fresh real rows alone."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats

NO_LIMIT = 1000.0  # synthetic rows per fresh real row: more is told as "no limit found"


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
