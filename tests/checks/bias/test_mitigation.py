"""Weights help where the mix is wrong, and are said not to help where the relations are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.learn.training import TaskRows, boosting, find_task, linear, sample_task_rows
from tests.worlds import World, case_of, find, outcome_of

ROLES = {"target": "hired", "sensitive": ("sex",)}


def people(rows: int, seed: int, gap: float = 0.0) -> pd.DataFrame:
    """Two groups whose outcome follows from a score, and a hint of the group."""
    rng = np.random.default_rng([9, seed])
    woman = rng.random(rows) < 0.5
    score = rng.normal(size=rows)
    chance = 1 / (1 + np.exp(-2 * score + gap * woman))
    return pd.DataFrame(
        {
            "sex": np.where(woman, "f", "m"),
            "score": score.round(3),
            "hired": np.where(rng.random(rows) < chance, "yes", "no"),
        }
    )


def robbed(frame: pd.DataFrame) -> pd.DataFrame:
    """Without four in five of the women who were hired: the mix is wrong, what is left is right."""
    rng = np.random.default_rng(4)
    gone = (frame["sex"] == "f") & (frame["hired"] == "yes") & (rng.random(len(frame)) < 0.8)
    return frame[~gone].reset_index(drop=True)


def muddled(frame: pd.DataFrame) -> pd.DataFrame:
    """The women's outcomes dealt anew: the mix is right, what leads to the outcome is lost."""
    women = (frame["sex"] == "f").to_numpy()
    hired = frame["hired"].to_numpy(copy=True)
    hired[women] = np.random.default_rng(5).permutation(hired[women])
    return frame.assign(hired=hired)


def mended(change: object, rows: int = 3000) -> Outcome:
    world = World(people(rows, 0), change(people(rows, 1)), people(rows, 2))  # type: ignore[operator]
    return outcome_of("mitigation", world, **ROLES)


@pytest.fixture(scope="module")
def helped() -> Outcome:
    return mended(robbed, 5000)


def test_weights_bring_back_rows_that_are_too_few(helped: Outcome) -> None:
    gain = find(helped, "sex", "hired")
    assert gain.high is not None and gain.baseline is not None
    assert gain.high < 0
    assert gain.value == pytest.approx(gain.baseline, abs=0.06)  # nearly all that could be gained
    assert "the weights take away" in gain.sentence and gain.sentence.endswith("beyond chance.")
    assert all(measure.descriptive for measure in helped.measures)


def test_the_gap_in_the_rows_is_closed_wholly(helped: Outcome) -> None:
    data = find(helped, "sex", "hired", name="data_gap")
    assert data.value < -0.2
    assert data.sentence.endswith("and 0.0 points with weights.")


def test_what_it_costs_is_told(helped: Outcome) -> None:
    cost = find(helped, "hired", name="utility")
    assert cost.low is not None and cost.high is not None
    assert cost.low <= cost.value <= cost.high
    assert 0.5 < helped.summary["score_weighted"] <= 1
    assert helped.summary["effective_rows"] < 4000


def test_weights_do_not_mend_what_is_wrong_within_a_group() -> None:
    outcome = mended(muddled)
    gain = find(outcome, "sex", "hired")
    assert gain.low is not None and gain.high is not None
    assert gain.low <= 0 <= gain.high
    assert gain.baseline is not None and gain.baseline < -0.15
    assert "leave the model's gap as it was" in gain.sentence


def test_it_is_not_asked_where_nothing_is_off() -> None:
    with pytest.raises(Skip, match="nothing asks for mending"):
        mended(lambda frame: frame)


def test_a_number_is_no_decision() -> None:
    frames = [people(400, seed).assign(pay=lambda f: f["score"] * 3) for seed in range(3)]
    with pytest.raises(Skip, match="the target is a number"):
        outcome_of("mitigation", World(*frames), target="pay", sensitive=("sex",))


@pytest.mark.parametrize("learner", [boosting, linear])
def test_a_row_of_weight_two_counts_as_two_rows(learner: object) -> None:
    frame = people(400, 1)
    with case_of(World(frame, frame, frame), **ROLES) as case:
        task = find_task(case)
        rows = sample_task_rows(case, case.real, task, 400, np.random.default_rng(0))
        twice = np.repeat(np.arange(400), np.where(rows.y == 1, 2, 1))
        weighted = learner(task, TaskRows(rows.x, rows.y, rows.indices, np.where(rows.y == 1, 2.0, 1.0)))  # type: ignore[operator]
        repeated = learner(task, rows.take(twice))  # type: ignore[operator]
        plain = learner(task, rows)  # type: ignore[operator]
        told = [model(rows.x.matrix)[:, 1].mean() for model in (weighted, repeated, plain)]
    assert told[0] == pytest.approx(told[1], abs=0.02)
    assert told[0] > told[2] + 0.05
