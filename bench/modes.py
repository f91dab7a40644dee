"""Where rows crowd: tables as points, and clusters of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.defects.recipes import Parts

_CLUSTERED = 6000  # rows that clusters are found on


def encode(frame: pd.DataFrame, like: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Numbers in standard deviations and labels as indicators, columns as those of `like`."""
    numbers = like.select_dtypes("number").columns
    scaled = (frame[numbers] - like[numbers].mean()) / like[numbers].std().replace(0, 1)
    labels = pd.get_dummies(frame.drop(columns=numbers)).reindex(
        columns=pd.get_dummies(like.drop(columns=numbers)).columns, fill_value=False
    )
    return np.hstack([scaled.to_numpy(float), labels.to_numpy(float)])


@dataclass(frozen=True)
class Clusters:
    """Clusters of real rows: that of every synthetic row, their shares, and how far apart they lie.

    apart : distance to the next centre over the distance of a cluster's own rows to theirs
    """

    of_row: np.ndarray[Any, Any]
    shares: np.ndarray[Any, Any]
    apart: np.ndarray[Any, Any]


def clusters(parts: Parts, count: int, rng: np.random.Generator) -> Clusters:
    """By k-means on some of the real rows."""
    from sklearn.cluster import KMeans

    found = encode(parts.real.iloc[rng.permutation(len(parts.real))[:_CLUSTERED]], parts.real)
    model = KMeans(count, n_init=1, random_state=int(rng.integers(2**31))).fit(found)
    members = np.bincount(model.labels_, minlength=count)
    distances = np.sort(model.transform(found), axis=1)
    own = np.bincount(model.labels_, distances[:, 0], count) / np.maximum(members, 1)
    other = np.bincount(model.labels_, distances[:, 1], count) / np.maximum(members, 1)
    return Clusters(
        model.predict(encode(parts.synthetic, parts.real)),
        members / len(found),
        other / np.maximum(own, 1e-9),
    )
