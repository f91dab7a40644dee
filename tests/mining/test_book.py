"""Rules of the user's beside those mined: what is in force, and which rows break it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.errors import RuleError
from audit.mining.book import refuse_unusable, rules_of
from audit.mining.broken import broken_by
from audit.model import Status
from audit.options import Options
from audit.rulebook import Rule, RuleKind, plain_rules, read_rules, rules_in, write_rules
from audit.run import audit_frames, run_audit
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
    return {rule.words: (rule.origin, rule.enabled) for rule in rules}


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
    report = audit_frames(*_frames(world(30)), checks=("functional_dependencies",), **given(off(LAND)))
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
    ids=lambda one: one if isinstance(one, str) else one.words,
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


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(RuleKind.ORDER, ("net", "total")), "names the column 'total'"),
        (Rule(RuleKind.ORDER, ("net", "town")), "needs numbers or dates"),
        (Rule(RuleKind.FORBIDDEN, ("net", "town"), values=("high", "t1")), "holds numbers"),
        (Rule(RuleKind.FORMAT, ("town",), patterns=("<iban>", "A9")), "among other patterns"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.words,
)
def test_a_rule_that_cannot_be_asked_is_refused_unless_off(rule: Rule, said: str) -> None:
    with case_of(world(), **given(rule)) as case, pytest.raises(RuleError, match=said):
        refuse_unusable(case)
    with case_of(world(), **given(off(rule))) as case:
        refuse_unusable(case)


def test_rules_come_back_from_a_report_and_its_file() -> None:
    report = audit_frames(*_frames(world()), checks=("functional_dependencies", "arithmetic_rules"))
    rules = rules_in(report)
    assert LAND.id in {rule.id for rule in rules}
    assert read_rules(write_rules(rules)) == rules
    again = audit_frames(*_frames(world()), checks=("functional_dependencies",), **given(*rules))
    assert [rule.origin for rule in rules_in(again)] == ["mined"]


def _frames(one: World) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    return one.real, one.synthetic, one.holdout


RULES = (
    LAND,
    ORDER,
    NEVER,
    Rule(RuleKind.UNIQUE, ("town", "gross")),
    Rule(RuleKind.FORMAT, ("land",), patterns=("<ean>",)),
)


def _lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _by_hand(one: World) -> Counter[int]:
    """Rows by the rules above, one by one."""
    real = pd.concat([one.real, one.holdout])
    due = dict(zip(real["town"], real["land"], strict=True))
    seen: set[tuple[str, float]] = set()
    broken: Counter[int] = Counter()
    for row, line in enumerate(one.synthetic.itertuples(), 1):
        broken[row] += line.land != due[line.town]
        broken[row] += line.net > line.gross
        broken[row] += line.town == "t3" and line.sex == "m"
        broken[row] += (line.town, line.gross) in seen
        seen.add((line.town, line.gross))
    return +broken


def test_rows_are_counted_as_by_hand() -> None:
    one = world(25)
    with case_of(one, **given(*RULES)) as case:
        found = broken_by(case, case.synthetic)
        path = case.scratch / "rows.csv"
        found.write(path, lambda rule: rule.words)
        lines = _lines(path)
        worst = found.worst(3)
    wanted = _by_hand(one)
    assert {int(line["row"]): int(line["broken"]) for line in lines} == wanted
    assert [int(line["row"]) for line in lines] == sorted(wanted)
    assert found.rows == len(wanted)
    assert found.numbers == dict(sorted(Counter(wanted.values()).items()))
    assert all(len(line["rules"].split("; ")) == int(line["broken"]) for line in lines)
    assert "town determines land" in lines[0]["rules"]
    assert worst == tuple(sorted(sorted(wanted, key=lambda row: (-wanted[row], row))[:3]))


def test_the_share_of_rows_is_told_and_not_judged() -> None:
    one = world(25)
    outcome = outcome_of("broken_rows", one, **given(*RULES))
    (measure,) = outcome.measures
    wanted = _by_hand(one)
    assert measure.value == pytest.approx(len(wanted) / 3000)
    assert measure.descriptive
    assert measure.baseline is not None and 0.02 < measure.baseline < 0.06
    assert outcome.summary["rows"] == len(wanted)
    (chart,) = outcome.charts
    assert sum(value or 0 for value in chart.series[1].values) == pytest.approx(measure.value)


@pytest.mark.parametrize("checks", [("broken_rows",), ("functional_dependencies",)])
def test_the_table_of_rows_is_written_where_it_was_counted(tmp_path: Path, checks: tuple[str, ...]) -> None:
    files = {}
    for role, frame in zip(("real", "synthetic", "holdout"), _frames(world(5)), strict=True):
        assert frame is not None
        frame.to_csv(tmp_path / f"{role}.csv", index=False)
        files[role] = str(tmp_path / f"{role}.csv")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (report,) = run_audit(Options(**files, checks=checks), scratch)
    assert report.results[0].result.status is Status.RAN
    assert (scratch / "broken_rules.csv").is_file() is (checks == ("broken_rows",))


def test_a_name_that_is_a_formula_stays_text_in_the_table_of_rows(tmp_path: Path) -> None:
    renamed = [None if f is None else f.rename(columns={"town": "=1+1"}) for f in _frames(world(5))]
    files = {}
    for role, frame in zip(("real", "synthetic", "holdout"), renamed, strict=True):
        assert frame is not None
        frame.to_csv(tmp_path / f"{role}.csv", index=False)
        files[role] = str(tmp_path / f"{role}.csv")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    list(run_audit(Options(**files, checks=("broken_rows",)), scratch))
    lines = _lines(scratch / "broken_rules.csv")
    assert lines and all(line["rules"].startswith("'=1+1") for line in lines)
