"""Rows in batches: those of a column that names them, or spans of time with equally many rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Skip
from audit.model import Role
from audit.stats.distributions.binning import quantile_breaks

_BATCHES, _MAX_BATCHES = 10, 60  # spans of time; batches of a column that are looked at
_MIN_ROWS = 30  # rows of a batch
_MIN_BATCHES = 3


@dataclass(frozen=True, slots=True)
class Batches:
    """Rows of the synthetic table and of real ones, each with its batch; -1 where it is in none.

    times : shape (batches,), from 0 to 1
    matches_real_times : True where real rows of the same span of time are what each batch is compared with
    unit : what one batch is, in words
    """

    synthetic: Ints
    real: tuple[tuple[CaseTable, Ints], ...]
    times: Floats
    matches_real_times: bool
    unit: str

    @property
    def count(self) -> int:
        """How many batches there are."""
        return len(self.times)


def find_batches(case: Case) -> Batches:
    """The batches of the column named as batch, else spans of the time column.

    Raises
    ------
    Skip : neither is named, the times are no times, or too few batches hold enough rows
    """
    if case.options.batch:
        return _named_batches(case, case.options.batch)
    times = case.with_role(Role.TIME)
    if not times:
        raise Skip(
            "No column says when a row was recorded or in which batch it was made.",
            "Name one with --time or --batch, or give a column the role time on the Setup page.",
        )
    if times[0].kind not in NUMERIC_KINDS:
        raise Skip(
            f"The time column {times[0].name} holds neither dates nor numbers.",
            "Give its times as dates.",
            assessable=False,
        )
    return _spans(case, times[0].name)


def _spans(case: Case, name: str) -> Batches:
    """Spans of time that hold equally many synthetic rows."""
    counts = case.synthetic.value_counts(name)
    if len(counts.values) < _MIN_BATCHES or counts.filled < _MIN_BATCHES * _MIN_ROWS:
        raise _too_few(f"times of {name}")
    wanted = min(_BATCHES, counts.filled // _MIN_ROWS)
    values = np.asarray(counts.values, dtype=np.float64)
    cuts = quantile_breaks(values, counts.counts, wanted)[1:-1] if len(values) > wanted else values[1:]
    real = [part for part in (case.real, case.holdout) if part is not None]
    placed = {part.role: _placed(part.column(name), cuts) for part in (case.synthetic, *real)}
    sizes = np.bincount(placed["synthetic"][placed["synthetic"] >= 0], minlength=len(cuts) + 1)
    known = np.sum(
        [np.bincount(placed[p.role][placed[p.role] >= 0], minlength=len(cuts) + 1) for p in real], axis=0
    )
    matched = bool((known[sizes >= _MIN_ROWS] >= _MIN_ROWS).all())
    return _kept(
        placed["synthetic"], tuple((p, placed[p.role]) for p in real), sizes, matched, "span of time"
    )


def _placed(moments: NDArray[np.float64] | NDArray[np.object_], cuts: Floats) -> Ints:
    values = np.asarray(moments, dtype=np.float64)
    return np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right")).astype(np.int64)


def _named_batches(case: Case, name: str) -> Batches:
    """Batches by a column of the synthetic table, in the order of its values."""
    values = case.synthetic.stored_column(name)
    cells = np.array([], dtype=object) if values is None else np.asarray(values, dtype=object)
    filled = np.array([cell is not None and cell == cell for cell in cells], dtype=bool)
    if not filled.any():
        raise _too_few(f"batches in {name}")
    known, places = np.unique(cells[filled], return_inverse=True)
    placed = np.full(len(cells), -1, dtype=np.int64)
    placed[filled] = places
    if len(known) > _MAX_BATCHES:
        placed = np.where(placed < 0, -1, placed * _MAX_BATCHES // len(known))
    sizes = np.bincount(placed[placed >= 0])
    return _kept(placed, (), sizes, False, "batch")


def _kept(
    synthetic: Ints, real: tuple[tuple[CaseTable, Ints], ...], sizes: Ints, matched: bool, unit: str
) -> Batches:
    """The batches that hold enough rows, numbered anew."""
    enough = sizes >= _MIN_ROWS
    if int(enough.sum()) < _MIN_BATCHES:
        raise _too_few("batches")
    number = np.append(np.where(enough, np.cumsum(enough) - 1, -1), -1)
    times = np.linspace(0, 1, int(enough.sum()))
    return Batches(number[synthetic], tuple((p, number[at]) for p, at in real), times, matched, unit)


def _too_few(what: str) -> Skip:
    return Skip(
        f"Fewer than {_MIN_BATCHES} {what} hold {_MIN_ROWS} synthetic rows each.",
        "Give more rows, or coarser batches.",
        assessable=False,
    )
