"""Rows that break rules, counted one by one by hand, and the table of them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from audit.declare.options import Options
from audit.declare.rules import Rule, RuleKind
from audit.mining.violating_rows import violating_rows
from audit.model import Status
from audit.run.run import run_audit
from tests.mining.test_active_rules import LAND, NEVER, ORDER, frames, given, world
from tests.worlds import World, case_of, outcome_of

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
        found = violating_rows(case, case.synthetic)
        path = case.scratch / "rows.csv"
        found.write(path, str)
        lines = _lines(path)
        worst = found.most_violating(3)
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
    for role, frame in zip(("real", "synthetic", "holdout"), frames(world(5)), strict=True):
        assert frame is not None
        frame.to_csv(tmp_path / f"{role}.csv", index=False)
        files[role] = str(tmp_path / f"{role}.csv")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (report,) = run_audit(Options(**files, checks=checks), scratch)
    assert report.results[0].result.status is Status.RAN
    assert (scratch / "broken_rules.csv").is_file() is (checks == ("broken_rows",))


def test_a_name_that_is_a_formula_stays_text_in_the_table_of_rows(tmp_path: Path) -> None:
    renamed = [None if f is None else f.rename(columns={"town": "=1+1"}) for f in frames(world(5))]
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
