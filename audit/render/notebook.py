"""How a report shows itself in Python: its first screen in a notebook, its findings as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit import model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Report(model.Report):
    """One audit, whole, as it is given to whoever asked for it: the record of `audit.model`, able to show itself."""

    def to_frame(self) -> pd.DataFrame:
        """The findings as a pandas DataFrame: one row each, most severe first, indexed by their id.

        Columns: check, family, grade, severity (0 to 100), about and group (columns and group of rows,
        in words; "" for the whole table), sentence, next_step, value, low and high (95 % interval),
        baseline, tolerance (all on the scale of the check; NaN where there is none) and rows (synthetic
        rows behind it; <NA> where that is not known). Raises StoreError where pandas is not installed.
        """
        from audit.render.table import to_frame

        return to_frame(self)

    def _repr_html_(self) -> str:
        """The first screen of the report: HTML without script or request."""
        from audit.render.html import first_screen

        return first_screen(self)
