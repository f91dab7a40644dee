"""singling_out and linkability: what a description of one row, or two halves of one, gives away."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from tests.worlds import World, find, is_judged, leaky, outcome_of, siblings, twins

BOTH = ("singling_out", "linkability")
both = pytest.mark.parametrize("check", BOTH)


def labels(rows, seed, columns=3, levels=3):
    rng = np.random.default_rng([5, seed])
    return pd.DataFrame({f"c{i}": rng.choice(list("abcdefgh")[:levels], rows) for i in range(columns)})


@both
def test_people_of_one_population_are_not_given_away(check):
    main = find(outcome_of(check, siblings(800, 1)))
    assert main.low <= 0.02
    assert main.low < main.value < main.high or main.value == main.low == 0


@both
def test_a_copy_of_the_table_fails(check):
    world = twins(400)
    report = audit_frames(world.real, world.synthetic, world.holdout, checks=(check,))
    assert report.results[0].grade is Grade.FAIL
    assert find(report.results[0].result).value > 0.8


@both
def test_the_risk_grows_as_copies_do(check):
    # every copied row gives its person away; nobody else is
    few, many = (find(outcome_of(check, leaky(copies, 800))) for copies in (80, 400))
    assert few.low > 0.02
    assert few.value == pytest.approx(0.1, abs=0.04)
    assert many.value == pytest.approx(0.5, abs=0.12)


def test_whole_copies_are_singled_out_once_each():
    # 80 of 800 synthetic rows fit one person each; no other row fits anybody
    outcome = outcome_of("singling_out", leaky(80, 800))
    assert outcome.summary["found"] == pytest.approx(0.1)
    assert outcome.summary["control"] == 0 == outcome.summary["naive"]
    assert "fit exactly one person" in find(outcome).sentence


@both
def test_a_copied_table_of_three_labels_is_not_called_safe(check):
    real, holdout = labels(300, 0), labels(300, 1)
    with pytest.raises(Skip, match=r"copy of the real table would look the same|had been copied") as skipped:
        outcome_of(check, World(real, real.copy(), holdout))
    assert skipped.value.grade is Grade.NOT_ASSESSABLE


@both
def test_many_labels_tell_people_apart_and_ties_raise_no_alarm(check):
    real, synthetic, holdout = (labels(500, seed, 10, 4) for seed in range(3))
    assert find(outcome_of(check, World(real, synthetic, holdout))).low <= 0.02
    assert find(outcome_of(check, World(real, real.copy(), holdout))).low > 0.3


@both
def test_a_table_of_noise_finds_nothing_and_says_so(check):
    world = siblings(400)
    noise = world.synthetic.assign(
        age=lambda f: f["age"] + 500, score=lambda f: f["score"] * 9, city="Ulm", gain=-1.0, work="x"
    )
    main = find(outcome_of(check, dataclasses.replace(world, synthetic=noise)))
    assert main.value == pytest.approx(0.0, abs=0.02)
    if check == "singling_out":
        assert main.sentence.endswith("the attack finds nothing that a naive guess would not find.")


@both
def test_the_holdout_must_be_there_and_fresh(check):
    world = siblings(200)
    with pytest.raises(Skip, match=r"^It compares with real rows that the generator never saw"):
        outcome_of(check, dataclasses.replace(world, holdout=None))
    with pytest.raises(Skip, match=r"occur in the real table too"):
        outcome_of(check, dataclasses.replace(world, holdout=world.real.copy()))


def test_few_rows_cannot_tell():
    with pytest.raises(Skip, match=r"^It needs at least 100 rows of each table\.$"):
        outcome_of("linkability", siblings(90))


def test_a_small_holdout_gives_the_same_risk():
    world = leaky(240, 1200)
    small = dataclasses.replace(world, holdout=world.holdout.head(300))
    whole, part = (find(outcome_of("singling_out", one)) for one in (world, small))
    assert part.value == pytest.approx(whole.value, abs=0.02)
    assert part.low > 0.09


def test_a_value_of_one_column_that_was_copied_is_told():
    # scores are real ones, the rest of each row belongs to somebody else
    world = siblings(800)
    scores = world.real["score"].sample(frac=1, random_state=0).to_numpy()
    outcome = outcome_of(
        "singling_out", dataclasses.replace(world, synthetic=world.synthetic.assign(score=scores))
    )
    told = find(outcome, name="one_column")
    assert told.low > 0.3 and is_judged("singling_out", told)


def test_declared_quasi_identifiers_are_one_of_the_halves():
    outcome = outcome_of("linkability", leaky(300, 600), quasi=("age", "score", "city"))
    assert "quasi-identifiers and the rest, nearest row" in outcome.charts[0].labels
    assert find(outcome).low > 0.09


def test_halves_that_say_nothing_are_not_tried():
    outcome = outcome_of("linkability", leaky(300, 600), quasi=("sex",))
    assert all(name.startswith("columns in turn") for name in outcome.charts[0].labels)
