from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from audit.stats.nearest import nearest, nearest_counted, nearest_places, nearest_votes, slack


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
    equal = slack(others, rows)
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
    assert found.max() <= slack(rows)
