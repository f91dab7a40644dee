"""Real against real raises no alarm: three-way splits of the sample data, and of the acceptance data."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from audit import audit_frames
from audit.checks import all_checks
from audit.model import Grade, Report

SAMPLE = Path(__file__).parents[2] / "sample_data"
QUICK = tuple(check.card.id for check in all_checks() if not check.background)


def split(frame, seed):
    """Three random parts of one population: what the generator saw, a perfect synthetic table, a holdout."""
    third = len(frame) // 3
    mixed = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    return [mixed[i * third : (i + 1) * third].reset_index(drop=True) for i in range(3)]


def alarms(report: Report, grade: Grade) -> list[str]:
    return [f"{finding.check}: {finding.sentence}" for finding in report.findings if finding.grade is grade]


@pytest.fixture(scope="module")
def population():
    return pd.concat([pd.read_csv(SAMPLE / name) for name in ("real.csv", "holdout.csv")])


@pytest.mark.parametrize("seed", range(2))  # bench/planted.py takes fifty
def test_a_perfect_table_is_never_failed(population, seed):
    schema = json.loads((SAMPLE / "schema.json").read_text(encoding="utf-8"))
    report = audit_frames(*split(population, seed), schema=schema, checks=QUICK)
    assert alarms(report, Grade.FAIL) == []
    assert len(alarms(report, Grade.WARN)) <= 2
    assert report.verdict.grade in (Grade.PASS, Grade.WARN)


def test_few_rows_leave_questions_open_and_raise_no_alarm(population):
    schema = json.loads((SAMPLE / "schema.json").read_text(encoding="utf-8"))
    report = audit_frames(*split(population.sample(900, random_state=0), 0), schema=schema, checks=QUICK)
    assert alarms(report, Grade.FAIL) == []
    assert alarms(report, Grade.INCONCLUSIVE)
    assert report.verdict.grade in (Grade.WARN, Grade.INCONCLUSIVE)


def test_a_copy_fails_where_a_sibling_does_not(population):
    real, _, holdout = split(population, 0)
    report = audit_frames(real, real.copy(), holdout, families=("privacy",))
    failed = {r.result.card.id for r in report.results if r.grade is Grade.FAIL}
    assert failed == {
        "closeness",
        "copied_rows",
        "data_copying",
        "linkability",
        "membership",
        "rare_value_leaks",
        "singling_out",
        "too_good",
        "vulnerable_records",
    }


@pytest.mark.acceptance
def test_a_public_table_split_in_three_is_never_failed(acceptance_data):
    parts = [pd.read_csv(acceptance_data / "adult" / f"adult_{part}.csv.gz") for part in ("trn", "hol")]
    roles = {"target": "income", "sensitive": ("sex", "race")}
    report = audit_frames(*split(pd.concat(parts), 1), checks=QUICK, **roles)
    assert alarms(report, Grade.FAIL) == []
    assert report.verdict.grade in (Grade.PASS, Grade.WARN)
