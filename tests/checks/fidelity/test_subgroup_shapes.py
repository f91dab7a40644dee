from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from audit.stats.distributions.distances import total_variation, total_variation_slopes
from audit.stats.inference.permutation import (
    grouped_slopes,
    grouped_total_variation,
    larger_by_chance,
    relabelled_total_variation,
)
from tests.worlds import World, find, is_judged, outcome_of, siblings

COUNTS = [
    ([3, 2], [1, 4]),
    ([1, 1, 1, 0], [0, 1, 0, 2]),
    ([2, 0, 1], [2, 1, 0]),
    ([4], [3]),
]


@pytest.mark.parametrize(("left", "right"), COUNTS)
def test_the_relabelling_mean_equals_all_relabellings(left, right):
    rows = np.repeat(np.tile(np.arange(len(left)), 2), [*left, *right])
    places = range(len(rows))
    distances = []
    for chosen in combinations(places, sum(left)):
        ours = rows[list(chosen)]
        others = rows[[i for i in places if i not in chosen]]
        distances.append(total_variation(*(np.bincount(p, minlength=len(left)) for p in (ours, others))))
    mean = relabelled_total_variation(np.array([left]), np.array([right]))[0][0]
    # binomial deviations with the factor of a finite population stand for hypergeometric ones
    assert mean == pytest.approx(np.mean(distances), rel=0.12)


@pytest.mark.parametrize(
    ("cells", "n", "m"), [(2, 300, 300), (12, 150, 400), (100, 200, 200), (144, 120, 110)]
)
def test_mean_and_spread_hold_in_simulation(cells, n, m):
    rng = np.random.default_rng(cells)
    p = rng.dirichlet(np.full(cells, 0.4 if cells > 2 else 5.0))
    left, right = rng.multinomial(n, p, 4000), rng.multinomial(m, p, 4000)
    distance = grouped_total_variation(left, right)
    mean, spread = relabelled_total_variation(left, right)
    off = (distance - mean).mean() / (distance.std() / np.sqrt(4000))
    assert abs(off) < 4.5, "sparse cells must not shift the mean"
    assert spread.mean() == pytest.approx((distance - mean).std(), rel=0.12)
    for level in (0.01, 0.001):
        alarms = (larger_by_chance(distance, mean, spread) < level).mean()
        assert alarms <= level + 3 * np.sqrt(level / 4000) + 0.001


def test_groups_are_measured_as_tables_are():
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 30, (3, 12)), rng.integers(0, 30, (3, 12))
    for g in range(3):
        assert grouped_total_variation(left, right)[g] == pytest.approx(total_variation(left[g], right[g]))
        assert grouped_slopes(left, right)[g] == pytest.approx(total_variation_slopes(left[g], right[g]))


def test_one_way_to_deal_leaves_nothing_to_chance():
    mean, spread = relabelled_total_variation(np.array([[7, 0]]), np.array([[5, 0]]))
    assert (mean[0], spread[0]) == (0, 0)
    assert larger_by_chance(np.zeros(1), mean, spread)[0] == 1


def town(rows, seed):
    """Four columns that go together, and a tenth of the people in a group of their own."""
    rng = np.random.default_rng([5, seed])
    group = rng.choice(["most", "some", "few"], rows, p=[0.7, 0.2, 0.1])
    x = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "group": group,
            "a": x.round(2),
            "b": (x + 0.5 * rng.normal(size=rows)).round(2),
            "c": np.where(x + 0.5 * rng.normal(size=rows) > 0, "yes", "no"),
            "d": rng.choice(list("pqr"), rows),
        }
    )


def broken(frame, label, share, seed=0):
    """Column b permuted among a share of the rows of one group."""
    rng, frame = np.random.default_rng(seed), frame.copy()
    rows = np.flatnonzero((frame["group"] == label).to_numpy())
    rows = rng.choice(rows, int(share * len(rows)), replace=False)
    frame.loc[rows, "b"] = frame["b"].to_numpy()[rng.permutation(rows)]
    return frame


def shapes(real, synthetic, holdout=None):
    return outcome_of("subgroup_shapes", World(real, synthetic, holdout), sensitive=("group",))


def test_a_group_is_compared_as_if_it_were_the_table():
    real, synthetic, holdout = (town(3000, i) for i in range(3))
    synthetic = broken(synthetic, "few", 1.0)
    outcome = shapes(real, synthetic, holdout)
    alone = outcome_of(
        "pair_shapes",
        World(*(f[f["group"] == "most"].drop(columns="group") for f in (real, synthetic, holdout))),
    )
    m = find(outcome, group="most")
    assert m.n == (synthetic["group"] == "most").sum()
    assert m.value == pytest.approx(alone.measures[0].value, abs=0.01)
    assert m.baseline == pytest.approx(alone.measures[0].baseline, abs=0.01)
    assert m.group == {"group": "most"}


@pytest.mark.parametrize("seed", range(5))
def test_a_break_in_one_group_is_named_there(seed):
    real, synthetic = town(16_000, 2 * seed), broken(town(16_000, 2 * seed + 1), "few", 0.6, seed)
    report = audit_frames(real, synthetic, None, checks=("subgroup_shapes",), sensitive=("group",))
    found = [f for f in report.findings if f.grade in (Grade.FAIL, Grade.WARN)]
    assert {str(f.group) for f in found if f.group} == {"{'group': 'few'}"}
    assert any(f.about == ("b",) for f in found)
    head = report.results[0].result.measures[0]
    assert "group = few" in head.sentence
    assert "the whole table" in head.sentence


@pytest.mark.parametrize("seed", range(5))
def test_samples_of_one_population_pass(seed):
    world = World(*(town(16_000, 50 + 3 * seed + i) for i in range(3)))
    report = audit_frames(
        world.real, world.synthetic, world.holdout, checks=("subgroup_shapes",), sensitive=("group",)
    )
    assert report.results[0].grade is Grade.PASS
    assert not any(m.measure.name for m in report.results[0].measures)


def test_what_is_wrong_everywhere_is_not_told_for_each_group():
    real, synthetic = town(8000, 0), town(8000, 1)
    synthetic["b"] = np.random.default_rng(0).permutation(synthetic["b"])
    outcome = shapes(real, synthetic)
    assert not any(m.name for m in outcome.measures)
    assert outcome.measures[0].value > 0.05
    assert outcome.measures[0].value < 2 * outcome.summary["overall"]


def test_two_sensitive_columns_are_crossed():
    world = siblings(1500)
    outcome = outcome_of("subgroup_shapes", world, sensitive=("sex", "work"), target="income")
    groups = [m.group for m in outcome.measures if m.group and not m.name]
    assert {"sex": "Male", "work": "public"} in groups
    assert {"income": "high"} in groups
    assert {tuple(sorted(g)) for g in groups} == {("sex",), ("work",), ("income",), ("sex", "work")}


def test_a_number_makes_groups_of_its_bins():
    outcome = outcome_of("subgroup_shapes", siblings(2000), sensitive=("age",))
    assert sum("age" in (m.group or {}) for m in outcome.measures) >= 8


def test_small_groups_are_counted_not_judged():
    real, synthetic = town(1500, 0), town(1500, 1)
    synthetic = synthetic[(synthetic["group"] != "few") | (np.arange(1500) % 3 == 0)]
    outcome = shapes(real, synthetic)
    assert not any(is_judged("subgroup_shapes", m) for m in outcome.measures if m.group)
    assert {str(m.group) for m in outcome.measures if m.group} == {"{'group': 'most'}", "{'group': 'some'}"}
    assert outcome.measures[0].sentence.endswith("3 of 3 groups are too small to judge.")


def test_no_group_no_number():
    numbers = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)).round(2), columns=list("abc"))
    with pytest.raises(Skip):
        outcome_of("subgroup_shapes", World(numbers, numbers))


def test_the_order_of_rows_is_irrelevant():
    real, synthetic = town(2000, 0), town(2000, 1)
    turned = shapes(real.sample(frac=1, random_state=1), synthetic.sample(frac=1, random_state=2))
    for m in shapes(real, synthetic).measures:
        if m.group and not m.name:
            (label,) = m.group.values()
            assert find(turned, group=label).value == pytest.approx(m.value)
