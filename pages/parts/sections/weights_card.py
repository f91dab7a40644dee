"""What can be done about groups: weights with their cost and their gain, and the file of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from audit.model import ROW_WEIGHTS, Family, Grade, JudgedMeasure, JudgedResult, Report, Section
from audit.render import evidence, formatting
from audit.store import Run
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.runs import reports
from pages.parts.widgets import download, table


def draw(run: Run, report: Report, by: Sequence[str]) -> None:
    """The advice, where a finding asks for it.

    by : the attributes on the screen, whose gains are told and whose cells are listed
    """
    if not asked_for(report):
        return
    weights, gain = (_numbers(report, part) for part in (Section.WEIGHTS, Section.GAINS_OF_WEIGHTS))
    if weights is None and gain is None:
        return
    st.subheader("What can be done", anchor=False)
    with st.container(border=True):
        if gain is not None:
            for one in gain.measures:
                if not one.measure.name and one.measure.about[0] in by:
                    st.markdown(md_sentence(one.measure.sentence, one.measure.about, 600))
        if weights is not None:
            _draw_weights(run, weights, by[0])


def asked_for(report: Report) -> bool:
    """Whether a finding about groups asks for advice."""
    return any(f.family is Family.BIAS and f.grade in (Grade.WARN, Grade.FAIL) for f in report.findings)


def _numbers(report: Report, section: Section) -> JudgedResult | None:
    found = evidence.answer_in(report, section)
    return found if found is not None and found.measures else None


def _draw_weights(run: Run, weights: JudgedResult, by: str) -> None:
    for one in weights.measures:
        if one.measure.name:
            st.markdown(md_text(one.measure.sentence, 600))
    path = reports.folder_of(run) / ROW_WEIGHTS
    with st.container(horizontal=True, vertical_alignment="center"):
        if path.is_file():
            download.draw(
                "Row weights (CSV)",
                path.read_bytes,
                f"row_weights-{run.id}.csv",
                "weights",
                icon=":material/balance:",
            )
        st.caption("A weight for each synthetic row, in the order of the file, counted from 1.")
    cells = [one for one in weights.measures if one.measure.group and one.measure.about[:1] == (by,)]
    if cells:
        with st.expander(f"Weights by {md_text(by, 60)}", icon=":material/table:"):
            frame = cell_table(cells)
            st.dataframe(
                frame,
                hide_index=True,
                height=table.height(len(frame), 330),
                alt="Groups and outcomes with their weights, the farthest from 1 first",
                column_config={"What to do": st.column_config.TextColumn(width="large")},
            )


def cell_table(cells: list[JudgedMeasure]) -> pd.DataFrame:
    """One row a cell, the farthest from 1 first."""
    order = sorted(cells, key=lambda one: -abs(one.measure.value - 1))
    return pd.DataFrame(
        {
            "Group and outcome": [
                plain_text(", ".join((one.measure.group or {}).values()), 80) for one in order
            ],
            "Weight": [formatting.number(one.measure.value, decimals=2) for one in order],
            "Synthetic rows": [formatting.count(one.measure.n) for one in order],
            "What to do": [plain_text(one.measure.sentence.partition(": ")[2], 300) for one in order],
        }
    )
