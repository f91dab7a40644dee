"""The sample data: one click to a finished audit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from audit.errors import AuditError
from audit.declare.options import Options, step_role
from audit.store import content_key
from pages.parts.base import url_state
from pages.parts.runs import reports
from pages.parts.base.router import GENERATIONS, OVERVIEW
from pages.parts.base.markdown import md_text

FOLDER = Path(__file__).resolve().parents[3] / "sample_data"


@dataclass(frozen=True, slots=True)
class Sample:
    """A synthetic table that ships with the program."""

    file: str
    label: str
    icon: str
    more: tuple[str, ...] = ()  # tables that follow it, in their order


GOOD = Sample("synthetic_good.csv", "Try the sample: good table", "thumb_up")
FLAWED = Sample("synthetic_flawed.csv", "Try the sample: flawed table", "bug_report")
LOOP = Sample(
    "generation_1.csv", "Try the sample: a training loop", "sync", ("generation_2.csv", "generation_3.csv")
)


def options(sample: Sample) -> Options:
    """The audit of a sample, with the roles that its schema file names."""
    asked = Options(
        real=str(FOLDER / "real.csv"),
        synthetic=str(FOLDER / sample.file),
        holdout=str(FOLDER / "holdout.csv"),
        names={"real": "real.csv", "synthetic": sample.file, "holdout": "holdout.csv"},
        schema=_schema(),
    )
    if not sample.more:
        return asked
    files = (sample.file, *sample.more)
    steps = {step_role(at): file for at, file in enumerate(files)}
    return replace(
        asked,
        synthetic=str(FOLDER / files[-1]),
        series=tuple(str(FOLDER / file) for file in files),
        names={
            **(asked.names or {}),
            **steps,
            "synthetic": f"{len(files)} tables, {files[0]} to {files[-1]}",
        },
        fresh_share=(1.0, *(0.0 for _ in sample.more)),
        loop="replace",
    )


def draw(prefix: str = "sample") -> None:
    """A button for each; a click starts the audit, or opens it where it was done before."""
    if not (FOLDER / GOOD.file).is_file():
        st.caption("The sample data do not ship with this installation.")
        return
    with st.container(horizontal=True):
        for sample in (GOOD, FLAWED, LOOP):
            if st.button(sample.label, icon=f":material/{sample.icon}:", key=f"{prefix}_{sample.file}"):
                start(sample)
    st.caption(
        "Health insurance records of 1970s families, public domain. The good table comes from a fair generator; into the "
        "flawed one about ten defects were planted. In the loop each of three generators was trained on the rows of the one "
        "before; it takes about a minute."
    )


def start(sample: Sample) -> None:
    """Submit the audit of a sample and go there."""
    asked = options(sample)
    digests = {role: hashlib.sha256(path.read_bytes()).hexdigest() for role, path in asked.sources().items()}
    try:
        run_id = reports.runs().submit(asked, reports.visitor(), {}, content_key(asked, digests))
    except AuditError as error:
        st.error(md_text(str(error)), icon=":material/error:")
        return
    st.switch_page(GENERATIONS if sample.more else OVERVIEW, query_params={url_state.RUN: run_id})


def _schema() -> dict[str, Any] | None:
    path = FOLDER / "schema.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
