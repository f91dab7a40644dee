from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from audit.stats.distributions.distances import expected_total_variation
from tests.worlds import (
    World,
    case_of,
    check_named,
    find,
    gappy,
    is_judged,
    outcome_of,
    siblings,
    strangers,
    twins,
)


def table(**shares):
    """A column x with so many rows of each value, and a constant beside it."""
    return pd.DataFrame({"x": [v for v, n in shares.items() for _ in range(n)]})


def shapes(real, synthetic, holdout=None):
    return outcome_of("column_shapes", World(real, synthetic, holdout))


TRUTH = [
    # real, synthetic, total variation by hand
    (table(a=60, b=40), table(a=60, b=40), 0.0),
    (table(a=60, b=40), table(a=50, b=50), 0.1),
    (table(a=60, b=40), table(a=30, b=20), 0.0),
    (table(a=60, b=40), table(b=100), 0.6),
    (table(a=60, b=40), table(c=100), 1.0),
    (table(a=60, b=40), table(a=60, c=40), 0.4),
    (table(a=100), table(a=100), 0.0),
    (table(a=96, b=4), table(a=96, c=4), 0.0),  # b is too rare for a cell of its own: both are "other"
]


@pytest.mark.parametrize(("real", "synthetic", "distance"), TRUTH)
def test_a_category_by_hand(real, synthetic, distance):
    outcome = shapes(real, synthetic)
    chance = expected_total_variation(real["x"].value_counts().to_numpy(), len(real), len(synthetic))
    m = find(outcome, "x")
    assert m.value == pytest.approx(distance - chance, abs=1e-9)
    assert m.low <= m.value <= m.high
    assert m.n == len(synthetic)
    assert outcome.summary["accuracy"] == pytest.approx(1 - distance)
    assert outcome.summary["expected_accuracy"] == pytest.approx(1 - chance)


def test_numbers_are_cut_at_the_real_quantiles():
    real = pd.DataFrame({"x": np.arange(100.0)})
    # the lower half of the synthetic rows lies below everything: the lowest tenth holds half of them
    synthetic = pd.DataFrame({"x": [-1.0] * 50 + list(np.arange(50.0, 100.0))})
    distance = 1 - shapes(real, synthetic).summary["accuracy"]
    assert distance == pytest.approx(0.41, abs=0.02)  # 0.5 of the rows in a cell that holds 0.09 or 0.1


def test_missing_values_have_a_cell_of_their_own():
    real = pd.DataFrame({"x": ["a"] * 50 + [None] * 50})
    synthetic = pd.DataFrame({"x": ["a"] * 80 + [None] * 20})
    assert shapes(real, synthetic).summary["accuracy"] == pytest.approx(0.7)


def test_a_column_without_synthetic_values():
    real, synthetic = pd.DataFrame({"x": range(100), "y": 1}), pd.DataFrame({"x": [None] * 100, "y": 1})
    assert find(shapes(real, synthetic), "x").value > 0.8


def test_one_row_each():
    outcome = shapes(table(a=1), table(a=1))
    assert find(outcome, "x").value == 0.0


def test_only_keys_are_no_shape():
    keys = pd.DataFrame({"id": range(100)})
    with pytest.raises(Skip, match=r"^No column has a distribution to compare\.$"):
        shapes(keys, keys)


def test_the_mean_stands_first_and_the_baseline_is_the_holdouts():
    world = siblings(1200)
    outcome = outcome_of("column_shapes", world)
    mean, *columns = (m for m in outcome.measures if not m.name)
    assert mean.about == ()
    assert mean.value == pytest.approx(np.mean([m.value for m in columns]))
    swapped = outcome_of("column_shapes", World(world.real, world.holdout, world.synthetic))
    for m, other in zip(outcome.measures, swapped.measures, strict=True):
        assert m.baseline == pytest.approx(other.value)


def test_the_sentence_names_the_cell_that_differs_most():
    m = find(shapes(table(a=600, b=400), table(a=500, b=500)), "x")
    assert m.sentence == (
        "10.0% of the rows would have to change to make x match, where chance explains 1.7%: x is a in "
        "60.0% of real rows and 50.0% of synthetic rows."
    )


@pytest.mark.parametrize("check_id", ["column_shapes", "pair_shapes"])
def test_copies_lie_below_chance_siblings_at_it_strangers_far_off(check_id):
    twin, sibling, stranger = (
        outcome_of(check_id, make(1000)).measures[0].value for make in (twins, siblings, strangers)
    )
    assert twin < -0.005
    assert abs(sibling) < 0.01
    assert stranger > 0.3


@pytest.mark.parametrize("check_id", ["column_shapes", "pair_shapes"])
def test_gaps_alike_in_both_tables_are_no_difference(check_id):
    assert abs(outcome_of(check_id, gappy(1000)).measures[0].value) < 0.01


def pairs(real, synthetic):
    return outcome_of("pair_shapes", World(pd.DataFrame(real), pd.DataFrame(synthetic)))


def test_a_lost_relation_by_hand():
    both = {"x": ["a", "b"] * 50, "y": ["u", "v"] * 50}
    apart = {"x": ["a", "a", "b", "b"] * 25, "y": ["u", "v"] * 50}
    outcome = pairs(both, apart)
    # half of the rows sit in cells that no real row holds; each column alone is right
    assert outcome.summary["accuracy"] == pytest.approx(0.5)
    assert (
        outcome_of("column_shapes", World(pd.DataFrame(both), pd.DataFrame(apart))).summary["accuracy"] == 1
    )
    assert find(outcome, "x", "y").sentence.startswith(
        "50.0% of the rows would have to change to make x and y"
    )


def test_every_pair_is_compared_once():
    outcome = outcome_of("pair_shapes", siblings(300))
    about = [m.about for m in outcome.measures[1:]]
    assert len(about) == len(set(map(frozenset, about))) == 9 * 8 // 2


def test_pair_shapes_need_two_columns():
    assert "two_columns" in check_named("pair_shapes").needs


def test_charts_tell_shares_of_all_rows():
    world = siblings(400)
    outcome = outcome_of("column_shapes", world)
    with case_of(world) as case:
        assert len(outcome.charts) == len(case.distribution_columns)
    for chart in outcome.charts:
        assert [s.name for s in chart.series] == ["real", "synthetic", "holdout"]
        for series in chart.series:
            assert sum(series.values) == pytest.approx(1)


def test_the_difference_map_is_symmetric_and_joint_views_are_the_worst_pairs():
    outcome = outcome_of("pair_shapes", strangers(400))
    grid, *joint = outcome.charts
    k = len(grid.columns)
    cells = np.array([np.nan if v is None else v for v in grid.series[0].values]).reshape(k, k)
    assert np.allclose(cells, cells.T, equal_nan=True)
    assert np.isnan(np.diag(cells)).all()
    worst = max(outcome.measures[1:], key=lambda m: m.value)
    assert set(joint[0].about) == set(worst.about)


def test_of_many_columns_a_choice_of_pairs_is_compared_whatever_their_order():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(0, 3, (30, 103)), columns=[f"c{i}" for i in range(103)])
    straight, turned = (
        {frozenset(m.about): m.value for m in outcome_of("pair_shapes", World(f, f)).measures[1:]}
        for f in (wide, wide[wide.columns[::-1]])
    )
    assert len(straight) == 5000
    assert straight == pytest.approx(turned)


def spiked(rows, seed, zeros=0.6, scale=1.0):
    """A share of the rows at zero, the others continuous."""
    rng = np.random.default_rng([3, seed])
    return pd.DataFrame({"x": np.where(rng.random(rows) < zeros, 0.0, scale * rng.exponential(100, rows))})


def test_atoms_and_the_rest_by_hand():
    # 60 rows at 0 and 40 off it in the real table, 50 and 50 in the synthetic one; the rest is alike
    real = pd.DataFrame({"x": [0.0] * 60 + list(np.arange(1.0, 41.0))})
    synthetic = pd.DataFrame({"x": [0.0] * 50 + list(np.arange(1.0, 41.0)) + list(np.arange(1.0, 41.0, 4))})
    outcome = shapes(real, synthetic)
    atoms, between = (find(outcome, "x", name=name) for name in ("atoms", "between_atoms"))
    assert atoms.value == pytest.approx(0.1 - expected_total_variation(np.array([60, 40]), 100, 100))
    assert between.value == pytest.approx(-expected_total_variation(np.full(10, 4), 40, 50), abs=0.02)
    assert atoms.sentence.startswith("x = 0 holds 60.0% of real rows and 50.0% of synthetic ones;")


def test_a_lost_spike_fails_though_the_rest_is_right():
    real, synthetic = spiked(3000, 0), spiked(3000, 1, zeros=0.0)
    report = audit_frames(real, synthetic, None, checks=("column_shapes",))
    (finding,) = [f for f in report.findings if "x = 0 holds" in f.sentence]
    assert finding.grade is Grade.FAIL
    assert "0.0% of synthetic ones" in finding.sentence
    assert find(shapes(real, synthetic), "x", name="between_atoms").value < 0.02


def test_a_wrong_rest_fails_though_the_spike_is_right():
    real, synthetic = spiked(3000, 0), spiked(3000, 1, scale=4.0)
    report = audit_frames(real, synthetic, None, checks=("column_shapes",))
    graded = {j.measure.name: j.grade for j in report.results[0].measures if j.measure.about}
    assert graded["between_atoms"] is Grade.FAIL
    assert graded["atoms"] is not Grade.FAIL


def test_few_rows_off_the_spike_are_shown_not_judged():
    outcome = shapes(spiked(1000, 0), spiked(1000, 1))
    between = find(outcome, "x", name="between_atoms")
    assert not is_judged("column_shapes", between)
    assert between.sentence.endswith("such rows are few to judge.")
    assert not is_judged("column_shapes", find(outcome, "x", name="atoms"))


@pytest.mark.parametrize("seed", range(4))
def test_spikes_of_one_population_pass(seed):
    real, synthetic = spiked(16_000, 2 * seed), spiked(16_000, 2 * seed + 1)
    report = audit_frames(real, synthetic, None, checks=("column_shapes",))
    assert report.results[0].grade is Grade.PASS
    assert not any(j.grade is None for j in report.results[0].measures)


@pytest.mark.parametrize(
    "values",
    [np.arange(2000.0), np.arange(2000.0) % 7, np.zeros(2000), np.where(np.arange(2000) % 3, 1.0, 2.0)],
)
def test_only_columns_that_mix_both_have_parts(values):
    frame = pd.DataFrame({"x": values, "y": ["a", "b"] * 1000})
    assert not any(m.name for m in shapes(frame, frame).measures)


def test_a_spike_that_few_people_hold_is_not_shown():
    real, synthetic = spiked(2000, 0), spiked(2000, 1)
    real.loc[0, "x"] = 4321.25
    synthetic.loc[:399, "x"] = 4321.25
    m = find(shapes(real, synthetic), "x", name="atoms")
    assert "4321" not in m.sentence
    assert "x at one rare value holds" in m.sentence


@pytest.mark.acceptance
def test_the_lost_zeros_of_a_published_table(acceptance_data):
    files = ("adult_trn.csv.gz", "adult_gretel-TabularDP-e100.csv.gz", "adult_hol.csv.gz")
    frames = [pd.read_csv(acceptance_data / "adult" / name) for name in files]
    report = audit_frames(*frames, checks=("column_shapes",))
    (finding,) = [f for f in report.findings if "capital-gain = 0" in f.sentence]
    assert finding.grade is Grade.FAIL
    assert "holds 91.7% of real rows and 0.1% of synthetic ones" in finding.sentence
