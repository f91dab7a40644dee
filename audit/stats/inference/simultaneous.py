"""Many groups at once: which differences are more than chance, and rates of small groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse, special

from audit.arrays import Floats
from audit.stats.inference.multiplicity import bonferroni_z

_CELLS_DRAWN = 20_000_000  # cells times draws, at most, but for the least draws
_LEAST_DRAWS = 100
_AT_ONCE = 25


def score_z(hits: Floats, n: Floats, other_hits: Floats, m: Floats) -> Floats:
    """Standard errors between two shares, with the error that equal shares would have.

    Parameters
    ----------
    hits, n, other_hits, m : counts, of shapes that fit together; n and m may be 0

    Returns
    -------
    array: first share less second over the pooled error; 0 where either table has no rows or
    both shares are 0 or 1. Right for a count of none, where the error of a ratio is not.

    Source: Rao (1948), Proceedings of the Cambridge Philosophical Society 44, 50-57 (score test);
    of two shares the square is Pearson's chi-square.

    Examples
    --------
    >>> score_z(np.array([0.0]), np.array([1000.0]), np.array([50.0]), np.array([1000.0])).round(2)
    array([-7.16])
    """
    both = np.maximum(n + m, 1)
    pooled = (hits + other_hits) / both
    variance = pooled * (1 - pooled) * (1 / np.maximum(n, 1) + 1 / np.maximum(m, 1))
    gap = hits / np.maximum(n, 1) - other_hits / np.maximum(m, 1)
    known = (variance > 0) & (n > 0) & (m > 0)
    return np.asarray(np.where(known, gap / np.sqrt(np.where(known, variance, 1.0)), 0.0))


@dataclass(frozen=True, slots=True)
class CrossedCounts:
    """Cells that rows fall into, and groups made of cells.

    real, synthetic : shape (c,), rows in each cell of the finest crossing with the outcome
    member : sparse of shape (g, c), which cells make a group
    known, hit : shape (c,) and (levels, c), which cells have any outcome and which outcome
    compared_groups : shape (g,), groups that are compared
    compared_rates : shape (g, levels), rates that are compared
    """

    real: Floats
    synthetic: Floats
    member: sparse.csr_array
    known: Floats
    hit: Floats
    compared_groups: NDArray[np.bool_]
    compared_rates: NDArray[np.bool_]

    def counts(self, cells: Floats) -> tuple[Floats, Floats, Floats]:
        """Rows, rows with an outcome and rows of each outcome: (g, …), (g, …), (g, levels, …).

        cells : shape (c, …)
        """
        rows = self.member @ cells
        sizes = self.member @ _times(self.known, cells)
        hits = np.stack([self.member @ _times(one, cells) for one in self.hit], axis=1)
        return rows, sizes, hits

    def scores(self, synthetic: Floats, real: Floats) -> tuple[Floats, Floats]:
        """Z of every share, (g, …), and of every rate, (g, levels, …); 0 for what is not compared."""
        (a, n, h), (b, m, i) = self.counts(synthetic), self.counts(real)
        extra = (1,) * (synthetic.ndim - 1)
        share = score_z(a, np.sum(synthetic, axis=0), b, np.sum(real, axis=0))
        rate = score_z(h, n[:, None], i, m[:, None])
        return share * self.compared_groups.reshape(-1, *extra), rate * self.compared_rates.reshape(
            *self.compared_rates.shape, *extra
        )


def _times(mask: Floats, cells: Floats) -> Floats:
    return np.asarray(cells * mask.reshape(-1, *(1,) * (cells.ndim - 1)))


def simultaneous_z(
    crossed: CrossedCounts, rng: np.random.Generator, level: float = 0.005, draws: int = 400
) -> float:
    """Standard errors that none of the scores exceeds, but for a share `level` of equal tables.

    Parameters
    ----------
    crossed : the groups
    rng : seeded
    level : how often any of the scores may exceed it by chance
    draws : pairs of tables drawn from the cells of both tables pooled

    Returns
    -------
    float; groups overlap, so this is less than Bonferroni's. The 95 % point of the largest score
    over the draws tells how many independent tests the groups amount to; the level asked for is
    that of as many tests, because its own point could not be seen in a few hundred draws.

    Source: maximum of many scores by resampling under the null: Westfall and Young (1993),
    Resampling-Based Multiple Testing; Gaussian approximation of the maximum: Chernozhukov,
    Chetverikov and Kato (2013), Annals of Statistics 41, 2786-2819.
    """
    pooled = crossed.real + crossed.synthetic
    if not crossed.compared_groups.any() or pooled.sum() == 0:
        return bonferroni_z(1, level)
    draws = max(_LEAST_DRAWS, min(draws, _CELLS_DRAWN // max(len(pooled), 1)))
    share = pooled / pooled.sum()
    rows = [int(crossed.synthetic.sum()), int(crossed.real.sum())]
    largest: list[float] = []
    for start in range(0, draws, _AT_ONCE):
        size = min(_AT_ONCE, draws - start)
        drawn = [rng.multinomial(n, share, size=size).T.astype(np.float64) for n in rows]
        shares, rates = crossed.scores(drawn[0], drawn[1])
        largest += np.maximum(np.abs(shares).max(axis=0), np.abs(rates).max(axis=(0, 1))).tolist()
    seen = float(np.quantile(largest, 0.95))
    # The number of tests of which the largest would lie below what was seen 95 times in 100.
    tests = max(1.0, 0.05 / (2 * float(special.ndtr(-seen))))
    return float(special.ndtri(1 - level / (2 * tests)))


def shrunken_rates(hits: Floats, n: Floats) -> Floats:
    """Rates drawn towards the rate of all groups, the more so the fewer rows a group has.

    Parameters
    ----------
    hits, n : shape (g,), rows with the outcome and rows of each group

    Returns
    -------
    array of shape (g,), in [0, 1]: means of beta posteriors whose prior has the mean of all
    groups and the likeliest weight in rows; a group without rows gets that mean

    Source: beta-binomial: Skellam (1948), Journal of the Royal Statistical Society B 10, 257-261;
    prior from the data: Robbins (1956), Third Berkeley Symposium 1, 157-163.
    """
    total = float(n.sum())
    mean = float(hits.sum()) / total if total else 0.0
    if not 0 < mean < 1:
        return np.full(len(n), mean)

    def against(log_weight: float) -> float:
        a, b = mean * np.exp(log_weight), (1 - mean) * np.exp(log_weight)
        return -float(np.sum(special.betaln(hits + a, n - hits + b) - special.betaln(a, b)))

    weight = float(np.exp(optimize.minimize_scalar(against, bounds=(-2.0, 14.0), method="bounded").x))
    return np.asarray((hits + mean * weight) / (n + weight))
