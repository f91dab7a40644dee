"""model_bias_amplification: decisions by hand, a second way, and worlds whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit import audit_frames
from audit.case.check import Skip
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.model_decisions import ModelRates, decide_share, is_likeliest, make_decisions
from audit.learn.train_synthetic_test_real import tstr_comparisons
from audit.model import Column, Kind, Status
from audit.stats.groups.group_metrics import equalized_odds_difference
from tests.worlds import World, case_of, check_named, find, is_judged, outcome_of

_ASK = {"sensitive": ("g",), "target": "y"}


def _people(rows: int, seed: int, labels: str = "ab") -> pd.DataFrame:
    """Two groups of the same make: an outcome that follows from x and z, and a number that does."""
    rng = np.random.default_rng([5, seed])
    x, z = rng.normal(size=(2, rows))
    effect = 2 * x - z
    return pd.DataFrame(
        {
            "x": x,
            "z": z,
            "g": rng.choice(list(labels), rows),
            "y": np.where(rng.logistic(size=rows) < 2 * effect, "yes", "no"),
            "third": np.array(["low", "mid", "high"])[np.digitize(effect + rng.normal(size=rows), [-1, 1])],
            "number": effect + rng.normal(size=rows),
        }
    )


def _world(target: str = "y", change=None, rows: int = 1500, labels: str = "ab") -> World:  # type: ignore[no-untyped-def]
    real, synthetic, holdout = (_people(rows, seed, labels)[["x", "z", "g", target]] for seed in range(3))
    return World(real, change(synthetic) if change else synthetic, holdout)


def _dealt_anew(frame: pd.DataFrame, target: str = "y") -> pd.DataFrame:
    """In group b the outcome no longer follows from the rest; its rate stays."""
    inside, values = (frame["g"] == "b").to_numpy(), frame[target].to_numpy(copy=True)
    values[inside] = np.random.default_rng(3).permutation(values[inside])
    return frame.assign(**{target: values})


def _by_hand(flips: int = 0) -> ModelRates:
    """Two groups of 100 positives and 100 negatives; synthetic models miss `flips` positives of the second."""
    group, truth = np.repeat([0, 1], 200), np.tile(np.repeat([True, False], 100), 2)
    right = np.stack([truth] * 3)
    wrong = right.copy()
    wrong[:, 200 : 200 + flips] = False
    return ModelRates(group, truth, np.stack([right, wrong]), 2, np.random.default_rng(0))


def test_what_is_added_by_hand() -> None:
    change = _by_hand(30).rate_change(equalized_odds_difference)
    assert float(change.real) == 0
    assert float(change.synthetic) == pytest.approx(0.3)
    assert float(change.value) == pytest.approx(0.3)
    assert float(_by_hand().rate_change(equalized_odds_difference).half) == 0


def test_models_are_averaged_by_hand() -> None:
    group, truth = np.repeat([0, 1], 200), np.tile(np.repeat([True, False], 100), 2)
    decisions = np.stack([np.stack([truth] * 3)] * 2)
    decisions[1, 0, 200:230] = False  # the first of three models misses 30 of 100
    change = ModelRates(group, truth, decisions, 2, np.random.default_rng(0)).rate_change(
        equalized_odds_difference
    )
    assert float(change.value) == pytest.approx(0.1)
    # the three are 0.3, 0, 0: jackknife of groups, sqrt(2/3 * sum of squares around 0.1)
    assert float(change.half) > 2.7764 * np.sqrt(2 / 3 * (0.2**2 + 2 * 0.1**2)) - 1e-9


def test_resampled_cells_are_resampled_rows() -> None:
    rng = np.random.default_rng(4)
    group, truth = rng.integers(0, 2, 1500), rng.random(1500) < 0.4
    decisions = np.stack([np.stack([truth ^ (rng.random(1500) < share)] * 3) for share in (0.1, 0.2)])
    treatment = ModelRates(group, truth, decisions, 2, rng, luck=0.0)

    def odds(weights: np.ndarray, decision: np.ndarray) -> float:
        def rate(g: int, value: bool) -> float:
            rows = (group == g) & (truth == value)
            return float(np.average(decision[rows], weights=weights[rows]))

        return max(abs(rate(0, value) - rate(1, value)) for value in (True, False))

    found = []
    for _ in range(300):
        weights = rng.poisson(1, 1500)
        found.append(odds(weights, decisions[1, 0]) - odds(weights, decisions[0, 0]))
    half = float(treatment.rate_change(equalized_odds_difference).half)
    assert half == pytest.approx(1.96 * np.std(found), rel=0.2)


def test_rules_of_decision() -> None:
    chances = np.array([[0.7, 0.3], [0.4, 0.6], [0.55, 0.45], [0.9, 0.1]])
    assert is_likeliest(chances, 1).tolist() == [False, True, False, False]
    assert decide_share(0.5)(chances, 1).tolist() == [False, True, True, False]


def test_groups_alike_add_nothing() -> None:
    outcome = outcome_of("model_bias_amplification", _world(), **_ASK)
    for name in ("", "linear"):
        measure = find(outcome, "g", "y", name=name)
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low < 0 < measure.high
    assert not is_judged("model_bias_amplification", find(outcome, "g", "y", name="group"))


def test_a_group_whose_outcome_is_dealt_anew_is_named() -> None:
    outcome = outcome_of("model_bias_amplification", _world(change=_dealt_anew), **_ASK)
    measure = find(outcome, "g", "y")
    assert measure.value > 0.1
    assert measure.low is not None
    assert measure.low > 0.05
    assert outcome.summary["equalized_odds_synthetic"] - outcome.summary[
        "equalized_odds_real"
    ] == pytest.approx(measure.value)
    group = find(outcome, "g", "y", name="group")
    assert is_judged("model_bias_amplification", group)
    assert set(group.group or {}) == {"g"}
    assert measure.sentence.startswith(
        "Deciding about y = yes, boosted trees trained on synthetic rows treat groups of g less alike: "
        "equalized odds difference 0.0"
    )
    assert "added by the generator); farthest apart is then the " in measure.sentence


def test_the_numbers_are_those_of_fairlearn() -> None:
    from fairlearn.metrics import MetricFrame, false_positive_rate, true_positive_rate

    with case_of(_world(change=_dealt_anew), **_ASK) as case:
        outcome, both = check_named("model_bias_amplification").measure(case), tstr_comparisons(case)
        assert case.holdout is not None
        group = case.holdout.column("g", both.test.indices)
    yes = both.task.classes.index("yes")
    for table, skill in (("real", both.trees.real), ("synthetic", both.trees.synthetic)):
        frames = [
            MetricFrame(
                metrics={"tpr": true_positive_rate, "fpr": false_positive_rate},
                y_true=(both.test.y == yes).astype(int),
                y_pred=(chances[:, yes] > 0.5).astype(int),
                sensitive_features=group,
            ).by_group
            for chances in skill.predicted
        ]
        mean = sum(frames) / len(frames)
        expected = float((mean.max() - mean.min()).max())
        assert outcome.summary[f"equalized_odds_{table}"] == pytest.approx(expected)


def test_of_three_outcomes_the_worst_is_told() -> None:
    world = _world("third", lambda frame: _dealt_anew(frame, "third"))
    measure = find(
        outcome_of("model_bias_amplification", world, sensitive=("g",), target="third"), "g", "third"
    )
    assert measure.value > 0.1
    assert any(f"Deciding about third = {level}," in measure.sentence for level in ("low", "mid", "high"))


def test_a_numeric_outcome_is_told_by_mean_errors() -> None:
    def shifted(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(number=frame["number"] + 1.0 * (frame["g"] == "b"))

    ask = {"sensitive": ("g",), "target": "number"}
    world = _world("number", shifted)
    outcome = outcome_of("model_bias_amplification", world, **ask)
    (measure,) = outcome.measures
    unit = world.real["number"].std()
    sign = 1 if (measure.group or {})["g"] == "b" else -1
    assert sign * measure.value == pytest.approx(1 / unit, abs=0.08)
    assert measure.low is not None
    assert measure.high is not None
    assert (measure.low > 0) or (measure.high < 0)
    assert outcome.summary["mean_error_gap_synthetic"] > outcome.summary["mean_error_gap_real"]
    (still,) = outcome_of("model_bias_amplification", _world("number"), **ask).measures
    assert still.low is not None
    assert still.high is not None
    assert still.low < 0 < still.high


def test_small_groups_are_named_and_not_judged() -> None:
    def few(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(g=np.where(np.arange(len(frame)) % 30 == 0, "few", frame["g"]))

    world = _world()
    world = World(*(few(frame) for frame in world.frames().values()))
    outcome = outcome_of("model_bias_amplification", world, **_ASK)
    assert find(outcome, "g", "y").sentence.endswith(" Too few holdout rows to be judged: few.")
    assert {(m.group or {}).get("g") for m in outcome.measures} & {"few"} == set()
    with pytest.raises(
        Skip, match=r"^No two groups have 50 holdout rows each with the outcome and 50 without it\.$"
    ):
        outcome_of("model_bias_amplification", _world(labels="ab", rows=180), **_ASK)


def test_fifty_rows_on_either_side_are_enough() -> None:
    groups = Groups(Column("g", Kind.CATEGORY), ("a", "b", "c"), {"a": 0, "b": 1, "c": 2})
    group = np.repeat([0, 1, 2], [150, 149, 0])
    y = np.concatenate([np.arange(150) < 50, np.arange(149) < 100]).astype(float)
    judged = make_decisions(groups, group, y, 1)
    assert judged.labels == ("a",)
    assert judged.small == ("b",)


def test_without_a_holdout_it_says_what_would_allow_it() -> None:
    world = _world(rows=200)
    report = audit_frames(world.real, world.synthetic, checks=("model_bias_amplification",), **_ASK)
    (result,) = report.results
    assert result.result.status is Status.SKIPPED
    (missing,) = report.not_assessed
    assert "pass it as the holdout" in missing.what_would_allow_it
