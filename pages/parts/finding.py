"""Findings: the ranked table, one finding in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Finding, Report, Scale
from audit.render import words
from pages.parts import address, chart, grade
from pages.parts.number import Reading, draw
from pages.parts.pair_table import key_of
from pages.parts.router import COLUMNS, METHOD, RELATIONSHIPS
from pages.parts.text import columns_text, md_sentence, md_text, plain_text

MOST = 500  # findings in one list


def scale_of(report: Report, check: str) -> Scale | None:
    """The scale of a check of this report."""
    return next((r.result.card.scale for r in report.results if r.result.card.id == check), None)


def title_of(report: Report, check: str) -> str:
    """The title of a check of this report."""
    return next((r.result.card.title for r in report.results if r.result.card.id == check), check)


def listed(findings: Sequence[Finding], asked: str | None) -> list[Finding]:
    """As many findings as a list can hold, the worst, and the one that is asked for."""
    rest = [one for one in findings[MOST:] if one.id == asked]
    return [*findings[:MOST], *rest]


def table(findings: Sequence[Finding]) -> pd.DataFrame:
    """The ranked table: one row a finding, in the order given."""
    return pd.DataFrame(
        {
            "Grade": [grade.cell(finding.grade) for finding in findings],
            "Severity": [finding.severity for finding in findings],
            "Finding": [
                plain_text(words.sentence(finding.sentence, finding.about), 300) for finding in findings
            ],
            "Columns": [columns_text(finding.about, 40) for finding in findings],
        }
    )


def column_config() -> Mapping[str, Any]:
    """How the columns of `table` are drawn."""
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=95),
        "Severity": config.ProgressColumn(min_value=0, max_value=100, format="%.0f", width=80),
        "Finding": config.TextColumn(width="large"),
        "Columns": config.TextColumn(width="small"),
    }


def draw_finding(report: Report, finding: Finding) -> None:
    """One finding: the sentence, the number, the picture, the rows, what to do next."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        grade.chip(finding.grade)
        st.caption(f"{words.family_word(finding.family)} · {md_text(title_of(report, finding.check), 60)}")
    st.markdown(f"##### {md_sentence(finding.sentence, finding.about, 600)}")
    if finding.next_step:
        st.markdown(f"**What to do:** {md_text(finding.next_step, 400)}")
    reading = Reading.of_finding(finding, scale_of(report, finding.check))
    if not reading.is_bare:
        draw(reading, reading.what())
    for at, picture in enumerate(chart.about(report, finding.about, finding.check)):
        chart.draw(picture, f"finding_{finding.id}_{at}")
    _draw_rows(finding)
    _draw_folded(report, finding)
    _draw_links(finding)


def _draw_rows(finding: Finding) -> None:
    if finding.rows is None or not finding.rows.count:
        return
    with st.expander(
        f"{words.count(finding.rows.count)} rows of the synthetic table", icon=":material/table_rows:"
    ):
        numbers = ", ".join(words.count(row) for row in finding.rows.examples)
        st.caption("Row numbers, counted from 1 below the header. Values are not shown here.")
        st.text(numbers or "The rows are not listed.")


def _draw_folded(report: Report, finding: Finding) -> None:
    """What follows from the same cause, folded away under it."""
    folded = set(finding.folded)
    if not folded:
        return
    below = [other for other in report.findings if other.id in folded]
    with st.expander(f"{len(folded)} more with the same cause", icon=":material/account_tree:"):
        for other in below[:20]:
            st.markdown(f"- {md_sentence(other.sentence, other.about, 200)}")


def _draw_links(finding: Finding) -> None:
    with st.container(horizontal=True):
        if 0 < len(finding.about) <= 2:
            st.page_link(
                COLUMNS,
                label=f"Column {md_text(finding.about[0], 40)}",
                icon=":material/bar_chart:",
                query_params=address.kept(col=finding.about[0]),
            )
        if len(finding.about) == 2:
            st.page_link(
                RELATIONSHIPS,
                label="The pair",
                icon=":material/grid_on:",
                query_params=address.kept(pair=key_of(finding.about)),
            )
        st.page_link(
            METHOD,
            label="How it is measured",
            icon=":material/menu_book:",
            query_params=address.kept(check=finding.check),
        )
