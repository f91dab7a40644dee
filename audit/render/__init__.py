"""Tell: a finished report as JSON, HTML, Markdown and CSV. Nothing here measures or grades."""

from __future__ import annotations

from pathlib import Path

from audit.model import BROKEN_RULES, EVIDENTLY, ROW_WEIGHTS, SUSPECT_ROWS, VULNERABLE_RECORDS, Report
from audit.render.document import from_document, to_document, to_json, validate
from audit.render.files import write_all

__all__ = [
    "CROISSANT",
    "from_document",
    "to_document",
    "to_json",
    "validate",
    "write_reports",
]


CROISSANT = "croissant.json"  # the synthetic table described for machines
_MADE = (
    BROKEN_RULES,
    ROW_WEIGHTS,
    SUSPECT_ROWS,
    VULNERABLE_RECORDS,
    EVIDENTLY,
)  # what an earlier audit may have left


def write_reports(
    report: Report, folder: Path | str, scratch: Path | None = None, stem: str = "report"
) -> None:
    """Write report.json, report.html, report.md, findings.csv and croissant.json: all of them or none.

    Parameters
    ----------
    folder : where they go; it is made where it does not exist
    scratch : of the audit that was just made by `run_audit`; the files that its checks have written there
        go along, and those that an earlier audit left in the folder go away
    stem : another word than "report" for a report about several tables

    Raises
    ------
    StoreError
        Where the folder cannot be written.
    """
    from audit.render.croissant import to_croissant
    from audit.render.html import to_html
    from audit.render.markdown import to_markdown
    from audit.render.report_view import ReportView
    from audit.render.table import to_csv

    folder, view = Path(folder), ReportView(report)
    texts = {
        f"{stem}.json": to_json(report),
        f"{stem}.html": to_html(view),
        f"{stem}.md": to_markdown(view),
        "findings.csv": to_csv(report),
    }
    if stem == "report":
        texts[CROISSANT] = to_croissant(report)
    if scratch is None:
        write_all(folder, texts)
        return
    named = {name for one in report.results for name in one.result.card.files}
    made = {name: scratch / name for name in sorted(named) if (scratch / name).is_file()}
    write_all(folder, texts, made)
    for name in named.union(_MADE) - set(made):
        (folder / name).unlink(missing_ok=True)
