"""Checks on mined rules: planted breaches by hand, and the published shares on Adult."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.declare.options import Options
from audit.declare.rules import rule_from_plain
from audit.model import Measure
from audit.run.run import run_audit
from tests.worlds import World, find, outcome_of


def _shop(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([17, seed])
    town = rng.integers(0, 20, rows)
    sex = rng.choice(["Female", "Male"], rows)
    return pd.DataFrame(
        {
            "town": [f"t{i}" for i in town],
            "land": [f"l{i % 4}" for i in town],
            "sex": sex,
            "role": np.where(rng.random(rows) < 0.4, np.where(sex == "Male", "Husband", "Wife"), "Single"),
        }
    )


def _world(change: pd.DataFrame | None = None) -> World:
    return World(_shop(3000, 0), _shop(3000, 1) if change is None else change, _shop(3000, 2))


def test_a_broken_dependency_is_counted() -> None:
    synthetic = _shop(3000, 1)
    synthetic.loc[:29, "land"] = "l9"
    synthetic.loc[100, "town"] = "nowhere"
    outcome = outcome_of("functional_dependencies", _world(synthetic))
    measure = find(outcome, "town", "land")
    assert measure.value == pytest.approx(30 / 2999)
    assert (measure.low, measure.high, measure.baseline) == (measure.value, measure.value, 0.0)
    assert measure.sentence == (
        "30 synthetic rows of 2,999 (1.0%) break the rule “town determines land”; of 6,000 real rows 0 do. "
        "1 more synthetic row cannot be told: no real row is alike on the left."
    )
    assert measure.rows is not None
    assert (measure.rows.count, measure.rows.examples) == (30, tuple(range(1, 31)))
    assert measure.rule is not None
    assert rule_from_plain(measure.rule).description == "town determines land"
    assert outcome.summary == {"rules": 1.0, "broken_rules": 1.0, "searched": 1.0}


def test_a_breach_that_chance_explains_counts_as_none() -> None:
    """None among 6,000 real rows: up to three among 3,000 may still come by chance."""
    for breaches, beyond in ((3, False), (12, True)):
        synthetic = _shop(3000, 1)
        synthetic.loc[: breaches - 1, "land"] = "l9"
        measure = find(outcome_of("functional_dependencies", _world(synthetic)), "town", "land")
        assert (measure.value > 0) is beyond
        assert measure.rows is not None
        assert measure.rows.count == breaches


def _never(world: World, who: str) -> Measure:
    return find(outcome_of("forbidden_combinations", world), "role", "sex", group=who)


def test_a_forbidden_pair_is_counted() -> None:
    synthetic = _shop(3000, 1)
    husbands = synthetic.index[synthetic["role"] == "Husband"][:15]
    synthetic.loc[husbands, "sex"] = "Female"
    measure = _never(_world(synthetic), "Husband")
    assert measure.value == pytest.approx(15 / 3000)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(int(i) + 1 for i in husbands)
    assert _never(_world(synthetic), "Wife").value == 0.0


@pytest.mark.parametrize("check", ["functional_dependencies", "forbidden_combinations", "implications"])
def test_without_rules_there_is_nothing_to_say(check: str) -> None:
    rng = np.random.default_rng(1)
    frames = [pd.DataFrame({"x": rng.normal(size=500), "y": rng.normal(size=500)}) for _ in range(3)]
    with pytest.raises(Skip):
        outcome_of(check, World(*frames))


# Share of rows that break education -> education-num, and of husbands and wives of the wrong sex.
PUBLISHED = {
    "mostlyai": (0.0003, 0.0001),
    "gretel-TabularDP-e100": (0.004, None),
    "synthcity-ctgan": (0.65, None),
    "gaussian_copula": (0.91, 0.149),
}
HUSBANDS = (("Husband", "Female"), ("Wife", "Male"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_adult_by_brute_force_and_as_published(name: str, acceptance_data: Path, tmp_path: Path) -> None:
    folder = acceptance_data / "adult"
    files = {role: folder / f"adult_{part}.csv.gz" for role, part in (("real", "trn"), ("holdout", "hol"))}
    synthetic = folder / f"adult_{name}.csv.gz"
    asked = Options(
        **{role: str(path) for role, path in files.items()},
        synthetic=str(synthetic),
        checks=("functional_dependencies", "forbidden_combinations"),
    )
    report = next(run_audit(asked, tmp_path))
    counted = {
        (m.measure.about, tuple((m.measure.group or {}).values())): m.measure.rows.count
        if m.measure.rows
        else 0
        for r in report.results
        for m in r.measures
    }
    frame = pd.read_csv(synthetic)
    real = pd.concat([pd.read_csv(path) for path in files.values()])
    due = dict(zip(real["education"], real["education-num"], strict=True))
    broken = int((frame["education"].map(due) != frame["education-num"]).sum())
    wrong = sum(
        int(((frame["relationship"] == role) & (frame["sex"] == sex)).sum()) for role, sex in HUSBANDS
    )
    rule = ("education", "education-num"), ("education determines education-num",)
    assert counted[rule] == broken
    assert sum(counted[(("relationship", "sex"), pair)] for pair in HUSBANDS) == wrong
    dependency, pairs = PUBLISHED[name]
    places = max(len(str(dependency).partition(".")[2]), 2)
    assert round(broken / len(frame), places) == dependency
    assert pairs is None or wrong / len(frame) == pytest.approx(pairs, abs=0.5 * 10 ** -len(str(pairs)[2:]))
