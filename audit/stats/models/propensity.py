"""How well membership of a table can be predicted from the rows, and what chance gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import linalg, special

from audit.arrays import Floats, Ints

_STEPS = 30  # of Newton's method, at most
_SETTLED = 1e-8  # change of the coefficients at which they count as found
_RIDGE = 1e-7  # per row: keeps coefficients finite where a cell tells the tables apart for sure
_FARTHEST = 4.0  # largest change of a linear predictor in one step
_SAME = 1e-9  # share of the largest eigenvalue below which a direction holds nothing


def fitted_propensities(design: Floats, labels: Ints) -> Floats:
    """Probability of label 1 for every row, by a logistic regression on the same rows.

    Parameters
    ----------
    design : shape (n, k), the first column 1 throughout; columns may depend on each other
    labels : shape (n,), 0 or 1

    Returns
    -------
    array of shape (n,), in (0, 1)

    Notes
    -----
    Newton's method with shortened steps and a ridge too small to matter where the fit is
    finite. Costs O(n k^2) a step.

    Source: McCullagh and Nelder (1989), Generalized Linear Models, 2nd edition, chapter 4.
    """
    weights = np.zeros(design.shape[1])
    weights[0] = special.logit(np.clip(labels.mean(), 1e-9, 1 - 1e-9))
    ridge = np.full(len(weights), _RIDGE * len(design))
    ridge[0] = 0.0
    for _ in range(_STEPS):
        chances = special.expit(design @ weights)
        slope = design.T @ (labels - chances) - ridge * weights
        curve = design.T @ (design * (chances * (1 - chances))[:, None])
        curve[np.diag_indices_from(curve)] += ridge + 1e-12 * len(design)
        step = linalg.solve(curve, slope, assume_a="pos")
        reach = float(np.abs(design @ step).max())
        weights = weights + step * min(1.0, _FARTHEST / max(reach, 1e-300))
        if reach < _SETTLED:
            break
    found: Floats = special.expit(design @ weights)
    return found


def pmse(chances: Floats, share: float) -> float:
    """Propensity mean squared error: mean squared distance from the share of synthetic rows.

    Parameters
    ----------
    chances : shape (n,), fitted probability that a row is synthetic
    share : share of synthetic rows among all

    Returns
    -------
    float in [0, 1], 0 where nothing tells the tables apart; share times (1 - share) where
    every row is known for sure

    Source: Woo, Reiter, Oganian and Karr (2009), Journal of Privacy and Confidentiality 1(1).
    """
    return float(np.mean((chances - share) ** 2))


def parameters(design: Floats) -> int:
    """Number of parameters a linear model of this design has: its rank."""
    values = linalg.eigvalsh(design.T @ design)
    return int((values > _SAME * values[-1]).sum())


def expected_pmse(count: int, real: int, synthetic: int, fitted: int = 0) -> float:
    """Mean of the propensity mean squared error where the synthetic rows are as good as can be.

    Parameters
    ----------
    count : parameters of the propensity model, the intercept among them
    real, synthetic : rows the propensity model is fitted to
    fitted : rows that a correct model of the population was fitted to before it drew the
        synthetic rows, `real` of them at random among those compared; 0 for synthetic rows that
        are a sample of the population, as fresh real rows are

    Returns
    -------
    float >= 0. With N rows, of which the share c is synthetic, (count - 1) c (1 - c) / N for
    fresh rows; (count - 1) c (1 - c)^2 / N for a correct model fitted to just the real rows
    compared: it repeats their sampling error, so only its own is left.

    Source: Snoke, Raab, Nowok, Dibben and Slavkovic (2018), JRSS A 181, 663-688; between the two
    when only some of the rows that were fitted are compared: variance of a sample without
    replacement.
    """
    total = real + synthetic
    share = synthetic / total
    shared = 1 / fitted if fitted else 0.0
    left = 1 - shared / (1 / real + 1 / synthetic)
    return (count - 1) * share * (1 - share) / total * left


def main_effects(matrix: Floats, categorical: Sequence[bool], levels: int, fewest: int = 20) -> Floats:
    """The design of a linear model without interactions.

    Parameters
    ----------
    matrix : shape (n, columns), NaN where missing; categories as codes
    categorical : which columns hold codes
    levels : categories of a column that get a column of their own, the most frequent ones
    fewest : rows that such a category, or a lack of values, is held by at least

    Returns
    -------
    array of shape (n, k): 1 throughout; numbers in standard deviations, 0 where missing; a 1 for
    each category; a 1 where a value is missing. Constants are left out.
    """
    columns = [np.ones(len(matrix))]
    for values, codes in zip(matrix.T, categorical, strict=True):
        missing = np.isnan(values)
        if fewest <= missing.sum() <= len(values) - fewest:
            columns.append(missing.astype(np.float64))
        if codes:
            columns += _dummies(values[~missing], values, levels, fewest)
        elif len(known := values[~missing]) and known.std() > 0:
            columns.append(np.where(missing, 0.0, (values - known.mean()) / known.std()))
    return np.column_stack(columns)


def _dummies(known: Floats, values: Floats, levels: int, fewest: int) -> list[Floats]:
    found, counts = np.unique(known, return_counts=True)
    order = np.lexsort((found, -counts))[:levels]
    return [(values == found[i]).astype(np.float64) for i in order if fewest <= counts[i] < len(values)]
