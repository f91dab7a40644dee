"""Forbidden pairs and implications: what is found, what is left out as already said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.mining.combinations import value_rules
from audit.mining.violations import violation_counts
from tests.worlds import World, case_of


def _people(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([13, seed])
    sex = rng.choice(["Female", "Male"], rows)
    role = np.where(rng.random(rows) < 0.5, np.where(sex == "Male", "Husband", "Wife"), "Single")
    job = rng.choice(["nurse", "clerk", "judge"], rows)
    licence = np.where(job == "nurse", "yes", rng.choice(["yes", "no"], rows, p=[0.9, 0.1]))
    late = (job == "nurse") & (rng.random(rows) < 0.005)
    return pd.DataFrame(
        {
            "sex": sex,
            "role": role,
            "job": job,
            "licence": np.where(late, "no", licence),
            "town": rng.choice(["Ulm", "Trier"], rows),
            "code": rng.choice([1, 2, 3], rows),
        }
    )


def _found(world: World) -> tuple[set[str], set[str]]:
    with case_of(world) as case:
        found = value_rules(case)
    return {rule.description for rule in found.forbidden}, {rule.description for rule in found.implications}


def test_what_never_meets_and_what_brings_what() -> None:
    """That a husband is male says no more than that no husband is female; nurses may lack a licence for a while."""
    forbidden, implied = _found(World(*(_people(4000, seed) for seed in range(3))))
    assert forbidden == {"never role Husband with sex Female", "never role Wife with sex Male"}
    assert implied == {"where job is nurse, licence is yes"}


def test_days_are_named_as_days() -> None:
    def tariffs(seed: int) -> pd.DataFrame:
        rng = np.random.default_rng([14, seed])
        month = rng.integers(1, 13, 4000)
        new = (month > 6) | (rng.random(4000) < 0.003)
        day = pd.to_datetime([f"2021-{m:02}-01" for m in month])
        return pd.DataFrame(
            {"from": day, "tariff": np.where(new, "new", "old"), "x": rng.integers(0, 9, 4000)}
        )

    world = World(*(tariffs(seed) for seed in range(3)))
    forbidden, _ = _found(world)
    days = {month: f"2021-{month:02}-01" for month in range(1, 13)}
    assert forbidden == {
        f"never from {day} with tariff {'old' if month > 6 else 'new'}" for month, day in days.items()
    }
    world.synthetic.loc[:, "tariff"] = "old"
    with case_of(world) as case:
        rules = value_rules(case).forbidden
        counted = violation_counts(case, case.synthetic, rules)
    written = world.synthetic["from"].dt.strftime("%Y-%m-%d").value_counts()
    for rule, found in zip(rules, counted, strict=True):
        assert found.rows == (written[rule.values[0]] if rule.values[1] == "old" else 0)


def test_both_parts_of_the_real_rows_must_agree() -> None:
    holdout = _people(4000, 2)
    holdout.loc[holdout["role"] == "Wife", "sex"] = "Male"
    forbidden, _ = _found(World(_people(4000, 0), _people(4000, 1), holdout))
    assert forbidden == {"never role Husband with sex Female"}


def test_independent_columns_have_no_rules() -> None:
    rng = np.random.default_rng(4)
    frames = [
        pd.DataFrame({name: rng.choice(list("abcdefgh"), 4000) for name in ("x", "y", "z")}) for _ in range(3)
    ]
    assert _found(World(*frames)) == (set(), set())


def test_what_a_dependency_says_is_not_said_again() -> None:
    code = np.arange(4000) % 8
    frame = pd.DataFrame({"name": [f"n{i}" for i in code], "number": code, "other": np.arange(4000) % 3})
    assert _found(World(frame, frame, frame)) == (set(), set())


def test_values_of_few_people_are_in_no_rule() -> None:
    """With k = 10 holders at least a value may be named."""
    frame = _people(4000, 0)
    frame["town"] = np.where(np.arange(4000) < 4, "Hiddenburg", "Ulm")
    forbidden, implied = _found(World(frame, frame, frame))
    assert "Hiddenburg" not in str(forbidden | implied)
