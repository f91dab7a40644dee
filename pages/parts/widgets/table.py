"""A table in which a click on a row chooses what the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from audit.render.table import neutral
from audit.store import Run
from pages.parts.base import url_state
from pages.parts.widgets import download

ROW, HEAD, MAX_HEIGHT = 35, 38, 640  # pixels


def height(rows: int, most: int = MAX_HEIGHT, row: int = ROW) -> int:
    """Height of a table that shows so many rows, as far as the screen goes."""
    return min(HEAD + row * max(rows, 1), most)


def draw(
    table: pd.DataFrame,
    name: str,
    values: Sequence[str],
    alt: str,
    column_config: Mapping[str, Any],
    most: int = MAX_HEIGHT,
    row: int = ROW,
) -> None:
    """A table of choices.

    name : of the choice in the address
    values : what a click on each row writes there; the row of the present choice is marked
    row : height of a row in pixels; text breaks into lines where there is room
    """
    present = url_state.choice_in_url(name, values)
    # another key for every choice made elsewhere, so that the mark follows it
    key = f"rows_{name}_{url_state.choice_count(name)}"
    st.dataframe(
        table,
        hide_index=True,
        height=height(len(table), most, row),
        row_height=row,
        key=key,
        on_select=lambda: _click(name, key, values),
        selection_mode=["single-row", "single-cell"],
        selection_default={"selection": {"rows": [values.index(present)]}} if present else None,
        alt=alt,
        placeholder="–",
        column_config=column_config,
    )


def draw_download(frame: pd.DataFrame, label: str, name: str, run: Run) -> None:
    """The table as a CSV file; no spreadsheet computes what stands in it.

    name : of the file, before the run
    """
    harmless = frame.map(lambda cell: neutral(cell) if isinstance(cell, str) else cell)
    download.draw(label, harmless.to_csv(index=False), f"{name}-{run.id}.csv", name)


def _click(name: str, key: str, values: Sequence[str]) -> None:
    """A row or any cell of it was clicked."""
    selection = st.session_state[key].selection
    rows = [*(row for row, _ in selection.cells), *selection.rows]
    if rows:
        url_state.write(name, values[rows[0]])
