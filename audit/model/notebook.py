"""How a report shows itself in Python: its first screen in a notebook, its findings as a table."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class NotebookDisplay:
    """What a report can do in a notebook.

    What draws it stands floors above the nouns and is loaded only when something is shown.
    """

    __slots__ = ()

    def to_frame(self) -> pd.DataFrame:
        """The findings as a pandas DataFrame: one row each, most severe first, indexed by their id.

        Columns: check, family, grade, severity (0 to 100), about and group (columns and group of rows,
        in words; "" for the whole table), sentence, next_step, value, low and high (95 % interval),
        baseline, tolerance (all on the scale of the check; NaN where there is none) and rows (synthetic
        rows behind it; <NA> where that is not known). Raises StoreError where pandas is not installed.
        """
        frame: pd.DataFrame = importlib.import_module("audit.render.table").to_frame(self)
        return frame

    def _repr_html_(self) -> str:
        """The first screen of the report: HTML without script or request."""
        screen: str = importlib.import_module("audit.render.html").first_screen(self)
        return screen
