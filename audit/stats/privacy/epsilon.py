"""What guesses about who was in a table prove about its claim of differential privacy."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

_MAX_EPSILON = 50.0  # an epsilon beyond which nothing is told


def chance_of_guesses(right: int, guesses: int, people: int, epsilon: float, delta: float) -> float:
    """Largest chance that at least so many guesses are right where the claim is true.

    Each of `people` was put in or left out by the toss of a fair coin, independently; the attacker
    looks at the output, guesses for some of them, and abstains for the others. By the definition of
    (epsilon, 0) privacy the odds of a person having been in, given the output and everybody
    else, lie within e^epsilon of even, so every guess is right with a chance of at most
    q = e^epsilon / (1 + e^epsilon), whatever the others are; the number of right guesses is
    thus stochastically no larger than a binomial number W with that chance. Delta
    adds at most 2 people delta max over i of P(right > W >= right - i) / i.

    Parameters
    ----------
    right, guesses, people : 0 <= right <= guesses <= people
    epsilon, delta : of the claim, for the change of one coin

    Returns
    -------
    a bound in [0, 1]

    Source: Steinke, Nasr and Jagielski (2023), NeurIPS (the binomial bound and its delta term).

    Examples
    --------
    >>> chance_of_guesses(10, 10, 10, 0.0, 0.0) == 0.5**10
    True
    """
    if right <= 0:
        return 1.0
    q = 1 / (1 + math.exp(-epsilon))
    reached = float(special.betainc(right, guesses - right + 1, q))
    if delta <= 0:
        return reached
    below = special.bdtr(np.arange(right - 1, -1, -1.0) - 1 + 0.0, guesses, q)
    below = np.where(np.arange(right - 1, -1, -1) == 0, 0.0, below)
    inside = (1 - reached) - below  # P(right > W >= right - i) for i = 1, …, right
    worst = float(np.max(inside / np.arange(1, right + 1)))
    return min(1.0, reached + 2 * people * delta * worst)


def least_epsilon(right: int, guesses: int, people: int, delta: float, level: float) -> float:
    """The smallest epsilon that guesses do not refute: smaller ones make them less likely than `level`.

    Returns
    -------
    a number from 0 to 50; 0 where no epsilon is refuted

    Source: Steinke, Nasr and Jagielski (2023), NeurIPS.

    Examples
    --------
    >>> [round(least_epsilon(v, r, r, 0.0, 0.05), 2) for v, r in ((35, 38), (124, 127), (827, 830))]
    [1.44, 2.75, 4.67]
    """
    low, high = 0.0, _MAX_EPSILON
    if chance_of_guesses(right, guesses, people, low, delta) > level:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if chance_of_guesses(right, guesses, people, middle, delta) > level:
            high = middle
        else:
            low = middle
    return low
