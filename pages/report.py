"""Report: the audit as a file to send on, and how it was made."""

from __future__ import annotations

import hashlib

import streamlit as st

from pages.parts.frame.frame import open_report
from pages.parts.runs import reports
from pages.parts.sections import provenance
from pages.parts.widgets import download

FORMS = (
    (
        "html",
        "Report to read",
        "report",
        "One file, opens anywhere, prints on A4, loads nothing.",
    ),
    (
        "json",
        "Report for programs",
        "report",
        "Every number, interval, reference and tolerance.",
    ),
    ("md", "Report as text", "report", "For a ticket, a wiki or a pull request."),
    ("csv", "Findings as a table", "findings", "For a spreadsheet; formulas are made harmless."),
)

shown = open_report()
st.title("Report", anchor=False)
st.caption("The files hold numbers about groups of at least ten people and no row of the real table.")
with st.grid(4, min_column_width=220, gap="small"):
    for form, label, stem, words in FORMS:
        text = reports.report_text(shown.run, form, shown.report.purpose)
        # the name is unique to its content: the server hands out large files by name
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        with st.container(border=True, height="stretch"):
            st.markdown(f"**{label}**")
            st.caption(words)
            download.draw(
                f"Download {form.upper()}",
                text,
                f"{stem}-{shown.run.id}-{digest}.{form}",
                form,
                kind="primary" if form == "html" else "secondary",
            )
provenance.draw(shown.run, shown.report)
