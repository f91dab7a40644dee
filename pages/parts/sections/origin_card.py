"""Where the tables come from, piece by piece: hashes, the promised holdout, the generator card, the mark."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from audit.declare.generator_card import card_template
from audit.model import JudgedResult, Report, Section, Status
from audit.render import formatting
from audit.render.evidence import told_in
from audit.render.provenance_section import NO_CARD, ProvenanceView, list_names
from audit.store import Run
from pages.parts.base import grade
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.runs import reports
from pages.parts.widgets import download

ROLES = {"real": "Real", "synthetic": "Synthetic", "holdout": "Holdout"}
COMMANDS = (
    "python -m audit commit --holdout holdout.csv --out commitment.json\n"
    "python -m audit run … --commitment commitment.json --commitment-secret commitment.secret.json"
)
SKETCHES = (
    "python -m audit sketch holdout.csv --salt WORD --out holdout.sketch.json\n"
    "python -m audit overlap training.csv holdout.sketch.json --salt WORD"
)
LEFT_OUT = "left out"


def draw_promise(origin: ProvenanceView) -> None:
    """Whether the holdout is the one that was promised: kept, broken, or nothing promised."""
    st.subheader("Was the holdout chosen beforehand?", anchor=False)
    if origin.commitment_kept is None:
        st.info(md_text(origin.commitment, 500), icon=":material/info:")
        with st.expander("How to make a promise that can be checked"):
            st.markdown(
                "The first command is run before the generator is trained. It writes a digest to publish and a "
                "secret to keep. The second, later, says whether the holdout is still the same, row for row."
            )
            st.code(COMMANDS, language="bash", wrap_lines=True)
    elif origin.commitment_kept:
        st.success(md_text(origin.commitment, 500), icon=":material/verified:")
    else:
        st.error(md_text(origin.commitment, 800), icon=":material/gpp_bad:")


def draw_tables(report: Report, origin: ProvenanceView) -> None:
    """The files and their hashes; those of the columns below."""
    st.subheader("The tables", anchor=False)
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in ("Rows", "Columns")}
    st.dataframe(
        tables_frame(report), hide_index=True, alt="The tables and their hashes", column_config=numbers
    )
    if origin.unchanged:
        st.markdown(md_text(origin.unchanged, 600))
    if origin.columns:
        with st.expander("Hashes of the columns"):
            st.dataframe(columns(origin), hide_index=True, alt="A hash of every column of every table")
    st.caption(md_text(origin.hashed))


def tables_frame(report: Report) -> pd.DataFrame:
    """One line a table. The hash of the content does not depend on the order of the rows."""
    return pd.DataFrame(
        [
            {
                "Table": ROLES[role],
                "Name": plain_text(facts.name, 80),
                "Rows": facts.rows,
                "Columns": facts.columns,
                "SHA-256 of the file": facts.sha256,
                "Hash of the content": facts.content_hash,
            }
            for role, facts in report.tables.items()
            if facts is not None
        ]
    )


def columns(origin: ProvenanceView) -> pd.DataFrame:
    """One line a column, one hash for each table."""
    names = dict.fromkeys(name for told in origin.columns.values() for name in told)
    roles = [role for role in ROLES if role in origin.columns]
    return pd.DataFrame(
        [
            {"Column": plain_text(name, 80)}
            | {ROLES[role]: _hash(origin.columns[role].get(name, "")) for role in roles}
            for name in names
        ]
    )


def _hash(value: str | None) -> str:
    return LEFT_OUT if value is None else value or formatting.NONE


def draw_card(origin: ProvenanceView) -> None:
    """What the generator card states, what it leaves out, and from what the table was made."""
    st.subheader("How the synthetic table was made", anchor=False)
    if origin.stated is None:
        st.info(md_text(NO_CARD), icon=":material/info:")
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        stated = pd.DataFrame(
            [(a, plain_text(b, 300)) for a, b in origin.stated], columns=["Field", "Stated"]
        )
        st.dataframe(stated, hide_index=True, alt="What the generator card states")
    with right:
        st.markdown("**From what**")
        for text in origin.lineage:
            st.markdown(f"- {md_text(text, 400)}")
        if not origin.lineage:
            st.markdown("The tables it was trained on are not stated.")
    if origin.gaps:
        with st.container(border=True):
            st.markdown(f"**{len(origin.gaps)} things are not stated**")
            st.caption(md_text(list_names(origin.gaps), 2000))


def draw_shared(report: Report) -> None:
    """Whether rows of one table stand in another, and how to tell without handing a table over."""
    st.subheader("Do tables share rows?", anchor=False)
    found = told_in(report, Section.REAL_ROWS_AGAIN)
    if found is not None and found.measures:
        _draw_result(found)
    else:
        st.markdown("Real rows in the synthetic table were not looked for in this audit.")
    with st.expander("Compare with a table that nobody may hand over"):
        st.markdown(
            "A sketch stands for the rows of a table under a word that both parties share. It tells how many rows "
            "two tables have in common, such as a holdout and the rows a generator was trained on."
        )
        st.code(SKETCHES, language="bash", wrap_lines=True)


def draw_watermark(report: Report) -> None:
    """Whether a declared watermark was found."""
    st.subheader("Watermark", anchor=False)
    found = told_in(report, Section.DECLARED_MARK)
    if found is None or found.result.status is not Status.RAN:
        reason = found.result.reason if found is not None else "It was not looked for in this audit."
        remedy = found.result.remedy if found is not None else ""
        st.markdown(md_text(f"{reason} {remedy}", 400))
        return
    _draw_result(found)


def _draw_result(found: JudgedResult) -> None:
    grade.chip(found.grade)
    main = found.measures[0].measure
    st.markdown(md_sentence(main.sentence, main.about))


def draw_downloads(run: Run, report: Report) -> None:
    """The table described for machines, and an empty card."""
    st.subheader("To take away", anchor=False)
    with st.container(horizontal=True, gap="small"):
        croissant = reports.report_text(run, "croissant", report.purpose)
        name, mime = f"croissant-{run.id}.json", "application/ld+json"
        download.draw("Croissant (JSON-LD)", croissant, name, "croissant", mime=mime)
        download.draw("Empty generator card (TOML)", card_template(), "generator_card.toml", "card")
    st.caption(
        "The Croissant file describes the synthetic table for machines: hash, columns, what was found about bias and "
        "limits, and what it was derived from."
    )
