from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from audit.stats.models.ridge import out_of_fold


def test_scores_are_those_of_a_ridge_regression_fitted_to_the_other_folds():
    rng = np.random.default_rng(1)
    design = (rng.random((300, 7)) < 0.4).astype(float)
    outcomes = (rng.random((300, 2)) < design[:, :2] * 0.6 + 0.1).astype(float)
    allowed = np.array([[True] * 7, [True, False, True, True, False, True, True]])
    folds = np.arange(300) % 3
    found = out_of_fold(design, outcomes, allowed, folds)
    for j, may in enumerate(allowed):
        for fold in range(3):
            train, test = folds != fold, folds == fold
            mean = outcomes[train, j].mean()
            model = Ridge(alpha=10.0, fit_intercept=False).fit(
                design[train][:, may], outcomes[train, j] - mean
            )
            assert found[test, j] == pytest.approx(model.predict(design[test][:, may]), abs=1e-8)


def test_noise_is_not_told_from_noise():
    rng = np.random.default_rng(2)
    design = (rng.random((2000, 20)) < 0.5).astype(float)
    outcomes = (rng.random((2000, 3)) < 0.2).astype(float)
    scores = out_of_fold(design, outcomes, np.ones((3, 20), dtype=bool), np.arange(2000) % 5)
    for score, outcome in zip(scores.T, outcomes.T, strict=True):
        assert np.corrcoef(score, outcome)[0, 1] == pytest.approx(0, abs=0.07)
