"""Tables that fidelity can say little about: a reason instead of a number that means nothing."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from audit.model import Family, Grade, JudgedResult, Report, Status
from audit.run.run import audit_frames
from tests.worlds import World, siblings

SAID = (Grade.INCONCLUSIVE, Grade.NOT_APPLICABLE, Grade.NOT_ASSESSABLE)
LEARNED = ("detectability", "realism", "diversity", "utility")


def _constant() -> World:
    return World(
        *(frame.assign(age=40, sex="Female", score=1.5) for frame in siblings(800).frames().values())
    )


def _emptied() -> World:
    world = siblings(800)
    return World(world.real, world.synthetic.assign(age=None, sex=None, gain=None), world.holdout)


def _one_row() -> World:
    return World(*(frame.iloc[:1] for frame in siblings(20).frames().values()))


def _one_class() -> World:
    return World(*(frame.assign(income="high") for frame in siblings(800).frames().values()))


def _one_class_learned() -> World:
    world = siblings(800)
    return World(world.real, world.synthetic.assign(income="high"), world.holdout)


def _strange_labels() -> World:
    world = siblings(800)
    return World(world.real, world.synthetic.assign(city="Zwiesel", sex=["X", "Y"] * 400), world.holdout)


def _wide() -> World:
    rng = np.random.default_rng(8)
    names = [f"c{i}" for i in range(120)]
    frames = [pd.DataFrame(rng.normal(size=(60, 120)), columns=names) for _ in range(3)]
    return World(*(frame.assign(income=["high", "low"] * 30) for frame in frames))


def _few() -> World:
    return siblings(120)


WORLDS = {
    "constant": _constant,
    "emptied": _emptied,
    "one row": _one_row,
    "one class": _one_class,
    "one class learned": _one_class_learned,
    "strange labels": _strange_labels,
    "wide": _wide,
    "few": _few,
}


@cache
def audited(name: str) -> Report:
    world = WORLDS[name]()
    roles = {"target": "income", "sensitive": tuple({"sex"} & set(world.real.columns))}
    return audit_frames(world.real, world.synthetic, world.holdout, families=(Family.FIDELITY,), **roles)


def result(name: str, check: str) -> JudgedResult:
    return next(r for r in audited(name).results if r.result.card.id == check)


@pytest.mark.parametrize("name", WORLDS)
def test_every_check_gives_finite_numbers_or_a_reason(name: str) -> None:
    for one in audited(name).results:
        assert one.result.status is not Status.FAILED, one.result.card.id
        if one.result.status is Status.SKIPPED:
            assert one.grade in SAID
            assert (one.result.reason or "").endswith("."), one.result.card.id
        for measure in one.result.measures:
            numbers = (measure.value, measure.low or 0.0, measure.high or 0.0, measure.baseline or 0.0)
            assert all(math.isfinite(number) for number in numbers), (one.result.card.id, measure)


@pytest.mark.parametrize("name", ["one row", "wide", "few"])
@pytest.mark.parametrize("check", LEARNED)
def test_too_few_rows_for_a_learner_are_said(name: str, check: str) -> None:
    found = result(name, check)
    assert found.result.status is Status.SKIPPED
    assert found.grade is Grade.NOT_ASSESSABLE
    assert found.result.remedy


def test_a_target_of_one_class_teaches_nothing() -> None:
    assert result("one class", "utility").result.status is Status.SKIPPED


def test_a_synthetic_target_of_one_class_is_worth_nothing() -> None:
    found = result("one class learned", "utility")
    assert found.grade is Grade.FAIL or found.result.status is Status.SKIPPED
    assert found.grade is not Grade.PASS


def test_a_constant_column_is_in_no_detail() -> None:
    for check in ("column_distances", "pair_associations", "tails"):
        named = {name for m in result("constant", check).measures for name in m.measure.about}
        assert not named & {"age", "sex", "score"}, check


def test_labels_that_only_one_table_has_are_differences_not_crashes() -> None:
    grades = {r.result.card.id: r.grade for r in audited("strange labels").results}
    assert grades["column_shapes"] is Grade.FAIL
    assert grades["detectability"] is Grade.FAIL


@pytest.mark.parametrize("name", ["one row", "wide", "few"])
def test_nothing_passes_for_want_of_rows(name: str) -> None:
    """A number may be known exactly; whatever has noise is never a pass on so few rows."""
    passed = {r.result.card.id for r in audited(name).results if r.grade is Grade.PASS}
    assert passed <= {"missing_shares"}
    assert audited(name).verdict.grade is not Grade.PASS
