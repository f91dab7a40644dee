"""types: lost and added columns, cells of another type, other spellings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.case import build_case
from audit.case.check import Outcome
from audit.declare.options import Options
from audit.load import load_files
from tests.worlds import World, check_named, find, outcome_of, siblings

_ROWS = 200


def _outcome(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("types", World(real, synthetic, holdout))


def _table() -> pd.DataFrame:
    return pd.DataFrame({"n": np.arange(_ROWS) % 50, "c": ["a", "b"] * (_ROWS // 2)})


def _of_files(tmp_path: Path, real: str, synthetic: str) -> Outcome:
    paths = {"real": tmp_path / "real.csv", "synthetic": tmp_path / "synthetic.csv"}
    for role, text in (("real", real), ("synthetic", synthetic)):
        paths[role].write_text(text, encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tables = load_files(paths, scratch)
    with build_case(tables, Options(real="real", synthetic="synthetic"), scratch) as case:
        outcome = check_named("types").measure(case)
    assert isinstance(outcome, Outcome)
    return outcome


def test_the_same_types() -> None:
    outcome = _outcome(_table(), _table())
    assert {(m.name, m.value) for m in outcome.measures} == {("", 0)}
    assert find(outcome, "n").sentence == "Every synthetic cell of n fits its type."


def test_a_lost_column_is_a_whole_loss_and_an_extra_one_is_told() -> None:
    outcome = _outcome(_table(), _table().drop(columns="n").assign(z=1.5))
    assert find(outcome, "n").value == 1
    assert find(outcome, "n").sentence == "The synthetic table has no column n."
    assert find(outcome, "z", name="extra_column").value == 1


def test_a_column_that_names_the_batches_is_no_extra_one() -> None:
    frame = pd.DataFrame({"x": range(20)})
    world = World(frame, frame.assign(z=0, day=[1, 2] * 10))
    told = [m.about for m in outcome_of("types", world, batch="day").measures if m.name == "extra_column"]
    assert told == [("z",)]


def test_fractions_among_whole_numbers() -> None:
    synthetic = _table().astype({"n": float})
    synthetic.loc[5:24, "n"] += 0.25
    measure = find(_outcome(_table(), synthetic), "n")
    assert measure.value == pytest.approx(0.1)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(range(6, 26))
    assert (
        measure.sentence == "n: 20 synthetic cells (10.0%) have a fraction where every real value is whole."
    )


def test_fractions_are_no_fault_where_the_holdout_has_them() -> None:
    broken = _table().astype({"n": float}) + pd.DataFrame({"n": [0.5] * _ROWS, "c": [""] * _ROWS})
    assert find(_outcome(_table(), broken, broken), "n").value == 0


def test_words_among_numbers() -> None:
    synthetic = _table().astype({"n": object})
    synthetic.loc[:149, "n"] = "many"
    measure = find(_outcome(_table(), synthetic), "n")
    assert measure.value == pytest.approx(0.75)
    assert measure.sentence == "n: 150 synthetic cells (75.0%) hold text among numbers."


def test_infinite_cells() -> None:
    real = _table().astype({"n": float}) + pd.DataFrame({"n": [0.5] * _ROWS, "c": [""] * _ROWS})
    synthetic = real.copy()
    synthetic.loc[:19, "n"] = np.inf
    measure = find(_outcome(real, synthetic), "n")
    assert measure.value == pytest.approx(0.1)
    assert measure.sentence == "n: 20 synthetic cells (10.0%) are infinite or not a number."


def test_another_type_that_can_be_read_is_told() -> None:
    synthetic = _table().assign(c=[0, 1] * (_ROWS // 2))
    outcome = _outcome(_table(), synthetic)
    assert find(outcome, "c", name="read_as_other").value == 1
    assert find(outcome, "c", name="read_as_other").sentence == (
        "c holds text in the real table and number in the synthetic one."
    )


def test_whole_numbers_written_as_decimals(tmp_path: Path) -> None:
    real = "n,c\n" + "".join(f"{i % 50},a\n" for i in range(_ROWS))
    synthetic = "n,c\n" + "".join(f"{i % 50}.0,a\n" for i in range(_ROWS))
    outcome = _of_files(tmp_path, real, synthetic)
    assert find(outcome, "n").value == 0
    written = find(outcome, "n", name="written_as_decimal")
    assert written.value == 1
    assert written.sentence == (
        "n: 200 synthetic cells (100.0%) write a whole number like 37.0; the real file writes 37."
    )


def test_frames_hold_numbers_and_not_their_spelling() -> None:
    synthetic = _table().astype({"n": float})
    synthetic.loc[:9, "n"] = np.nan
    measures = _outcome(_table(), synthetic).measures
    assert {(m.name, m.value) for m in measures if m.name != "new_missing"} == {("", 0)}


def test_missing_cells_in_a_complete_column() -> None:
    synthetic = _table().astype({"n": float})
    synthetic.loc[50:69, "n"] = np.nan
    synthetic.loc[:1, "c"] = None
    outcome = _outcome(_table(), synthetic, _table())
    measure = find(outcome, "n", name="new_missing")
    assert measure.value == pytest.approx(0.1)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(range(51, 71))
    assert measure.sentence == "n: 20 synthetic cells (10.0%) are missing; of 400 real cells 0 are."
    assert find(outcome, "c", name="new_missing").value == 0


def test_missing_cells_are_no_fault_where_real_ones_are_missing() -> None:
    real = _table().astype({"n": float})
    real.loc[:19, "n"] = np.nan
    synthetic = real.copy()
    synthetic.loc[:59, "n"] = np.nan
    assert {(m.name, m.value) for m in _outcome(real, synthetic).measures} == {("", 0)}


def test_what_cannot_be_read_is_wrong_and_not_missing() -> None:
    synthetic = _table().astype({"n": object})
    synthetic.loc[:9, "n"] = "many"
    assert {m.name for m in _outcome(_table(), synthetic).measures} == {""}


def test_a_new_spelling_of_missing(tmp_path: Path) -> None:
    real = "n,c\n" + "".join(f"{'' if i % 20 == 0 else i},a\n" for i in range(_ROWS))
    synthetic = "n,c\n" + "".join(f"{'NA' if i % 20 == 0 else i},a\n" for i in range(_ROWS))
    outcome = _of_files(tmp_path, real, synthetic)
    spelling = find(outcome, "n", name="missing_spelling")
    assert spelling.value == pytest.approx(0.05)
    assert spelling.sentence == (
        "n: 10 synthetic cells (5.0%) write a missing value as 'NA', which the real file never does."
    )


def test_siblings_have_the_same_types() -> None:
    assert {m.value for m in outcome_of("types", siblings()).measures} == {0}
