from __future__ import annotations

import numpy as np
import pytest

from audit.stats.models.scores import (
    auc_parts,
    group_jackknife_error,
    influence_error,
    macro_auc_parts,
    r_squared_parts,
    rank_correlation,
)

RNG = np.random.default_rng(3)
POSITIVE = RNG.random(400) < 0.3
SCORES = (RNG.normal(size=400) + POSITIVE).round(1)
OTHERS = (SCORES + RNG.normal(size=400)).round(1)


def bootstrap(function, rows, times=1000):
    drawn = (RNG.integers(rows, size=rows) for _ in range(times))
    return np.std([function(sample) for sample in drawn], ddof=1)


def area_by_hand(scores, positive):
    pairs = np.sign(scores[positive][:, None] - scores[~positive][None, :])
    return float(np.mean((pairs + 1) / 2))


def test_the_area_is_the_share_of_pairs_in_order():
    assert auc_parts(SCORES, POSITIVE)[0] == pytest.approx(area_by_hand(SCORES, POSITIVE), abs=1e-12)
    assert auc_parts(np.array([1.0, 2.0, 3.0, 3.0]), np.array([False, True, False, True]))[0] == 0.625


def test_influences_give_what_a_bootstrap_gives():
    _, rows = auc_parts(SCORES, POSITIVE)
    assert rows.sum() == pytest.approx(0, abs=1e-9)
    wanted = bootstrap(lambda s: area_by_hand(SCORES[s], POSITIVE[s]), 400)
    assert influence_error(rows) == pytest.approx(wanted, rel=0.1)


def test_influences_of_a_ratio_give_what_a_paired_bootstrap_gives():
    def ratio(sample):
        areas = [area_by_hand(scores[sample], POSITIVE[sample]) for scores in (OTHERS, SCORES)]
        return (areas[0] - 0.5) / (areas[1] - 0.5)

    (one, mine), (two, theirs) = auc_parts(OTHERS, POSITIVE), auc_parts(SCORES, POSITIVE)
    share = (one - 0.5) / (two - 0.5)
    error = influence_error(mine - share * theirs) / (two - 0.5)
    assert error == pytest.approx(bootstrap(ratio, 400), rel=0.12)


def test_the_mean_over_classes_is_of_each_against_the_rest():
    classes = np.digitize(OTHERS, [-0.5, 0.8])
    scores = np.column_stack([-SCORES, -np.abs(SCORES), SCORES])
    area, rows = macro_auc_parts(scores, classes)
    assert area == pytest.approx(np.mean([area_by_hand(scores[:, c], classes == c) for c in range(3)]))
    wanted = bootstrap(
        lambda s: np.mean([area_by_hand(scores[s, c], classes[s] == c) for c in range(3)]), 400, 500
    )
    assert influence_error(rows) == pytest.approx(wanted, rel=0.12)


def test_variance_explained():
    def explained(sample):
        truth, told = OTHERS[sample], SCORES[sample]
        return 1 - np.sum((truth - told) ** 2) / np.sum((truth - truth.mean()) ** 2)

    value, rows = r_squared_parts(OTHERS, SCORES)
    assert value == pytest.approx(explained(np.arange(400)))
    assert influence_error(rows) == pytest.approx(bootstrap(explained, 400), rel=0.1)
    assert r_squared_parts(OTHERS, OTHERS)[0] == 1
    assert r_squared_parts(OTHERS, np.full(400, OTHERS.mean()))[0] == pytest.approx(0)


def test_leaving_groups_out_gives_the_error_of_a_mean():
    # of a mean over three equal groups: the classical standard error of the three group means
    groups = np.array([1.0, 4.0, 7.0])
    left_out = (groups.sum() - groups) / 2
    assert group_jackknife_error(left_out) == pytest.approx(groups.std(ddof=1) / np.sqrt(3))


def test_rank_correlation():
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 15.0])) == pytest.approx(0.5)
    # ties share ranks: (1.5, 1.5, 3) against (1, 2, 3) is 1.5 / root(1.5 * 2)
    assert rank_correlation(np.array([1.0, 1.0, 3.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(
        0.866, abs=1e-3
    )
    assert rank_correlation(np.ones(3), np.arange(3.0)) is None
