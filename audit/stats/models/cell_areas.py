"""Area under the ROC curve of one column alone, from counts of its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from audit.arrays import Ints


def common_order(positives: Sequence[Ints], negatives: Sequence[Ints]) -> Ints:
    """Cells by their share of all positives over that of all negatives, lowest first, tables pooled.

    Cells put in order by one table's own counts would make that table look better told by
    chance alone. In the pooled order chance favours every table alike: a large table weighs
    more and has less of it.

    Parameters
    ----------
    positives, negatives : for each table the rows of either kind by cell, shape (cells,)
    """
    mine, others = np.sum(positives, axis=0), np.sum(negatives, axis=0)
    rate, base = mine / max(mine.sum(), 1), others / max(others.sum(), 1)
    share = np.divide(rate, rate + base, out=np.full(len(rate), 0.5), where=rate + base > 0)
    return np.argsort(share, kind="stable")


def cell_area(positives: Ints, negatives: Ints) -> tuple[float, float]:
    """Area under the ROC curve and its standard error, cells in increasing order of their score.

    Rows of one cell tie and count one half. 0.5 with no error where a kind has no row.

    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    n, m = int(positives.sum()), int(negatives.sum())
    if not n or not m:
        return 0.5, 0.0
    place = (np.cumsum(negatives) - negatives / 2) / m  # of a positive row of the cell
    other = 1 - (np.cumsum(positives) - positives / 2) / n
    area = float(positives @ place / n)
    spread = float(positives @ (place - area) ** 2) / max(n - 1, 1) / n
    return area, math.sqrt(spread + float(negatives @ (other - area) ** 2) / max(m - 1, 1) / m)
