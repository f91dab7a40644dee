"""What fresh people would repeat by chance, told from the people at hand alone."""

from __future__ import annotations

from math import expm1, log1p, sqrt


def expected_repeats(singles: int, doubles: int, seen: int, drawn: int) -> tuple[float, float]:
    """How many values that one person holds would come back among others, by chance.

    Good's estimate: the values that occur once take, all together, a share of 2 * doubles / seen
    of the population. Each is taken to have the same part of it, which makes the number the
    largest that it can be.

    Parameters
    ----------
    singles, doubles : values that one person holds, and those that two hold
    seen : people they were counted among
    drawn : other people

    Returns
    -------
    The expected number of values out of `singles` that one of the others holds, and its standard
    error, in which the chance of who was seen and who is drawn are both counted.

    Source: Good (1953), The population frequencies of species and the estimation of population
    parameters, Biometrika 40, 237-264.

    Examples
    --------
    >>> expected, _ = singles_met(100, 10, 1000, 1000)
    >>> round(expected, 2)
    18.13
    """
    if not singles or not seen or not drawn:
        return 0.0, 0.0
    each = min(2 * doubles / seen / singles, 1.0)
    expected = singles * -expm1(drawn * log1p(-each)) if each < 1 else float(singles)
    return expected, sqrt(expected + (doubles + 1) * (2 * drawn / seen) ** 2)
