"""findings.csv: every finding, numbers in full, nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from audit.model import Report
from audit.render import to_document
from audit.render.table import HEADERS, neutral, to_csv

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "|cmd",
    "%x",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '"=1',
    "＝1",
    "\0=1",
    "\tx",
)


def lines(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(report))))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text(text: str) -> None:
    assert neutral(text).startswith("'")


@pytest.mark.parametrize("text", ["-5", "+5", "-5.25e-3", "age", "", "a=b", "it's", "5%"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


def test_a_telephone_number_stays_readable() -> None:
    assert neutral("+49 30 1234") == "'+49 30 1234"


def test_no_cell_of_a_hostile_report_starts_a_formula(report: Report) -> None:
    first = report.findings[0]
    hostile = tuple(
        replace(
            first, id=text, about=(text,), group={text: text}, sentence=text, next_step=text, folded=(text,)
        )
        for text in FORMULAS
    )
    rows = list(csv.reader(io.StringIO(to_csv(replace(report, findings=hostile)))))
    assert len(rows) == len(FORMULAS) + 1
    for row in rows:
        for cell in row:
            assert not cell.lstrip(" \"'").startswith(tuple("=+@|%＝\t\r")) or cell.startswith("'")


def test_every_finding_is_a_line_with_the_numbers_of_the_json(report: Report) -> None:
    findings, rows = to_document(report)["findings"], lines(report)
    assert len(rows) == len(findings)
    for row, finding in zip(rows, findings, strict=True):
        assert row["id"] == finding["id"]
        for name in ("severity", "value", "low", "high", "baseline", "tolerance"):
            assert float(row[name]) == finding[name]
        assert row["rows"] == ("" if finding["rows"] is None else str(finding["rows"]["count"]))


def test_what_is_not_there_is_an_empty_cell(report: Report) -> None:
    bare = replace(report.findings[0], measures=())
    row = lines(replace(report, findings=(bare,)))[0]
    assert [row[name] for name in ("value", "low", "high", "baseline", "tolerance", "rows")] == [""] * 6


def test_a_report_without_findings_keeps_its_headers(report: Report) -> None:
    assert to_csv(replace(report, findings=())) == ",".join(HEADERS) + "\n"


def test_no_cell_spans_lines(report: Report) -> None:
    broken = replace(report.findings[0], sentence="a\nb\r\nc")
    assert to_csv(replace(report, findings=(broken,))).count("\n") == 2
