"""Learners and neighbours: scikit-learn behind one door, imported late and kept to one thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge


_LEAVES = 15  # of a tree
_NEWTON = 400  # coefficients up to which Newton's steps are the quickest
_FARTHEST = 10.0  # standard deviations: beyond, one row would bend the line
_MAX_LEVELS, _MIN_HOLDERS = 30, 5  # categories with a column of their own


def preload_sklearn() -> Thread:
    """Load the learners' library in a thread, while the files are read by another process.

    It takes about a second, which the first learner would otherwise wait for.
    """
    thread = Thread(target=_load, name="loading learners")
    thread.start()
    return thread


def _load() -> None:
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.metrics  # noqa: F401


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


def fill_empty_columns(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Zeros in columns that have no value at all, which the trees cannot cut; the same object where none has.

    Such a column tells nothing: trees fitted so never look at it, whatever it holds later.
    """
    empty = np.isnan(matrix).all(axis=0)
    return np.where(empty, 0.0, matrix) if empty.any() else matrix


def boosted_regressor(
    categorical: Sequence[bool], seed: int, iterations: int = 50
) -> HistGradientBoostingRegressor:
    """Gradient-boosted trees that predict a number by least squares, not yet fitted.

    Parameters, missing numbers and source as `boosted_classifier`.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=iterations,
        max_leaf_nodes=_LEAVES,
        early_stopping=False,
        categorical_features=list(categorical),
        random_state=seed,
    )


def linear_classifier(columns: int, classes: int) -> LogisticRegression:
    """Logistic regression with a weak ridge penalty, not yet fitted; wants a `DesignMatrix`'s table.

    Parameters
    ----------
    columns, classes : of what it will be fitted to; many make the steps of Newton too dear

    Source: Cox (1958), Journal of the Royal Statistical Society B 20, 215-242.
    """
    from sklearn.linear_model import LogisticRegression

    few = columns * (classes - 1) <= _NEWTON
    return LogisticRegression(solver="newton-cholesky" if few else "lbfgs", max_iter=200, tol=1e-3)


def linear_regressor() -> Ridge:
    """Least squares with a weak ridge penalty, not yet fitted; wants a `DesignMatrix`'s table.

    Source: Hoerl and Kennard (1970), Technometrics 12, 55-67.
    """
    from sklearn.linear_model import Ridge

    return Ridge(alpha=1.0)


class DesignMatrix:
    """Rows as a linear model takes them: standardised numbers, a column for each frequent category.

    Missing numbers become the mean and are marked in a column of their own; a category that
    few rows hold, or none of the training rows, has no column.

    Parameters
    ----------
    matrix : training rows, shape (n, d), as `audit.learn.features.Features`
    categorical : shape (d,)
    """

    def __init__(self, matrix: Floats, categorical: Sequence[bool]) -> None:
        self._categorical = np.array(categorical, dtype=bool)
        numbers = matrix[:, ~self._categorical]
        absent = np.isnan(numbers)
        filled = np.maximum((~absent).sum(axis=0), 1)
        self._mean = np.where(absent, 0.0, numbers).sum(axis=0) / filled
        squares = np.where(absent, 0.0, (numbers - self._mean) ** 2).sum(axis=0)
        spread = np.sqrt(squares / filled)
        self._spread = np.where(spread > 0, spread, 1.0)
        self._marked = absent.any(axis=0)
        self._levels = [_frequent(matrix[:, i]) for i in np.flatnonzero(self._categorical)]

    @property
    def origins(self) -> NDArray[np.int64]:
        """Place of the column behind each column of `table`, shape (columns of the design,)."""
        numbers = np.flatnonzero(~self._categorical)
        labels = np.flatnonzero(self._categorical)
        return np.concatenate(
            [numbers, numbers[self._marked], np.repeat(labels, [len(levels) for levels in self._levels])]
        ).astype(np.int64)

    def table(self, matrix: Floats) -> Floats:
        """Rows of the same columns, training or not, shape (n, columns of the design)."""
        numbers = matrix[:, ~self._categorical]
        absent = np.isnan(numbers)
        scaled = np.clip((numbers - self._mean) / self._spread, -_FARTHEST, _FARTHEST)
        blocks = [np.where(absent, 0.0, scaled), absent[:, self._marked].astype(np.float64)]
        for i, levels in zip(np.flatnonzero(self._categorical), self._levels, strict=True):
            blocks.append((matrix[:, i, None] == levels).astype(np.float64))
        return np.hstack(blocks)


def _frequent(codes: Floats) -> Floats:
    """The codes that enough rows hold, at most so many, the most frequent first."""
    values, counts = np.unique(codes[~np.isnan(codes)], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_MAX_LEVELS]
    kept: Floats = values[order][counts[order] >= _MIN_HOLDERS]
    return kept
