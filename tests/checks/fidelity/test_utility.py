from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Bars
from tests.worlds import World, find, outcome_of, siblings


def rule(rows, seed, slope=1.5, noise=1.0):
    """Two columns that matter, one that does not; a label and a number that follow from them."""
    rng = np.random.default_rng([11, seed])
    x, z, idle = rng.normal(size=(3, rows))
    kind = rng.choice(["a", "b", "c"], rows)
    effect = slope * x - z + (kind == "a")
    return pd.DataFrame(
        {
            "x": x,
            "z": z,
            "idle": idle,
            "kind": kind,
            "label": np.where(rng.logistic(size=rows) < effect, "yes", "no"),
            "third": np.array(["low", "mid", "high"])[np.digitize(effect + rng.normal(size=rows), [-1, 1])],
            "number": effect + noise * rng.normal(size=rows),
        }
    )


def world(rows=3000, target="label", change=None):
    keep = ["x", "z", "idle", "kind", target]
    real, synthetic, holdout = (rule(rows, seed)[keep] for seed in range(3))
    return World(real, change(synthetic) if change else synthetic, holdout)


def shuffled(frame, *names):
    rng = np.random.default_rng(5)
    return frame.assign(**{name: rng.permutation(frame[name].to_numpy()) for name in names})


@pytest.mark.parametrize("target", ["label", "third", "number"])
def test_siblings_teach_as_much_as_real_rows(target):
    outcome = outcome_of("utility", world(target=target), target=target)
    for measure in outcome.measures:
        assert measure.low < 1 < measure.high
        assert measure.value == pytest.approx(1, abs=0.05)
        assert measure.baseline == 1
    assert outcome.summary["retained"] == pytest.approx(outcome.measures[0].value)
    assert outcome.summary["score_dummy"] == (0 if target == "number" else 0.5)
    assert outcome.summary["importance_agreement"] > 0.7


@pytest.mark.parametrize("target", ["label", "third", "number"])
def test_shuffled_targets_teach_nothing(target):
    outcome = outcome_of("utility", world(target=target, change=lambda f: shuffled(f, target)), target=target)
    assert [m.value for m in outcome.measures] == pytest.approx([0, 0], abs=0.15)
    assert all(m.low < 0.1 for m in outcome.measures)


def test_the_scores_are_what_theory_gives():
    # number = effect + noise: the best share of variance explained is var(effect) / (var(effect) + 1)
    outcome = outcome_of("utility", world(6000, target="number"), target="number")
    variance = 1.5**2 + 1 + 2 / 9
    assert outcome.summary["linear_score_real"] == pytest.approx(variance / (variance + 1), abs=0.02)
    assert outcome.summary["linear_score_synthetic"] == pytest.approx(variance / (variance + 1), abs=0.02)
    assert "accuracy_real" not in outcome.summary


def test_half_of_the_rows_with_noise_retains_the_share_of_a_diluted_rule():
    # least squares on a mixture of a rule and noise learns half the slope: 1 - (1/2)^2 = 3/4 of the skill
    def dilute(frame):
        mixed = shuffled(frame, "number")
        return frame.assign(number=np.where(np.arange(len(frame)) % 2, mixed["number"], frame["number"]))

    outcome = outcome_of("utility", world(6000, target="number", change=dilute), target="number")
    assert find(outcome, name="linear").value == pytest.approx(0.75, abs=0.03)
    assert outcome.summary["retained"] == pytest.approx(0.75, abs=0.05)


def test_a_lost_column_is_seen_in_the_importances():
    outcome = outcome_of("utility", world(change=lambda f: shuffled(f, "x")), target="label")
    assert outcome.measures[0].high < 0.9
    chart = next(c for c in outcome.charts if isinstance(c, Bars))
    at = chart.labels.index("x")
    real, synthetic = (series.values[at] for series in chart.series)
    assert real > 0.1 > 0.03 > synthetic
    assert "differ most in x" in chart.alt


def test_the_sentence_repeats_the_numbers():
    outcome = outcome_of("utility", world(), target="label")
    told = outcome.summary
    assert outcome.measures[0].sentence == (
        f"To predict label in real rows, boosted trees trained on synthetic rows score {told['score_synthetic']:.3f} "
        f"(area under the ROC curve), trained on as many real rows {told['score_real']:.3f}, and guessing 0.5: "
        f"{told['retained']:.1%} of the skill is retained."
    )
    assert outcome.rows_used == {"real": 3000, "synthetic": 3000, "holdout": 3000}


def test_nothing_to_learn_cannot_be_assessed():
    idle = World(*(shuffled(frame, "label") for frame in world(1000).frames().values()))
    with pytest.raises(Skip, match="do not clearly teach to predict label") as skip:
        outcome_of("utility", idle, target="label")
    assert skip.value.grade == "not_assessable"


def test_one_class_in_the_synthetic_rows_teaches_nothing():
    outcome = outcome_of("utility", world(1000, change=lambda f: f.assign(label="yes")), target="label")
    assert [m.value for m in outcome.measures] == [0, 0]
    assert "score_real_on_synthetic" not in outcome.summary


def test_a_class_the_synthetic_rows_lack_costs_skill():
    lost = world(3000, "third", lambda f: f.assign(third=f["third"].replace({"high": "mid"})))
    assert outcome_of("utility", lost, target="third").measures[0].high < 0.9


def test_rare_classes_are_left_out():
    def with_rare(frame):
        return frame.assign(label=np.where(np.arange(len(frame)) < 5, "rare", frame["label"]))

    tables = World(*(with_rare(frame) for frame in world(1000).frames().values()))
    assert outcome_of("utility", tables, target="label").rows_used["real"] == 995


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(label=None), "has no value in the synthetic table"),
        (lambda f: f.assign(label="other"), "Only 0 rows of the synthetic table"),
        (lambda f: f.head(99), "Only 99 rows of the synthetic table"),
    ],
)
def test_too_little_is_said(change, said):
    with pytest.raises(Skip, match=said) as skip:
        outcome_of("utility", world(1000, change=change), target="label")
    assert skip.value.grade == "not_assessable"


def test_one_class_is_said():
    constant = World(*(frame.assign(label="yes") for frame in world(500).frames().values()))
    with pytest.raises(Skip, match="Fewer than two values of the target label are held"):
        outcome_of("utility", constant, target="label")


def test_no_holdout_cannot_be_assessed():
    with pytest.raises(Skip):
        outcome_of("utility", dataclasses.replace(world(500), holdout=None), target="label")


def test_fewer_synthetic_rows_are_met_by_as_few_real_ones():
    outcome = outcome_of("utility", world(2000, change=lambda f: f.head(700)), target="label")
    assert outcome.rows_used == {"real": 700, "synthetic": 700, "holdout": 2000}
    assert outcome.measures[0].low < 1 < outcome.measures[0].high


def test_people():
    outcome = outcome_of("utility", siblings(1500), target="income")
    assert outcome.measures[0].low < 1 < outcome.measures[0].high


@pytest.mark.acceptance
def test_tables_rank_as_published(acceptance_data):
    order = ["synthcity-bayesian_network", "synthcity-ctgan", "gaussian_copula"]
    real, holdout = (pd.read_csv(acceptance_data / "adult" / f"adult_{p}.csv.gz") for p in ("trn", "hol"))
    kept = [
        outcome_of(
            "utility",
            World(real, pd.read_csv(acceptance_data / "adult" / f"adult_{name}.csv.gz"), holdout),
            target="income",
        ).summary["retained"]
        for name in order
    ]
    assert kept == sorted(kept, reverse=True)


def test_classes_told_apart_wholly_keep_all_skill():
    # without a bound on the steps for rare classes, boosted trees lose what they have learnt
    def coded(seed):
        rng = np.random.default_rng([12, seed])
        code = rng.choice(9, 1500, p=[0.4, 0.3, 0.1, 0.1, 0.04, 0.02, 0.02, 0.01, 0.01])
        return pd.DataFrame(
            {"level": code * 1.5, "noise": rng.normal(size=1500), "word": np.array(list("abcdefghi"))[code]}
        )

    outcome = outcome_of("utility", World(*map(coded, range(3))), target="word")
    assert outcome.summary["score_real"] > 0.995
    assert outcome.measures[0].value == pytest.approx(1, abs=5e-3)
