"""What the order of the rows gives away: sorted files, blocks, and rows that follow the real table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Bytes, Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import EXAMPLES, gap_bars, percent, plural
from audit.model import Better, Chart, Column, Family, Fold, Measure, Rows, Scale, Unit

_FALSE_ALARM_RATE = 0.001  # chance that a table in random order raises anything, over all columns
_KEPT = (0.02, 0.05, 0.1, 0.3, 0.9)  # shares of rows that repeat the cell of the row before
_IN_BLOCK = 0.9
_SHIFTS = (-3, -2, -1, 1, 2, 3)
_Z_FOLLOWS = 3.5
_FOLLOWS_STEP = (
    "Do not share the table in this order: shuffle its rows, and find out which rows were made from which."
)
_MIN_ROWS = 30  # rows below which order cannot be seen
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class _Order:
    """How the order of a table's rows shows in one column; numbers are 0 where chance explains them.

    neighbours : share of rows that repeat the cell of the row before beyond chance
    trend : correlation of the row number with the cell
    start, stop : the longest stretch in which cells repeat, rows counted from 0
    """

    neighbours: float
    trend: float
    start: int
    stop: int

    @property
    def block(self) -> int:
        return self.stop - self.start

    @property
    def plain(self) -> bool:
        """Nothing shows."""
        return self.neighbours == 0 and self.trend == 0 and self.block == 0


@check(
    id="row_order",
    title="Order of rows",
    folds=(Fold.ROW_ORDER,),
    order_matters=True,
    family=Family.ARTIFACTS,
    question="Does the order of the synthetic rows give something away?",
    scale=Scale(Unit.SCORE, "strength of order beyond chance", Better.LOWER, 0.0, 1.0),
    next_step="Shuffle the rows before the table is used in parts: a model or a sample would see one kind of row first.",
)
def row_order(case: Case) -> Outcome:
    """How far a column is ordered along the rows, beyond chance and the real table.

    The number of a column is the share of its rows that hold the same cell (a part of the
    range of a number, a value of a category, missing) as the row before, beyond those that do so in random order:
    0 for shuffled rows, 1 for a sorted file. `trend` is the correlation of the cell with the
    row number, `block` the share of rows in the one stretch that is most clearly sorted or
    grouped. They are given where chance explains them less than once in a thousand tables,
    over all columns; else the number is 0. Where the real rows are ordered as well, as in a time series, theirs
    (the baseline) is taken off. `follows_real` tells whether row i of the synthetic table resembles row i of
    the real one more than rows near it: then each row can be traced to a person. It leaves out columns
    in which the real rows are ordered. Order is put right by shuffling, so it never fails the table;
    rows that follow the real ones do. Keys and free text are left out. It cannot see an order in
    which neither cells repeat nor move along the file.

    Source: number of runs: Wald and Wolfowitz (1940), Annals of Mathematical Statistics 11,
    147-162; bound on a likelihood ratio at its highest: Ville (1939), Etude critique de la
    notion de collectif; trend: Kruskal and Wallis (1952), JASA 47, 583-621.
    """
    columns = [c for c in case.distribution_columns if (case.synthetic.counts(c.name) > 0).sum() > 1]
    if not columns or case.synthetic.rows < _MIN_ROWS:
        raise Skip(f"It needs {_MIN_ROWS} synthetic rows and a column that varies.")
    measures: list[Measure] = []
    free: list[Column] = []
    for column in columns:
        found, real = (_order(case, part, column, len(columns)) for part in (case.synthetic, case.real))
        measures += _measures(case, column, found, real)
        if real.plain:
            free.append(column)
    follows = _follows(case, free)
    ordered = sum(measure.value > 0 for measure in measures)
    summary = {"ordered": float(ordered), "columns": float(len(columns))}
    return Outcome((*measures, *follows), summary, _chart(measures))


def _order(case: Case, part: CaseTable, column: Column, columns: int) -> _Order:
    cells = part.codes[:, case.code_index(column.name)]
    counts = part.counts(column.name).astype(np.float64)
    n = len(cells)
    if n < _MIN_ROWS or (counts > 0).sum() < 2:
        return _Order(0.0, 0.0, 0, 0)
    alarm = _FALSE_ALARM_RATE / (3 * columns)
    start, stop = _block(cells, counts / n, alarm)
    return _Order(_neighbours(cells, counts / n, alarm), _trend(cells, counts, alarm), start, stop)


def _neighbours(cells: Bytes, shares: Floats, alarm: float) -> float:
    """Share of rows that repeat the cell before them beyond chance; 0 where chance explains it.

    Under the alternative a row repeats the cell before it with a chance, else it is drawn
    anew. A likelihood ratio exceeds 1 / alarm with a chance of at most alarm in random order.
    """
    alike = np.bincount(cells[1:][cells[1:] == cells[:-1]], minlength=len(shares)).astype(np.float64)
    steps = len(cells) - 1
    held = shares > 0
    gains = [
        float(alike[held] @ np.log((kept + (1 - kept) * shares[held]) / shares[held]))
        + (steps - alike.sum()) * np.log1p(-kept)
        for kept in _KEPT
    ]
    if max(gains) <= np.log(len(_KEPT) / alarm):
        return 0.0
    chance = float(shares @ shares)
    return float(np.clip((alike.sum() / steps - chance) / (1 - chance), 0.0, 1.0))


def _trend(cells: Bytes, counts: Floats, alarm: float) -> float:
    """Correlation of cells and row numbers; 0 where chance explains it."""
    n = len(cells)
    held = counts > 0
    # In parts: the row numbers of a long table as floats would take more memory than the cells.
    sums = np.zeros(len(counts))
    for start in range(0, n, _CHUNK):
        part = cells[start : start + _CHUNK]
        places = np.arange(start, start + len(part), dtype=np.float64) - (n - 1) / 2
        sums += np.bincount(part, weights=places, minlength=len(counts))
    statistic = 12.0 / (n * (n + 1.0)) * float((sums[held] ** 2 / counts[held]).sum())
    freedom = int(held.sum()) - 1
    if special.chdtrc(freedom, statistic) > alarm:
        return 0.0
    return float(np.sqrt(np.clip((statistic - freedom) / (n - 1), 0.0, 1.0)))


def _block(cells: Bytes, shares: Floats, alarm: float) -> tuple[int, int]:
    """The stretch in which cells repeat most clearly; empty where chance explains it.

    The likelihood ratio of rows that repeat the cell before them is followed along the file,
    begun anew at every row: by Ville's inequality one that is begun at a given row ever
    exceeds x with a chance of at most 1 / x, and there are as many beginnings as rows.
    """
    n = len(cells)
    alike = cells[1:] == cells[:-1]
    with np.errstate(divide="ignore"):
        gain = np.log((_IN_BLOCK + (1 - _IN_BLOCK) * shares) / shares)
    run = np.where(alike, gain[cells[1:]], np.log1p(-_IN_BLOCK))
    height = np.concatenate([[0.0], np.cumsum(run)])
    lowest = np.minimum.accumulate(height)
    stop = int(np.argmax(height - lowest))
    if height[stop] - lowest[stop] <= np.log(n / alarm):
        return 0, 0
    start = int(np.flatnonzero(height[: stop + 1] == lowest[stop])[-1])
    return start, stop + 1


def _measures(case: Case, column: Column, found: _Order, real: _Order) -> list[Measure]:
    n = case.synthetic.rows
    same = " (as in the real table)" if found.neighbours and real.neighbours else ""
    text = (
        f"In {column.name}, {percent(found.neighbours)} of synthetic rows repeat the row before beyond chance{same}; "
        f"in the real table {percent(real.neighbours)} do."
    )
    measures = [_measure(case, column, "", (found.neighbours, real.neighbours), text)]
    if found.trend > real.trend:
        text = (
            f"{column.name} and the row number correlate by {found.trend:.2f} in the synthetic table "
            f"and by {real.trend:.2f} in the real one."
        )
        measures.append(_measure(case, column, "trend", (found.trend, real.trend), text))
    shares = found.block / n, real.block / max(case.real.rows, 1)
    if shares[0] > shares[1]:
        text = (
            f"{plural(found.block, 'synthetic row')} in one stretch ({percent(shares[0])}), from row {found.start + 1:,} "
            f"to {found.stop:,}, are sorted or grouped by {column.name}; in the real table {percent(shares[1])}."
        )
        rows = Rows(found.block, tuple(range(found.start + 1, found.start + 1 + min(found.block, EXAMPLES))))
        measures.append(_measure(case, column, "block", shares, text, rows))
    return measures


def _measure(
    case: Case, column: Column, name: str, both: tuple[float, float], text: str, rows: Rows | None = None
) -> Measure:
    found, real = both
    # Two orders of equal strength differ by chance: three standard errors of a share at most.
    slack = 1.5 * (1 / case.synthetic.rows + 1 / case.real.rows) ** 0.5 if real else 0.0
    value = max(0.0, found - real - slack)
    return Measure(
        value=value,
        about=(column.name,),
        name=name,
        low=value,
        high=value,
        baseline=real,
        n=case.synthetic.rows,
        sentence=text,
        rows=rows,
    )


def _follows(case: Case, columns: Sequence[Column]) -> list[Measure]:
    """Whether synthetic row i resembles real row i more than the rows around it."""
    rows = min(case.synthetic.rows, case.real.rows)
    if len(columns) == 0 or rows < _MIN_ROWS:
        return []
    total, square, shifted = 0.0, 0.0, 0.0
    places = [case.code_index(column.name) for column in columns]
    for start in range(0, rows, _CHUNK):
        stop = min(start + _CHUNK, rows)
        total += float(_alike(case, places, (start, stop), 0, rows).sum())
        for shift in _SHIFTS:
            near = _alike(case, places, (start, stop), shift, rows)
            shifted += float(near.sum()) / len(_SHIFTS)
            square += float((near**2).sum()) / len(_SHIFTS)
    here, by_chance = total / rows, shifted / rows
    error = float(np.sqrt(max(square / rows - by_chance**2, 0.0) * (1 + 1 / len(_SHIFTS)) / rows))
    told = here - by_chance > max(_Z_FOLLOWS * error, 1e-12)
    value = min(1.0, (here - by_chance) / (len(columns) - by_chance)) if told else 0.0
    return [
        Measure(
            value=value,
            name="follows_real",
            low=value,
            high=value,
            baseline=0.0,
            n=rows,
            sentence=(
                f"In {plural(len(columns), 'column')}, {percent(here / len(columns))} of the cells of synthetic row i are those "
                f"of real row i; of the real rows next to it {percent(by_chance / len(columns))} are."
            ),
            next_step=_FOLLOWS_STEP,
        )
    ]


def _alike(case: Case, places: Sequence[int], span: tuple[int, int], shift: int, rows: int) -> Floats:
    """How many cells of each synthetic row stand in the real row so many rows on."""
    start, stop = span
    others = (np.arange(start, stop) + shift) % rows
    alike = np.zeros(stop - start, dtype=np.uint16)
    for place in places:
        alike += case.synthetic.codes[start:stop, place] == case.real.codes[others, place]
    return alike.astype(np.float64)


def _chart(measures: Sequence[Measure]) -> tuple[Chart, ...]:
    bars = [(m.about[0], m.baseline or 0.0, m.value + (m.baseline or 0.0)) for m in measures if not m.name]
    worst = max(bars, key=lambda bar: bar[2] - bar[1])
    if worst[2] <= worst[1]:
        return ()
    title = f"Rows repeat the cell of the row before most often in {worst[0]}"
    alt = f"Rows that repeat the row before in {worst[0]}: {percent(worst[1])} of real rows, {percent(worst[2])} of synthetic ones."
    return (gap_bars(title, alt, bars, "share of rows beyond chance"),)
