"""Some rows of one file, as texts: to look at what a finding points to."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audit.load import load_files
from audit.load.engine import connect, source

_LONGEST = 200  # characters of a cell
_MAX_ROWS = 100  # rows


def excerpt(path: Path, rows: Sequence[int]) -> dict[str, Any]:
    """The cells of some data rows, counted from 1, as plain values.

    Returns
    -------
    dict
        "columns": names; "rows": lists of the row number and its cells, None where missing

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    wanted = ", ".join(str(int(row)) for row in sorted(rows)[:_MAX_ROWS]) or "0"
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        table = load_files({"synthetic": path}, Path(folder))["synthetic"]
        cells = ", ".join(f"left(CAST(c{i} AS VARCHAR), {_LONGEST})" for i in range(len(table.fields)))
        with connect(Path(folder)) as connection:
            query = f"SELECT row, {cells} FROM {source(table)} WHERE row IN ({wanted}) ORDER BY row"
            found = connection.execute(query).fetchall()
    return {"columns": [field.name for field in table.fields], "rows": [list(line) for line in found]}
