"""A report that was written before, read again."""

from __future__ import annotations

import json
from pathlib import Path

from audit.checks import all_cards
from audit.errors import StoreError
from audit.model import Report
from audit.render.document import from_document


def read_report(path: Path | str) -> Report:
    """The report in a `report.json`, as `audit.write_reports` wrote it.

    What the cards of an older report lack is taken from the checks of today, so that its findings fold as theirs do.

    Returns
    -------
    Report
        With every number, finding and grade as stored; `audit.rejudge` judges it by other tolerances.

    Raises
    ------
    StoreError
        Where the file is not there, is no report, or has another format number.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"There is no file {str(path)!r}.", "Check the path.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(
            f"{str(path)!r} cannot be read as JSON: {error}.", "Give a file that this program wrote."
        ) from None
    return from_document(document, all_cards)
