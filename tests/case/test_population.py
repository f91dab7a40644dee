"""Population tables: shares by attribute, refusals in words, and the groups compared with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.errors import InputError
from audit.model import Grade, Measure, Report
from audit.run.run import audit_frames

_SHAPE = "Give one row per group, with columns such as sex and share (or count)."


def _people(women: int, men: int) -> pd.DataFrame:
    sex = ["Female"] * women + ["Male"] * men
    age = np.resize([20, 40, 60, 70], women + men)
    return pd.DataFrame({"sex": sex, "age": age, "x": np.arange(women + men) % 13})


def _report(population: pd.DataFrame, **more: Any) -> Report:
    asked: dict[str, Any] = {"sensitive": ("sex",), "checks": ("representation",), **more}
    return audit_frames(_people(300, 700), _people(250, 750), population=population, **asked)


def _measures(report: Report) -> dict[str, Measure]:
    (result,) = report.results
    return {
        next(iter((j.measure.group or {}).values())): j.measure
        for j in result.measures
        if j.measure.name == "population"
    }


def test_both_tables_are_set_against_the_population() -> None:
    report = _report(pd.DataFrame({"sex": ["Female", "Male"], "share": [0.5, 0.5]}))
    women = _measures(report)["Female"]
    assert (women.value, women.baseline, women.n) == (pytest.approx(0.5), pytest.approx(0.6), 250)
    assert women.low is not None
    assert women.low < 0.5
    assert women.sentence == (
        "sex = Female: 50.0% of the population, 30.0% of real rows and 25.0% of synthetic rows "
        "(0.50 times its share, real rows 0.60 times)."
    )
    assert women.next_step.startswith("The real rows are off in the same way")
    assert {f.grade for f in report.findings if "population" in f.sentence} == {Grade.FAIL}


def test_counts_and_attributes_side_by_side_give_margins() -> None:
    table = pd.DataFrame(
        {"sex": ["Female", "Female", "Male"], "age": ["20", "40", "45 or more"], "count": [10, 20, 70]}
    )
    report = _report(table, sensitive=("sex", "age"), bands={"age": [30, 45]})
    found = _measures(report)
    assert found["Female"].value == pytest.approx(0.25 / 0.3)
    # By a value of the band, by another, and by the band's name.
    assert [found[label].value for label in ("20", "40", "45 or more")] == pytest.approx(
        [2.5, 1.25, 0.5 / 0.7]
    )


def test_margins_may_stand_below_each_other_and_groups_that_are_not_named_do_not_count() -> None:
    table = pd.DataFrame({"sex": ["Male", None], "age": [None, 20.0], "share": [1.0, 1.0]})
    found = _measures(_report(table, sensitive=("sex", "age"), bands={"age": [30, 45]}))
    assert {label: m.value for label, m in found.items()} == {"Male": 1.0, "20": 1.0}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"sex": ["Female"]}, f"population: no column named share or count beside an attribute. {_SHAPE}"),
        ({"share": [1]}, f"population: no attribute beside the column of shares. {_SHAPE}"),
        (
            {"sex": ["Female"], "share": [1], "Count": [5]},
            f"population: 2 columns named share or count beside an attribute. {_SHAPE}",
        ),
        (
            {"sex": ["Female", "Male"], "share": ["half", "rest"]},
            f"population: column 'share' does not hold numbers. {_SHAPE}",
        ),
        (
            {"sex": ["Female", "Male"], "share": [0.5, -0.5]},
            "population: row 2 has no share of zero or more. Give every group a number.",
        ),
        (
            {"sex": ["Female", "Male"], "count": [0, 0]},
            "population: all amounts of 'sex' are zero. Give at least one above zero.",
        ),
        (
            {"region": ["n", "s"], "share": [0.5, 0.5]},
            "population: column 'region' is no sensitive column of the audit (now: 'sex'). "
            "Name it with --sensitive region, or take the column out of the population table.",
        ),
        (
            {"sex": ["W", "M"], "share": [0.5, 0.5]},
            "population: none of 'W', 'M' is a value of 'sex' in the real table. Spell the groups as the real table does.",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        _report(pd.DataFrame(table))
    assert str(refusal.value) == message
    assert refusal.value.where == "population"


def test_bands_that_the_population_does_not_name_are_said() -> None:
    table = pd.DataFrame({"age": ["young", "old"], "share": [0.5, 0.5]})
    report = _report(table, sensitive=("age",), bands={"age": [30, 45]})
    (open_one,) = report.not_assessed
    assert open_one.why == "The population table population names no group of age as the audit does."
    assert open_one.what_would_allow_it.startswith("Call the groups ")
