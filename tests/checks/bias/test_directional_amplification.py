"""directional_amplification: tables by hand, and a model that follows the group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from tests.worlds import World, find, outcome_of

_ASK = {"sensitive": ("g",), "target": "y"}


def _people(**counts: int) -> pd.DataFrame:
    pairs = [name.split("_") for name, n in counts.items() for _ in range(n)]
    return pd.DataFrame(
        {"g": [p[0] for p in pairs], "y": [p[1] for p in pairs], "x": np.arange(len(pairs)) % 7}
    )


_REAL = _people(a_yes=400, a_no=600, b_yes=200, b_no=800)


def test_both_directions_by_hand() -> None:
    outcome = outcome_of(
        "directional_amplification", World(_REAL, _people(a_yes=500, a_no=500, b_yes=100, b_no=900)), **_ASK
    )
    forward = find(outcome, "g", "y")
    assert forward.value == pytest.approx(0.1)
    assert forward.sentence == (
        "From group to outcome, the link of g and y is stronger than in the real table by 10.0 points on average."
    )
    assert forward.low is not None
    assert forward.low > 0
    # of yes: 400/600 becomes 500/600; of no: 600/1400 becomes 500/1400
    backward = find(outcome, "g", "y", name="group_from_outcome")
    assert backward.value == pytest.approx((100 / 600 + 100 / 1400) / 2)
    told = find(outcome, "g", "y", name="predictability")
    assert told.sentence.startswith(
        "Knowing g takes away 4.8% of the uncertainty about y in the real table and 19.0%"
    )
    assert all(measure.descriptive for measure in outcome.measures)


def test_a_model_of_rows_in_which_the_outcome_follows_the_group() -> None:
    def people(seed: int, pull: float) -> pd.DataFrame:
        rng = np.random.default_rng([6, seed])
        x, g = rng.normal(size=1200), rng.choice(["a", "b"], 1200)
        score = 2 * x + pull * (g == "a") - pull * (g == "b")
        return pd.DataFrame({"x": x, "g": g, "y": np.where(rng.logistic(size=1200) < score, "yes", "no")})

    world = World(people(0, 0.3), people(1, 1.5), people(2, 0.3))
    measure = find(outcome_of("directional_amplification", world, **_ASK), "g", "y", name="model")
    assert measure.baseline is not None
    assert measure.value > measure.baseline + 0.1
    assert "; with a model of real rows by " in measure.sentence


def test_a_number_is_not_assessable() -> None:
    frame = _REAL.assign(y=np.arange(len(_REAL)) * 1.5)
    with pytest.raises(
        Skip, match=r"^No two groups of ten real people or more have an outcome of labels to compare\.$"
    ):
        outcome_of("directional_amplification", World(frame, frame), **_ASK)
