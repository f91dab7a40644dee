"""label_noise: labels drawn at random in one group are found there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from tests.worlds import World, find, is_judged, labelled, outcome_of


def _people(rows: int, seed: int) -> pd.DataFrame:
    return labelled(rows, [8, seed])


def _tossed(frame: pd.DataFrame, share: float, label: str = "b") -> pd.DataFrame:
    rng = np.random.default_rng(1)
    hit = (frame["g"] == label).to_numpy() & (rng.random(len(frame)) < share)
    coin = np.where(rng.random(len(frame)) < 0.5, "yes", "no")
    return frame.assign(y=np.where(hit, coin, frame["y"]))


def _outcome(share: float = 0.0, rows: int = 2000, target: str = "y") -> Outcome:
    real, synthetic, holdout = (_people(rows, seed) for seed in range(3))
    frames = [frame[["x", "g", target]] for frame in (real, _tossed(synthetic, share), holdout)]
    return outcome_of("label_noise", World(*frames), sensitive=("g",), target=target)


def test_clean_labels_are_as_reliable() -> None:
    for measure in _outcome().measures:
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low < 0 < measure.high
        assert measure.value == pytest.approx(0, abs=0.03)


def test_a_coin_for_two_labels_in_five_leaves_one_in_five_wrong() -> None:
    outcome = _outcome(0.4)
    tossed, other = (find(outcome, "g", "y", group=label) for label in "ba")
    assert tossed.value == pytest.approx(0.2, abs=0.04)
    assert is_judged("label_noise", tossed)
    assert tossed.low is not None
    assert tossed.low > 0.1
    assert other.value == pytest.approx(0, abs=0.03)
    assert tossed.sentence == (
        f"By what real rows teach, {100 * tossed.value:.1f} points more labels of y look wrong for g = b "
        "than in fresh real rows."
    )
    assert outcome.summary == {"largest": pytest.approx(tossed.value)}
    (chart,) = outcome.charts
    assert chart.labels == ("a", "b")


def test_a_number_has_no_wrong_labels() -> None:
    with pytest.raises(Skip, match=r"^The target number is a number; only labels can be wrong or right\.$"):
        _outcome(target="number", rows=300)


def test_groups_of_few_rows_are_left_out() -> None:
    frames = [_people(400, seed)[["x", "g", "y"]] for seed in range(3)]
    frames[2] = frames[2].assign(g=np.where(np.arange(400) < 40, "b", "a"))
    outcome = outcome_of("label_noise", World(*frames), sensitive=("g",), target="y")
    assert [m.group for m in outcome.measures] == [{"g": "a"}]
