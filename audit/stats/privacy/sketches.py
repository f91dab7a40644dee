"""How much two sets have in common, told from the smallest of random numbers given to their members.

Every member has a random number that depends on the member alone. The k smallest numbers of both
sets together stand for k members of their union drawn at random, and whether both sets hold such a
member is known from the two sketches: a number below a set's largest kept one is there or is not.

Source: Broder (1997), On the resemblance and containment of documents, SEQUENCES, 21-29; Cohen and
Kaplan (2007), Summarizing data using bottom-k sketches, PODC, 225-234.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from audit.arrays import Hashes


@dataclass(frozen=True, slots=True)
class SketchOverlap:
    """Members of one set that were looked at, and how many of them the other set holds.

    different : members of the set
    examined : of them, drawn at random
    shared : of those, also in the other set
    """

    different: int
    examined: int
    shared: int

    @property
    def share(self) -> float:
        """Estimated share of the set that stands in the other one; 0 where none was looked at."""
        return self.shared / self.examined if self.examined else 0.0

    @property
    def exact(self) -> bool:
        """Whether every member was looked at."""
        return self.examined == self.different

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Share of the set that stands in the other one: the ends of an exact interval.

        Given how many members were looked at, the shared ones among them are hypergeometric. Each
        end is the number of shared members that would give a count as extreme with half of what
        the level leaves (Clopper and Pearson 1934 for draws without replacement).
        """
        if self.exact:
            return self.share, self.share
        if self.examined == 0:
            return 0.0, 1.0
        tail = (1 - level) / 2
        least, most = self.shared, self.different - (self.examined - self.shared)
        low = _first(least, most, lambda held: self._at_least(held) > tail)
        high = _first(least, most, lambda held: self._at_most(held) <= tail) - 1
        if self._at_most(most) > tail:
            high = most
        return low / self.different, max(high, low) / self.different

    def _at_least(self, held: int) -> float:
        return float(hypergeom.sf(self.shared - 1, self.different, held, self.examined))

    def _at_most(self, held: int) -> float:
        return float(hypergeom.cdf(self.shared, self.different, held, self.examined))


def _first(low: int, high: int, holds: object) -> int:
    """The first number from low to high for which it holds, where it holds from there on; high if none."""
    assert callable(holds)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def smallest(hashes: Hashes, size: int) -> tuple[Hashes, int]:
    """The sketch of a set: its smallest different numbers, at most `size`; and how many are different."""
    different = np.unique(hashes)
    return different[:size], len(different)


def compare_sketches(
    first: Hashes, different: int, second: Hashes, other: int, size: int
) -> tuple[SketchOverlap, SketchOverlap]:
    """What each set holds of the other.

    Parameters
    ----------
    first, second : sketches of `size`, increasing, under the same random numbers
    different, other : members of the first and of the second set

    Returns
    -------
    the sample of the first set, and that of the second

    Notes
    -----
    Of the union the `size` smallest numbers are looked at; that is all of it where it has no more.
    Fewer members of a small set are looked at the larger the other set is.
    """
    union = np.union1d(first, second)[:size]
    if different <= size and other <= size:
        union = np.union1d(first, second)  # both sketches are whole
    in_first, in_second = np.isin(union, first), np.isin(union, second)
    shared = int((in_first & in_second).sum())
    return SketchOverlap(different, int(in_first.sum()), shared), SketchOverlap(
        other, int(in_second.sum()), shared
    )
