from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from audit.stats.neighbours.kd_blocks import candidate_pairs
from audit.stats.neighbours.nearest import (
    nearest,
    nearest_counted,
    nearest_places,
    nearest_votes,
    rounding_slack,
)


@pytest.fixture(scope="module", params=[40, 1500])
def tables(request):
    rng = np.random.default_rng(0)
    return rng.random((700, 6)).astype(np.float32), rng.random((request.param, 6)).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5])
def test_the_nearest_are_those_of_all_distances(tables, k):
    rows, others = tables
    known = np.sort(cdist(rows, others, "sqeuclidean"), axis=1)[:, :k]
    assert nearest(rows, others, k) == pytest.approx(known, abs=1e-5)


def test_places_and_distances_go_together(tables):
    rows, others = tables
    places, found = nearest_places(rows, others)
    assert (places == cdist(rows, others).argmin(axis=1)).all()
    assert found == pytest.approx(cdist(rows, others, "sqeuclidean").min(axis=1), abs=1e-5)


def test_equally_near_ones_are_counted_and_vote_together():
    others = np.array([[0, 0], [0, 0], [1, 0], [5, 5]], dtype=np.float32)
    rows = np.array([[0.1, 0], [0.5, 0], [5, 5]], dtype=np.float32)
    equal = rounding_slack(others, rows)
    places, found, counts = nearest_counted(rows, others, equal)
    assert places[2] == 3
    assert counts.tolist() == [2, 3, 1]
    assert found == pytest.approx([0.01, 0.25, 0], abs=1e-5)
    votes = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32)
    said, _, how_many = nearest_votes(rows, others, votes, equal)
    assert how_many.tolist() == [2, 3, 1]
    assert said == pytest.approx(np.array([[0.5, 0.5], [2 / 3, 1 / 3], [0, 1]]), abs=1e-6)


def test_a_row_is_at_no_distance_of_itself(tables):
    rows, _ = tables
    _, found = nearest_places(rows, rows)
    assert found.max() <= rounding_slack(rows)


def labelled(rows, seed):
    """Points as tables have them: eight clusters of labels, few steps in a number, so that many are equal."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(8, size=rows)
    labels = np.stack(
        [np.where(rng.random(rows) < 0.9, cluster, rng.integers(8, size=rows)) for _ in range(4)]
    )
    steps = rng.integers(5, size=rows) / 4
    return np.column_stack([*(np.eye(8)[one] / 2 for one in labels), steps, np.ones(rows)]).astype(np.float32)


@pytest.mark.parametrize(
    "make",
    [labelled, lambda rows, seed: np.random.default_rng(seed).normal(size=(rows, 30)).astype(np.float32)],
)
def test_leaves_lose_no_neighbour(make):
    rows, others = make(1200, 1), make(3000, 2)
    every = cdist(rows.astype(np.float64), others.astype(np.float64), "sqeuclidean")
    assert nearest(rows, others, 5) == pytest.approx(np.sort(every, axis=1)[:, :5], abs=1e-4)
    equal = rounding_slack(rows, others)
    _, found, counts = nearest_counted(rows, others, equal)
    assert found == pytest.approx(every.min(axis=1), abs=1e-4)
    assert (counts == (every <= every.min(axis=1, keepdims=True) + equal).sum(axis=1)).all()


def test_votes_of_equal_ones_in_several_leaves_are_counted_together():
    rows, others = labelled(1200, 3), labelled(3000, 4)
    votes = np.random.default_rng(0).random((3000, 2)).astype(np.float32)
    equal = rounding_slack(rows, others)
    every = cdist(rows.astype(np.float64), others.astype(np.float64), "sqeuclidean")
    level = every <= every.min(axis=1, keepdims=True) + equal
    said, _, counts = nearest_votes(rows, others, votes, equal)
    assert counts.max() > 3
    assert said == pytest.approx(level @ votes / level.sum(axis=1, keepdims=True), abs=1e-5)


def test_most_distances_of_clustered_tables_are_never_computed():
    rows, others = labelled(1200, 5), labelled(6000, 6)
    bound, looked = np.full(len(rows), np.inf), 0
    for at, _, block in candidate_pairs(rows, others, bound):
        bound[at] = np.minimum(bound[at], block.min(axis=1))
        looked += block.size
    assert looked < 0.4 * len(rows) * len(others)


def test_more_neighbours_than_a_leaf_holds():
    rng = np.random.default_rng(0)
    rows, others = rng.random((1100, 2)).astype(np.float32), rng.random((900, 2)).astype(np.float32)
    known = np.sort(cdist(rows, others, "sqeuclidean"), axis=1)[:, :600]
    assert nearest(rows, others, 600) == pytest.approx(known, abs=1e-5)
