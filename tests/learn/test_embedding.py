"""Rows as points, and columns of vectors on their way there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from audit.errors import InputError
from audit.learn.embedding import embed, has_points
from audit.learn.features import features
from audit.model import Kind, Role, SkippedColumn
from tests.worlds import World, case_of, gappy


def embedded(rows, coordinates=6, seed=0, scale=1.0, holes=(), kind="float"):
    rng = np.random.default_rng([5, seed])
    lists = [list(map(float, v)) for v in (scale * rng.normal(0, 1, (rows, coordinates))).astype(np.float32)]
    for hole in holes:
        lists[hole] = None
    return pa.table({"e": pa.array(lists, pa.list_(pa.type_for_alias(kind)))})


def of_all(case, like):
    return embed(case, [(part, np.arange(part.rows)) for part in case.tables()], like)


def squared(a, b):
    return float(np.sum((a.astype(np.float64) - b) ** 2))


def test_distances_by_hand():
    frame = pd.DataFrame({"x": [1.0, 2.0, 2.0, 5.0] * 5, "c": ["a", "a", "b", None] * 5})
    with case_of(World(frame, frame)) as case:
        real, synthetic = of_all(case, (0,))
    assert np.array_equal(real, synthetic)
    # mid-ranks 1/8, 1/2, 1/2, 7/8; different labels, missing among them, lie root one half apart
    assert squared(real[0], real[1]) == pytest.approx((3 / 8) ** 2)
    assert squared(real[1], real[2]) == pytest.approx(0.5)
    assert squared(real[0], real[3]) == pytest.approx((6 / 8) ** 2 + 0.5)


def test_ranks_are_those_of_the_tables_named():
    real, synthetic = (pd.DataFrame({"x": np.arange(40.0) + shift}) for shift in (0, 39.5))
    with case_of(World(real, synthetic)) as case:
        assert of_all(case, (0,))[1][0, 0] == pytest.approx(79 / 80)  # beyond the last known value
        assert of_all(case, (0, 1))[1][0, 0] == pytest.approx(40.5 / 80)


def test_missing_numbers_lie_apart():
    frame = pd.DataFrame({"x": [0.0, 1.0, np.nan, 2.0, 3.0] * 10})
    with case_of(World(frame, frame)) as case:
        real = of_all(case, (0,))[0]
    assert squared(real[2], real[7]) == 0.0
    assert squared(real[2], real[0]) == pytest.approx(0.125**2 + 0.25)
    assert np.isfinite(real).all()


def test_a_vector_column_weighs_as_much_as_one_number_whatever_its_length_and_scale():
    for coordinates, scale in ((2, 1.0), (50, 1e6), (50, 1e-6)):
        frames = [embedded(800, coordinates, seed, scale) for seed in (1, 2)]
        with case_of(World(*frames)) as case:
            real, synthetic = of_all(case, (0,))
        assert float(real.var(axis=0).sum()) == pytest.approx(1 / 12, rel=1e-3)
        assert float(synthetic.var(axis=0).sum()) == pytest.approx(1 / 12, rel=0.15)


def test_distances_inside_a_vector_keep_their_proportions():
    frame = embedded(50)
    with case_of(World(frame, frame)) as case:
        real, vectors = of_all(case, (0,))[0], case.real.vectors("e")
    ours = [np.sqrt(squared(real[0], real[i])) for i in range(1, 50)]
    theirs = [np.sqrt(squared(vectors[0], vectors[i])) for i in range(1, 50)]
    assert np.ptp(np.array(ours) / theirs) < 1e-5


def test_one_broken_vector_does_not_outweigh_all_others():
    lists = embedded(60)["e"].to_pylist()
    broken = pa.table({"e": pa.array([*lists[:-1], [1e300] * 6], pa.list_(pa.float64()))})
    with case_of(World(embedded(60, seed=1), broken)) as case:
        _, synthetic = of_all(case, (0,))
    assert np.linalg.norm(synthetic[-1]) == pytest.approx(10 / np.sqrt(12), rel=1e-4)


@pytest.mark.parametrize("lists", [[[1.5, 2.5]] * 30, [[1.5, 2.5]] + [None] * 29])
def test_constant_and_missing_vectors_have_points_too(lists):
    frame = pa.table({"e": pa.array(lists, pa.list_(pa.float64()))})
    with case_of(World(frame, embedded(30, 2), frame)) as case:
        assert all(np.isfinite(found).all() for found in of_all(case, (0, 2)))


def test_no_column_places_rows():
    frame = pd.DataFrame({"id": range(100)})
    with case_of(World(frame, frame)) as case:
        assert not has_points(case)
        assert [found.shape for found in of_all(case, (0,))] == [(100, 0), (100, 0)]


def test_columns_of_every_kind_stand_side_by_side():
    with case_of(gappy(200)) as case:
        found = of_all(case, (0, 2))
        measured = len(case.of_kind(Kind.NUMBER, Kind.DATE))
        cells = sum(case.binning(c.name).size for c in case.of_kind(Kind.CATEGORY))
    assert [p.shape for p in found] == [(200, 2 * measured + cells)] * 3
    assert all(p.dtype == np.float32 for p in found)


def test_vectors_are_read_in_row_order_missing_ones_as_nan():
    frame = embedded(300, holes=(0, 7))
    with case_of(World(frame, embedded(20, seed=1))) as case:
        whole = case.real.vectors("e")
        assert whole.shape == (300, 6)
        assert np.isnan(whole[[0, 7]]).all() and np.isfinite(np.delete(whole, [0, 7], axis=0)).all()
        assert whole[1].tolist() == frame["e"][1].as_py()
        places = np.array([0, 3, 7, 299])
        assert np.array_equal(case.real.vectors("e", places), whole[places], equal_nan=True)
        counts = case.real.value_counts("e")
        assert (counts.filled, counts.missing, counts.values.tolist()) == (298, 2, ["list of numbers"])
        assert case.real.column("e")[[0, 1]].tolist() == [None, "list of numbers"]
        assert not case.distribution_columns


def test_single_and_double_precision_hold_the_same_rows():
    with case_of(World(embedded(40), embedded(40, kind="double"))) as case:
        identities = [
            part.frame.select("identity").collect().to_native().column(0).to_pylist()
            for part in case.tables()
        ]
    assert identities[0] == identities[1]
    assert len(set(identities[0])) == 40


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (embedded(30, 5), "its lists hold 6 numbers in the real table and 5 in the synthetic table"),
        (
            pa.table({"e": ["a", "b"] * 15}),
            "it holds lists of numbers in the real table, but none in the synthetic table",
        ),
    ],
)
def test_lists_that_cannot_be_compared_are_left_out_and_said(other, why):
    plain = {"n": pa.array(range(30))}
    real, synthetic = (t.append_column("n", plain["n"]) for t in (embedded(30), other))
    with case_of(World(real, synthetic)) as case:
        assert [c.name for c in case.columns] == ["n"]
        assert case.alignment.skipped == (SkippedColumn("e", why),)
        assert f"Column 'e' is left out: {why}." in [n.text for n in case.notices]
    with (
        pytest.raises(InputError, match="have no column in common that can be compared"),
        case_of(World(embedded(30), other)),
    ):
        pass


def test_a_synthetic_table_without_any_list_has_only_missing_ones():
    number = pa.array(range(30))
    empty = pa.table({"e": pa.array([None] * 30, pa.list_(pa.float32())), "n": number})
    with case_of(World(embedded(30).append_column("n", number), empty)) as case:
        assert np.isnan(case.synthetic.vectors("e")).all()
        assert case.synthetic.value_counts("e").missing == 30


def test_a_number_called_a_vector_is_left_out():
    frame = pd.DataFrame({"x": range(30), "y": range(30)})
    schema = {"columns": [{"name": "x", "kind": "vector"}]}
    with case_of(World(frame, frame), schema=schema) as case:
        assert case.alignment.skipped == (
            SkippedColumn("x", "the schema calls it a vector, but it holds no lists of numbers"),
        )


def test_lists_have_no_role():
    frame = embedded(30).append_column("n", pa.array(range(30)))
    with case_of(World(frame, frame), target="e") as case:
        assert case.column("e").role is Role.NONE
        assert [n.text for n in case.notices if n.where == "e"] == [
            "Column 'e' holds lists of numbers, so it cannot have the role target. Name a column of plain values."
        ]


def test_features_hold_short_vectors_as_they_are_and_long_ones_as_directions():
    with case_of(World(embedded(100, 4, holes=(2,)), embedded(100, 4, seed=1))) as case:
        found = features(case, case.real, np.arange(100))
        assert found.names == ("e",) * 4
        assert np.array_equal(found.matrix, case.real.vectors("e").astype(float), equal_nan=True)
    with case_of(World(embedded(200, 60), embedded(100, 60, seed=1))) as case:
        found = features(case, case.synthetic, np.arange(100))
        vectors = case.synthetic.vectors("e") - case.real.vectors("e").mean(axis=0)
    assert found.matrix.shape == (100, 33)
    # directions are orthonormal: what they hold and what they leave out add up to the whole
    assert np.allclose((found.matrix**2).sum(axis=1), (vectors**2).sum(axis=1), rtol=1e-3)


def test_fewer_rows_than_directions():
    with case_of(World(embedded(10, 60), embedded(12, 60, seed=1))) as case:
        shapes = [features(case, part, np.arange(part.rows)).matrix.shape for part in case.tables()]
    assert shapes == [(10, 11), (12, 11)]
