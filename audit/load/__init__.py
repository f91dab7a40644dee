"""Loading: files and data frames become canonical tables; every guess is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit.load.limits import Limits
from audit.load.process import load_files, loading, look_at_files
from audit.load.table import Table

__all__ = ["Limits", "load_files", "load_frame", "loading", "look_at_files"]


def load_frame(frame: Any, role: str, scratch: Path, name: str | None = None) -> Table:
    """Write a data frame in memory as a canonical table; the frame is not changed.

    Parameters
    ----------
    frame : a pandas, Polars, PyArrow or other table that Narwhals can turn to Arrow
    role : "real", "synthetic" or "holdout"
    scratch : an existing folder; receives `<role>.parquet`
    name : what the table is called in messages and reports; the role if None

    Raises
    ------
    InputError : no table, no rows, no values
    """
    from audit.load.frame import load_frame as load  # the engine is imported only when it is used

    return load(frame, role, scratch, name)
