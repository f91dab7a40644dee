"""How good predictions are, and how much of it is the luck of the rows they were tested on.

Each score comes with what every row adds to it (its influence). The variance of a score, or of
anything smooth made of several scores on the same rows, follows from the influences: it is what
a bootstrap over rows, the same rows for every score, tends to with many resamples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats


def auc_parts(scores: Floats, positive: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Area under the ROC curve and the rows' influences on it.

    Parameters
    ----------
    scores : shape (n,), larger for what looks positive; ties count one half
    positive : shape (n,); both classes must occur

    Returns
    -------
    (area in [0, 1], influences of shape (n,), which sum to zero)

    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845 (placements).
    """
    n, n_positive = len(scores), int(positive.sum())
    n_negative = n - n_positive
    places = np.empty(n)
    for mine, others, size in ((positive, ~positive, n_negative), (~positive, positive, n_positive)):
        ordered = np.sort(scores[others])
        below = np.searchsorted(ordered, scores[mine], side="left")
        upto = np.searchsorted(ordered, scores[mine], side="right")
        places[mine] = (below + upto) / (2 * size)
    places[~positive] = 1 - places[~positive]
    area = float(places[positive].mean())
    return area, (places - area) * np.where(positive, n / n_positive, n / n_negative)


def macro_auc_parts(scores: Floats, classes: NDArray[np.int64]) -> tuple[float, Floats]:
    """Mean over classes of the area of one class against the rest, and the rows' influences.

    Parameters
    ----------
    scores : shape (n, k), one column a class
    classes : shape (n,), 0 … k - 1; each must occur

    Source: Provost and Domingos (2000), CeDER working paper IS-00-04, with equal weights.
    """
    parts = [auc_parts(scores[:, c], classes == c) for c in range(scores.shape[1])]
    return float(np.mean([area for area, _ in parts])), np.mean([row for _, row in parts], axis=0)


def r_squared_parts(truth: Floats, predicted: Floats) -> tuple[float, Floats]:
    """Share of the variance that predictions explain, and the rows' influences on it.

    Returns
    -------
    (at most 1, negative where the mean would predict better; influences of shape (n,))

    Source: Hampel (1974), JASA 69, 383-393 (influence of a ratio of means).
    """
    errors, spread = (truth - predicted) ** 2, (truth - truth.mean()) ** 2
    lost = float(errors.mean() / spread.mean())
    return 1 - lost, -(errors - lost * spread) / spread.mean()


def influence_error(influences: Floats) -> float:
    """Standard error of a score from its influences, shape (n,).

    Source: Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6
    (infinitesimal jackknife).
    """
    return float(np.sqrt(influences @ influences)) / len(influences)


def group_jackknife_error(left_out: Floats) -> float:
    """Standard error of an estimate from the same estimate with each of g groups of rows left out.

    Parameters
    ----------
    left_out : shape (g,), g >= 2

    Source: Kott (2001), Journal of Official Statistics 17, 521-526.
    """
    g = len(left_out)
    return float(np.sqrt((g - 1) / g * np.sum((left_out - left_out.mean()) ** 2)))


def rank_correlation(left: Floats, right: Floats) -> float | None:
    """Spearman's correlation, ties sharing the mean of their ranks; None where one side is constant.

    Source: Spearman (1904), American Journal of Psychology 15, 72-101.
    """
    first, second = (_ranks(side) for side in (left, right))
    first, second = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / spread if spread > 0 else None


def _ranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2
