"""Whether an outcome follows from the same columns in the same way: what a model's errors still hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Floats
from audit.stats.inference.intervals import Z95

# Of the largest eigenvalue, columns standardised: directions below are left out. Two marks that
# differ in a handful of rows would otherwise be told apart by these alone.
_SINGULAR = 0.005


@dataclass(frozen=True, slots=True)
class ModelErrors:
    """Rows with the errors that a model makes on them.

    design : shape (n, p), numbers and marks of categories, no column of ones
    errors : shape (n,), outcome minus what the model expects
    weights : shape (n,), what one unit of a coefficient moves the outcome by: p (1 - p) for a
        chance p whose log odds it moves, 1 for a number
    """

    design: Floats
    errors: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class CoefficientChange:
    """Coefficients by which the outcome's rule differs, the first that of the column of ones.

    change, spread : shape (p + 1,) and its covariance, shape (p + 1, p + 1)
    moved : shape (p + 1, p + 1), mean products of what each coefficient moves the outcome by
    """

    change: Floats
    spread: Floats
    moved: Floats

    def size(self, places: NDArray[np.int64] | None = None) -> tuple[float, float, float]:
        """Root mean square of what these coefficients move the outcome by, beyond chance, with its interval.

        places : of the coefficients; all if None

        Notes
        -----
        The mean square is a quadratic form; its expectation by chance alone is taken off, and
        its variance is that of a form in normal variables.

        Source: Searle (1971), Linear Models, section 2.5 (mean and variance of a quadratic form).
        """
        at = np.arange(len(self.change)) if places is None else places
        b, form, spread = self.change[at], self.moved[np.ix_(at, at)], self.spread[np.ix_(at, at)]
        noise = form @ spread
        square = float(b @ form @ b - np.trace(noise))
        twice = float(np.trace(noise @ noise))
        # The first-order part holds chance once more than it should: 4 b'MVMb is 4 tr(MVMV) too high.
        first = max(0.0, float(b @ noise @ form @ b) - twice)
        half = Z95 * float(np.sqrt(4 * first + 2 * twice))
        value = float(np.sqrt(max(0.0, square)))
        high = float(np.sqrt(max(square, 0.0) + half))
        # The root is nearer to normal than the square, once there is more than chance gives.
        low = max(0.0, value - half / (2 * value)) if square > Z95 * np.sqrt(2 * twice) else 0.0
        return value, low, high

    def p_value(self, places: NDArray[np.int64]) -> float:
        """p-value of the hypothesis that these coefficients do not differ.

        Source: Wald (1943), Transactions of the American Mathematical Society 54, 426-482.
        """
        b, spread = self.change[places], self.spread[np.ix_(places, places)]
        inverse, rank = _inverse(spread)
        return float(special.chdtrc(rank, b @ inverse @ b)) if rank else 1.0


def rule_change(real: ModelErrors, other: ModelErrors) -> CoefficientChange | None:
    """How the rule behind an outcome differs between two tables, the columns' own shares apart.

    Both tables' errors come from models of real rows. Where the rule is the same, errors have
    the same mean given the columns, however the columns are distributed; where it is not, they
    follow the columns. The difference of the mean of error times column, over what a unit of a
    coefficient moves it by, is the change of the coefficients to first order.

    Parameters
    ----------
    real, other : errors on rows of the same design

    Returns
    -------
    Change, or None where no column varies

    Notes
    -----
    One step of Newton's method from the model (a score test); exact for least squares, good
    for changes of log odds up to about one half. Columns that follow from each other share
    their coefficient. Costs O(n p^2).

    Source: Rao (1948), Proceedings of the Cambridge Philosophical Society 44, 50-57 (score
    test); Cox (1958), Biometrika 45, 562-565 (calibration of given chances); errors: White
    (1982), Econometrica 50, 1-25.
    """
    centre = other.design.mean(axis=0)
    tables = [np.column_stack([np.ones(len(e.design)), e.design - centre]) for e in (real, other)]
    inverse, rank = _inverse((tables[1] * other.weights[:, None]).T @ tables[1] / len(tables[1]))
    if rank == 0:
        return None
    means = [table.T @ e.errors / len(table) for table, e in zip(tables, (real, other), strict=True)]
    change = inverse @ (means[1] - means[0])
    reach = tables[1] * other.weights[:, None]
    # What the change explains is no noise.
    noise = _noise(tables[0], real.errors) + _noise(tables[1], other.errors - reach @ change)
    return CoefficientChange(change, inverse @ noise @ inverse, reach.T @ reach / len(reach))


def _noise(table: Floats, errors: Floats) -> Floats:
    """Covariance of the mean of error times column."""
    pulls = table * errors[:, None]
    pulls -= pulls.mean(axis=0)
    return np.asarray(pulls.T @ pulls / len(pulls) ** 2, dtype=np.float64)


def _inverse(square: Floats) -> tuple[Floats, int]:
    """Inverse on the directions that vary, and how many these are."""
    scale = np.sqrt(np.maximum(np.diag(square), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    roots, axes = np.linalg.eigh(square / np.outer(scale, scale))
    kept = roots > _SINGULAR * max(roots[-1], 1e-300)
    inverse = (axes[:, kept] / roots[kept]) @ axes[:, kept].T / np.outer(scale, scale)
    return np.asarray(inverse, dtype=np.float64), int(kept.sum())
