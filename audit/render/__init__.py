"""Tell: a finished report as JSON, HTML, Markdown and CSV. Nothing here measures or grades."""

from __future__ import annotations

from pathlib import Path

from audit.model import Report
from audit.render.document import from_document, to_document, to_json, validate
from audit.render.files import write_all

__all__ = ["from_document", "to_document", "to_json", "validate", "write_reports"]


def write_reports(report: Report, folder: Path) -> None:
    """Write report.json, report.html, report.md and findings.csv: all of them or none.

    Raises StoreError where the folder cannot be written.
    """
    from audit.render.html import to_html
    from audit.render.markdown import to_markdown
    from audit.render.table import to_csv

    texts = {
        "report.json": to_json(report),
        "report.html": to_html(report),
        "report.md": to_markdown(report),
        "findings.csv": to_csv(report),
    }
    write_all(folder, texts)
