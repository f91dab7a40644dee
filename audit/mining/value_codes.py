"""Exact values as codes: what synthetic rows hold often enough to hide something, on every row of every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.binning import date_text
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.model import Column, Kind

Codes = NDArray[np.int32]

UNSEEN = "a value that no real row holds"
RARE = "a value that few real rows hold"
_MAX_ITEMS = 500  # items of a column: so many can each hold two rows in a thousand


@dataclass(frozen=True, slots=True)
class Items:
    """What a column's cells are taken for. Code 0 is any value that is no item.

    column : its name
    labels : how each code is called, shape (codes,); no value held by fewer than k people
    codes : by role of the table, shape (rows,)
    cells : for each code the cell of the column's coding that it lies in; -1 for code 0
    """

    column: str
    labels: tuple[str, ...]
    codes: dict[str, Codes]
    cells: Ints

    @property
    def size(self) -> int:
        """Codes, the one for no item included."""
        return len(self.labels)


def column_items(case: Case, column: Column, fewest: float) -> Items:
    """The values of a column that at least so many synthetic rows hold, as codes.

    Items are single values of a category, number or date, "missing", and for numbers and dates
    everything above and everything below the real values, each as one.
    """
    counts = case.synthetic.value_counts(column.name)
    if column.kind in NUMERIC_KINDS:
        return _measured(case, column, counts.values[counts.counts >= fewest].astype(np.float64))
    often = np.argsort(-counts.counts, kind="stable")[:_MAX_ITEMS]
    return _labelled(case, column, [str(counts.values[i]) for i in often if counts.counts[i] >= fewest])


def real_value_counts(case: Case, name: str) -> dict[Any, int]:
    """Real rows by value, holdout included."""
    found: dict[Any, int] = {}
    for part in (case.real, case.holdout):
        if part is not None:
            counts = part.value_counts(name)
            for value, count in zip(counts.values.tolist(), counts.counts.tolist(), strict=True):
                found[value] = found.get(value, 0) + count
    return found


def _measured(case: Case, column: Column, values: Floats) -> Items:
    known = real_value_counts(case, column.name)
    low, high = (min(known), max(known)) if known else (-np.inf, np.inf)
    values = np.unique(values[(values >= low) & (values <= high)])[:_MAX_ITEMS]
    labels = [_called(value, column.kind, known, case.k) for value in values.tolist()]
    missing, below, above = len(values) + 1, len(values) + 2, len(values) + 3
    codes: dict[str, Codes] = {}
    for part in case.tables():
        cells = part.column(column.name).astype(np.float64)
        places = np.minimum(np.searchsorted(values, cells), max(len(values) - 1, 0))
        same = values[places] == cells if len(values) else np.zeros(len(cells), dtype=bool)
        found = np.where(same, places + 1, 0).astype(np.int32)
        found[np.isnan(cells)] = missing
        found[cells < low] = below
        found[cells > high] = above
        codes[part.role] = found
    coding = case.binning(column.name)
    within = coding.encode(values).astype(np.int64)
    ends = [coding.size - 1, 0, max(coding.size - 2, 0)]
    return Items(
        column.name,
        ("", *_apart(labels), "missing", "below every real value", "above every real value"),
        codes,
        np.concatenate([[-1], within, ends]),
    )


def _labelled(case: Case, column: Column, values: Sequence[str]) -> Items:
    known = {str(value): count for value, count in real_value_counts(case, column.name).items()}
    asked = pa.array(values, type=pa.string())
    codes: dict[str, Codes] = {}
    for part in case.tables():
        cells = pa.array(part.column(column.name), type=pa.string(), from_pandas=True)
        found = pc.add(pc.index_in(cells, value_set=asked), 1).fill_null(0)
        codes[part.role] = found.to_numpy(zero_copy_only=False).astype(np.int32)
        codes[part.role][cells.is_null().to_numpy(zero_copy_only=False)] = len(values) + 1
    coding = case.binning(column.name)
    within = coding.encode(np.asarray(values, dtype=np.object_)).astype(np.int64)
    labels = [_called(value, column.kind, known, case.k) for value in values]
    return Items(
        column.name,
        ("", *_apart(labels), "missing"),
        codes,
        np.concatenate([[-1], within, [coding.size - 1]]),
    )


def _called(value: float | str, kind: Kind, known: Mapping[Any, int], k: int) -> str:
    count = known.get(value, 0)
    if count < k:
        return UNSEEN if count == 0 else RARE
    if isinstance(value, str):
        return value
    return date_text(value) if kind is Kind.DATE else f"{value:.15g}"


def _apart(labels: Sequence[str]) -> list[str]:
    """Values that may not be named, numbered where there are several."""
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        told.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return told


def part_codes(items: Items, parts: Sequence[CaseTable]) -> Codes:
    """The codes of several tables, one after the other."""
    return np.concatenate([items.codes[part.role] for part in parts])
