"""Energy distance: all columns together, and embeddings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from audit.case.check import Skip
from audit.checks import all_checks
from audit.learn.embedding import embed
from audit.model import Grade, Status
from audit.run.run import audit_frames
from audit.stats.distributions.energy import frechet_distance
from tests.worlds import World, case_of, check_named, find, outcome_of, siblings, strangers


def vectors(rows, coordinates=6, seed=0, shift=0.0, labels=False):
    found = np.random.default_rng([8, seed]).normal(0, 1, (rows, coordinates)).astype(np.float32)
    found[:, 0] += shift
    columns = {"picture": pa.array(list(found), pa.list_(pa.float32()))}
    return pa.table(columns | ({"label": ["cat", "dog"] * (rows // 2)} if labels else {}))


def numbers(rows, coordinates, seed, shift=0.0):
    found = np.random.default_rng([6, seed]).normal(0, 1, (rows, coordinates))
    found[:, 0] += shift
    return pd.DataFrame(found, columns=[f"x{i}" for i in range(coordinates)])


def test_the_ratio_equals_the_definition_by_brute_force():
    world = siblings(120)
    with case_of(world) as case:
        outcome = check_named("energy_distance").measure(case)
        chosen = [(part, np.arange(120)) for part in (case.synthetic, case.holdout, case.real)]
        x, y, z = (p.astype(float) for p in embed(case, chosen, (1, 2)))

    def mean(a, b):
        return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)).mean()

    unbiased = 2 * mean(x, y) - (mean(x, x) + mean(y, y)) * 120 / 119
    pool = np.vstack([y, z])
    chance = mean(pool, pool) * 240 / 239 * (1 / 2000 + 1 / 2000)
    m = outcome.measures[0]
    assert m.value == pytest.approx(max(0.0, 1 + unbiased / chance))
    assert outcome.summary["ratio"] == m.value
    assert outcome.summary["energy_distance"] == pytest.approx(2 * mean(x, y) - mean(x, x) - mean(y, y))
    assert outcome.rows_used == {"real": 120, "synthetic": 120, "holdout": 120}


def test_samples_of_one_population_lie_as_far_apart_as_chance_says():
    found = [
        outcome_of("energy_distance", World(*(numbers(2000, 8, 3 * s + i) for i in range(3))))
        for s in range(4)
    ]
    for outcome in found:
        (m,) = outcome.measures
        assert m.low < 1 < m.high < 1.8
        assert m.value == pytest.approx(1, abs=0.45)
        assert m.baseline == pytest.approx(1, abs=0.45)
        assert abs(outcome.summary["mmd"]) < 0.001
    assert np.mean([outcome.summary["p_value"] for outcome in found]) > 0.1


@pytest.mark.parametrize("rows", [800, 3000])
def test_the_ratio_is_told_at_2000_rows_however_many_there_are(rows):
    world = World(numbers(rows, 6, 1), numbers(rows, 6, 2, shift=0.8), numbers(rows, 6, 3))
    (m,) = outcome_of("energy_distance", world).measures
    assert m.low < 48.8 < m.high  # as 8,000 rows of each say


def test_strangers_lie_far_away():
    outcome = outcome_of("energy_distance", strangers(400))
    (m,) = outcome.measures
    assert m.low > 100
    assert outcome.summary["p_value"] == pytest.approx(1 / 201)
    assert outcome.summary["mmd"] > 0.1
    assert m.sentence == (
        f"All columns together, synthetic rows lie {m.value:.2f} times as far from fresh real rows as real rows do "
        "from each other by chance, at 2,000 rows of each; no random relabelling shows as much."
    )
    assert outcome.charts[0].title == "Synthetic rows lie farther from fresh rows than real ones do"


def test_a_break_that_no_column_and_no_pair_shows_is_seen():
    def exclusive(rows, seed, broken):
        rng = np.random.default_rng([4, seed])
        a, b, noise = rng.integers(0, 2, (3, rows))
        return pd.DataFrame({"a": a, "b": b, "c": noise if broken else a ^ b}).astype(str).add_prefix("q")

    world = World(exclusive(2000, 1, False), exclusive(2000, 2, True), exclusive(2000, 3, False))
    (m,) = outcome_of("energy_distance", world).measures
    assert m.low > 3


def test_without_a_holdout_the_real_table_stands_in():
    outcome = outcome_of("energy_distance", siblings(300, holdout=False))
    (m,) = outcome.measures
    assert m.baseline == 1.0
    assert "as far from real rows as" in m.sentence
    assert outcome.charts == ()
    assert outcome.rows_used["holdout"] is None


def test_copies_of_the_rows_seen_lie_no_nearer_to_fresh_ones():
    world = siblings(600)
    copied = outcome_of("energy_distance", dataclasses.replace(world, synthetic=world.real.copy())).measures[
        0
    ]
    assert copied.value == pytest.approx(copied.baseline)


@pytest.mark.parametrize(
    ("world", "reason", "grade"),
    [
        (siblings(99), "It needs at least 100 rows of each table.", Grade.NOT_ASSESSABLE),
        (
            World(*(pd.DataFrame({"id": range(200)}) for _ in range(2))),
            "No column has a distribution to compare.",
            Grade.NOT_APPLICABLE,
        ),
        (
            World(pd.DataFrame({"x": [1.5] * 200}), pd.DataFrame({"x": [1.5, 2.5] * 100})),
            "All fresh real rows are the same, so they lie at no distance from each other.",
            Grade.NOT_APPLICABLE,
        ),
    ],
)
def test_where_it_says_nothing(world, reason, grade):
    with pytest.raises(Skip) as skip:
        outcome_of("energy_distance", world)
    assert (skip.value.reason, skip.value.grade) == (reason, grade)


def test_frechet_distance_of_vectors_is_shown_with_that_of_real_ones():
    world = World(vectors(900, seed=1), vectors(800, seed=2, shift=2.0), vectors(700, seed=3))
    outcome = outcome_of("energy_distance", world)
    m = find(outcome, "picture", name="frechet")
    assert m.descriptive
    assert m.value == pytest.approx(4.0, abs=0.6)  # the gap of the means, squared
    assert 0 < m.baseline < 0.1
    assert m.n == 700
    assert m.sentence == (
        f"Synthetic vectors of picture lie at a Fréchet distance of {m.value:.4g} from fresh real ones, in the "
        f"squared unit of the vectors and at 700 rows of each; real vectors lie at {m.baseline:.4g}."
    )
    assert outcome.measures[0].low > 3


def test_frechet_distance_is_that_of_the_rows_where_all_are_used():
    world = World(vectors(300, seed=1), vectors(300, seed=2))
    m = find(outcome_of("energy_distance", world), "picture", name="frechet")
    ours, theirs = (np.array(t["picture"].to_pylist()) for t in (world.synthetic, world.real))
    assert m.value == pytest.approx(frechet_distance(ours, theirs), rel=1e-6)
    assert m.baseline is None


def test_too_few_rows_for_the_coordinates_are_said_instead_of_a_number():
    outcome = outcome_of("energy_distance", World(*(vectors(150, 100, seed) for seed in range(3))))
    (m,) = outcome.measures
    assert m.sentence.endswith(
        " picture has 100 coordinates, so a Fréchet distance needs 200 rows of each table."
    )


@pytest.mark.parametrize("labels", [False, True], ids=["vectors alone", "vectors and a label"])
@pytest.mark.parametrize("coordinates", [6, 40])
def test_an_audit_of_embeddings_runs_or_says_why_not(labels, coordinates):
    tables = [vectors(300, coordinates, seed, shift, labels) for seed, shift in ((1, 0), (2, 3.0), (3, 0))]
    checks = [check.card.id for check in all_checks() if not check.background]
    report = audit_frames(*tables, target="label" if labels else "", checks=checks)
    broken = [r.result.card.id for r in report.results if r.result.status is Status.FAILED]
    assert broken == []
    by_id = {r.result.card.id: r for r in report.results}
    assert by_id["energy_distance"].grade is Grade.FAIL
    assert by_id["closeness"].result.status is Status.RAN
    assert {m.measure.about for m in by_id["missing_shares"].measures} >= {("picture",)}
    assert by_id["column_shapes"].result.status is (Status.RAN if labels else Status.SKIPPED)


def test_a_lost_list_is_a_missing_value():
    world = World(vectors(400, seed=1), vectors(400, seed=2))
    lists = [None if i % 10 == 0 else v for i, v in enumerate(world.synthetic["picture"].to_pylist())]
    gappy = dataclasses.replace(
        world, synthetic=pa.table({"picture": pa.array(lists, pa.list_(pa.float32()))})
    )
    assert find(outcome_of("missing_shares", gappy), "picture").value == pytest.approx(0.1)


def test_copied_and_repeated_vectors_are_found():
    world = World(vectors(200, seed=1), vectors(200, seed=2), vectors(200, seed=3))
    copied = pa.concat_tables([world.real.slice(0, 30), world.real.slice(0, 10), world.synthetic.slice(40)])
    leaky = dataclasses.replace(world, synthetic=copied)
    assert outcome_of("copied_rows", leaky).summary["share"] == pytest.approx(0.2)
    assert find(outcome_of("duplicate_rows", leaky)).value > 0.03
