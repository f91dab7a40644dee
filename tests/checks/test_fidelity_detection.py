from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.check import Skip
from tests.worlds import World, find, outcome_of, siblings, strangers


def test_siblings_cannot_be_told_apart():
    outcome = outcome_of("detectability", siblings(1500))
    m = find(outcome)
    assert m.low < 0.5 < m.high
    assert m.value == outcome.summary["auc"]
    assert m.baseline == outcome.summary["auc_baseline"] == pytest.approx(0.5, abs=0.05)
    assert m.sentence.startswith(
        "Shown a real and a synthetic row, a learner picks the synthetic one right 5"
    )


def test_strangers_are_known_at_once_and_the_telling_column_is_named():
    world = siblings(1000)
    shifted = world.synthetic.assign(score=world.synthetic["score"] + 40)
    outcome = outcome_of("detectability", dataclasses.replace(world, synthetic=shifted))
    m = find(outcome)
    assert m.value > 0.95
    assert "what gives it away most: score" in m.sentence
    assert outcome.charts[0].title == "score gives synthetic rows away most"
    assert outcome_of("detectability", strangers(600)).measures[0].value == 1.0


def test_a_column_that_moved_by_one_deviation_is_as_detectable_as_theory_says():
    # two normals one deviation apart: area = Phi(1 / root 2) = 0.760
    rng = np.random.default_rng(0)
    real, synthetic = (
        pd.DataFrame({"x": rng.normal(m, 1, 4000), "y": rng.normal(0, 1, 4000)}) for m in (0, 1)
    )
    m = find(outcome_of("detectability", World(real, synthetic)))
    assert m.value == pytest.approx(0.760, abs=0.02)
    assert m.baseline == 0.5


def test_an_invented_category_gives_rows_away():
    world = siblings(800)
    invented = world.synthetic.assign(city=np.where(np.arange(800) % 2, "Atlantis", world.synthetic["city"]))
    assert outcome_of("detectability", dataclasses.replace(world, synthetic=invented)).measures[0].value > 0.7


def test_the_holdout_takes_the_place_of_the_rows_the_generator_saw():
    world = siblings(600)
    copied = dataclasses.replace(world, synthetic=world.real.copy())
    assert abs(outcome_of("detectability", copied).measures[0].value - 0.5) < 0.06


@pytest.mark.parametrize("rows", [1, 249])
def test_few_rows_cannot_tell(rows):
    with pytest.raises(Skip) as skip:
        outcome_of("detectability", siblings(rows))
    assert skip.value.reason == "A learner needs at least 250 rows of each table."
    assert skip.value.grade == "not_assessable"


def test_many_categories_and_missing_values_are_taken_as_they_are():
    rng = np.random.default_rng(1)
    frames = [
        pd.DataFrame(
            {
                "word": rng.integers(0, 300, 600).astype(str),
                "gap": np.where(rng.random(600) < 0.5, np.nan, rng.random(600)),
            }
        ).assign(word=lambda f: "w" + f["word"])
        for _ in range(2)
    ]
    m = find(outcome_of("detectability", World(*frames)))
    assert m.low < 0.55
