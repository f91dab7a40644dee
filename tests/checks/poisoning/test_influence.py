"""influence: rows that harm a model are told by how much and where, harmless ones are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.stats.inference.multiplicity import benjamini_hochberg, benjamini_yekutieli
from tests.worlds import World, find, is_judged, labelled, outcome_of


def _people(rows: int, seed: int) -> pd.DataFrame:
    return labelled(rows, [12, seed], noise=0.3)


def _world(target: str = "y", rows: int = 700, made: int = 700) -> World:
    return World(*(_people(n, seed)[["x", "g", target]] for seed, n in enumerate((rows, made, rows))))


def _outcome(world: World, target: str = "y") -> Outcome:
    return outcome_of("influence", world, sensitive=("g",), target=target)


def _turned(frame: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    return frame.assign(y=frame["y"].where(~rows, frame["y"].map({"yes": "no", "no": "yes"})))


@pytest.mark.parametrize("target", ["y", "number"])
def test_fresh_rows_do_no_harm(target: str) -> None:
    outcome = _outcome(_world(target), target)
    whole = find(outcome)
    assert is_judged("influence", whole)
    assert whole.low is not None
    assert whole.low < 0.005
    assert whole.value < 0.01
    assert not any(is_judged("influence", m) for m in outcome.measures if m.name == "slice")


def test_half_of_the_labels_turned_harm_everybody() -> None:
    world = _world()
    outcome = _outcome(replace(world, synthetic=_turned(world.synthetic, world.synthetic["x"] < 9)))
    whole, line = find(outcome), find(outcome, name="linear")
    # As many turned rows as real ones: at every x both outcomes are equally likely.
    assert whole.value == pytest.approx(0.5 - outcome.summary["loss_real"], abs=0.08)
    assert line.value > 0.2
    assert whole.low is not None
    assert whole.low > 0.1
    assert whole.sentence == (
        f"For fresh real rows, models (boosted trees) give wrong values of y a mean chance of {outcome.summary['loss_added']:.1%} "
        f"where synthetic rows are added, {outcome.summary['loss_real']:.1%} without: {100 * whole.value:.1f} points worse."
    )


def test_harm_to_a_group_is_found_in_the_group() -> None:
    world = _world()
    outcome = _outcome(replace(world, synthetic=_turned(world.synthetic, world.synthetic["g"] == "b")))
    groups = {(m.group or {}).get("g"): m for m in outcome.measures if m.about == ("g",)}
    assert is_judged("influence", groups["b"])
    assert groups["b"].value > 0.1
    assert groups["a"].value < groups["b"].value / 1.5
    assert groups["b"].sentence.startswith("For fresh real rows with g = b, models (")


def test_a_larger_table_harms_more() -> None:
    found = []
    for made in (300, 1800):
        world = _world(made=made)
        turned = _turned(world.synthetic, world.synthetic["g"] == "b")
        found.append(find(_outcome(replace(world, synthetic=turned))).value)
    assert found[1] > found[0] + 0.05


def test_without_a_rule_to_learn_nothing_is_said() -> None:
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"x": rng.normal(size=300), "y": rng.choice(["yes", "no"], 300)}) for _ in range(3)
    ]
    with pytest.raises(Skip, match="do not clearly teach"):
        outcome_of("influence", World(*frames), target="y")


def test_any_dependence_costs_the_harmonic_sum() -> None:
    p = [0.001, 0.2, 0.03]
    assert benjamini_yekutieli(p) == pytest.approx(np.minimum(1, benjamini_hochberg(p) * (1 + 1 / 2 + 1 / 3)))
    assert len(benjamini_yekutieli([])) == 0
