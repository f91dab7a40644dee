"""How much of a table comes from another source: shares of a mixture, from events and from scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Ints


@dataclass(frozen=True, slots=True)
class MixShare:
    """A share of a mixture: the estimate, its standard error, and how far apart the sources are.

    separation : gap between the two sources over its standard error; where small, no share can be told
    """

    value: float
    error: float
    separation: float

    def at_least(self, z: float) -> float:
        """Lower bound, in [0, 1]."""
        return float(np.clip(self.value - z * self.error, 0.0, 1.0))

    def at_most(self, z: float) -> float:
        """Upper bound, in [0, 1]."""
        return float(np.clip(self.value + z * self.error, 0.0, 1.0))


def share_of_means(
    mixed: float, clean: float, other: float, variances: tuple[float, float, float]
) -> MixShare:
    """Share of another source in a mixture, from the mean of anything in the three.

    Parameters
    ----------
    mixed, clean, other : means in the mixture, in the clean source, in the other source
    variances : of these means, in this order

    Notes
    -----
    A mixture with a share x of the other source has the mean clean + x (other - clean).

    Source: McLachlan and Peel (2000), Finite Mixture Models, chapter 2; error by the delta
    method, van der Vaart (1998), Asymptotic Statistics, chapter 3.
    """
    gap = other - clean
    spread = float(np.sqrt(variances[1] + variances[2]))
    if gap == 0:
        return MixShare(0.0, np.inf, 0.0)
    value = (mixed - clean) / gap
    variance = variances[0] + (1 - value) ** 2 * variances[1] + value**2 * variances[2]
    return MixShare(value, float(np.sqrt(variance)) / abs(gap), abs(gap) / spread if spread else np.inf)


def unseen_share(counts: Ints, seen: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of rows whose value another table does not hold, with its variance.

    Parameters
    ----------
    counts : rows per value of the table asked about, shape (k,)
    seen : whether the other table holds the value, shape (k,)
    """
    n = float(counts.sum())
    share = float(counts[~seen].sum()) / n
    return share, max(share * (1 - share), 1 / n) / n


def unseen_in_fresh(counts: Ints) -> tuple[float, float]:
    """Share of fresh rows whose value the table itself does not hold, with its variance.

    Parameters
    ----------
    counts : rows per value of the table, shape (k,)

    Notes
    -----
    As many as the table's rows whose value occurs once.

    Source: Good (1953), Biometrika 40, 237-264; variance: Esty (1983), Annals of Statistics 11, 905-912.
    """
    n = float(counts.sum())
    once, twice = float(np.sum(counts == 1)), float(np.sum(counts == 2))
    variance = (once * (1 - once / n) + 2 * twice) / n**2
    return once / n, max(variance, 1 / n**2)
