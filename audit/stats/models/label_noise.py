"""How many labels look wrong to who knows the chances of each label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats

_SURE = 0.99  # a chance beyond this is taken for it: so few rows show whether it is true


def noise_parts(chances: Floats, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """What every row says about the share of wrong labels: the share is the sum of the first over that of the second.

    Were a share e of the labels replaced by another one, all others equally likely, a label
    would differ from the likeliest one, of chance m, with probability (1 - m) + e * s, where
    s = m - (1 - m) / (k - 1). The weighted least squares estimate of e weighs rows by
    s / (m * (1 - m)): rows whose label is nearly sure say most. It is unbiased where the
    chances are right, and may fall below 0 by chance.

    Parameters
    ----------
    chances : shape (n, k), of every label; k >= 2
    labels : shape (n,), 0 … k - 1

    Returns
    -------
    two arrays of shape (n,)

    Source: symmetric label noise as in Natarajan, Dhillon, Ravikumar and Tewari (2013), NeurIPS
    26; counting disagreement with confident predictions: Northcutt, Jiang and Chuang (2021),
    Journal of Artificial Intelligence Research 70, 1373-1411.
    """
    likeliest = chances.argmax(axis=1)
    sure = np.minimum(chances.max(axis=1), _SURE)
    slope = sure - (1 - sure) / (chances.shape[1] - 1)
    weight = slope / (sure * (1 - sure))
    return weight * ((likeliest != labels) - (1 - sure)), weight * slope
