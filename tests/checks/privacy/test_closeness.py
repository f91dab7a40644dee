from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade, Status
from audit.run.run import audit_frames, run_checks
from tests.worlds import (
    World,
    case_of,
    check_named,
    find,
    is_judged,
    leaky,
    outcome_of,
    people,
    siblings,
    twins,
)


def closeness(world):
    outcome = outcome_of("closeness", world)
    return find(outcome), outcome.summary


def line(values):
    return pd.DataFrame({"x": np.array(values, float)})


def test_nearest_rows_by_hand():
    # all synthetic values lie one beside real ones and four beside the holdout's, then the other way
    real = np.arange(0, 1000, 10)
    near, far = (closeness(World(line(real), line(real + step), line(real + 5)))[0].value for step in (1, 4))
    assert (near, far) == (1.0, 0.0)


def test_numbers_of_one_population_lean_nowhere():
    rng = np.random.default_rng(0)
    shares = [closeness(World(*(line(rng.normal(0, 1, 300)) for _ in range(3))))[0].value for _ in range(15)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.02)


def test_equal_distances_count_one_half():
    same = line([0, 1, 2] * 70)
    m, summary = closeness(World(same, same, same))
    assert (m.value, summary["tie_share"]) == (0.5, 1.0)
    assert m.low <= 0.5 <= m.high


@pytest.mark.parametrize("seed", range(3))
def test_siblings_are_as_close_to_fresh_rows(seed):
    m, _ = closeness(siblings(1500, seed))
    assert abs(m.value - 0.5) < 0.04
    assert m.low < 0.52


def test_copies_lean_on_the_rows_they_come_from():
    assert closeness(twins(600))[0].value > 0.99
    few, many = (closeness(leaky(copies, 1000))[0].value for copies in (50, 500))
    assert few < many
    assert many == pytest.approx(0.75, abs=0.05)  # half copied, the rest even


def test_lightly_changed_copies_are_still_close():
    world = twins(800)
    near = world.synthetic.assign(score=world.synthetic["score"] + 0.5, age=world.synthetic["age"] + 1)
    assert closeness(dataclasses.replace(world, synthetic=near))[0].low > 0.55


def test_tables_of_unequal_size_are_brought_to_one_size():
    world = siblings(1500)
    m, _ = closeness(dataclasses.replace(world, holdout=world.holdout.head(300)))
    assert abs(m.value - 0.5) < 0.06


def test_units_do_not_matter():
    world = siblings(500)
    scaled = World(
        *(f.assign(gain=f["gain"] * 1e6, score=np.exp(f["score"] / 20)) for f in world.frames().values())
    )
    assert closeness(world)[0].value == pytest.approx(closeness(scaled)[0].value, abs=0.02)


@pytest.mark.parametrize("rows", [1, 99])
def test_few_rows_cannot_tell(rows):
    with pytest.raises(Skip) as skip:
        outcome_of("closeness", siblings(rows))
    assert skip.value.reason == "It needs at least 100 rows of each table."


@pytest.mark.parametrize("check_id", ["closeness", "too_good"])
def test_without_a_holdout_it_is_not_assessable(check_id):
    with case_of(siblings(300, holdout=False)) as case:
        (result,) = run_checks(case, [check_named(check_id)])
    assert result.status is Status.SKIPPED
    assert result.grade_if_not_run == "not_assessable"
    assert result.reason == (
        "It compares with real rows that the generator never saw, and no holdout was given."
    )


def test_a_copy_of_few_categories_is_not_called_safe():
    rng = np.random.default_rng(3)
    real, fresh = (pd.DataFrame(rng.choice(["a", "b", "c"], (600, 3)), columns=list("xyz")) for _ in range(2))
    report = audit_frames(real, real.copy(), fresh, checks=("closeness",))
    (judged,) = report.results
    assert judged.result.summary["tie_share"] > 0.99
    assert judged.grade is Grade.INCONCLUSIVE


@pytest.mark.parametrize("copies", [0, 400])
def test_unequal_splits_give_the_same_share(copies):
    pool, synthetic = people(1000, 1), people(1000, 2)

    def share(n):
        real, holdout = pool.iloc[:n].reset_index(drop=True), pool.iloc[n:].reset_index(drop=True)
        taken = real.sample(copies, replace=True, random_state=0)
        return closeness(World(real, pd.concat([taken, synthetic[copies:]], ignore_index=True), holdout))[0]

    even, uneven = share(500), share(900)
    assert uneven.low <= even.value <= uneven.high
    assert (even.low > 0.6) == (uneven.low > 0.55) == bool(copies)


def test_a_leak_in_some_columns_is_told_where_all_together_hide_it():
    world = siblings(600)
    numbers = ["age", "hours", "gain", "score", "since"]
    shuffled = world.synthetic.sample(frac=1, random_state=1).reset_index(drop=True)
    outcome = outcome_of(
        "closeness",
        dataclasses.replace(world, synthetic=shuffled.assign(**{n: world.real[n] for n in numbers})),
    )
    told = find(outcome, name="numbers")
    assert told.value > 0.95 and is_judged("closeness", told)
    assert not is_judged("closeness", find(outcome, name="categories"))
    assert find(outcome).value < told.value


def test_a_holdout_that_the_generator_saw_is_no_control():
    world = siblings(300)
    seen = pd.concat([world.holdout.head(200), world.real.head(100)], ignore_index=True)
    with pytest.raises(Skip) as skip:
        closeness(dataclasses.replace(world, holdout=seen))
    assert skip.value.reason == (
        "33% of the holdout's rows occur in the real table too, where chance explains 0%: "
        "the generator saw them, so they are no control."
    )


def too_good(world):
    return outcome_of("too_good", world).measures[0]


def bootstrap(frame, seed):
    return frame.sample(frac=1, replace=True, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("seed", range(3))
def test_the_three_nulls(seed):
    world = siblings(2000, seed)
    assert too_good(world).value == pytest.approx(1.0, abs=0.15)  # fresh rows
    fitted = dataclasses.replace(world, synthetic=bootstrap(world.real, seed))
    assert too_good(fitted).value == pytest.approx(0.71, abs=0.12)  # a perfect model of the real rows
    assert too_good(twins(2000, seed)).value == 0.0  # a copy


def test_a_worse_table_is_farther_off():
    world = siblings(1000)
    off = world.synthetic.assign(age=world.synthetic["age"] + 10)
    assert too_good(dataclasses.replace(world, synthetic=off)).value > 1.3


def test_lightly_changed_copies_are_too_good():
    world = twins(2000)
    rng = np.random.default_rng(0)
    near = world.synthetic.assign(score=world.synthetic["score"] + rng.normal(0, 0.1, 2000))
    assert too_good(dataclasses.replace(world, synthetic=near)).high < 0.5


def test_a_holdout_of_another_time_makes_no_table_too_good():
    world = siblings(1500)
    drifted = world.holdout.assign(age=world.holdout["age"] + 15, score=world.holdout["score"] * 1.3)
    m = too_good(dataclasses.replace(world, holdout=drifted))
    assert m.value == pytest.approx(1.0, abs=0.2)


def test_sizes_may_differ():
    world = siblings(3000)
    uneven = World(world.real, world.synthetic.head(600), world.holdout.head(900))
    assert too_good(uneven).value == pytest.approx(1.0, abs=0.25)


def test_few_rows_are_not_assessed():
    with pytest.raises(Skip, match=r"^It needs at least 200 rows of each table\.$"):
        outcome_of("too_good", siblings(199))


def test_columns_that_stay_too_close_are_told_where_pairs_came_apart():
    real, fresh = siblings(6000).real, siblings(6000).holdout
    rng = np.random.default_rng(3)
    dealt = real.copy()
    for name in dealt.columns:
        hit = rng.random(len(dealt)) < 0.2
        values = dealt[name].to_numpy().copy()
        values[hit] = values[rng.integers(len(values), size=int(hit.sum()))]
        dealt[name] = values
    outcome = outcome_of("too_good", World(real, dealt.astype(real.dtypes.to_dict()), fresh))
    told = find(outcome, name="columns")
    assert told.value < 0.5 and is_judged("too_good", told)
    assert find(outcome).value > told.value
    drawn = real.sample(len(real), replace=True, random_state=0)  # a perfect model
    perfect = find(outcome_of("too_good", World(real, drawn, fresh)), name="columns")
    assert not is_judged("too_good", perfect)
