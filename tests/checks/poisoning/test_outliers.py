"""outlier_share and spectral_outliers: rows that lie apart, beside fresh real ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.stats.neighbours.outlyingness import Tails, leading_direction, spectral_scores
from tests.worlds import World, find, outcome_of


def table(rows: int, seed: int) -> pd.DataFrame:
    """Four numbers that have nothing to do with each other, a label and an outcome."""
    rng = np.random.default_rng([26, seed])
    numbers = {f"x{i}": rng.normal(0, 1, rows).round(4) for i in range(4)}
    return pd.DataFrame(
        {**numbers, "kind": rng.choice(list("abc"), rows), "y": rng.choice(["yes", "no"], rows)}
    )


def marked(rows: int, value: float = 4.5) -> World:
    """Some synthetic rows, the first ones, hold one extreme value, all with the same outcome."""
    real, synthetic, holdout = (table(1000, seed) for seed in range(3))
    synthetic.loc[: rows - 1, ["x0", "x1"]] = value
    synthetic.loc[: rows - 1, "y"] = "yes"
    return World(real, synthetic, holdout)


def far_out(world: World) -> Outcome:
    return outcome_of("outlier_share", world, target="y")


def spectral(world: World, target: str = "y") -> Outcome:
    return outcome_of("spectral_outliers", world, target=target)


def test_as_many_fresh_rows_lie_beyond_the_cut_as_synthetic_ones():
    whole = find(far_out(marked(0)))
    assert whole.low is not None
    assert whole.low < 1 < (whole.high or 0) < 3
    assert "Injected" not in whole.sentence  # nothing to explain


def test_extreme_rows_are_counted_and_listed():
    whole = find(far_out(marked(100)))
    assert whole.low is not None
    assert whole.low > 2.5
    assert whole.rows is not None
    assert len(set(whole.rows.examples) & set(range(1, 101))) >= 45
    assert "a generator" in whole.sentence  # nobody is accused


def test_more_extreme_rows_never_lower_the_ratio():
    found = [find(far_out(marked(rows))).value for rows in (0, 50, 150, 400)]
    assert all(after > before for before, after in pairwise(found))


def test_a_mark_of_one_class_is_found_in_that_class():
    outcome = spectral(marked(60))
    yes = find(outcome, name="class", group="yes")
    no = find(outcome, name="class", group="no")
    assert yes.value > 0.05
    assert yes.low is not None
    assert yes.low > 0.02
    assert yes.rows is not None
    assert len(set(yes.rows.examples) & set(range(1, 61))) >= 45
    assert abs(no.value) < 0.02


def test_fresh_rows_stand_out_as_real_ones_do():
    for measure in spectral(marked(0)).measures:
        assert measure.low is not None
        assert measure.low <= 0.005


def test_without_a_target_all_rows_are_one_class():
    world = World(*(frame.rename(columns={"y": "answer"}) for frame in marked(60).frames().values()))
    outcome = spectral(world, target="")
    assert len(outcome.measures) == 1
    assert find(outcome).value > 0.03


def test_without_a_holdout_half_of_the_real_rows_are_the_control():
    world = marked(100)
    bare = World(world.real, world.synthetic)
    outcome = far_out(bare)
    assert outcome.rows_used == {"real": 1000, "synthetic": 1000, "holdout": None}
    assert "real rows that were set aside" in find(outcome).sentence
    assert find(outcome).value > 2
    assert find(spectral(bare), name="class", group="yes").value > 0.05


def test_what_cannot_be_asked_is_said():
    few = World(table(200, 0), table(200, 1), table(200, 2))
    for check in ("outlier_share", "spectral_outliers"):
        with pytest.raises(Skip, match="fewer than 300 rows, too few to tell what is extreme"):
            outcome_of(check, few)
    small = World(table(350, 0), table(350, 1), table(350, 2))
    with pytest.raises(Skip, match="No class has 200 rows"):
        spectral(small)


def test_scores_by_hand():
    # of the values 1, 2, 3, 4 and the codes 0, 0, 0, 1
    learned = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 1.0]])
    tails = Tails(learned, np.array([False, True]))
    # 1: one row as low, twice that is 2; with one row added 3 of 5. Code 0: three rows, 4 of 5.
    assert tails.scores(np.array([[1.0, 0.0]]))[0] == pytest.approx(-np.log(3 / 5) - np.log(4 / 5))
    # beyond all: no row, 1 of 5; an unknown code likewise
    assert tails.scores(np.array([[9.0, 7.0]]))[0] == pytest.approx(-2 * np.log(1 / 5))
    # nothing was missing: as rare
    assert tails.scores(np.array([[np.nan, 0.0]]))[0] == pytest.approx(-np.log(1 / 5) - np.log(4 / 5))


def test_the_direction_is_the_first_singular_vector():
    points = np.random.default_rng(5).normal(0, 1, (300, 6)) * [1, 2, 3, 1, 1, 2]
    centre = points[:100].mean(axis=0)
    first = np.linalg.svd(points - centre, full_matrices=False)[2][0]
    direction = leading_direction(points, centre)
    assert abs(float(first @ direction)) == pytest.approx(1.0)
    expected = ((points - centre) @ first) ** 2
    np.testing.assert_allclose(spectral_scores(points, centre, direction), expected, rtol=1e-6, atol=1e-9)


def test_rows_that_all_lie_apart_stand_out():
    world = marked(0)
    shifted = world.synthetic.assign(**{name: world.synthetic[name] + 9 for name in ("x0", "x1", "x2")})
    assert find(spectral(World(world.real, shifted, world.holdout))).value > 0.9
