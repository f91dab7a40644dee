"""Findings as a table: findings.csv, safe to open in a spreadsheet program, and a frame for Python."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
from typing import TYPE_CHECKING

from audit.errors import StoreError
from audit.model import Finding, Report
from audit.render.formatting import visible_text

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | None

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
FRAME = (
    "check",
    "family",
    "grade",
    "severity",
    "about",
    "group",
    "sentence",
    "next_step",
    "value",
    "low",
    "high",
    "baseline",
    "tolerance",
    "rows",
)
FLOATS = ("severity", "value", "low", "high", "baseline", "tolerance")
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
    for finding in report.findings:
        cells = values(finding)
        line = (cells[header] for header in HEADERS)
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in line])
    return text.getvalue()


def to_frame(report: Report) -> pd.DataFrame:
    """The findings as a frame, one row each, most severe first; columns as in `FRAME`, the id as index.

    value, low, high, baseline and tolerance are on the scale of the check; NaN where there is none.

    Raises StoreError where pandas is not installed, which the core does without.
    """
    if importlib.util.find_spec("pandas") is None:
        raise StoreError(
            "A frame of findings needs pandas, which is not installed.", "Run: pip install pandas"
        )
    import pandas as pd

    cells = [values(finding) for finding in report.findings]
    index = pd.Index([line["id"] for line in cells], name="id", dtype=object)
    frame = pd.DataFrame(cells, columns=list(FRAME), index=index)
    types = {name: "float64" for name in FLOATS} | {"rows": "Int64"}
    return frame.astype({name: types.get(name, "str") for name in FRAME})


def neutral(text: str) -> str:
    """The text so that no spreadsheet computes it; plain numbers such as -5 stay as they are."""
    seen = visible_text(text)
    bare = seen.lstrip(BLANKS)
    if not bare or NUMBER.fullmatch(seen):
        return seen
    return f"'{seen}" if bare[0] in STARTERS or text[:1] in "\t\r\n\0" else seen


def values(finding: Finding) -> dict[str, Cell]:
    """A finding in plain cells, by the names of `HEADERS`; columns and groups in words."""
    group = ", ".join(f"{name} = {value}" for name, value in (finding.group or {}).items())
    measure = finding.judged_measure.measure if finding.judged_measure else None
    return {
        "id": finding.id,
        "grade": finding.grade.value,
        "severity": finding.severity,
        "family": finding.family.value,
        "check": finding.check,
        "about": " × ".join(finding.about),
        "group": group,
        "sentence": finding.sentence,
        **{name: getattr(measure, name, None) for name in ("value", "low", "high", "baseline")},
        "tolerance": finding.tolerance,
        "rows": finding.rows.count if finding.rows else None,
        "next_step": finding.next_step,
        "folded": " ".join(finding.folded),
    }
