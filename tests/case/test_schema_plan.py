"""How tables are put side by side: matching, overrides, what is left out."""

from __future__ import annotations

import pandas as pd
import pytest

from audit.errors import InputError, OptionError, SchemaError
from audit.model import Kind, Level, Role, SkippedColumn
from tests.worlds import World, case_of

FRAME = pd.DataFrame({"age": range(30), "sex": ["f", "m"] * 15, "y": ["a", "b", "b"] * 10})


def world(real=FRAME, synthetic=FRAME, holdout=None):
    return World(real, synthetic, holdout)


def kinds(case):
    return {column.name: column.kind for column in case.columns}


def test_columns_stand_in_the_order_of_the_real_table():
    with case_of(world(synthetic=FRAME[["y", "age", "sex"]])) as case:
        assert [column.name for column in case.columns] == ["age", "sex", "y"]
        assert case.synthetic.column("age").tolist() == list(range(30))


def test_names_that_differ_in_case_spaces_or_underscores_are_matched_and_said():
    other = FRAME.rename(columns={"age": " AGE", "sex": "Sex_"})
    with case_of(world(synthetic=other)) as case:
        assert [column.name for column in case.columns] == ["age", "sex", "y"]
        assert case.synthetic.column("age").tolist() == list(range(30))
        told = [n for n in case.notices if "was matched" in n.text]
    assert [n.where for n in told] == ["age", "sex"]
    assert all(n.level is Level.WARNING for n in told)
    assert told[1].text.startswith("Column 'sex' was matched to ")


def test_an_exact_name_wins_over_a_folded_one():
    other = FRAME.assign(AGE=1)
    with case_of(world(synthetic=other)) as case:
        assert case.synthetic.column("age").tolist() == list(range(30))
        assert case.alignment.only_synthetic == ("AGE",)


def test_two_folded_candidates_are_not_guessed_between():
    other = FRAME.drop(columns="age").assign(AGE=1, Age=2)
    with case_of(world(synthetic=other)) as case:
        assert "age" not in kinds(case)
        assert case.alignment.only_real == ("age",)
        assert set(case.alignment.only_synthetic) == {"AGE", "Age"}


def test_missing_and_extra_columns_are_told():
    with case_of(world(synthetic=FRAME.drop(columns="sex").assign(new=1))) as case:
        assert case.alignment.only_real == ("sex",)
        assert case.alignment.only_synthetic == ("new",)


def test_no_common_column():
    with (
        pytest.raises(InputError) as refusal,
        case_of(world(synthetic=pd.DataFrame({"q": range(30)}))),
    ):
        pass
    assert str(refusal.value) == (
        "real and synthetic have no column in common that can be compared. "
        "Check that both files have a header line and that it holds the same names."
    )
    assert refusal.value.where == "columns"


def test_what_is_left_out_is_said_with_the_reason():
    real = FRAME.assign(empty=None, pair=[[1.0, 2.0]] * 30, drop=1)
    with case_of(
        world(real, real.assign(empty=1), FRAME.drop(columns="sex").assign(empty=1, pair=1, drop=1)),
        ignore=("drop",),
    ) as case:
        skipped = case.alignment.skipped
        told = {n.where: n for n in case.notices if "is left out" in n.text}
    assert skipped == (
        SkippedColumn("sex", "it is not in the holdout table"),
        SkippedColumn("empty", "it has no value in the real table"),
        SkippedColumn("pair", "it holds lists of numbers in the real table, but none in the holdout table"),
        SkippedColumn("drop", "ignored on request"),
    )
    assert {n: told[n].level for n in told} == {
        "sex": Level.WARNING,
        "empty": Level.WARNING,
        "pair": Level.WARNING,
        "drop": Level.NOTE,
    }
    assert told["drop"].text == "Column 'drop' is left out: ignored on request."


def test_every_column_of_the_real_table_is_compared_or_accounted_for():
    real = FRAME.assign(empty=None, lost=1)
    with case_of(world(real, FRAME.assign(empty=1))) as case:
        told = {c.name for c in case.columns} | {s.column for s in case.alignment.skipped}
        assert told | set(case.alignment.only_real) == set(real.columns)


def test_options_set_roles_and_keys():
    with case_of(world(), target="age", sensitive=("sex",), keys=("y",)) as case:
        roles = {column.name: column.role for column in case.columns}
        assert roles == {"age": Role.TARGET, "sex": Role.SENSITIVE, "y": Role.NONE}  # y was a guess
        assert kinds(case)["y"] is Kind.KEY
        assert case.column("age").reason == "set by option"
        assert case.column("age").confidence == 1.0


def test_a_group_that_is_also_a_quasi_identifier_stays_a_group():
    with case_of(world(), sensitive=("sex",), quasi=("sex", "age")) as case:
        assert case.column("sex").role is Role.SENSITIVE
        assert case.column("age").role is Role.QUASI_IDENTIFIER


@pytest.mark.parametrize("option", ["target", "time"])
def test_an_option_that_names_no_column_is_refused_with_the_nearest(option):
    with pytest.raises(OptionError) as refusal, case_of(world(), **{option: "agee"}):
        pass
    assert str(refusal.value) == (
        "Column 'agee' is not in both the real and the synthetic table. Did you mean 'age'?"
    )


@pytest.mark.parametrize("option", ["sensitive", "keys", "secret", "quasi", "ignore"])
def test_an_option_that_names_nothing_alike_is_refused_with_what_there_is(option):
    with pytest.raises(OptionError) as refusal, case_of(world(), **{option: ("zzz",)}):
        pass
    assert str(refusal.value) == (
        "Column 'zzz' is not in both the real and the synthetic table. Known columns: age, sex, y."
    )


def test_a_schema_overrides_kind_and_role():
    schema = {"columns": [{"name": "age", "kind": "category", "role": "quasi_identifier"}, {"name": "y"}]}
    with case_of(world(), schema=schema) as case:
        assert kinds(case)["age"] is Kind.CATEGORY
        assert case.column("age").role is Role.QUASI_IDENTIFIER
        assert case.column("age").reason == "set in the schema file"


def test_options_come_after_the_schema():
    schema = {"columns": [{"name": "age", "role": "sensitive"}]}
    with case_of(world(), schema=schema, target="age") as case:
        assert case.column("age").role is Role.TARGET


def test_a_schema_may_name_what_only_the_real_table_has():
    schema = {"columns": [{"name": "sex", "kind": "category"}]}
    with case_of(world(synthetic=FRAME.drop(columns="sex")), schema=schema) as case:
        assert case.alignment.only_real == ("sex",)


SHAPE = 'It looks like {"columns": [{"name": "age", "kind": "number"}]}.'


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({}, f"The schema has no list 'columns'. {SHAPE}"),
        ({"columns": "age"}, f"The schema has no list 'columns'. {SHAPE}"),
        ([], f"The schema has no list 'columns'. {SHAPE}"),
        (
            {"columns": [{"kind": "number"}]},
            'An entry of the schema\'s \'columns\' has no name. Each entry is {"name", "kind", "role"}.',
        ),
        (
            {"columns": [{"name": "age", "kind": "numbr"}]},
            "Column 'age' has the kind 'numbr', which does not exist. "
            "Choose one of number, category, date, text, key, vector.",
        ),
        (
            {"columns": [{"name": "age", "role": "boss"}]},
            "Column 'age' has the role 'boss', which does not exist. Choose one of target, sensitive, "
            "quasi_identifier, secret, time, parent_key, ignore, none.",
        ),
        (
            {"columns": [{"name": "age", "role": "weight"}]},
            "Column 'age' has the role 'weight', which is not supported: every row counts alike, so a weight would "
            'change no number. Leave the role out, or use "ignore" to leave the column out.',
        ),
        (
            {"columns": [{"name": "agee", "kind": "number"}]},
            "The schema names the column 'agee', which no table has. Did you mean 'age'?",
        ),
        (
            {"columns": [{"name": "zzz", "kind": "number"}]},
            "The schema names the column 'zzz', which no table has. Take it out of the schema.",
        ),
    ],
)
def test_a_schema_that_does_not_fit_is_refused(schema, message):
    with pytest.raises(SchemaError) as refusal, case_of(world(), schema=schema):
        pass
    assert str(refusal.value) == message
