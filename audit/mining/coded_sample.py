"""Real rows as dense codes: what the search for rules runs on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.learn.features import sample_rows
from audit.model import Kind

Codes = NDArray[np.int32]

_ROWS = 20_000  # a table, at most: enough to refute what is no rule
_MAX_LEVELS = 2_000  # different values above which a column says too little about others to be asked


@dataclass(frozen=True, slots=True)
class CodedSample:
    """A sample of the real rows, holdout included, as codes.

    columns : names
    codes : shape (rows, columns); 0 … sizes - 1, -1 where missing
    sizes : different values of each column in the sample
    labels : what each code stands for, by column: texts, or numbers as floats
    dates : which columns hold dates, in seconds since 1970
    learned : rows that rules are learned from; those after them check the rules
    """

    columns: tuple[str, ...]
    codes: Codes
    sizes: tuple[int, ...]
    labels: tuple[NDArray[np.object_] | NDArray[np.float64], ...]
    dates: tuple[bool, ...]
    learned: int

    def column_index(self, column: str) -> int:
        """Where a column stands."""
        return self.columns.index(column)


def coded_sample(case: Case) -> CodedSample:
    """The columns that can take part in rules: those with a distribution, constants left out."""
    return case.shared("levels of real rows", lambda: _levels(case))


def _levels(case: Case) -> CodedSample:
    rng = case.rng("levels")
    chosen = _chosen(case, rng)
    found = [
        (column.name, *_coded(case, column.name, chosen)) for column in case.of_kind(*DISTRIBUTION_KINDS)
    ]
    kept = [(name, codes, labels) for name, codes, labels in found if len(labels) > 1]
    rows = sum(len(rows) for _, rows in chosen)
    codes = np.column_stack([codes for _, codes, _ in kept]) if kept else np.empty((rows, 0), np.int32)
    return CodedSample(
        columns=tuple(name for name, _, _ in kept),
        codes=codes,
        sizes=tuple(len(labels) for _, _, labels in kept),
        labels=tuple(labels for _, _, labels in kept),
        dates=tuple(case.column(name).kind is Kind.DATE for name, _, _ in kept),
        learned=len(chosen[0][1]),
    )


def _chosen(case: Case, rng: np.random.Generator) -> list[tuple[CaseTable, Ints]]:
    """Rows to learn from and rows to check with: the holdout, else the other half of the real rows."""
    if case.holdout is not None:
        return [(part, sample_rows(part, _ROWS, rng)) for part in (case.real, case.holdout)]
    rows = rng.permutation(sample_rows(case.real, 2 * _ROWS, rng))
    half = (len(rows) + 1) // 2
    return [(case.real, np.sort(rows[:half])), (case.real, np.sort(rows[half:]))]


def _coded(
    case: Case, name: str, chosen: list[tuple[CaseTable, Ints]]
) -> tuple[Codes, NDArray[np.object_] | NDArray[np.float64]]:
    values = np.concatenate([part.column(name, rows) for part, rows in chosen])
    if case.column(name).kind in NUMERIC_KINDS:
        missing = np.isnan(values.astype(np.float64))
        known, places = np.unique(values[~missing].astype(np.float64), return_inverse=True)
        codes = np.full(len(values), -1, dtype=np.int32)
        codes[~missing] = places
        return codes, known
    array = pa.array(values, type=pa.string(), from_pandas=True)
    known_texts = pc.unique(array.drop_null()).sort()
    places = pc.index_in(array, value_set=known_texts).fill_null(-1)
    return (
        places.to_numpy(zero_copy_only=False).astype(np.int32),
        np.asarray(known_texts.to_pylist(), dtype=np.object_),
    )
