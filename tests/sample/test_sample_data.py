"""The sample data do what their README says: every planted defect is named, and only there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from audit.declare.options import Options
from audit.model import Finding, Grade, Report
from audit.render import series_section
from audit.run.run import run_audit
from audit.run.series_run import run_series
from pages.parts.runs import samples

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"

# check, the columns it must name
PLANTED = [
    ("column_shapes", ("family_income",)),
    ("column_distances", ("family_income",)),
    ("column_drift", ("family_income",)),
    ("pair_shapes", ("outpatient_cost",)),
    ("value_spikes", ("hospital_cost",)),
    ("representation", ("race_of_head",)),
    ("outcome_disparity", ("sex", "saw_doctor")),
    ("disparity_amplification", ("sex", "saw_doctor")),
    ("lost_categories", ("general_health",)),
    ("missing_shares", ("general_health",)),
    ("new_categories", ("site",)),
    ("boundaries", ("age",)),
    ("types", ("other_visits",)),
    ("keys", ("record_id",)),
    ("copied_rows", ()),
    ("duplicate_rows", ()),
    ("detectability", ()),
]


def audited(name: str, folder: Path) -> Report:
    options = Options(
        real=str(SAMPLE / "real.csv"),
        synthetic=str(SAMPLE / f"synthetic_{name}.csv"),
        holdout=str(SAMPLE / "holdout.csv"),
        schema=json.loads((SAMPLE / "schema.json").read_text(encoding="utf-8")),
        families=("fidelity", "bias", "artifacts", "privacy", "drift"),
        checks=tuple(sorted({*(check for check, _ in PLANTED), "closeness", "too_good", "dataset_drift"})),
    )
    *_, report = run_audit(options, folder)
    return report


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return audited("flawed", tmp_path_factory.mktemp("flawed"))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return audited("good", tmp_path_factory.mktemp("good"))


def alarms(report: Report, check: str, about: tuple[str, ...]) -> list[Finding]:
    return [
        f
        for f in report.findings
        if f.check == check and f.grade in (Grade.FAIL, Grade.WARN) and set(about) <= set(f.about)
    ]


@pytest.mark.parametrize(("check", "about"), PLANTED)
def test_every_planted_defect_is_named(flawed: Report, check: str, about: tuple[str, ...]) -> None:
    assert alarms(flawed, check, about)


@pytest.mark.parametrize(("check", "about"), PLANTED)
def test_the_good_table_is_not_blamed_for_it(good: Report, check: str, about: tuple[str, ...]) -> None:
    assert alarms(good, check, about) == []


def test_the_flawed_table_fails_and_the_good_one_does_not(flawed: Report, good: Report) -> None:
    assert flawed.verdict.grade is Grade.FAIL
    assert good.verdict.grade in (Grade.PASS, Grade.WARN)
    assert not [f for f in good.findings if f.grade is Grade.FAIL]


def test_the_readme_lists_every_planted_defect() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for check, about in PLANTED:
        assert any(f"`{check}`" in row and all(f"`{name}`" in row for name in about) for row in rows), (
            check,
            about,
        )


def test_the_loop_decays_and_the_table_drawn_with_care_is_where_it_begins(tmp_path: Path) -> None:
    asked = samples.options(samples.LOOP)
    checks = ("variance_decay", "generation_quality", "fresh_share")
    *_, (_, report) = run_series(replace(asked, checks=checks), tmp_path)
    grade, sentence = series_section.series_answer(report)
    assert grade is Grade.FAIL
    assert sentence.startswith("This loop decays: after 3 generations")
    first, _, last = series_section.series_steps(report)
    assert first.shares["Diversity"] > 0.9
    assert last.shares["Diversity"] < 0.8 < 1.1 < last.shares["Realism"]  # likely rows only
    assert last.shares["Variance left"] < 0.7
