from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from audit.case.binning import MISSING_LABEL
from audit.model import Kind, Role
from tests.worlds import World, case_of, gappy, siblings


@pytest.fixture(scope="module")
def world():
    return gappy(800)


@pytest.fixture(scope="module")
def case(world):
    with case_of(world, target="income") as opened:
        yield opened


def test_the_callers_frames_are_not_changed(world):
    before = {role: frame.copy(deep=True) for role, frame in world.frames().items()}
    with case_of(world) as case:
        for part in case.tables():
            assert part.codes.shape == (800, 9)
    for role, frame in world.frames().items():
        pd.testing.assert_frame_equal(frame, before[role])


def test_parts_and_rows(case):
    assert [part.role for part in case.tables()] == ["real", "synthetic", "holdout"]
    assert case.rows_used() == {"real": 800, "synthetic": 800, "holdout": 800}


def test_columns_by_kind_and_role(case):
    assert [c.name for c in case.of_kind(Kind.KEY)] == ["id"]
    assert [c.name for c in case.of_kind(Kind.DATE)] == ["since"]
    assert [c.name for c in case.with_role(Role.TARGET)] == ["income"]
    assert "id" not in [c.name for c in case.distribution_columns]
    assert len(case.distribution_columns) == 9


@pytest.mark.parametrize("name", ["age", "gain", "score", "since", "city", "work", "income"])
def test_value_counts_agree_with_pandas(name, world, case):
    for role, frame in world.frames().items():
        counts = getattr(case, role).value_counts(name)
        expected = frame[name].value_counts().sort_index()
        assert counts.counts.tolist() == expected.tolist()
        assert counts.missing == frame[name].isna().sum()
        assert counts.filled + counts.missing == len(frame)
        if case.column(name).kind is Kind.DATE:
            expected.index = expected.index.as_unit("s").astype("int64")
        assert counts.values.tolist() == expected.index.tolist()


def code_by_pandas(series, coding):
    """The cell of every value, found a second way."""
    missing = coding.size - 1
    if coding.breaks is None:
        place = {value: i for i, value in enumerate(coding.categories)}
        codes = series.map(lambda v: place.get(v, missing - 1), na_action="ignore")
    else:
        numbers = series.astype("int64") / 1 if series.dtype.kind == "M" else series
        edges = [-np.inf, *coding.breaks[1:-1], np.inf]
        codes = pd.cut(numbers, edges, right=False, labels=False)
    return codes.fillna(missing).astype(int).to_numpy()


@pytest.mark.parametrize("name", ["age", "hours", "gain", "score", "sex", "city", "work", "income"])
def test_codes_agree_with_pandas(name, world, case):
    for role, frame in world.frames().items():
        codes = getattr(case, role).codes[:, case.code_index(name)]
        assert (codes == code_by_pandas(frame[name], case.binning(name))).all()


def test_pair_counts_agree_with_a_crosstab(world, case):
    names = [column.name for column in case.distribution_columns]
    for first, second in pairwise(names):
        a, b = (case.synthetic.codes[:, case.code_index(name)] for name in (first, second))
        table = pd.crosstab(a, b)
        counts = case.synthetic.counts(first, second)
        assert counts.sum() == 800
        assert counts[np.ix_(table.index, table.columns)].tolist() == table.to_numpy().tolist()
        assert (counts.sum(axis=1) == case.synthetic.counts(first)).all()


def test_counts_of_three_columns(case):
    counts = case.real.counts("sex", "city", "income")
    assert counts.sum(axis=(0, 2)).tolist() == case.real.counts("city").tolist()


def test_cells_are_decided_by_the_real_table_alone(world):
    other = World(world.real, world.synthetic.head(10), None)
    with case_of(world) as first, case_of(other) as second:
        for column in first.distribution_columns:
            one, two = first.binning(column.name), second.binning(column.name)
            assert (one.labels, one.size) == (two.labels, two.size)


def test_values_beyond_the_real_range_fall_into_the_outer_cells(world):
    far = world.synthetic.assign(age=np.where(np.arange(800) < 400, -999, 999), city="Atlantis")
    with case_of(World(world.real, far)) as case:
        age, city = case.synthetic.counts("age"), case.synthetic.counts("city")
        assert (age[0], age[-2]) == (400, 400)
        assert city[-2] == 800


def test_the_last_cell_is_missing(case):
    for column in case.distribution_columns:
        assert case.binning(column.name).labels[-1] == MISSING_LABEL
        assert case.real.counts(column.name)[-1] == case.real.value_counts(column.name).missing


def test_generators_depend_on_seed_and_check_only():
    world = siblings(60)
    with case_of(world, seed=1) as one, case_of(world, seed=1) as same, case_of(world, seed=2) as other:
        first = one.rng("a").random(3).tolist()
        assert same.rng("a").random(3).tolist() == first
        assert one.rng("b").random(3).tolist() != first
        assert other.rng("a").random(3).tolist() != first


def test_row_numbers_count_from_one(case):
    rows = case.synthetic.frame.select("row").collect().get_column("row").to_list()
    assert sorted(rows) == list(range(1, 801))


def test_without_a_holdout():
    with case_of(siblings(60, holdout=False)) as case:
        assert case.holdout is None
        assert [part.role for part in case.tables()] == ["real", "synthetic"]
        assert case.rows_used()["holdout"] is None


def test_rows_are_identical_when_every_value_but_keys_is():
    real = pd.DataFrame(
        {
            "id": range(40),
            "a": [1.5, None] * 20,
            "b": ["x", "x", None, "y"] * 10,
            "c": [0.0, 0.0, 1.0, 0.0] * 10,
        }
    )
    with case_of(World(real, real.iloc[::-1].assign(id=range(900, 940)))) as case:
        told = [
            part.frame.select("identity").collect().get_column("identity").to_list() for part in case.tables()
        ]
    groups = real.drop(columns="id").apply(tuple, axis=1).map(repr)
    assert len(set(told[0])) == groups.nunique()
    assert pd.Series(told[0]).groupby(groups.to_list()).nunique().eq(1).all()
    assert told[1] == told[0][::-1]


def test_a_large_table_is_read_column_by_column_with_the_same_result(world, monkeypatch):
    monkeypatch.setattr("audit.case.case_table._KEPT_CELLS", 0)
    with case_of(world) as large, case_of(world) as other:
        assert large.real._in_memory is None
        monkeypatch.undo()
        assert other.real._in_memory is not None
        for column in large.columns:
            one, two = (case.real.value_counts(column.name) for case in (large, other))
            assert one.values.tolist() == two.values.tolist()
            assert one.counts.tolist() == two.counts.tolist()
            assert one.missing == two.missing
        assert (large.real.codes == other.real.codes).all()


def test_shared_work_is_done_once() -> None:
    made = []

    def make() -> int:
        made.append(1)
        return len(made)

    with case_of(siblings(40)) as case:
        assert [case.shared("count", make) for _ in range(3)] == [1, 1, 1]
        assert case.shared("another count", make) == 2
