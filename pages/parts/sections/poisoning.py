"""Planted rows: what was asked, the patterns and crowds that were found, and the rows to look at."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from audit.model import SUSPECT_ROWS, Family, Unit
from audit.render import formatting
from audit.render.report_view import ReportView
from audit.render.suspicious_rows import ClusterView, PatternView
from audit.store import Run
from pages.parts.base import grade
from pages.parts.base.markdown import md_text, plain_text
from pages.parts.runs import reports
from pages.parts.sections import artifact_table
from pages.parts.widgets import download, table

_MAX_CHARACTERS = 60  # characters of a pattern


def draw(run: Run, view: ReportView) -> None:
    """The section; nothing where no check on poisoning was asked."""
    results = view.of_family(Family.POISONING)
    if not results:
        return
    found = view.planted_rows
    with st.container(key="poisoning"):
        st.subheader("Poisoning", anchor=False)
        st.markdown(f"{found.question} **{md_text(found.answer, 400)}**")
        st.caption(found.caution)
        overview = artifact_table.overview(results).drop(columns="Numbers")
        st.dataframe(
            overview,
            hide_index=True,
            height=table.height(len(overview), 520, artifact_table.LINE),
            row_height=artifact_table.LINE,
            alt="Checks on poisoning, worst first",
            column_config={
                "Grade": st.column_config.TextColumn(width=90),
                "Check": st.column_config.TextColumn(width=130),
                "What it says": st.column_config.TextColumn(width=620),
            },
        )
        if found.patterns:
            _draw_patterns(found.patterns)
        if found.clusters:
            _draw_clusters(found.clusters)
        if found.patterns or found.clusters:
            _draw_download(run)


def _draw_patterns(found: Sequence[PatternView]) -> None:
    st.markdown("**Values that come with one outcome far more often than in real rows**")
    st.dataframe(
        patterns_table(found),
        hide_index=True,
        height=table.height(len(found), 360),
        alt="Patterns and their outcome, most rows first",
        column_config={
            "Values": st.column_config.TextColumn(width=220),
            "Outcome": st.column_config.TextColumn(width=90),
            "Rows": st.column_config.NumberColumn(
                width=80, format="localized", help="Synthetic rows with the values and the outcome"
            ),
            "Of rows": st.column_config.NumberColumn(
                width=80, format="localized", help="Synthetic rows with the values, whatever their outcome"
            ),
            "Synthetic": st.column_config.TextColumn(
                width=95, help="Share of all synthetic rows that hold the values and the outcome"
            ),
            "Real": st.column_config.TextColumn(
                width=95, help="Share of all real rows that hold the values and the outcome"
            ),
        },
    )


def patterns_table(found: Sequence[PatternView]) -> pd.DataFrame:
    """One row a pattern."""
    return pd.DataFrame(
        {
            "Values": [plain_text(one.values, _MAX_CHARACTERS) for one in found],
            "Outcome": [plain_text(one.outcome, _MAX_CHARACTERS) for one in found],
            "Rows": [one.rows for one in found],
            "Of rows": [one.of for one in found],
            "Synthetic": [formatting.number(one.synthetic, Unit.SHARE) for one in found],
            "Real": [formatting.number(one.real, Unit.SHARE) for one in found],
            "Grade": [grade.grade_cell(one.grade) for one in found],
        }
    )


def _draw_clusters(found: Sequence[ClusterView]) -> None:
    st.markdown("**Crowds of near-identical rows**")
    st.dataframe(
        clusters_table(found),
        hide_index=True,
        height=table.height(len(found), 360),
        alt="Crowds of near-identical rows, the largest first",
        column_config={
            "Rows": st.column_config.NumberColumn(width=80, format="localized"),
            "Explained": st.column_config.NumberColumn(
                width=95, format="%.1f", help="Rows that the real table would put there"
            ),
            "Outcome": st.column_config.TextColumn(width=180, help="The most frequent one, and its share"),
            "They agree in": st.column_config.TextColumn(width=400),
        },
    )


def clusters_table(found: Sequence[ClusterView]) -> pd.DataFrame:
    """One row a crowd."""
    return pd.DataFrame(
        {
            "Rows": [one.rows for one in found],
            "Explained": [one.expected for one in found],
            "Outcome": [_outcome(one) for one in found],
            "They agree in": [
                plain_text(f"{len(one.agree)} columns: {', '.join(one.agree)}", 200) for one in found
            ],
            "Grade": [grade.grade_cell(one.grade) for one in found],
        }
    )


def _outcome(one: ClusterView) -> str:
    if one.outcome_share is None:
        return "no target"
    return f"{plain_text(one.outcome, 40)} ({formatting.number(one.outcome_share, Unit.SHARE)})"


def _draw_download(run: Run) -> None:
    """The numbers of all rows, where the audit wrote them."""
    path = reports.runs().folder_of(run.id).path / SUSPECT_ROWS
    if not path.is_file():
        return
    download.draw(
        "Rows to look at or take out (CSV)",
        path.read_bytes,
        f"suspect_rows-{run.id}.csv",
        "suspects",
        icon=":material/table_rows:",
    )
