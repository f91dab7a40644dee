from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from audit.case.check import Skip
from audit.checks.fidelity.pair_associations import chosen_pairs
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import Grade, Result, Status
from tests.worlds import World, case_of, check_named, find, is_judged, outcome_of, people, siblings

ROWS = 8000


def graded(outcome):
    """The grade of the check and the judged measures, by the base policy."""
    card = check_named("pair_associations").card
    (result,) = judge([Result(card, Status.RAN, outcome.measures)], load_policy("base")).results
    return result


def columns(rows, seed):
    """Independent numbers and labels, and two that hang together."""
    rng = np.random.default_rng([seed, 31])
    x = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "x": x,
            "y": 0.6 * x + 0.8 * rng.normal(size=rows),
            "u": rng.exponential(size=rows),
            "v": rng.integers(0, 60, rows),
            "c": rng.choice(list("abcd"), rows),
            "d": rng.choice(["yes", "no"], rows, p=[0.2, 0.8]),
        }
    )


def world(rows=ROWS, seed=0):
    return World(*(columns(rows, 3 * seed + i) for i in range(3)))


def broken(frame, column, share, seed):
    """Recipe 14: one column's values permuted among a share of the rows."""
    rng, frame = np.random.default_rng([14, seed]), frame.copy()
    rows = rng.random(len(frame)) < share
    frame.loc[rows, column] = rng.permutation(frame.loc[rows, column].to_numpy())
    return frame


def coupled(frame, a, b, share, seed):
    """Recipe 15: two columns sorted alongside each other in a share of the rows."""
    rng, frame = np.random.default_rng([15, seed]), frame.copy()
    rows = rng.random(len(frame)) < share
    for name in (a, b):
        frame.loc[rows, name] = np.sort(frame.loc[rows, name].to_numpy())
    return frame


def test_three_coefficients_by_hand():
    real = pd.DataFrame(
        {"x": range(8), "y": [0, 1, 2, 3, 4, 5, 6, 7], "c": list("aaaabbbb"), "d": list("aabbaabb")}
    )
    synthetic = real.assign(y=[7, 6, 5, 4, 3, 2, 1, 0], d=list("aaaabbbb"))
    real, synthetic = (pd.concat([f] * 10, ignore_index=True) for f in (real, synthetic))
    outcome = outcome_of("pair_associations", World(real, synthetic))
    assert find(outcome, "x", "y").value == pytest.approx(-2.0)
    assert find(outcome, "c", "d").value == pytest.approx(1.0)
    # The places 0 to 7 have variance 5.25; groups with means 1.5 and 5.5 explain 4, with 2.5 and 4.5 one.
    after, before = (np.sqrt(1 - (1 - share / 5.25) * 79 / 78) for share in (4, 1))
    assert find(outcome, "x", "d").value == pytest.approx(after - before, abs=1e-9)
    assert find(outcome, "x", "y").sentence == (
        "x and y go together at 1.00 in real rows and -1.00 in synthetic rows (rank correlation)."
    )


def test_the_numbers_of_pairs_are_those_of_scipy():
    w = world(600)
    m = find(outcome_of("pair_associations", w), "x", "y")
    real, synthetic, holdout = (stats.spearmanr(f["x"], f["y"]).statistic for f in w.frames().values())
    assert m.value == pytest.approx(synthetic - real, abs=1e-9)
    assert m.baseline == pytest.approx(holdout - real, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_clean_tables_pass(seed):
    result = graded(outcome_of("pair_associations", world(seed=seed)))
    assert result.grade is Grade.PASS


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_correlation_is_named(seed):
    w = world(seed=seed)
    bad = World(w.real, broken(w.synthetic, "y", 0.2, seed), w.holdout)
    result = graded(outcome_of("pair_associations", bad))
    named = [j.measure.about for j in result.measures if j.grade not in (None, Grade.PASS)]
    assert named == [("x", "y")]
    assert result.grade is Grade.WARN or result.grade is Grade.FAIL


@pytest.mark.parametrize("pair", [("u", "v"), ("v", "d"), ("c", "d")])
def test_an_invented_association_is_named(pair):
    named = []
    for seed in range(5):
        w = world(16_000, seed)
        bad = World(w.real, coupled(w.synthetic, *pair, 0.08, seed))
        outcome = outcome_of("pair_associations", bad)
        told = [m for m in outcome.measures if m.about and is_judged("pair_associations", m)]
        open_or_worse = [
            j.measure.about for j in graded(outcome).measures[1:] if j.grade not in (None, Grade.PASS)
        ]
        named.append([m.about for m in told] == [pair] == open_or_worse)
    assert sum(named) >= 4


def test_five_rows_in_a_hundred_are_enough():
    told = []
    for seed in range(5):
        w = world(20_000, seed)
        bad = World(w.real, coupled(w.synthetic, "u", "v", 0.05, seed))
        told.append(is_judged("pair_associations", find(outcome_of("pair_associations", bad), "u", "v")))
    assert sum(told) >= 4


def test_a_constant_column_is_left_out_and_said_so():
    w = world(300)
    flat = World(w.real, w.synthetic.assign(c="a"), w.holdout)
    outcome = outcome_of("pair_associations", flat)
    assert not [m for m in outcome.measures if "c" in m.about]
    assert "5 more pairs hold a column that does not vary" in outcome.measures[0].sentence


def test_nothing_varies():
    flat = pd.DataFrame({"a": ["x"] * 60, "b": [1.0] * 60})
    with pytest.raises(Skip, match="No two columns vary together") as caught:
        outcome_of("pair_associations", World(flat, flat))
    assert caught.value.grade is Grade.NOT_ASSESSABLE


def test_missing_cells_leave_rows_out():
    w = world(900)
    holes = w.synthetic.copy()
    holes.loc[:299, ["x", "c"]] = None
    m = find(outcome_of("pair_associations", World(w.real, holes)), "x", "y")
    filled = midranks_of(holes["x"]), midranks_of(holes["y"])
    keep = ~np.isnan(filled[0])
    expected = np.corrcoef(filled[0][keep], filled[1][keep])[0, 1]
    assert m.value + stats.spearmanr(w.real["x"], w.real["y"]).statistic == pytest.approx(expected, abs=1e-9)


def midranks_of(series):
    return series.astype(float).rank().to_numpy()


def test_pairs_of_many_columns_are_chosen_by_name_and_role():
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(rng.integers(0, 3, (60, 110)).astype(str), columns=[f"c{i:03}" for i in range(110)])
    backwards = wide[wide.columns[::-1]]
    chosen = []
    for frame in (wide, backwards):
        with case_of(World(frame, frame), target="c007") as case:
            pairs = chosen_pairs(case)
        assert len(pairs) == len(set(pairs)) == 5000
        assert sum("c007" in pair for pair in pairs) == 109
        chosen.append({frozenset(pair) for pair in pairs})
    assert chosen[0] == chosen[1]


def test_the_map_holds_signed_differences():
    w = siblings(600)
    outcome = outcome_of("pair_associations", World(w.real, w.synthetic))
    (chart,) = outcome.charts
    grid = np.array(chart.series[0].values, dtype=float).reshape(len(chart.columns), -1)
    m = max(outcome.measures[1:], key=lambda m: abs(m.value))
    a, b = (chart.columns.index(name) for name in m.about)
    assert grid[a, b] == grid[b, a] == m.value
    assert np.isnan(np.diag(grid)).all()


def test_chance_is_taken_off():
    values = [
        outcome_of("pair_associations", World(people(800, s), people(500, 90 + s))).measures[0].value
        for s in range(6)
    ]
    assert abs(np.mean(values)) < 0.006
