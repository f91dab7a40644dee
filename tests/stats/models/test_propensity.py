"""Propensities against the fit by another solver, closed forms by simulation, truth tables."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.models.propensity import expected_pmse, fitted_propensities, main_effects, parameters, pmse

NAN = np.nan


def test_nothing_tells_the_tables_apart():
    design = main_effects(np.tile([[1.0], [2.0], [3.0]], (20, 1)), [False], 5)
    labels = np.repeat([0, 1], 30)
    chances = fitted_propensities(design, labels)
    assert chances == pytest.approx(np.full(60, 0.5), abs=1e-9)
    assert pmse(chances, 0.5) == pytest.approx(0, abs=1e-15)


def test_shares_of_a_category_are_the_fitted_chances():
    # a: 30 real and 10 synthetic rows, b: 10 real and 30 synthetic; a saturated model says 1/4 and 3/4
    codes = np.repeat([0.0, 1.0, 0.0, 1.0], [30, 10, 10, 30])[:, None]
    labels = np.repeat([0, 1], 40)
    chances = fitted_propensities(main_effects(codes, [True], 5), labels)
    assert chances == pytest.approx(np.where(codes[:, 0] == 0, 0.25, 0.75), abs=1e-5)
    assert pmse(chances, 0.5) == pytest.approx(0.0625, abs=1e-5)


def test_rows_known_for_sure_reach_the_largest_value():
    design = np.column_stack([np.ones(200), np.repeat([0.0, 1.0], 100)])
    chances = fitted_propensities(design, np.repeat([0, 1], 100))
    assert pmse(chances, 0.5) == pytest.approx(0.25, abs=1e-3)


def test_the_fit_is_that_of_another_solver():
    sklearn = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(500), rng.normal(size=(500, 3))])
    labels = (rng.random(500) < 1 / (1 + np.exp(-design @ [0.3, 1.0, -2.0, 0.0]))).astype(np.int64)
    other = sklearn.LogisticRegression(C=1e8, tol=1e-10, max_iter=1000, fit_intercept=False)
    expected = other.fit(design, labels).predict_proba(design)[:, 1]
    assert fitted_propensities(design, labels) == pytest.approx(expected, abs=1e-3)


def test_columns_that_depend_on_each_other_change_nothing():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    labels = rng.integers(0, 2, 300)
    twice = np.column_stack([design, design[:, 1:] @ [[2.0], [1.0]]])
    assert parameters(design) == parameters(twice) == 3
    assert fitted_propensities(twice, labels) == pytest.approx(fitted_propensities(design, labels), abs=1e-5)


def test_main_effects_by_hand():
    matrix = np.array([[1.0, 0.0, 7.0], [3.0, 1.0, 7.0], [NAN, 0.0, 7.0], [1.0, NAN, 7.0], [3.0, 0.0, 7.0]])
    design = main_effects(matrix, [False, True, False], levels=1, fewest=1)
    ones, absent, number, unknown, first = design.T
    assert ones.tolist() == [1] * 5
    assert absent.tolist() == [0, 0, 1, 0, 0]
    assert number.tolist() == [-1, 1, 0, -1, 1]
    assert unknown.tolist() == [0, 0, 0, 1, 0]
    assert first.tolist() == [1, 0, 1, 0, 1]
    assert main_effects(matrix, [False, True, False], levels=9, fewest=3).shape == (5, 3)


@pytest.mark.parametrize(
    ("real", "synthetic", "fitted", "expected"),
    [
        (2000, 2000, 0, 10 * 0.25 / 4000),
        (2000, 2000, 2000, 10 * 0.125 / 4000),
        (3000, 1000, 0, 10 * (1 / 4) * (3 / 4) / 4000),
        (3000, 1000, 3000, 10 * (3 / 4) ** 2 * (1 / 4) / 4000),
    ],
)
def test_closed_forms(real, synthetic, fitted, expected):
    assert expected_pmse(11, real, synthetic, fitted) == pytest.approx(expected, rel=1e-12)


def test_comparing_few_of_many_fitted_rows_is_comparing_fresh_ones():
    assert expected_pmse(11, 100, 100, 10**9) == pytest.approx(expected_pmse(11, 100, 100), rel=1e-5)


@pytest.fixture(scope="module")
def simulated():
    """Mean propensity error of a Gaussian sample of 12 columns: fresh rows, a fitted model, half of its rows."""
    rng = np.random.default_rng(5)
    found = {"fresh": [], "fitted": [], "half": []}
    for _ in range(500):
        real = rng.normal(size=(1200, 12))
        drawn = rng.normal(size=(600, 12))
        # A correct model of the mean; its draws repeat the sampling error of the rows it was fitted to.
        tables = {
            "fresh": (real, drawn),
            "fitted": (real, drawn + real.mean(axis=0)),
            "half": (real[:600], drawn + real.mean(axis=0)),
        }
        for name, (one, other) in tables.items():
            design = main_effects(np.vstack([one, other]), [False] * 12, 0)
            labels = np.repeat([0, 1], [len(one), len(other)])
            found[name].append(pmse(fitted_propensities(design, labels), len(other) / len(labels)))
    return {name: np.mean(values) for name, values in found.items()}


@pytest.mark.parametrize(
    ("name", "real", "fitted"), [("fresh", 1200, 0), ("fitted", 1200, 1200), ("half", 600, 1200)]
)
def test_what_chance_gives(simulated, name, real, fitted):
    assert simulated[name] == pytest.approx(expected_pmse(13, real, 600, fitted), rel=0.05)
