from __future__ import annotations

import csv
import hashlib
import hmac
import re

import pytest

from audit.cli.main import main
from audit.model import Status
from audit.run.run import run_checks
from tests.checks.privacy.test_attacks import lonely
from tests.worlds import case_of, check_named


def written(world, tmp_path, **options):
    """The file that the owner gets, and the report's words."""
    with case_of(world, vulnerable_ids=True, **options) as case:
        results = list(run_checks(case, [check_named("vulnerable_records")]))
        assert results[0].status is Status.RAN
        text = (case.scratch / "vulnerable_records.csv").read_text(encoding="utf-8")
    return text, repr(results)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return written(lonely(learned=20), tmp_path_factory.mktemp("ids"))


def secret_in(text):
    return re.search(r"secret ([0-9a-f]{32})", text.splitlines()[0]).group(1)


def ids(text):
    return [line["record"] for line in csv.DictReader(text.splitlines()[1:])]


def test_the_owner_finds_the_rows_again_with_the_secret(told):
    text, _ = told
    secret = secret_in(text)
    known = {
        hmac.new(secret.encode(), str(row).encode(), hashlib.sha256).hexdigest(): row for row in range(1, 601)
    }
    rows = {known[one] for one in ids(text)}
    assert len(rows) >= 17
    assert rows <= set(range(1, 31))  # those that were made to stand out


def test_without_the_secret_no_number_can_be_tried(told):
    text, _ = told
    plain = {hashlib.sha256(str(row).encode()).hexdigest() for row in range(1, 601)}
    assert not plain & set(ids(text))
    assert ids(text) == sorted(ids(text))


def test_two_audits_share_no_id_and_the_report_holds_none(told, tmp_path):
    text, words = told
    again, _ = written(lonely(learned=20), tmp_path)
    assert not set(ids(text)) & set(ids(again))
    assert not any(one in words for one in ids(text))


def test_nothing_is_written_unless_asked():
    with case_of(lonely(learned=20)) as case:
        list(run_checks(case, [check_named("vulnerable_records")]))
        assert not (case.scratch / "vulnerable_records.csv").exists()


def test_the_command_writes_the_file_where_it_is_asked(tmp_path):
    files = {}
    for role, frame in lonely(learned=20).frames().items():
        files[role] = tmp_path / f"{role}.csv"
        frame.to_csv(files[role], index=False)
    out = tmp_path / "out"
    asked = [f"--{role}={path}" for role, path in files.items()]
    main(["run", *asked, f"--out={out}", "--check=vulnerable_records", "--quiet", "--vulnerable-ids"])
    text = (out / "vulnerable_records.csv").read_text(encoding="utf-8")
    assert len(ids(text)) >= 17
    report = (out / "report.json").read_text(encoding="utf-8")
    assert not any(one in report for one in ids(text))
    assert secret_in(text) not in report
