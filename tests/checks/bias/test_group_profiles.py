"""Groups side by side: shares, rates and gaps counted by hand, and nobody shown who is too few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.model import Forest, Matrix
from audit.render.chart_codec import plain_series
from audit.stats.inference.intervals import wilson
from tests.worlds import World, find, outcome_of

ROLES = {"target": "hired", "sensitive": ("sex", "town")}


def table(cells: dict[tuple[str, str, str], int]) -> pd.DataFrame:
    rows = [cell for cell, count in cells.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["sex", "town", "hired"])


REAL = table(
    {("f", "Bonn", "yes"): 60, ("f", "Bonn", "no"): 140, ("f", "Ulm", "no"): 20, ("m", "Bonn", "yes"): 120,
     ("m", "Bonn", "no"): 180, ("m", "Ulm", "yes"): 40, ("m", "Ulm", "no"): 40}
)  # fmt: skip
SYNTHETIC = table(
    {("f", "Bonn", "yes"): 30, ("f", "Bonn", "no"): 270, ("m", "Bonn", "yes"): 150, ("m", "Bonn", "no"): 150,
     ("m", "Ulm", "yes"): 10, ("m", "Ulm", "no"): 40}
)  # fmt: skip


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return outcome_of("group_profiles", World(REAL, SYNTHETIC), **ROLES)


def forest(outcome: Outcome, words: str, *about: str) -> Forest:
    drawn = (c for c in outcome.charts if isinstance(c, Forest))
    (found,) = [c for c in drawn if (c.words, c.about) == (words, about)]
    return found


def values(drawn: Forest | Matrix) -> dict[str, tuple[float | None, ...]]:
    return {series.name: series.values for series in plain_series(drawn)}


def test_shares_are_of_the_rows_of_all_groups(outcome: Outcome) -> None:
    drawn = forest(outcome, "share of rows", "sex")
    assert drawn.groups == ("m", "f")
    assert values(drawn)["real"] == pytest.approx((380 / 600, 220 / 600))
    assert values(drawn)["synthetic"] == pytest.approx((350 / 650, 300 / 650))
    assert values(drawn)["real low"][1] == pytest.approx(wilson(220, 600)[0])


def test_rates_stand_after_everyones(outcome: Outcome) -> None:
    drawn = forest(outcome, "rate of the outcome", "sex", "hired")
    assert drawn.groups == ("everyone", "m", "f")
    assert values(drawn)["real"] == pytest.approx((220 / 600, 160 / 380, 60 / 220))
    assert values(drawn)["synthetic"] == pytest.approx((190 / 650, 160 / 350, 30 / 300))
    assert values(drawn)["synthetic high"][2] == pytest.approx(wilson(30, 300)[1])


def test_a_crossing_of_few_people_is_left_empty(outcome: Outcome) -> None:
    (drawn,) = [c for c in outcome.charts if isinstance(c, Matrix) and c.words == "rate of the outcome"]
    assert drawn.about == ("sex", "town", "hired")
    assert (drawn.rows, drawn.columns) == (("m", "f"), ("Bonn", "Ulm"))
    assert values(drawn)["real"] == pytest.approx((0.4, 0.5, 0.3, None))
    assert values(drawn)["synthetic"] == pytest.approx((0.5, 0.2, 0.1, None))
    assert outcome.summary == {"groups_too_small": 0.0, "crossings_too_small": 1.0}


def test_the_gap_is_inherited_and_added_to(outcome: Outcome) -> None:
    """42.1 % against 27.3 % in the real table, 45.7 % against 10.0 % in the synthetic one."""
    measure = find(outcome, "sex", "hired")
    assert measure.value == pytest.approx((160 / 350 - 30 / 300) - (160 / 380 - 60 / 220))
    assert measure.low is not None and measure.high is not None
    assert measure.low < measure.value < measure.high
    assert measure.low > 0
    assert measure.descriptive
    assert measure.sentence == (
        "The rate of hired = yes lies 14.8 points apart between sex = m and f in the real table, and 35.7 points in "
        "the synthetic one: 14.8 inherited, +20.9 added by the generator."
    )


def test_groups_that_are_too_small_are_counted() -> None:
    real = pd.concat([REAL, table({("x", "Bonn", "no"): 30})], ignore_index=True)
    outcome = outcome_of("group_profiles", World(real, SYNTHETIC), **ROLES)
    assert "x" not in forest(outcome, "share of rows", "sex").groups
    assert outcome.summary["groups_too_small"] == 1.0


def test_without_a_target_shares_alone_are_told() -> None:
    outcome = outcome_of("group_profiles", World(REAL, SYNTHETIC), sensitive=("sex",))
    assert {c.words for c in outcome.charts} == {"share of rows"}
    assert "share of the rows" in find(outcome, "sex").sentence


def test_a_number_counts_above_its_real_median() -> None:
    rng = np.random.default_rng(2)
    real = pd.DataFrame({"sex": np.repeat(["f", "m"], 300), "pay": rng.normal(100, 10, 600)})
    synthetic = real.assign(pay=real["pay"] - np.where(real["sex"] == "f", 40, 0))
    outcome = outcome_of("group_profiles", World(real, synthetic), target="pay", sensitive=("sex",))
    drawn = forest(outcome, "rate of the outcome", "sex", "pay")
    assert values(drawn)["real"][0] == pytest.approx(0.5)
    assert values(drawn)["synthetic"][drawn.groups.index("f")] == pytest.approx(0.0, abs=0.01)


def test_groups_must_be_large_enough() -> None:
    small = World(REAL.groupby("sex").head(30), SYNTHETIC)
    with pytest.raises(Skip, match="two groups of 50"):
        outcome_of("group_profiles", small, sensitive=("sex",))


def test_decisions_of_both_models_stand_by_group() -> None:
    """A model learns from x alone; with synthetic rows of women mixed up it finds fewer of them."""
    rng = np.random.default_rng(6)

    def draw() -> pd.DataFrame:
        x = rng.normal(size=1500)
        sex = rng.choice(["f", "m"], 1500)
        return pd.DataFrame(
            {"x": x, "sex": sex, "hired": np.where(x + rng.normal(0, 0.3, 1500) > 0, "yes", "no")}
        )

    real, synthetic, holdout = draw(), draw(), draw()
    women = (synthetic["sex"] == "f").to_numpy()
    hired = synthetic["hired"].to_numpy(copy=True)
    hired[women] = "no"
    world = World(real, synthetic.assign(hired=hired), holdout)
    outcome = outcome_of("group_profiles", world, target="hired", sensitive=("sex",))
    found = forest(outcome, "true positive rate of a model", "sex", "hired")
    place = found.groups.index("f")
    assert values(found)["real"][place] > 0.8  # type: ignore[operator]
    assert values(found)["synthetic"][place] < 0.1  # type: ignore[operator]
    decided = forest(outcome, "rate a model decides for", "sex", "hired")
    assert values(decided)["real"][0] == pytest.approx((holdout["hired"] == "yes").mean(), abs=0.05)
