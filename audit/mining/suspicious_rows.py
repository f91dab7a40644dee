"""Synthetic rows that may have been planted, as a table of row numbers."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from audit.case.case import Case
from audit.mining.near_duplicate_clusters import find_crowds
from audit.mining.triggers import find_triggers
from audit.model import Role

TRIGGERS, CLUSTERS = "triggers", "injected_clusters"


def suspects(case: Case) -> Iterator[tuple[int, str, str]]:
    """Row (counted from 1), the check that points at it, and what it shares with others there."""
    target = next((column for column in case.with_role(Role.TARGET) if column in case.shaped), None)
    for one in find_triggers(case, target).found if target else ():
        for place in one.places.tolist():
            yield place + 1, TRIGGERS, f"{one.pattern}, {target.name if target else ''} = {one.outcome}"
    for crowd in find_crowds(case):
        shared = ", ".join(crowd.columns)
        for place in crowd.places.tolist():
            yield place + 1, CLUSTERS, f"the same in {shared}"


def write_suspects(case: Case, path: Path, word: Callable[[str], str]) -> None:
    """Write row, check and reason of every suspect row as CSV, by row.

    word : how a reason is written, so that a spreadsheet takes none for a formula
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "check", "why"))
        writer.writerows((row, check, word(why)) for row, check, why in sorted(suspects(case)))
