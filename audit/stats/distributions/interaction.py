"""How much of a real pattern between two codes is kept in other rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.stats.distributions.distances import shares


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Share of a real pattern that is kept, with its standard error.

    share : 1 for all of it, 0 for none; more where it is stronger
    strength : Cramer's V of the real pattern, chance taken off
    strength_z : standard errors by which the real pattern stands out of chance
    """

    share: float
    error: float
    strength: float
    strength_z: float


def match_pattern(real: Ints, other: Ints) -> PatternMatch | None:
    """How much of the interaction in a real table of counts another table holds.

    Parameters
    ----------
    real, other : counts over the same cells, shape (a, b)

    Returns
    -------
    Kept, or None where either table is empty or real rows show no pattern beyond chance

    Notes
    -----
    The pattern is the joint share less the product of its margins, each cell over the root of
    that product in the real table. What is kept is the projection of the other pattern on the
    real one; the real one's square is less what chance adds to it. First-order errors.

    Source: Goodman and Kruskal (1979), Measures of Association for Cross Classifications;
    Bergsma (2013), Journal of the Korean Statistical Society 42, 323-328 (chance in V).
    """
    n, m = int(real.sum()), int(other.sum())
    if not n or not m:
        return None
    p, q = shares(real), shares(other)
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    scale = np.divide(1.0, expected, out=np.zeros_like(expected), where=expected > 0)
    pattern = (p - expected) * scale
    square = float((pattern * (p - expected)).sum())
    freedom = (np.count_nonzero(p.sum(axis=1)) - 1) * (np.count_nonzero(p.sum(axis=0)) - 1)
    beyond = square - freedom / n
    if freedom < 1 or beyond <= 0:
        return None
    kept = float((pattern * (q - np.outer(q.sum(axis=1), q.sum(axis=0)))).sum()) / beyond
    ours, theirs = _spread(pattern, p), _spread(pattern, q)
    error = float(np.sqrt(theirs / m + kept**2 * ours / n)) / beyond
    smaller = min(np.count_nonzero(p.sum(axis=1)), np.count_nonzero(p.sum(axis=0))) - 1
    noise = np.sqrt(2 * freedom) / n
    return PatternMatch(kept, error, float(np.sqrt(beyond / smaller)), float(beyond / noise))


def _spread(pattern: Floats, p: Floats) -> float:
    """Variance over rows of what one of them adds to the projection."""
    row, column = pattern @ p.sum(axis=0), p.sum(axis=1) @ pattern
    influence = pattern - row[:, None] - column[None, :]
    mean = float((influence * p).sum())
    return float((p * (influence - mean) ** 2).sum())
