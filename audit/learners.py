"""Learners and neighbours: scikit-learn behind one door, imported late and kept to one thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

_LEAVES = 15  # of a tree


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep native threads to one while learners work.

    On tables of this size a second thread gains little, and where other work goes on the
    threads wait for each other ten times longer than they work (measured: 2 s against 30 s
    with a second audit on two cores).
    """
    # The libraries must be loaded before they can be limited.
    import sklearn.ensemble
    import sklearn.metrics  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def boosted_classifier(
    categorical: Sequence[bool], seed: int, iterations: int = 50
) -> HistGradientBoostingClassifier:
    """Gradient-boosted trees that tell classes apart, not yet fitted.

    Missing numbers (NaN) go to the side of a cut that fits best. No rows are held back for
    early stopping, so that the same rows always give the same trees.

    Parameters
    ----------
    categorical : True where a column holds codes of categories, whole numbers 0 … 254
    seed : of what the learner draws
    iterations : trees (for each class, where there are more than two)

    Source: Friedman (2001), Annals of Statistics 29, 1189-1232; histograms as in Ke and others
    (2017), NeurIPS.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=iterations,
        max_leaf_nodes=_LEAVES,
        early_stopping=False,
        categorical_features=list(categorical),
        random_state=seed,
    )
