"""inflated_cells: rows written many times, clusters, and what must not be taken for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Measure
from tests.worlds import World, case_of, find, outcome_of, siblings

OTHERS = ["age", "sex", "city", "work", "hours", "gain", "score", "since", "income"]


def measured(world: World) -> Measure:
    return find(outcome_of("inflated_cells", world))


def cloned(world: World, times: int, seed: int = 0, column: str | None = None) -> World:
    """One synthetic row written over others; one column of the copies kept as it was."""
    rng = np.random.default_rng(seed)
    synthetic = world.synthetic.copy()
    source, *targets = rng.choice(len(synthetic), times + 1, replace=False)
    for name in OTHERS:
        if name != column:
            synthetic.loc[targets, name] = synthetic.loc[source, name]
    return replace(world, synthetic=synthetic)


@pytest.mark.parametrize("seed", range(2))
def test_one_row_written_sixteen_times_is_found(seed: int) -> None:
    measure = measured(cloned(siblings(16_000, 0), 16, seed))
    assert measure.value == pytest.approx(0.001, abs=0.0002)
    assert measure.low == measure.high == measure.value
    assert measure.rows is not None
    assert measure.rows.count >= 17


def test_the_rows_listed_are_the_clones() -> None:
    world = siblings(3000, 1)
    synthetic = world.synthetic.copy()
    synthetic.loc[100:139, OTHERS] = synthetic.loc[[7] * 40, OTHERS].to_numpy()
    measure = measured(replace(world, synthetic=synthetic.astype(world.synthetic.dtypes.to_dict())))
    assert measure.rows is not None
    assert {8, *range(101, 140)} <= set(measure.rows.examples)
    assert measure.sentence.startswith("41 synthetic rows (1.4%) lie in 1 inflated combination of 9 columns;")


def test_a_cluster_that_varies_in_one_column_is_found() -> None:
    measure = measured(cloned(siblings(4000, 2), 30, 3, column="score"))
    assert measure.value >= 0.006
    assert ", score left out;" in measure.sentence


def test_half_a_table_of_one_row_is_not_excused_by_its_own_margins() -> None:
    measure = measured(cloned(siblings(2000, 0), 1000))
    assert measure.value > 0.4


def test_counts_agree_with_a_second_way() -> None:
    world = cloned(siblings(2000, 4), 60)
    with case_of(world) as case:
        rows = [tuple(row) for row in case.synthetic.codes.tolist()]
        assert case.holdout is not None
        pool = {tuple(row) for part in (case.real, case.holdout) for row in part.codes.tolist()}
    top, count = Counter(rows).most_common(1)[0]
    measure = measured(world)
    assert measure.rows is not None
    assert top not in pool
    assert measure.rows.count == count
    assert measure.value == count / 2000


@pytest.mark.parametrize("column", ["city", "gain", "age"])
def test_one_wrong_column_is_not_told_again(column: str) -> None:
    """A new spike in one column belongs to value_spikes; combinations are as real otherwise."""
    world = siblings(4000, 5)
    few = ["sex", "city", "work", "income", "gain", "age"]
    synthetic = world.synthetic[few].copy()
    value = {"city": "Erfurt", "gain": 12345.0, "age": 88}[column]
    synthetic.loc[:1999, column] = value
    assert world.holdout is not None
    assert measured(World(world.real[few], synthetic, world.holdout[few])).value == 0


def test_fresh_rows_show_nothing() -> None:
    for seed in range(2):
        outcome = outcome_of("inflated_cells", siblings(1500, seed))
        assert find(outcome).value == 0
        variety = find(outcome, name="variety")
        assert variety.high is not None and variety.high < 0.1


def test_variety_by_hand() -> None:
    real = pd.DataFrame({"a": list("xy") * 200, "b": [1, 1, 2, 2] * 100})
    synthetic = pd.DataFrame({"a": ["x"] * 400, "b": [1] * 400})
    measure = find(outcome_of("inflated_cells", World(real, synthetic)), name="variety")
    assert measure.value == pytest.approx(0.75)
    assert measure.sentence == (
        "400 synthetic rows hold 1 different combination of cells; as many real rows 4."
    )


def test_no_combination_that_few_people_hold_is_named() -> None:
    rng = np.random.default_rng(0)
    real = pd.DataFrame({c: rng.choice(list("pqrstuvw"), 400) for c in "abcdef"})
    synthetic = pd.DataFrame({c: rng.choice(list("pqrstuvw"), 400) for c in "abcdef"})
    synthetic.loc[:59] = real.loc[0].to_numpy()
    sentence = measured(World(real, synthetic)).sentence
    named = dict(part.split(" = ") for part in sentence.partition("(with ")[2].partition(")")[0].split(", "))
    held = np.logical_and.reduce([real[column] == value for column, value in named.items()])
    assert len(named) >= 1
    assert held.sum() >= 10


def test_one_column_has_no_combinations() -> None:
    one = pd.DataFrame({"a": list("xy") * 50, "b": "same"})
    with pytest.raises(Skip, match="no combinations"):
        outcome_of("inflated_cells", World(one, one))
