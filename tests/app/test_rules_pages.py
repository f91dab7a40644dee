"""Artifacts and rules on the screen: worst first, switches, a form, a file, and rows never of real people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit.declare.options import Options
from audit.declare.rules import Rule, RuleKind, read_rules, write_rules
from audit.model import Family, Grade, JudgedMeasure, Report, Rows
from audit.store import Runs
from pages.parts.runs import rerun, samples, upload
from pages.parts.sections import rule_table
from pages.parts.setup import rule_form
from tests.app.test_fidelity_pages import said
from tests.app.test_pages import open_page
from tests.render.example import HOSTILE, build, card, finding_of, judged, result_of

TOWN = Rule(RuleKind.DEPENDENCY, ("age", "income"), support=1000)
NEVER = Rule(
    RuleKind.FORBIDDEN, (HOSTILE[0], "income"), values=(HOSTILE[1], "low"), support=1000, confidence=0.998
)
OFF = Rule(RuleKind.ORDER, ("age", "income"), enabled=False, support=1000)


def counted(rule: Rule, broken: int, grade: Grade | None) -> JudgedMeasure:
    measure = judged(broken / 500, rule.columns, 0).measure
    rows = Rows(broken, tuple(range(1, min(broken, 50) + 1))) if broken else None
    measure = replace(measure, n=500, rows=rows, rule=rule.to_plain(), descriptive=not rule.enabled)
    return JudgedMeasure(measure, grade, 0.0, 0.001)


def with_rules() -> Report:
    """The example report with three rules: kept, broken and switched off."""
    report = build()
    numbers = (counted(TOWN, 0, Grade.PASS), counted(NEVER, 40, Grade.FAIL), counted(OFF, 3, None))
    found = result_of(card("functional_dependencies", "Dependencies", Family.ARTIFACTS), numbers, Grade.FAIL)
    finding = replace(finding_of(1, found, numbers[1]), id="rulefinding")
    return replace(report, results=(*report.results, found), findings=(finding, *report.findings))


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 100, 0.0, 0.03699), (5, 100, 0.02154, 0.11175), (100, 100, 0.96301, 1.0)],
)
def test_wilson_by_published_values(count: int, n: int, low: float, high: float) -> None:
    """As the interval without correction in Newcombe (1998), Statistics in Medicine 17, 857-872."""
    assert rule_table.wilson(count, n) == pytest.approx((low, high), abs=2e-4)


def test_rules_stand_worst_first_with_all_they_need() -> None:
    table = rule_table.frame(rule_table.of_report(with_rules()))
    assert table["Grade"].iloc[0].endswith("Fail") and table["Grade"].iloc[-1] == "off"
    assert list(table["On"]) == [True, True, False]
    first = table.iloc[0]
    assert first["Synthetic rows"] == "40 of 500"
    assert first["Real rows"] == "2 of 1,000"
    assert first["Holds in"] == "99.80%"
    assert first["Broken by"] == "8.0%"
    assert table.iloc[1]["Holds in"] == "100%"


def test_given_rules_switch_known_ones_and_add_others() -> None:
    new = Rule(RuleKind.UNIQUE, ("age",))
    listed = rule_table.with_given(rule_table.of_report(with_rules()), (replace(TOWN, enabled=False), new))
    rules = [one.rule for one in listed]
    assert rules[0] == replace(new, origin="declared")
    assert {rule.id for rule in rules if not rule.enabled} == {TOWN.id, OFF.id}
    assert {rule.id for rule in rule_table.to_send(rules)} == {new.id, TOWN.id, OFF.id}


def test_a_rule_about_a_strange_column_is_said_in_words() -> None:
    assert "'shoe'" in rule_form.unknown_column([Rule(RuleKind.UNIQUE, ("shoe",))], ["age"])
    assert rule_form.unknown_column([Rule(RuleKind.UNIQUE, ("shoe",), enabled=False)], ["age"]) == ""


def test_the_rules_page_lists_them_and_takes_another(done: Callable[..., str]) -> None:
    run_id = done(with_rules())
    app = open_page("pages/rules.py", run_id)
    assert not app.exception
    assert "3 rules, worst first; 1 of 3 counted ones are broken" in said(app)
    assert rerun.GONE in said(app)
    assert app.button(key="audit_again").disabled
    app.selectbox(key="rule_kind").set_value("unique").run()
    assert "differ in every row" in said(app)
    # a press of the button is tried in a browser: here the guard's second pass would lose it
    app.session_state["_added_rules"] = {run_id: [Rule(RuleKind.UNIQUE, ("age",)).to_plain()]}
    app.run()
    assert not app.exception
    assert "4 rules, worst first" in said(app)


def test_the_artifacts_page_shows_a_finding_its_rows_and_all_checks(done: Callable[..., str]) -> None:
    app = open_page("pages/artifacts.py", done(with_rules()), finding="rulefinding")
    assert not app.exception
    text = said(app)
    assert "The first" not in text and "Counted from 1 below the header" in text
    assert ", ".join(map(str, range(1, 41))) in text
    assert "What was looked for" in text
    checks = list(app.dataframe[-1].value["Check"])
    assert "Dependencies" in checks


def test_without_artifact_checks_the_page_says_so(done: Callable[..., str]) -> None:
    report = build()
    report = replace(
        report, results=tuple(r for r in report.results if r.result.card.family is not Family.ARTIFACTS)
    )
    app = open_page("pages/artifacts.py", done(report))
    assert not app.exception
    assert "No check for artifacts was run" in said(app)


def test_files_are_found_by_content_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "uploads_of_visitor", dict)
    assert rerun.files_of(with_rules()) is None
    report = with_rules()
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in samples.FOLDER.glob("*.csv")
    }
    tables = {
        role: replace(report.tables["real"], sha256=digests[name])  # type: ignore[type-var]
        for role, name in (("real", "real.csv"), ("synthetic", "synthetic_flawed.csv"))
    }
    files = rerun.files_of(replace(report, tables={**tables, "holdout": None}))
    assert files is not None and files.path("synthetic").name == "synthetic_flawed.csv"
    told = rerun.excerpt_of(files.path("synthetic"), [3, 1])
    lines = (samples.FOLDER / "synthetic_flawed.csv").read_text(encoding="utf-8").splitlines()
    assert told["columns"] == lines[0].split(",")
    assert [line[0] for line in told["rows"]] == [1, 3]
    assert [line[1] for line in told["rows"]] == [lines[1].split(",")[0], lines[3].split(",")[0]]


def test_an_audit_is_asked_for_again_with_its_own_options(
    store: Runs, submit: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.runs.reports.runs", lambda: store)
    monkeypatch.setattr("pages.parts.runs.reports.visitor", lambda: "me")
    run = store.get(submit(target="income"))
    assert run is not None
    files = rerun.Files({}, {role: samples.FOLDER / "real.csv" for role in ("real", "synthetic")})
    new = rerun.start(run, files, [OFF])
    assert new is not None and new != run.id
    asked = Options.from_json(store.folder_of(new).request.read_text(encoding="utf-8"))
    assert asked.target == "income" and asked.declared_rules() == (OFF,)
    assert Path(asked.real).name == "real.csv"
    assert json.loads(asked.to_json())["rules"]["rules"][0]["enabled"] is False
    assert read_rules(write_rules(asked.declared_rules())) == (OFF,)
