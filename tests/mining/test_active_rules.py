"""Rules of the user's beside those mined: what is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.declare.rules import Rule, RuleKind, plain_rules, read_rules, rules_in, write_rules
from audit.errors import RuleError
from audit.mining.active_rules import refuse_unusable, rules_of
from audit.run.run import audit_frames
from tests.worlds import World, case_of, find, outcome_of

LAND = Rule(RuleKind.DEPENDENCY, ("town", "land"))
ORDER = Rule(RuleKind.ORDER, ("net", "gross"))
NEVER = Rule(RuleKind.FORBIDDEN, ("town", "sex"), values=("t3", "m"))


def shop(rows: int, seed: int) -> pd.DataFrame:
    """Towns that lie in one land; net amounts that now and then exceed the gross one."""
    rng = np.random.default_rng([5, seed])
    town = rng.integers(0, 20, rows)
    gross = rng.gamma(2.0, 50.0, rows).round(2)
    net = np.where(rng.random(rows) < 0.01, gross + 5, gross * 0.8).round(2)
    return pd.DataFrame(
        {
            "town": [f"t{i}" for i in town],
            "land": [f"l{i % 4}" for i in town],
            "sex": rng.choice(["f", "m"], rows),
            "net": net,
            "gross": gross,
        }
    )


def world(broken: int = 0) -> World:
    synthetic = shop(3000, 1)
    synthetic.loc[: broken - 1, "land"] = "l9"
    return World(shop(3000, 0), synthetic, shop(3000, 2))


def given(*rules: Rule) -> dict[str, Any]:
    return {"rules": plain_rules(rules)}


def off(rule: Rule) -> Rule:
    return replace(rule, enabled=False)


def states(rules: Sequence[Rule]) -> dict[str, tuple[str, bool]]:
    return {rule.description: (rule.origin, rule.enabled) for rule in rules}


def test_what_the_table_teaches_stays_mined_and_the_rest_is_declared() -> None:
    with case_of(world(), **given(off(LAND), ORDER, off(NEVER))) as case:
        found = states(rules_of(case))
    assert found["town determines land"] == ("mined", False)
    assert found["net ≤ gross"] == ("declared", True)
    assert found["never town t3 with sex m"] == ("declared", False)


def test_a_rule_of_the_users_is_judged_by_the_real_rate() -> None:
    outcome = outcome_of("arithmetic_rules", world(), **given(ORDER))
    measure = find(outcome, "net", "gross")
    assert measure.value == 0.0  # one row in a hundred breaks it in the real table too
    assert measure.rows is not None and measure.rows.count > 10
    assert measure.rule is not None and measure.rule["origin"] == "declared"
    assert measure.rule["confidence"] == pytest.approx(0.99, abs=0.005)
    synthetic = shop(3000, 1)
    synthetic.loc[:299, "net"] = synthetic["gross"] + 1
    broken = World(shop(3000, 0), synthetic, shop(3000, 2))
    assert find(outcome_of("arithmetic_rules", broken, **given(ORDER)), "net", "gross").value > 0.08


def test_a_rule_switched_off_is_listed_and_never_judged() -> None:
    report = audit_frames(*frames(world(30)), checks=("functional_dependencies",), **given(off(LAND)))
    (judged,) = report.results[0].measures
    assert judged.measure.descriptive and judged.measure.name == "off" and judged.grade is None
    assert judged.measure.rows is not None and judged.measure.rows.count == 30
    assert not report.findings
    assert report.results[0].result.summary["broken_rules"] == 0


@pytest.mark.parametrize(
    ("check", "rule"),
    [
        ("keys", Rule(RuleKind.UNIQUE, ("net", "gross"))),
        ("formats", Rule(RuleKind.FORMAT, ("town",), patterns=("a9", "a99"))),
        ("formats", Rule(RuleKind.FORMAT, ("town",), patterns=("<luhn>",))),
        ("implications", Rule(RuleKind.IMPLICATION, ("town", "land"), values=("t3", "l3"))),
        ("forbidden_combinations", NEVER),
        ("functional_dependencies", Rule(RuleKind.DEPENDENCY, ("sex", "town"))),
    ],
    ids=lambda one: one if isinstance(one, str) else one.description,
)
def test_every_kind_can_be_declared(check: str, rule: Rule) -> None:
    outcome = outcome_of(check, world(), **given(rule))
    told = [m for m in outcome.measures if m.rule and m.rule["origin"] == "declared"]
    assert [m.about for m in told] == [rule.columns]
    assert told[0].value == 0.0


def test_the_right_side_of_a_declared_dependency_is_what_most_real_rows_hold() -> None:
    real = pd.DataFrame({"a": ["x"] * 40 + ["y"] * 40, "b": ["2"] * 30 + ["1"] * 10 + ["3"] * 40})
    rule = Rule(RuleKind.DEPENDENCY, ("a", "b"))
    outcome = outcome_of("functional_dependencies", World(real, real), **given(rule))
    assert find(outcome, "a", "b").sentence.startswith("10 synthetic rows of 80 ")


def test_a_declared_dependency_that_says_nothing_raises_no_alarm() -> None:
    """The map is learned from some real rows; how well it holds is counted on others."""
    rule = Rule(RuleKind.DEPENDENCY, ("gross", "sex"))
    for one in (world(), World(shop(3000, 0), shop(3000, 1))):
        frames = [f.assign(gross=f["gross"].round(-1)) for f in one.frames().values()]
        outcome = outcome_of("functional_dependencies", World(*frames), **given(rule))
        assert find(outcome, "gross", "sex").value == 0.0


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(RuleKind.ORDER, ("net", "total")), "names the column 'total'"),
        (Rule(RuleKind.ORDER, ("net", "town")), "needs numbers or dates"),
        (Rule(RuleKind.FORBIDDEN, ("net", "town"), values=("high", "t1")), "holds numbers"),
        (Rule(RuleKind.FORMAT, ("town",), patterns=("<iban>", "A9")), "among other patterns"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.description,
)
def test_a_rule_that_cannot_be_asked_is_refused_unless_off(rule: Rule, said: str) -> None:
    with case_of(world(), **given(rule)) as case, pytest.raises(RuleError, match=said):
        refuse_unusable(case)
    with case_of(world(), **given(off(rule))) as case:
        refuse_unusable(case)


def test_rules_come_back_from_a_report_and_its_file() -> None:
    report = audit_frames(*frames(world()), checks=("functional_dependencies", "arithmetic_rules"))
    rules = rules_in(report)
    assert LAND.id in {rule.id for rule in rules}
    assert read_rules(write_rules(rules)) == rules
    again = audit_frames(*frames(world()), checks=("functional_dependencies",), **given(*rules))
    assert [rule.origin for rule in rules_in(again)] == ["mined"]


def frames(one: World) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    return one.real, one.synthetic, one.holdout


@pytest.mark.parametrize("enabled", [True, False])
def test_a_key_is_a_rule_that_rows_can_break(enabled: bool) -> None:
    tables = [
        f.assign(order=range(i * 3000, i * 3000 + 3000)) for i, f in enumerate(world().frames().values())
    ]
    tables[1].loc[:9, "order"] = 3500
    rule = Rule(RuleKind.UNIQUE, ("order",), enabled=enabled)
    options = {"keys": ("order",), **given(rule)}
    measure = find(outcome_of("keys", World(*tables), **options), "order", name="" if enabled else "off")
    assert measure.rows is not None and measure.rows.count == 10
    assert measure.rule is not None and measure.rule["origin"] == "mined"
    assert measure.descriptive is not enabled
    with case_of(World(*tables), **options) as case:
        assert (rule.id in {one.id for one in rules_of(case) if one.enabled}) is enabled
