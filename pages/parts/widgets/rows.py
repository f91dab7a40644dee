"""Synthetic rows behind a number: their numbers always, their cells where the file is still here.

Real rows are never shown.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from audit.model import BROKEN_RULES, Report, Rows
from audit.render import formatting
from audit.store import Run
from pages.parts.base.markdown import md_text, plain_text
from pages.parts.runs import reports, rerun
from pages.parts.widgets import download, table

MAX_ROWS = 20  # rows with their cells
COUNTED = "Counted from 1 below the header of the synthetic file."
_READ = "_read_rows"


def draw(report: Report, found: Rows, about: tuple[str, ...], key: str) -> None:
    """Row numbers, and at a click the rows of the synthetic table."""
    noun = "row" if found.count == 1 else "rows"
    with st.expander(
        f"{formatting.count(found.count)} {noun} of the synthetic table", icon=":material/table_rows:"
    ):
        if not found.examples:
            st.caption("The rows are not listed.")
            return
        first = f"The first {len(found.examples)}. " if found.count > len(found.examples) else ""
        st.caption(f"{first}{COUNTED}")
        st.text(", ".join(str(row) for row in found.examples))
        files = rerun.files_of(report)
        if files is None:
            st.caption(rerun.GONE)
            return
        read = st.session_state.get(_READ, {})
        if st.button("Show the synthetic rows", icon=":material/visibility:", key=f"{key}_show"):
            with st.spinner("Reading the file"):
                read = {"of": key, **rerun.rows_of(files, found.examples[:MAX_ROWS])}
            st.session_state[_READ] = read
        if read.get("of") == key:
            _draw_cells(read, about)


def draw_download(run: Run, report: Report) -> None:
    """The numbers of all rows that break rules, as a file, where the audit made one and there are any."""
    path = reports.folder_of(run) / BROKEN_RULES
    counted = [one.result.summary for one in report.results if BROKEN_RULES in one.result.card.files]
    if not path.is_file() or not any(summary.get("rows") for summary in counted):
        return
    download.draw(
        "Rows that break rules (CSV)",
        path.read_bytes,
        f"broken_rules-{run.id}.csv",
        "rows",
        icon=":material/table_rows:",
    )


def _draw_cells(read: dict[str, object], about: tuple[str, ...]) -> None:
    if read.get("error"):
        st.error(md_text(read["error"]), icon=":material/error:")
        return
    names = [plain_text(name, 60) for name in read["columns"]]  # type: ignore[attr-defined]
    cells = pd.DataFrame(
        [
            [line[0], *("" if cell is None else plain_text(cell, 120) for cell in line[1:])]
            for line in read["rows"]
        ],  # type: ignore[attr-defined]
        columns=["Row", *names],
    )
    first = [plain_text(name, 60) for name in about]
    order = [
        "Row",
        *(name for name in first if name in names),
        *(name for name in names if name not in first),
    ]
    st.dataframe(
        cells,
        hide_index=True,
        column_order=order,
        height=table.height(len(cells), 330),
        alt="Synthetic rows, the columns in question first",
        column_config={"Row": st.column_config.NumberColumn(pinned=True, width=70, format="localized")},
    )
