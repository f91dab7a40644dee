"""Columns that look like protected attributes are suggested with the reason, and never chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.case.protected_attributes import Candidate, advice, has_listed_word
from audit.run.preflight import preflight
from audit.run.run import audit_frames
from tests.worlds import World, case_of, siblings

_COLUMNS: dict[str, tuple[list[Any], str]] = {
    "sex": (["a", "b"], "its name says sex"),
    "race_of_head": (["p", "q", "r"], "its name says race or origin"),
    "Marital-Status": (["1", "2"], "its name says marital status"),
    "g": (["Male", "Female", "unknown"], "its values say sex"),
    "grp": (["White", "Black", "Asian-Pac-Islander", "Other"], "its values say race or origin"),
    "rel": (["catholic", "Protestant", "muslim", "Orthodox"], "its values say religion"),
    "age": ([*range(18, 80)], "it is named like an age and lies between 0 and 125"),
    "average": ([*range(18, 80)], ""),
    "age_of_car_in_days": ([*range(0, 4000)], ""),
    "race": ([*range(500)], ""),
    "mark": (["white", "red", "green", "blue"], ""),
    "one": (["male"], ""),
}


@pytest.mark.parametrize("name", _COLUMNS)
def test_by_name_or_by_what_they_hold(name: str) -> None:
    values, why = _COLUMNS[name]
    frame = pd.DataFrame({name: (values * 60)[: max(60, len(values))]})
    frame["x"] = range(len(frame))
    with case_of(World(frame, frame)) as case:
        assert case.protected_candidates == ((Candidate(name, why),) if why else ())
        assert case.with_role(case.column("x").role.SENSITIVE) == ()


def test_names_are_read_word_by_word() -> None:
    assert [has_listed_word(name) for name in ("ApplicantSex", "sexton", "sex.of.child", "ETHNIC GROUP")] == [
        "sex",
        "",
        "sex",
        "race or origin",
    ]


def test_what_has_a_role_is_not_suggested() -> None:
    with case_of(siblings(60), sensitive=("sex",), ignore=("age",)) as case:
        assert case.protected_candidates == ()


def test_a_run_says_it_and_the_bias_checks_say_it_again() -> None:
    world = siblings(200)
    report = audit_frames(world.real, world.synthetic, families=("bias",), target="income")
    told = "columns 'age', 'sex' look like protected attributes; name some with --sensitive or on the Setup page to audit bias."
    (notice,) = [n for n in report.notices if "protected" in n.text]
    assert (notice.level.value, notice.text, notice.where) == ("note", f"real: {told}", "age")
    assert {one.what_would_allow_it for one in report.not_assessed if "sensitive" in one.why} == {
        f"C{told[1:]}"
    }
    assert all(column.role.value != "sensitive" for column in report.columns)


def test_one_candidate_is_told_as_one() -> None:
    assert advice([Candidate("sex", "its name says sex")]) == (
        "column 'sex' looks like a protected attribute; name it with --sensitive or on the Setup page to audit bias."
    )


def test_a_first_look_tells_it_and_stays_quiet_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("sex,x\n" + "".join(f"{'mf'[n % 2]},{n}\n" for n in range(60)), encoding="utf-8")
    answer = preflight(path, path, guess=True)
    assert answer["candidates"] == [{"name": "sex", "why": "its name says sex"}]
    assert [one["level"] for one in answer["messages"] if "protected" in one["text"]] == ["note"]
