"""findings.csv: one line per finding, safe to open in a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re

from audit.model import Finding, Report
from audit.render.formatting import visible

HEADERS = (
    "id",
    "grade",
    "severity",
    "family",
    "check",
    "about",
    "group",
    "sentence",
    "value",
    "low",
    "high",
    "baseline",
    "tolerance",
    "rows",
    "next_step",
    "folded",
)
STARTERS = "=+-@|%＝＋－＠"
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
BLANKS = " \t\r\n\u00a0\u3000\"'"


def to_csv(report: Report) -> str:
    """The findings as CSV, most severe first as in the report; numbers in full.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; control
    characters are made visible, so no cell spans lines.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([neutral(header) for header in HEADERS])
    writer.writerows(_line(finding) for finding in report.findings)
    return text.getvalue()


def neutral(text: str) -> str:
    """The text so that no spreadsheet computes it; plain numbers such as -5 stay as they are."""
    seen = visible(text)
    bare = seen.lstrip(BLANKS)
    if not bare or NUMBER.fullmatch(seen):
        return seen
    return f"'{seen}" if bare[0] in STARTERS or text[:1] in "\t\r\n\0" else seen


def _line(finding: Finding) -> list[str | int | float | None]:
    group = ", ".join(f"{name} = {value}" for name, value in (finding.group or {}).items())
    judged = finding.judged
    measure = judged.measure if judged else None
    return [
        neutral(finding.id),
        finding.grade.value,
        finding.severity,
        finding.family.value,
        neutral(finding.check),
        neutral(" × ".join(finding.about)),
        neutral(group),
        neutral(finding.sentence),
        *(getattr(measure, name, None) for name in ("value", "low", "high", "baseline")),
        finding.tolerance,
        finding.rows.count if finding.rows else None,
        neutral(finding.next_step),
        neutral(" ".join(finding.folded)),
    ]
