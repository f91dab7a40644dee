"""label_flips: labels changed at random, in a class or in a group are counted where they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.stats.models.confident_learning import confident_classes, joint_counts, thresholds
from tests.worlds import World, find, is_judged, labelled, outcome_of


def _people(rows: int, seed: int) -> pd.DataFrame:
    """With an outcome of three classes too."""
    people, noise = labelled(rows, [11, seed]), np.random.default_rng([13, seed]).normal(0, 0.2, rows)
    return people.assign(z=np.array(["low", "mid", "top"])[np.digitize(people["x"] + noise, [-0.6, 0.6])])


def _flipped(frame: pd.DataFrame, share: float, inside: str = "") -> pd.DataFrame:
    may = frame.eval(inside).to_numpy() if inside else np.ones(len(frame), dtype=bool)
    hit = may & (np.random.default_rng(1).random(len(frame)) < share)
    return frame.assign(y=np.where(hit, np.where(frame["y"] == "yes", "no", "yes"), frame["y"]))


def _outcome(
    share: float = 0.0, inside: str = "", *, rows: int = 1500, target: str = "y", holdout: bool = True
) -> Outcome:
    real, synthetic, fresh = (_people(rows, seed) for seed in range(3))
    frames = [frame[["x", "g", target]] for frame in (real, _flipped(synthetic, share, inside), fresh)]
    return outcome_of(
        "label_flips", World(*(frames if holdout else frames[:2])), sensitive=("g",), target=target
    )


@pytest.mark.parametrize("holdout", [True, False])
def test_clean_labels_are_no_more_flipped_than_real_ones(holdout: bool) -> None:
    outcome = _outcome(holdout=holdout)
    whole = find(outcome)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < 0 < whole.high
    assert whole.value == pytest.approx(0, abs=0.02)
    assert not any(is_judged("label_flips", m) for m in outcome.measures if m.name)
    assert (outcome.rows_used or {})["holdout"] == (1500 if holdout else None)


@pytest.mark.parametrize("holdout", [True, False])
def test_one_label_in_ten_is_read_as_one_in_ten(holdout: bool) -> None:
    outcome = _outcome(0.1, holdout=holdout)
    whole, second = find(outcome), find(outcome, name="neighbours")
    assert whole.value == pytest.approx(0.1, abs=0.03)
    assert second.value == pytest.approx(0.1, abs=0.05)
    assert whole.low is not None
    assert whole.low > 0.03
    assert whole.sentence.startswith(
        f"By what real rows teach, {100 * whole.value:.1f} more in 100 labels of y look flipped than in "
        f"{'fresh real' if holdout else 'real'} rows (models contradict "
    )
    assert whole.sentence.endswith(
        "where the outcome's rule has changed (see Concept drift) it looks the same."
    )
    assert second.descriptive
    assert outcome.summary["error_synthetic"] - outcome.summary["error_real"] > 0.05


def test_flips_of_a_class_are_named_by_the_class_they_made() -> None:
    outcome = _outcome(0.15, "y == 'no'")
    made, other = (find(outcome, "y", name="class", group=label) for label in ("yes", "no"))
    # Of 7.5 rows in 100 that were turned, those that the models are confident of are seen.
    assert 0.04 < made.value < 0.09
    assert is_judged("label_flips", made)
    assert not is_judged("label_flips", other)
    assert made.group == {"y": "yes"}
    assert made.sentence == (
        f"{100 * made.value:.1f} in 100 synthetic rows more than in fresh real rows carry y = yes although models of "
        "real rows are confident of no."
    )


def test_flips_of_a_group_are_named_by_the_group() -> None:
    outcome = _outcome(0.2, "g == 'b'")
    found = {
        (m.group or {})["g"]: m
        for m in outcome.measures
        if m.name == "group" and (m.group or {})["y"] == "yes"
    }
    assert is_judged("label_flips", found["b"])
    assert found["b"].value > 0.05
    assert not is_judged("label_flips", found["a"])
    assert found["b"].about == ("g", "y")
    assert "rows with g = b more" in found["b"].sentence


def test_three_classes_tell_which_two_changed_places() -> None:
    real, synthetic, fresh = (_people(1500, seed)[["x", "z"]] for seed in range(3))
    hit = (synthetic["z"] == "low") & (np.random.default_rng(2).random(1500) < 0.2)
    broken = synthetic.assign(z=synthetic["z"].where(~hit, "top"))
    outcome = outcome_of("label_flips", World(real, broken, fresh), target="z")
    clear = [m for m in outcome.measures if m.name == "class" and is_judged("label_flips", m)]
    assert [m.group for m in clear] == [{"z": "top"}]
    assert clear[0].sentence.endswith("carry z = top although models of real rows are confident of low.")


@pytest.mark.parametrize(
    ("target", "rows", "reason"),
    [
        ("number", 300, r"^The target number is a number; only labels can be flipped\.$"),
        ("y", 60, r"^Only 60 rows of the real table have a value of y"),
    ],
)
def test_what_cannot_be_said_is_said(target: str, rows: int, reason: str) -> None:
    with pytest.raises(Skip, match=reason):
        _outcome(target=target, rows=rows)


@pytest.mark.parametrize("holdout", [True, False])
def test_an_outcome_that_follows_from_nothing_is_not_judged(holdout: bool) -> None:
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"x": rng.normal(size=300), "y": rng.choice(["yes", "no"], 300)}) for _ in range(3)
    ]
    with pytest.raises(Skip, match="do not clearly teach"):
        outcome_of("label_flips", World(*frames[: 3 if holdout else 2]), target="y")


def test_the_confident_joint_by_hand() -> None:
    chances = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    labels = np.array([0, 0, 1, 1, 1])
    least = thresholds(chances, labels)
    assert least == pytest.approx([0.8, (0.8 + 0.4 + 0.5) / 3])
    taken = confident_classes(chances, least)
    assert taken.tolist() == [0, -1, 1, -1, -1]
    assert joint_counts(labels, taken, 2).tolist() == [[1, 0, 1], [0, 1, 2]]


def test_a_class_that_nobody_carries_is_never_believed() -> None:
    least = thresholds(np.array([[0.4, 0.6], [0.3, 0.7]]), np.array([0, 0]))
    assert confident_classes(np.array([[0.1, 0.9], [0.5, 0.5]]), least).tolist() == [-1, 0]
