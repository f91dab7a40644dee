from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.declare.options import Options
from audit.errors import OptionError
from audit.stats.privacy.epsilon import least_epsilon
from tests.worlds import World, find, leaky, outcome_of, siblings


def claim(world, **options):
    return outcome_of("privacy_claim", world, **{"epsilon": 1.0, **options})


def test_copies_refute_a_claim():
    outcome = claim(leaky(200, 800))
    assert find(outcome).value > 1.0
    # 200 right guesses of 200; one copied row is one right guess; five ways of guessing share the level
    by_hand = least_epsilon(200, 200, 800, 0.0, 1e-4 / 5) / 2
    assert outcome.summary["epsilon_at_least"] == pytest.approx(by_hand, abs=0.05)


def test_a_larger_claim_is_not_refuted_by_the_same_copies():
    assert find(claim(leaky(200, 800), epsilon=5.0)).value < 1.0


def test_delta_gives_way():
    strict, loose = (find(claim(leaky(200, 800), delta=delta)).value for delta in (0.0, 1e-4))
    assert loose < strict


def test_a_table_of_the_same_people_refutes_nothing():
    assert [find(claim(siblings(400, seed))).value for seed in range(2)] == [0.0, 0.0]


def randomised(frame, epsilon, rng):
    """Every cell of a row told by randomised response, the guarantee split evenly: epsilon for the row."""
    each = epsilon / len(frame.columns)
    result = frame.copy()
    for name in frame.columns:
        levels = sorted(frame[name].unique())
        kept = np.exp(each) / (np.exp(each) + len(levels) - 1)
        # Any level, the true one included, stands for the rest.
        drawn = rng.choice(levels, len(frame))
        change = rng.random(len(frame)) >= (kept - 1 / len(levels)) / (1 - 1 / len(levels))
        result[name] = np.where(change, drawn, frame[name])
    return result


def test_a_true_claim_is_not_refuted():
    rng = np.random.default_rng(4)
    for seed in range(5):
        real, holdout = (
            pd.DataFrame({name: rng.choice(["a", "b", "c", "d"], 300) for name in "uvw"}) for _ in range(2)
        )
        outcome = claim(World(real, randomised(real, 1.0, rng), holdout), seed=seed)
        assert find(outcome).value <= 1.0


def test_without_a_claim_there_is_nothing_to_check():
    with pytest.raises(Skip, match=r"^No guarantee was declared\.$"):
        claim(siblings(200), epsilon=0.0)


def test_a_holdout_that_was_seen_is_no_coin():
    world = siblings(200)
    with pytest.raises(Skip, match=r"occur in the real table too"):
        claim(dataclasses.replace(world, holdout=world.real.copy()))


@pytest.mark.parametrize(("name", "number"), [("epsilon", -1.0), ("epsilon", float("inf")), ("delta", 1.0)])
def test_impossible_claims_are_refused(name, number):
    with pytest.raises(OptionError, match=f"^The option {name} is "):
        Options(real="a", synthetic="b", **{name: number})
