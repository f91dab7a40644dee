"""holdout_commitment: kept by the same rows however they are written; broken by others, counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.case.check import Skip
from audit.declare.commitment import commit, make_commitment, make_secret
from audit.errors import OptionError
from audit.load import load_frame
from audit.load.engine import connect
from audit.load.fingerprint import row_digests
from audit.run.run import audit_frames
from tests.worlds import World, outcome_of, siblings

ROWS = 200


@pytest.fixture(scope="module")
def world() -> World:
    return siblings(ROWS)


@pytest.fixture(scope="module")
def promised(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("promise")
    table = load_frame(world.holdout, "holdout", folder)
    names = [field.name for field in table.fields]
    with connect(folder) as connection:
        digests = row_digests(connection, table, names, "s" * 64)
    commitment, secret = commit(digests, names, "s" * 64, date(2026, 3, 31))
    return {"commitment": commitment.to_plain(), "commitment_secret": secret.to_plain()}


def changed(world: World, holdout: pd.DataFrame) -> World:
    return World(world.real, world.synthetic, holdout)


def test_the_committed_rows_in_any_order_keep_the_promise(world: World, promised: dict[str, Any]) -> None:
    assert world.holdout is not None
    for holdout in (world.holdout, world.holdout.sample(frac=1, random_state=1)[world.holdout.columns[::-1]]):
        outcome = outcome_of("holdout_commitment", changed(world, holdout), **promised)
        assert [m.value for m in outcome.measures] == [0]
        assert outcome.measures[0].sentence == (
            "The holdout is the committed one: all 200 rows are there, and no other."
        )


def test_missing_and_added_rows_are_counted(world: World, promised: dict[str, Any]) -> None:
    assert world.holdout is not None
    other = pd.concat([world.holdout.iloc[7:], world.real.iloc[:3], world.holdout.iloc[[10]]])
    outcome = outcome_of("holdout_commitment", changed(world, other), **promised)
    assert outcome.summary == {"missing": 7, "added": 4}  # a row given twice was committed once
    assert outcome.measures[0].value == pytest.approx(11 / (200 + 197))
    assert "of 200 committed rows 7 are missing, and 4 of its 197 rows were not committed" in (
        outcome.measures[0].sentence
    )


def test_a_lost_column_leaves_nothing_to_compare(world: World, promised: dict[str, Any]) -> None:
    assert world.holdout is not None
    outcome = outcome_of("holdout_commitment", changed(world, world.holdout.drop(columns="sex")), **promised)
    assert outcome.measures[0].value == 1
    assert "it lacks 'sex'" in outcome.measures[0].sentence


def test_a_broken_promise_is_told_in_the_notices_and_the_findings(
    world: World, promised: dict[str, Any]
) -> None:
    broken = changed(world, world.real.sample(ROWS, random_state=0))
    frames = (broken.real, broken.synthetic, broken.holdout)
    report = audit_frames(*frames, checks=("holdout_commitment",), **promised)
    told = "The holdout is not the committed one: of 200 committed rows 200 are missing"
    assert [n.text for n in report.notices if n.text.startswith(told)]
    assert [f.grade.value for f in report.findings] == ["fail"]
    assert report.provenance["commitment"]["kept"] is False
    assert report.provenance["commitment"]["missing"] == ROWS


def test_without_a_commitment_there_is_nothing_to_check(world: World) -> None:
    with pytest.raises(Skip, match="No commitment"):
        outcome_of("holdout_commitment", world)


def test_a_commitment_to_a_table_of_other_columns_is_refused(world: World, promised: dict[str, Any]) -> None:
    strange = World(*(frame.add_prefix("q ") for frame in world.frames().values()))
    with pytest.raises(OptionError, match="The commitment is to another table"):
        outcome_of("holdout_commitment", strange, **promised)


def test_a_secret_fits_its_own_commitment_only(promised: dict[str, Any]) -> None:
    commitment = make_commitment(promised["commitment"])
    secret = promised["commitment_secret"]
    assert make_secret(secret, commitment).salt == "s" * 64
    for wrong in ({"salt": "t" * 64}, {"rows": secret["rows"][:-4] + "AAA="}, {"rows": secret["rows"][:32]}):
        with pytest.raises(OptionError, match="does not belong to the commitment"):
            make_secret(secret | wrong, commitment)
    with pytest.raises(OptionError, match="does not belong"):
        make_secret(secret, make_commitment(promised["commitment"] | {"columns": ["other"]}))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "The commitment is not a file of the kind 'holdout commitment'."),
        ({"kind": "row sketch"}, "The commitment is not a file of the kind 'holdout commitment'."),
        (
            {"kind": "holdout commitment", "format": 2},
            "The commitment has format 2; this version reads format 1.",
        ),
        (
            {"kind": "holdout commitment", "format": 1},
            "The commitment lacks its digest, rows, columns or date.",
        ),
    ],
)
def test_what_is_no_commitment_is_refused(values: Any, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        make_commitment(values)
    assert caught.value.message == said
