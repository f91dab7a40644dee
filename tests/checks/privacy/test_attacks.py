from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from tests.worlds import World, find, is_judged, leaky, outcome_of, siblings, twins


def people(rows, seed):
    """A secret that nothing tells, and three things an attacker knows."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, rows),
            "height": rng.normal(170, 10, rows).round(1),
            "town": rng.choice(list("abcdefgh"), rows),
            "illness": rng.choice(["none", "mild", "grave"], rows),
        }
    )


def world(leaks, rows=800):
    real, synthetic, holdout = (people(rows, seed) for seed in range(3))
    synthetic = pd.concat([real[:leaks], synthetic[leaks:]], ignore_index=True)
    return World(real, synthetic, holdout)


def inference(*args, **options):
    return outcome_of("attribute_inference", *args, **{"secret": ("illness",), **options})


def test_a_secret_that_was_copied_is_told_about_members_alone():
    main = find(inference(world(400)), "illness")
    # half of the members are told right, the others by chance: a risk of one half
    assert main.value == pytest.approx(0.5, abs=0.1)
    assert main.low > 0.09


def test_what_nothing_tells_is_not_inferred():
    outcome = inference(world(0))
    assert find(outcome, "illness").low <= 0
    assert "the most frequent value is right for" in find(outcome, "illness").sentence


def test_a_few_leaks_are_told_where_one_row_alone_matches():
    outcome = inference(world(320), quasi=("age", "town"))
    alone = find(outcome, "illness", name="one_match")
    assert alone.low > 0.02 and is_judged("attribute_inference", alone)
    assert alone.value > find(outcome, "illness").value + 0.1


def test_leaks_about_people_whom_nobody_is_like_are_told_by_themselves():
    outcome = inference(world(120, rows=400), quasi=("age", "town"))
    among, single = (find(outcome, "illness", name=name) for name in ("one_match", "alone"))
    assert single.low > 0.02 and is_judged("attribute_inference", single)
    assert single.n <= among.n
    clean = find(inference(world(0, rows=400), quasi=("age", "town")), "illness", name="alone")
    assert not is_judged("attribute_inference", clean)


def test_what_holds_for_everybody_is_no_disclosure():
    tables = (
        frame.assign(illness=np.where(frame["age"] > 50, "grave", "none"))
        for frame in (people(600, s) for s in range(3))
    )
    main = find(inference(World(*tables)), "illness")
    assert main.low <= 0.02  # nearly everybody is guessed right, in the table or not


def test_without_a_secret_or_a_target_nothing_is_asked():
    with pytest.raises(Skip, match=r"^No column is declared to be secret, and there is no target\.$"):
        outcome_of("attribute_inference", world(0))


def lonely(rows=600, learned=0):
    """People of whom some resemble nobody; the first of these may be learned by heart."""
    tables = [people(rows, seed).drop(columns="illness") for seed in range(3)]
    rng = np.random.default_rng(9)
    for frame in (tables[0], tables[2]):
        frame.loc[:29, "height"] = rng.uniform(0, 100, 30).round(1)
        frame.loc[:29, "age"] = rng.integers(90, 250, 30)
    real, synthetic, holdout = tables
    synthetic = pd.concat([real[:learned], synthetic[learned:]], ignore_index=True)
    return World(real, synthetic, holdout)


def test_outliers_learned_by_heart_are_found():
    outcome = outcome_of("vulnerable_records", lonely(learned=20))
    assert outcome.summary["found"] >= 0.36  # nearly 20 of the 50 who stand out most
    assert find(outcome).low > find(outcome_of("vulnerable_records", lonely())).low + 0.1


def test_those_who_are_most_alone_are_told_by_themselves():
    outcome = outcome_of("vulnerable_records", lonely(learned=20))
    most = find(outcome, name="most_alone")
    assert most.n < find(outcome).n / 2
    assert most.value > find(outcome).value + 0.1  # of 17, nearly all were learned
    assert [m.name for m in outcome_of("vulnerable_records", lonely()).measures] == [""]


def test_outliers_of_one_population_are_not():
    main = find(outcome_of("vulnerable_records", lonely()))
    assert main.low <= 0.03


def test_a_minority_that_was_copied_is_named():
    base = siblings(800)
    women = base.real[base.real["sex"] == "Female"].head(120)
    leaked = pd.concat([women, base.synthetic[120:]], ignore_index=True)
    outcome = outcome_of(
        "vulnerable_records", dataclasses.replace(base, synthetic=leaked), sensitive=("sex",)
    )
    told = find(outcome, name="minority", group="Female")
    assert told.low > 0.1 and is_judged("vulnerable_records", told)


@pytest.mark.parametrize("seed", range(2))
def test_data_of_one_population_was_not_copied(seed):
    main = find(outcome_of("data_copying", siblings(800, seed)))
    assert main.low <= 0.5 <= main.high + 0.02


def test_copies_lie_nearer_than_fresh_people():
    assert find(outcome_of("data_copying", twins(500))).value > 0.99
    assert find(outcome_of("data_copying", leaky(200, 800))).low > 0.55


def test_copies_in_one_part_of_the_table_are_told_there():
    base = siblings(1500)
    old = base.real.sort_values("age", ascending=False).head(250)
    leaked = pd.concat([old, base.synthetic.sort_values("age")[:-250]], ignore_index=True)
    outcome = outcome_of("data_copying", dataclasses.replace(base, synthetic=leaked))
    assert find(outcome, name="worst_part").value > find(outcome).value + 0.03


def test_low_fidelity_hides_copies_from_it():
    base = twins(600)
    far = base.synthetic.assign(age=base.synthetic["age"] + 40, score=base.synthetic["score"] + 60)
    assert find(outcome_of("data_copying", dataclasses.replace(base, synthetic=far))).value < 0.5
