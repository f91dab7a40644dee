"""Recipes plant what they say, by the dose they say, and nothing else; findings must name it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.model import Family, Finding, Grade
from bench.defects.fidelity import COINS
from bench.defects.recipes import RECIPES, FindingTarget, Ground, Table, all_of, any_of, recipe, split
from bench.planted import names, new_findings, rng_of

TABLE = Table(
    "people",
    {"target": "income"},
    number="age",
    bound="age",
    tail="wealth",
    lone=("age", "shoe"),
    group=("town", "Bonn"),
    label="town",
    atom="children",
    impossible=((("town", "Celle"), ("income", "high")),),
    people=("sex", "town", "age"),
    favourable="high",
    minority=("sex", "Female"),
    corner=(("sex", "Female"), ("town", "Bonn")),
    crossing=(("sex", "Female"), ("town", "Celle")),
    strata=(("sex", "Female", "Male"), ("town", "Aachen", "Celle")),
    proxy="age",
)


def population(rows: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    age = rng.normal(40, 12, rows).round().astype(np.int64)
    return pd.DataFrame(
        {
            "age": age,
            "wealth": rng.lognormal(8, 1, rows).round(2),
            "shoe": rng.normal(41, 3, rows).round(3),
            "children": rng.poisson(0.3, rows),
            "town": rng.choice(["Aachen", "Bonn", "Celle"], rows, p=[0.6, 0.1, 0.3]),
            "income": np.where(rng.random(rows) < 1 / (1 + np.exp(-(age - 45) / 10)), "high", "low"),
            "sex": rng.choice(["Female", "Male"], rows, p=[0.4, 0.6]),
        }
    )


@pytest.fixture(scope="module")
def parts():
    return split(population(), 0)


def planted(parts, number, dose, seed=0):
    made = RECIPES[number]
    if made.prepare:
        parts = made.prepare(parts, rng_of(seed, number, 0))
    return made.plant(Ground(parts, dose, TABLE, rng_of(seed, number, 1)))


def test_parts_share_no_row_and_are_the_same_for_a_seed():
    frame = population().assign(row=np.arange(6000))
    one, again, other = split(frame, 3), split(frame, 3), split(frame, 4)
    rows = [set(part["row"]) for part in (one.real, one.holdout, one.synthetic)]
    assert [len(part) for part in rows] == [2000] * 3
    assert len(set.union(*rows)) == 6000
    assert one.real.equals(again.real)
    assert not one.real.equals(other.real)


@pytest.mark.parametrize("number", sorted(RECIPES))
def test_a_recipe_leaves_its_ground_untouched_and_gives_the_same_again(parts, number):
    made, untouched = RECIPES[number], parts.synthetic.copy()
    before = made.prepare(parts, rng_of(0, number, 0)).synthetic if made.prepare else untouched
    frame, named = planted(parts, number, made.least)
    assert parts.synthetic.equals(untouched)
    assert planted(parts, number, made.least)[0].equals(frame)
    assert set(before.columns) == set(frame.columns)
    assert (frame.dtypes[before.columns] == before.dtypes).all()
    assert not frame[before.columns].equals(before)
    assert all(columns <= set(frame.columns) for columns in named.columns)


@pytest.mark.parametrize("number", [14, 15, 16, 22, 24])
def test_relations_are_broken_without_changing_a_column(parts, number):
    frame, _ = planted(parts, number, RECIPES[number].least)
    for name in parts.synthetic:
        assert sorted(frame[name]) == sorted(parts.synthetic[name])


@pytest.mark.parametrize("dose", [0.05, 0.1])
def test_a_shift_is_as_large_as_its_dose(parts, dose):
    frame, _ = planted(parts, 11, dose)
    moved = frame["wealth"].mean() - parts.synthetic["wealth"].mean()
    assert moved == pytest.approx(dose * parts.synthetic["wealth"].std(), rel=1e-6)


def test_spreads_change_by_their_factor(parts):
    for number, factor in ((12, 0.8), (13, 1.2)):
        frame, _ = planted(parts, number, factor)
        assert frame["age"].std() == pytest.approx(factor * parts.synthetic["age"].std(), rel=0.01)


def test_an_invented_correlation_is_about_its_dose(parts):
    frame, _ = planted(parts, 15, 0.2)
    invented = frame["age"].corr(frame["shoe"], "spearman")
    assert invented - parts.synthetic["age"].corr(parts.synthetic["shoe"], "spearman") == pytest.approx(
        0.2, abs=0.05
    )


def test_a_broken_triple_keeps_its_pairs(parts):
    frame, named = planted(parts, 16, 0.6)
    heads = frame[list(COINS)] == "heads"
    kept = heads[COINS[2]] == (heads[COINS[0]] ^ heads[COINS[1]])
    assert kept.mean() == pytest.approx(1 - 0.6 / 2, abs=0.03)
    assert heads.corr().where(~np.eye(3, dtype=bool)).abs().max().max() < 0.08
    assert named.columns == (frozenset(COINS),)


def test_tails_are_cut_and_stretched_where_they_begin(parts):
    cut, _ = planted(parts, 17, 0.01)
    stretched, _ = planted(parts, 18, 0.01)
    assert len(cut) == 1980
    assert cut["wealth"].max() == parts.synthetic["wealth"].quantile(0.99, interpolation="lower")
    assert (stretched["wealth"] != parts.synthetic["wealth"]).sum() == 20
    assert stretched["wealth"].max() == pytest.approx(1.5 * parts.synthetic["wealth"].max())


def test_a_mode_of_about_the_dose_is_lost(parts):
    for dose in (0.03, 0.1):
        frame, _ = planted(parts, 19, dose)
        assert 0.5 * dose < 1 - len(frame) / 2000 < 2 * dose


def test_one_row_is_repeated(parts):
    frame, _ = planted(parts, 20, 0.01)
    assert frame.value_counts().max() >= 20


def test_rows_between_modes_stay_within_the_range(parts):
    frame, _ = planted(parts, 21, 0.2)
    assert frame["age"].between(parts.synthetic["age"].min(), parts.synthetic["age"].max()).all()
    assert ((frame != parts.synthetic).any(axis=1)).mean() == pytest.approx(0.2, abs=0.01)


def test_a_concept_shifts_by_flipped_labels_alone(parts):
    same, _ = planted(parts, 23, 0.0)
    shifted, _ = planted(parts, 23, 0.5)
    assert same.equals(parts.synthetic)
    assert shifted.drop(columns="income").equals(parts.synthetic.drop(columns="income"))
    old, new = (frame["age"].corr(frame["income"] == "low") for frame in (parts.synthetic, shifted))
    assert new > old + 0.05


def test_a_broken_group_leaves_the_others_as_they_are(parts):
    frame, named = planted(parts, 24, 1.0)
    others = frame["town"] != "Bonn"
    assert frame[others].equals(parts.synthetic[others])
    assert named.group == (("town", "Bonn"),)


def test_no_number_stands_twice():
    with pytest.raises(ValueError, match="twice"):
        recipe(11, "again", "fidelity", doses=(1.0,), least=1.0, checks=())(lambda at: None)


def finding(check="pair_shapes", grade=Grade.FAIL, about=(), group=None, sentence="It is so."):
    return Finding(
        id=f"{check} {about} {group}",
        check=check,
        family=Family.FIDELITY,
        grade=grade,
        severity=50.0,
        about=about,
        group=group,
        sentence=sentence,
        next_step="",
    )


@pytest.mark.parametrize(
    ("said", "named", "told"),
    [
        (finding(about=("age", "shoe")), FindingTarget(any_of("age")), True),
        (finding(about=("shoe",)), FindingTarget(any_of("age")), False),
        (finding(about=("age",)), FindingTarget(all_of("age", "shoe")), False),
        (finding(about=("shoe", "age", "town")), FindingTarget(all_of("age", "shoe")), True),
        (finding(sentence="Most off: age with shoe."), FindingTarget(all_of("age", "shoe")), True),
        (finding(sentence="Most off: age with town."), FindingTarget(all_of("age", "shoe")), False),
        (finding(), FindingTarget(), True),
        (finding(group={"town": "Bonn"}), FindingTarget(any_of("age"), (("town", "Bonn"),)), True),
        (
            finding(about=("age",), group={"town": "Bonn", "sex": "f"}),
            FindingTarget(any_of("age"), (("town", "Bonn"),)),
            True,
        ),
        (
            finding(about=("shoe",), group={"town": "Bonn"}),
            FindingTarget(any_of("age"), (("town", "Bonn"),)),
            False,
        ),
        (
            finding(about=("age",), group={"town": "Celle"}),
            FindingTarget(any_of("age"), (("town", "Bonn"),)),
            False,
        ),
        (finding(about=("age",)), FindingTarget(any_of("age"), (("town", "Bonn"),)), False),
        (
            finding(about=("income",), group={"sex": "f", "town": "Bonn"}),
            FindingTarget(group=(("town", "Bonn"), ("sex", "f"))),
            True,
        ),
        (finding(group={"town": "Bonn"}), FindingTarget(group=(("town", "Bonn"), ("sex", "f"))), False),
        (
            finding(about=("income",), group={"sex": "f", "town": "Bonn"}),
            FindingTarget(all_of("sex", "town")),
            True,
        ),
    ],
)
def test_a_finding_names_the_place_or_does_not_count(said, named, told):
    assert names(said, named) is told


def test_what_the_clean_table_showed_does_not_count():
    class Shown:
        def __init__(self, *findings):
            self.findings = findings

    warned, failed = finding(grade=Grade.WARN), finding(grade=Grade.FAIL)
    open_question = finding(check="tails", grade=Grade.INCONCLUSIVE)
    assert new_findings(Shown(), Shown(warned, open_question)) == [warned]
    assert new_findings(Shown(warned), Shown(warned)) == []
    assert new_findings(Shown(warned), Shown(failed)) == [failed]
    assert new_findings(Shown(failed), Shown(warned)) == []
