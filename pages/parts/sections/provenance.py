"""How a report was made: enough to make it again."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from audit.model import VERSION, Report
from audit.render import formatting
from audit.store import Run
from pages.parts.base.markdown import md_text, plain_text
from pages.parts.base.router import OVERVIEW
from pages.parts.runs import reports


def draw(run: Run, report: Report) -> None:
    """Files with their digests, settings, what each column was taken as, and a way to delete it all."""
    st.subheader("How it was made", anchor=False)
    made = datetime.fromisoformat(report.made_at).strftime("%d %B %Y, %H:%M UTC")
    st.markdown(
        f"{made} · version {md_text(VERSION)} · seed {report.seed} · policy {md_text(report.policy.name, 60)} "
        f"({report.policy.sha256[:12]}) · {report.multiplicity.tests} tests, {md_text(report.multiplicity.method, 120)}"
    )
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in ("Rows", "Columns")}
    st.dataframe(_tables(report), hide_index=True, alt="The files that were compared", column_config=numbers)
    with st.expander(f"What the {len(report.columns)} columns were taken to hold"):
        st.dataframe(_columns(report), hide_index=True, alt="Kind and role of every column")
    with st.expander("Versions"):
        versions = pd.DataFrame(sorted(report.environment.items()), columns=["Part", "Version"])
        st.dataframe(versions, hide_index=True, alt="Versions of the parts used", width="content")
    if run.owner == reports.visitor():
        _draw_delete(run)


def _tables(report: Report) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Table": role,
                "Name": plain_text(facts.name, 80),
                "Rows": facts.rows,
                "Columns": facts.columns,
                "Size": formatting.size(facts.bytes),
                "Format": facts.format,
                "SHA-256": facts.sha256,
            }
            for role, facts in report.tables.items()
            if facts is not None
        ]
    )


def _columns(report: Report) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Column": [plain_text(column.name, 80) for column in report.columns],
            "Kind": [formatting.kind_word(column.kind) for column in report.columns],
            "Role": [formatting.role_word(column.role) for column in report.columns],
            "Why": [plain_text(column.reason, 200) for column in report.columns],
        }
    )


def _draw_delete(run: Run) -> None:
    with st.popover("Delete this run", icon=":material/delete:"):
        st.markdown("The report and its link are gone for everyone. This cannot be undone.")
        if st.button("Delete it", type="primary", key="delete_run"):
            reports.runs().delete(run.id, run.owner)
            st.switch_page(OVERVIEW)
