"""How a loop is fed, what rows cost and which came together: asked where an audit is set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from audit.declare.options import LOOPS
from pages.parts.base.markdown import md_text, plain_text

UNKNOWN, ALL, EACH = "not known", "the same for all", "one for each"
LOOP_WORDS = {
    "": "not known",
    "replace": "each generation replaces the rows before it",
    "accumulate": "all rows so far are kept",
}
SHARE = "Share of fresh real rows in the training rows, %"


def draw_loop(names: Sequence[str], key: str) -> dict[str, Any]:
    """The share of fresh real rows and what happens with older rows; fields of `Options`.

    names : of the synthetic tables, in their order
    """
    left, right = st.columns(2, gap="medium")
    with left:
        known = [UNKNOWN, ALL, EACH] if len(names) > 1 else [UNKNOWN, ALL]
        how = st.radio(
            "How much fresh real data was each generation trained on?"
            if len(names) > 1
            else "How much fresh real data was its generator trained on?",
            known,
            format_func=lambda one: "state it" if one == ALL and len(names) == 1 else one,
            horizontal=True,
            key=f"fresh_{key}",
        )
        shares = [] if how == UNKNOWN else _shares(names if how == EACH else [""], key)
    with right:
        loop = st.selectbox(
            "What happens with the rows of earlier generations?",
            ["", *LOOPS],
            format_func=lambda one: LOOP_WORDS[one],
            key=f"loop_{key}",
        )
    return dict(fresh_share=tuple(shares), loop=loop)


def _shares(names: Sequence[str], key: str) -> list[float]:
    """A number for each name, as shares from 0 to 1."""
    return [
        float(
            st.number_input(
                f"{SHARE}, {md_text(name, 40)}" if name else SHARE,
                min_value=0.0,
                max_value=100.0,
                value=50.0,
                step=5.0,
                format="%g",
                key=f"share_{key}_{at}_{bool(name)}",
            )
        )
        / 100
        for at, name in enumerate(names)
    ]


def draw_more(names: Sequence[str], key: str) -> dict[str, Any]:
    """For one table: its loop, what rows cost, and its batches; fields of `Options`.

    names : columns of the synthetic table, also those that only it has
    """
    with st.expander("Advanced: a training loop, costs per row and batches"):
        loop = draw_loop(["it"], key)
        costs = draw_costs(key)
        batch = st.selectbox(
            "Batch column of the synthetic table",
            ["", *names],
            format_func=lambda name: plain_text(name, 80) or "none",
            help="Says in which batch a row was made. Drift from batch to batch is then looked for. It may be a column that "
            "the real table lacks.",
            key=f"batch_{key}",
        )
    return {**loop, **costs, "batch": batch}


def draw_costs(key: str) -> dict[str, Any]:
    """What a row of either kind costs, for advice on mixes; fields of `Options`."""
    fields = (("cost_real", "What a real row costs"), ("cost_synthetic", "What a synthetic row costs"))
    return {
        field: float(
            column.number_input(
                label,
                min_value=0.0,
                value=0.0,
                step=0.1,
                format="%g",
                key=f"{field}_{key}",
                help="In any one currency; 0 where it does not matter. The page Drift then says which mix of rows costs least.",
            )
        )
        for column, (field, label) in zip(st.columns(2, gap="medium"), fields, strict=True)
    }
