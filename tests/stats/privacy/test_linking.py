from __future__ import annotations

import numpy as np
import pytest

from audit.stats.privacy.attacks import chance_of_linking
from audit.stats.privacy.linking import nearest_in_both
from audit.stats.privacy.singling_out import SinglingOutTally, found_alone


def test_one_link_in_four_by_lot():
    assert chance_of_linking(4, 1) == pytest.approx(0.25)
    assert chance_of_linking(3, 2) == 1.0


def test_two_draws_by_simulation():
    rng = np.random.default_rng(0)
    draws = [len(set(rng.permutation(20)[:3]) & set(rng.permutation(20)[:3])) > 0 for _ in range(4000)]
    assert chance_of_linking(20, 3) == pytest.approx(np.mean(draws), abs=0.025)


def line(*places):
    return np.array(places, dtype=np.float32)[:, None]


def test_four_half_records_of_which_one_is_linked():
    # by the first measure person i lies at row i; by the second only the first does
    people = line(0, 10, 20, 30), line(0, 20, 30, 10)
    rows = line(0, 10, 20, 30), line(0, 10, 20, 30)
    shared, own = nearest_in_both(people, rows, (1, 2))
    assert shared[0] == pytest.approx([1, 0, 0, 0])
    assert own[0] == pytest.approx(
        [1 / 4] * 4
    )  # a copy would share the place of another row, by both measures
    assert own[1] == pytest.approx([1] * 4)


def test_lots_decide_among_equals():
    # two rows are equal by the first measure, four by the second: the nearest is one of 2 and of 4
    rows = line(0, 0, 9, 9), line(5, 5, 5, 5)
    shared, _ = nearest_in_both((line(1), line(5)), rows, (1,))
    by_hand = 1 - (1 - 1 / 8) ** 2  # either of two rows, each with a chance of 1/2 times 1/4
    assert shared[0, 0] == pytest.approx(by_hand)


def test_the_nearest_of_both_as_sets_of_places():
    rng = np.random.default_rng(1)
    people = tuple(rng.normal(size=(60, 3)).astype(np.float32) for _ in range(2))
    rows = tuple(rng.normal(size=(400, 3)).astype(np.float32) for _ in range(2))
    shared, _ = nearest_in_both(people, rows, (20,))
    sets = [
        np.argsort(((p[:, None, :] - r[None, :, :]) ** 2).sum(axis=2), axis=1)[:, :20]
        for p, r in zip(people, rows, strict=True)
    ]
    wanted = [bool(set(a) & set(b)) for a, b in zip(*sets, strict=True)]
    assert shared[0] == pytest.approx(np.array(wanted, dtype=float))


def test_who_is_alone_in_a_part():
    said = np.array([3, 5], dtype=np.uint64)
    people = np.array([3, 3, 3, 5], dtype=np.uint64)
    part = np.array([0, 1, 1, 1])
    assert found_alone(said, people, part).tolist() == [True, False, False, True]
    assert not found_alone(said[:0], people, part).any()


def test_a_person_hit_by_many_descriptions_counts_as_few():
    tally = SinglingOutTally(100, 100)
    hit = np.zeros(100, dtype=bool)
    hit[:10] = True
    for _ in range(4):
        tally.add(50, hit, ~hit)
    assert tally.share("people") == pytest.approx(40 / 200)
    # 10 people 4 hits each, and one more: (40 + 4) / (160 + 16)
    assert tally.effective_tries("people") == pytest.approx(200 / 4)


def test_the_worth_of_tries_gives_the_right_error():
    # descriptions by several sets of columns single out the same people: the spread over worlds
    rng = np.random.default_rng(2)
    shares, expected = [], []
    for _ in range(300):
        seen = rng.random(500) < 0.2
        tally = SinglingOutTally(500, 500)
        for _ in range(5):
            tally.add(1000, seen & (rng.random(500) < 0.9), seen)
        shares.append(tally.share("people"))
        expected.append(tally.share("people") / tally.effective_tries("people"))
    assert np.mean(expected) == pytest.approx(np.var(shares), rel=0.5)
