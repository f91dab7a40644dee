"""How varied the secrets are in classes of rows that look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Diversity:
    """Secrets within classes, over all of them.

    fewest : different secrets in the class that has fewest: distinct l-diversity
    entropy : exponential of the smallest entropy of a class: entropy l-diversity, at least 1
    one_secret : share of rows in classes with one secret only, in [0, 1]
    farthest : largest total variation distance between the secrets of a class and those of all
        rows, in [0, 1]: t of t-closeness where every two secrets are equally far apart
    mean_distance : its mean over all rows
    """

    fewest: int
    entropy: float
    one_secret: float
    farthest: float
    mean_distance: float


def diversity(classes: NDArray[np.int64], secrets: NDArray[np.uint64]) -> Diversity:
    """Secrets within classes.

    Parameters
    ----------
    classes : class of each row, shape (n,), from 0, none of them empty; n at least 1
    secrets : secret of each row, shape (n,)

    Source: Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007), l-Diversity, ACM TKDD
    1(1):3; Li, Li and Venkatasubramanian (2007), t-Closeness, ICDE, 106-115.

    Examples
    --------
    >>> found = diversity(np.array([0, 0, 1, 1]), np.array([3, 5, 5, 5], dtype=np.uint64))
    >>> found.fewest, found.entropy, found.alike, found.farthest
    (1, 1.0, 0.5, 0.25)
    """
    _, secret, overall = np.unique(secrets, return_inverse=True, return_counts=True)
    pairs, times = np.unique(classes * len(overall) + secret, return_counts=True)
    owner, held = pairs // len(overall), pairs % len(overall)
    sizes = np.bincount(classes)
    share, usual = times / sizes[owner], overall[held] / len(classes)
    # A secret that is absent from a class adds its whole share among all rows.
    distance = (1 + np.bincount(owner, np.abs(share - usual) - usual)) / 2
    entropy = np.bincount(owner, -share * np.log(share))
    different = np.bincount(owner)
    return Diversity(
        fewest=int(different.min()),
        entropy=float(np.exp(entropy.min())),
        one_secret=float(sizes[different == 1].sum() / len(classes)),
        farthest=float(distance.max()),
        mean_distance=float(distance @ sizes / len(classes)),
    )
