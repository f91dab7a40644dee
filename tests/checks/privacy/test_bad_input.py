"""Every privacy check on tables that tempt it: what it must say, and that nothing breaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit.model import Grade, Status
from audit.run.run import audit_frames
from tests.worlds import World, siblings, twins

PLAIN = ("copied_rows", "near_copies", "too_good", "rare_value_leaks")
NEAR = ("closeness", "data_copying", "membership", "vulnerable_records", "privacy_claim")
CONTROLLED = (*PLAIN[1:], *NEAR)
UNJUDGED = (Grade.NOT_ASSESSABLE, Grade.NOT_APPLICABLE)


def labels(rows, seed):
    return pd.DataFrame(np.random.default_rng(seed).choice(["a", "b", "c"], (rows, 3)), columns=list("xyz"))


def copy_of(frame, holdout):
    return World(frame, frame.copy(), holdout)


def overlapping(rows):
    world = siblings(rows)
    return replace(world, holdout=pd.concat([world.real[: rows // 3], world.holdout[rows // 3 :]]))


def one_value(world):
    return World(*(frame.assign(city="Aachen", gain=np.nan) for frame in world.frames().values()))


WORLDS = {
    "no holdout": lambda: siblings(300, holdout=False),
    "a copy without a holdout": lambda: replace(twins(300), holdout=None),
    "unequal sizes": lambda: World(siblings(800).real, siblings(250).synthetic, siblings(200).holdout),
    "few people held back": lambda: World(siblings(800).real, siblings(800).synthetic, siblings(110).holdout),
    "tiny": lambda: siblings(30),
    "three rows": lambda: siblings(3),
    "few categories": lambda: World(*(labels(400, seed) for seed in range(3))),
    "a copy of few categories": lambda: copy_of(labels(400, 0), labels(400, 1)),
    "a holdout that overlaps": lambda: overlapping(400),
    "the real table": lambda: twins(400),
    "the holdout is the real table": lambda: replace(twins(400), holdout=twins(400).real),
    "one value, and none": lambda: one_value(siblings(300)),
    "keys alone": lambda: World(*(frame[["id"]] for frame in siblings(300).frames().values())),
}


@pytest.fixture(scope="module")
def told():
    """Grades and reasons by world and check; each world is audited when first asked for."""
    known = {}

    def tell(name):
        if name not in known:
            world = WORLDS[name]()
            roles = {"sensitive": ("sex",)} if "sex" in world.real else {}
            checks = (*PLAIN, *NEAR)
            report = audit_frames(*world.frames().values(), checks=checks, epsilon=1.0, **roles)
            known[name] = {one.result.card.id: one for one in report.results}
        return known[name]

    return tell


def grades(told, name, checks):
    return {check: told(name)[check].grade for check in checks}


@pytest.mark.parametrize("name", WORLDS)
def test_no_check_breaks(told, name):
    assert [r.result.card.id for r in told(name).values() if r.result.status is Status.FAILED] == []
    assert len(told(name)) == 9


@pytest.mark.parametrize("name", ["no holdout", "a copy without a holdout"])
def test_without_a_holdout_it_says_how_to_get_one(told, name):
    assert set(grades(told, name, CONTROLLED).values()) == {Grade.NOT_ASSESSABLE}
    for check in CONTROLLED:
        result = told(name)[check].result
        assert "no holdout" in result.reason
        assert "hold back" in result.remedy.lower() or "Hold back" in result.remedy


def test_a_copy_is_told_without_a_holdout(told):
    assert told("a copy without a holdout")["copied_rows"].grade is Grade.FAIL
    assert told("no holdout")["copied_rows"].grade is not Grade.FAIL


@pytest.mark.parametrize(
    "name", ["unequal sizes", "few people held back", "few categories", "one value, and none"]
)
@pytest.mark.parametrize("check", [*PLAIN, *NEAR])
def test_people_of_one_population_raise_no_alarm(told, name, check):
    assert told(name)[check].grade not in (Grade.WARN, Grade.FAIL)


@pytest.mark.parametrize("name", ["tiny", "three rows"])
def test_few_rows_are_not_called_safe_by_attacks(told, name):
    for check in NEAR:
        assert told(name)[check].grade is Grade.NOT_ASSESSABLE
        assert "at least 100 rows" in told(name)[check].result.reason


def test_a_copy_of_few_categories_is_not_called_safe(told):
    found = told("a copy of few categories")
    assert found["closeness"].grade is Grade.INCONCLUSIVE  # nearly all are ties: the interval reaches up
    assert found["too_good"].grade in (Grade.WARN, Grade.FAIL)
    assert "equally near to both" in found["closeness"].measures[0].measure.sentence


def test_a_holdout_that_overlaps_is_told(told):
    for check in CONTROLLED:
        result = told("a holdout that overlaps")[check]
        assert result.grade is Grade.NOT_ASSESSABLE
        assert result.result.reason.startswith("33% of the holdout's rows occur in the real table too")
        assert "split again" in result.result.remedy


def test_a_copy_is_told_though_the_holdout_is_the_real_table(told):
    found = told("the holdout is the real table")
    assert found["copied_rows"].grade is Grade.FAIL
    assert (
        "100% of the holdout's rows occur in the real table too"
        in found["copied_rows"].measures[0].measure.sentence
    )
    assert set(grades(told, "the holdout is the real table", CONTROLLED).values()) == {Grade.NOT_ASSESSABLE}


@pytest.mark.parametrize(
    "check",
    [
        "copied_rows",
        "closeness",
        "data_copying",
        "membership",
        "vulnerable_records",
        "privacy_claim",
        "too_good",
    ],
)
def test_the_real_table_fails(told, check):
    assert told("the real table")[check].grade is Grade.FAIL


def test_whole_copies_are_no_near_copies(told):
    assert told("the real table")["near_copies"].grade not in (Grade.WARN, Grade.FAIL)


def test_keys_alone_say_nothing(told):
    assert all(one.grade in UNJUDGED for one in told("keys alone").values())
