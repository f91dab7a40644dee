"""The audit in a few lines for a terminal: what to know, what to do, where the report lies."""

from __future__ import annotations

import textwrap
from pathlib import Path

from audit.model import Grade, Report, Status
from audit.render.finding_view import FindingView
from audit.render.report_view import ReportView

_WIDTH = 100
_MAX_LINES = 25
_WORDS = {
    Grade.PASS: "PASS",
    Grade.WARN: "USABLE WITH CARE",
    Grade.FAIL: "FAIL",
    Grade.INCONCLUSIVE: "CANNOT TELL",
}


def to_summary(report: Report | ReportView, folder: Path | None = None, stem: str = "report") -> str:
    """At most 25 lines: the verdict, the rule that fired, the top findings, where the report lies."""
    view = ReportView.of(report)
    verdict = view.report.verdict
    lines = [f"{_WORDS.get(verdict.grade, verdict.grade.value.upper())} for {view.report.purpose}"]
    if view.is_series:
        lines += _wrap(view.headline)
    lines += _wrap(verdict.rule)
    tail = _tail(view.report, folder and folder / f"{stem}.html")
    for reason in view.reasons:
        entry = _finding_lines(reason)
        if len(lines) + len(entry) + len(tail) > _MAX_LINES:
            break
        lines += entry
    return "\n".join([*lines, *tail])


def _finding_lines(view: FindingView) -> list[str]:
    step = view.finding.next_step.split(". ")[0].rstrip(".")
    return [
        *_wrap(view.sentence, f"  [{view.finding.grade.value}] ", "         "),
        *_wrap(f"{step}.", "         -> ", "            "),
    ]


def _tail(report: Report, page: Path | None) -> list[str]:
    ran = len(report.results) - len(report.not_assessed)
    lines = [
        "",
        f"{ran} of {len(report.results)} checks ran on {_rows(report)}; {report.multiplicity.tests} comparisons judged.",
    ]
    if report.not_assessed:
        broke = {r.result.card.id for r in report.results if r.result.status is Status.FAILED}
        # What broke comes first: the list may be cut.
        names = ", ".join(sorted((e.check for e in report.not_assessed), key=lambda name: name not in broke))
        lines += _wrap(f"Not assessed: {names}.")[:2]
    if page is not None:
        lines.append(f"Report: {page}")
    return lines


def _rows(report: Report) -> str:
    return ", ".join(
        f"{facts.rows:,} {role} rows" for role, facts in report.tables.items() if facts is not None
    )


def _wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    """Wrapped, with every control character made harmless: names and values are untrusted."""
    plain = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return textwrap.wrap(
        plain, _WIDTH, initial_indent=first, subsequent_indent=rest, max_lines=3, placeholder=" …"
    )
