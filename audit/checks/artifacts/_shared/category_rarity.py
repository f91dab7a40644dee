"""Category values by how rare they are: what of them a table still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Floats
from audit.model import Chart, share_bars

Values = Mapping[str, int]

_RARE = (0.0005, 0.001, 0.002, 0.005)  # shares below which values are looked at together
_GONE = 0.5  # of the rows that rare values should hold
_OCTAVES = 16  # halvings of the share; rarer values stand with the last


@dataclass(frozen=True, slots=True)
class RareLoss:
    """Rows of rare values that are missing: `observed` of `expected`, as a share `value` of all rows.

    below : real share under which a value counts as rare
    """

    value: float
    below: float
    observed: int
    expected: float


def rare_loss(pool: Values, table: Values, alarm: float) -> RareLoss | None:
    """The largest loss of rows with rare values that chance does not explain; None if there is none.

    Parameters
    ----------
    pool, table : rows by value, of the real rows and of the table looked at
    alarm : chance of a loss where the table is a sample like the real rows

    Notes
    -----
    A value seen up to c times owes its place among the rare ones in part to luck. Left out
    of the count once, a real row lies among them if its value is seen two to c + 1 times;
    the rows of such values are what fresh rows should bring, but no more than the rare ones have.

    Source: Good (1953), Biometrika 40, 237-264.
    """
    total, n = sum(pool.values()), sum(table.values())
    if total == 0 or n == 0:
        return None
    counts = np.fromiter(pool.values(), dtype=np.int64, count=len(pool))
    held = np.fromiter((table.get(value, 0) for value in pool), dtype=np.int64, count=len(pool))
    found = [_loss(counts, held, total, n, below, alarm / len(_RARE)) for below in _RARE]
    return max((loss for loss in found if loss is not None), key=lambda loss: loss.value, default=None)


def _loss(
    counts: NDArray[np.int64], held: NDArray[np.int64], total: int, n: int, below: float, alarm: float
) -> RareLoss | None:
    most = int(np.ceil(below * total)) - 1
    fresh = int(counts[(counts >= 2) & (counts <= most + 1)].sum())
    # Of few values one that lies just above the mark would decide alone: the smaller count is safe.
    events = min(fresh, int(counts[counts <= most].sum()))
    expected, seen = events * n / total, int(held[counts <= most].sum())
    if seen > (1 - _GONE) * expected or _chance_of_few(seen, events, n / total) > alarm:
        return None
    return RareLoss((expected - seen) / n, below, seen, expected)


def _chance_of_few(seen: int, events: int, ratio: float) -> float:
    """Chance of at most so many rows where `events` real ones show the rate; negative binomial."""
    return float(special.betainc(events + 0.5, seen + 1.0, 1.0 / (1.0 + ratio)))


def kept_by_octave(pool: Values, table: Values) -> Floats:
    """Values by share, from one half down: how many there are, are left, and chance would leave.

    Returns
    -------
    shape (3, octaves)
    """
    total, n = max(sum(pool.values()), 1), sum(table.values())
    shares = np.fromiter(pool.values(), dtype=np.float64, count=len(pool)) / total
    left = np.fromiter((value in table for value in pool), dtype=np.float64, count=len(pool))
    octave = np.minimum(np.floor(-np.log2(shares)), _OCTAVES - 1).astype(np.int64)
    due = 1 - np.exp(n * np.log1p(-np.minimum(shares, 1 - 1e-12)))
    return np.array(
        [np.bincount(octave, weights=weights, minlength=_OCTAVES) for weights in (left * 0 + 1, left, due)]
    )


def octave_chart(kept: Floats) -> tuple[Chart, ...]:
    """The share of values left, by how frequent they are; nothing where there are no values."""
    filled = np.flatnonzero(kept[0])
    if not len(filled):
        return ()
    values, left, due = (row[filled] for row in kept)
    lost = int(values.sum() - left.sum())
    chart = share_bars(
        [f"1 in {2 ** int(i):,} to {2 ** int(i + 1):,}" for i in filled],
        {"real": due / values, "synthetic": left / values},
        title="Real category values that the synthetic table still holds, by how frequent they are",
        alt=f"{lost:,} of {int(values.sum()):,} values are not in the synthetic table; chance would miss about "
        f"{max(0.0, float(values.sum() - due.sum())):,.0f}.",
        words="share of values",
    )
    return (chart,)
