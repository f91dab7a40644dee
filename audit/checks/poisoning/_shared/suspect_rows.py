"""Synthetic rows that may have been planted, as a table of row numbers that several checks fill."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path


def add_suspects(
    check: str, suspects: Iterable[tuple[int, str]], path: Path, word: Callable[[str], str]
) -> None:
    """Write row (counted from 1), check and reason of every suspect row as CSV, by row.

    Rows that another check has written there stay; the check's own are written anew.

    check : id of the check that points at the rows
    suspects : each row with what it shares with others
    word : how a reason is written, so that a spreadsheet takes none for a formula
    """
    rows = [(row, check, word(why)) for row, why in suspects]
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows += [
                (int(row), other, why) for row, other, why in list(csv.reader(file))[1:] if other != check
            ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "check", "why"))
        writer.writerows(sorted(rows))
