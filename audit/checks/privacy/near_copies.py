"""Rows of real people that occur in the synthetic table with one column changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from audit.arrays import Bools, Floats, Hashes, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import EXAMPLES, percent, plural
from audit.checks.privacy._shared.attack_setup import fresh_holdout
from audit.model import Attack, Better, Column, Family, Kind, Measure, Rows, Scale, Unit
from audit.stats.inference.intervals import Z95

_MIN_COLUMNS = 5
_BLOCK = 8_000_000  # cells whose hashes are read at once
_SELDOM = 0.002  # share of fresh rows that may differ in one column alone for the column to be summed
_Z_COMMON = 3.5  # a gap in any other column is told from here: one in 4,000 by chance
_SAMPLED_ROWS = 20_000  # rows that tell whether a table repeats itself
_MAX_BITS = 27
_STEP = "Do not share the table. Remove the rows listed, find out why the generator keeps so close to real rows, and audit again."


@dataclass(frozen=True, slots=True)
class _Table:
    """The different rows of a table.

    places : shape (k,), a row of each, counted from 0
    times : shape (k,), how often it occurs in the table
    whole : shape (k,), hash of all its columns
    """

    part: CaseTable
    places: Ints
    times: Floats
    whole: Hashes


@dataclass(frozen=True, slots=True)
class _Near:
    """Rows of another table that differ from each synthetic row in one column.

    rows : shape (k,), how many
    first : shape (k,), one of them; -1 where there is none
    """

    rows: Floats
    first: Ints

    def add(self, other: _Near) -> None:
        """Count what another column gives as well."""
        np.copyto(self.first, other.first, where=self.first < 0)
        self.rows[:] += other.rows


@dataclass(frozen=True, slots=True)
class _Gap:
    """How many more synthetic rows are near the real table than near the holdout.

    column : the column that may differ; empty for several
    count : synthetic rows near the real table
    value, error : share of synthetic rows beyond the holdout's, and its standard error
    chance : share that fresh rows show
    rows : the rows counted
    """

    column: str
    count: int
    value: float
    error: float
    chance: float
    rows: Rows | None


@check(
    id="near_copies",
    title="Near copies",
    attack=Attack(
        "all of a person but one column.",
        "rows of the holdout that are as near.",
        "the share of fresh rows that come as near.",
    ),
    family=Family.PRIVACY,
    question="Do rows of real people stand in the synthetic table with one column changed?",
    scale=Scale(Unit.SHARE, "share of rows", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step=_STEP,
)
def near_copies(case: Case) -> Outcome:
    """Share of synthetic rows equal to a real row in all but one column, less chance.

    Such a row holds the same as a row of the real table in every column but keys, one of
    them excepted; missing equals missing. Rows that stand whole in the real table or in the
    holdout are left out: `copied_rows` counts them. Some people come this near by chance, so
    the same share for the holdout, which nobody can have copied, is taken off, both brought
    to the same number of rows. 0 means no more near copies than of fresh rows; 0.01 that one
    row in a hundred is a real row with one column changed. A column of nearly unique values
    is often the only one in which two people differ: where more than two fresh rows in a
    thousand differ in one column alone, that column is not part of the number, and is told as
    `common_change` where it goes beyond chance. Every row is looked at. The interval counts
    the synthetic rows that lean on the same real row as one. Below five columns that vary,
    and without a holdout, there is no number. It cannot see rows in which two columns were
    changed, or one and a rounding in another.

    Source: pairs that differ in one column by leaving each out in turn: Bentley (1975), CACM
    18, 509-517 (search by part of the keys); Hurlbert (1971), Ecology 52, 577-586 (tables
    brought to one size without sampling).
    """
    holdout = fresh_holdout(case)
    columns = [column for column in case.columns if column.kind is not Kind.KEY]
    if len(columns) < _MIN_COLUMNS or _varied(case, columns) < _MIN_COLUMNS:
        raise Skip(
            f"Fewer than {_MIN_COLUMNS} columns vary; rows that agree in all but one are then no sign."
        )
    synthetic, real, fresh = (_distinct(case, part, columns) for part in (case.synthetic, case.real, holdout))
    main, several = _gaps(case, columns, (synthetic, real, fresh))
    common = [gap for gap in several if gap.chance > _SELDOM and gap.value > _Z_COMMON * gap.error]
    seldom = [gap for gap in several if gap.chance <= _SELDOM]
    if not (seldom or common):
        raise Skip("Fresh rows, too, often equal a real row in all columns but one, whichever is left out.")
    measures = [_main(case, main, seldom)] if seldom else []
    measures += [_common(case, gap) for gap in common]
    return Outcome(
        tuple(measures), {"share": main.count / case.synthetic.rows, "share_by_chance": main.chance}
    )


def _main(case: Case, main: _Gap, seldom: Sequence[_Gap]) -> Measure:
    text = f"{_of(main, case)} in all but one of {plural(len(seldom), 'column')}; chance would give {percent(main.chance)}"
    told = max(seldom, key=lambda gap: gap.count)
    if told.count:
        text += f". The changed column is most often {told.column} ({plural(told.count, 'row')})"
    return _measure(case, main, text)


def _common(case: Case, gap: _Gap) -> Measure:
    text = f"{_of(gap, case)} in all columns but {gap.column}; chance would give {percent(gap.chance)}"
    return _measure(case, gap, text)


def _of(gap: _Gap, case: Case) -> str:
    n = case.synthetic.rows
    return f"{gap.count:,} of {n:,} synthetic rows ({percent(gap.count / n)}) equal a real row"


def _measure(case: Case, gap: _Gap, text: str) -> Measure:
    return Measure(
        value=gap.value,
        about=(gap.column,) if gap.column else (),
        name="common_change" if gap.column else "",
        low=max(-1.0, gap.value - Z95 * gap.error),
        high=min(1.0, gap.value + Z95 * gap.error),
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=f"{text}.",
        rows=gap.rows,
    )


def _varied(case: Case, columns: Sequence[Column]) -> int:
    """Columns in which real rows differ; free text and lists always do."""
    return sum(
        column.kind not in DISTRIBUTION_KINDS or int(np.count_nonzero(case.real.counts(column.name))) > 1
        for column in columns
    )


def _distinct(case: Case, part: CaseTable, columns: Sequence[Column]) -> _Table:
    whole = np.zeros(part.rows, dtype=np.uint64)
    for _, hashes in _hashed(case, part, columns):
        whole += hashes
    looked = whole[:_SAMPLED_ROWS]
    if len(np.unique(looked)) > len(looked) / 2:  # sorting would cost more than it saves
        return _Table(part, np.arange(part.rows), np.ones(part.rows), whole)
    different, places, times = np.unique(whole, return_index=True, return_counts=True)
    return _Table(part, places.astype(np.int64), times.astype(np.float64), different)


def _hashed(case: Case, part: CaseTable, columns: Sequence[Column]) -> Iterator[tuple[int, Hashes]]:
    """A 64-bit number for every cell, column by column, that differs between columns."""
    several = max(1, _BLOCK // max(part.rows, 1))
    relation = nw.to_native(part.frame)
    for start in range(0, len(columns), several):
        asked = [
            f"hash(xor(hash({_told(case, column)}), {case.index(column.name)}::UBIGINT)) AS h{i}"
            for i, column in enumerate(columns[start : start + several])
        ]
        found = relation.project(", ".join(asked)).to_arrow_table()
        for i in range(len(asked)):
            yield start + i, np.asarray(found.column(i).to_numpy(), dtype=np.uint64)


def _told(case: Case, column: Column) -> str:
    return case.vector_key(column.name) if column.kind is Kind.VECTOR else case.key(column.name)


def _gaps(case: Case, columns: Sequence[Column], tables: tuple[_Table, ...]) -> tuple[_Gap, list[_Gap]]:
    """The gap over all columns that seldom differ alone by chance, and that of each column.

    A column of nearly unique values is often the only one in which two people differ; what
    was changed in the other columns would drown in its chance.
    """
    synthetic, *others = tables
    k = len(synthetic.whole)
    whole = [_matches(synthetic.whole, other.whole, other.times)[0] > 0 for other in others]
    open_rows = ~np.logical_or.reduce(whole)
    total = [_Near(np.zeros(k), np.full(k, -1)) for _ in others]
    gaps = []
    for column, near in _near_rows(case, columns, tables, open_rows):
        gaps.append(_gap(tables, column, near))
        if gaps[-1].chance <= _SELDOM:
            for one, found in zip(total, near, strict=True):
                one.add(found)
    return _gap(tables, "", total), gaps


def _near_rows(
    case: Case, columns: Sequence[Column], tables: tuple[_Table, ...], open_rows: Bools
) -> Iterator[tuple[str, list[_Near]]]:
    """Column by column the rows of each other table that differ in it alone."""
    synthetic, *others = tables
    asked = [_hashed(case, table.part, columns) for table in tables]
    for (j, ours), *theirs in zip(*asked, strict=True):
        keys = synthetic.whole - ours[synthetic.places]
        found = []
        for other, (_, hashes) in zip(others, theirs, strict=True):
            rows, first = _matches(keys, other.whole - hashes[other.places], other.times)
            found.append(_Near(np.where(open_rows, rows, 0.0), np.where(open_rows, first, -1)))
        yield columns[j].name, found


def _matches(keys: Hashes, others: Hashes, times: Floats) -> tuple[Floats, Ints]:
    """How many rows of another table have each key, and the first of them (-1 for none)."""
    rows, first = np.zeros(len(keys)), np.full(len(keys), -1, dtype=np.int64)
    asked, known = _perhaps_equal(keys, others)
    if len(asked) == 0 or len(known) == 0:
        return rows, first
    known = known[np.argsort(others[known], kind="stable")]
    inverse, wanted = _sorted_unique(keys[asked])
    left, right = (np.searchsorted(others[known], wanted, side) for side in ("left", "right"))
    total = np.concatenate([[0.0], np.cumsum(times[known])])
    rows[asked] = (total[right] - total[left])[inverse]
    first[asked] = np.where(right > left, known[np.minimum(left, len(known) - 1)], -1)[inverse]
    return rows, first


def _sorted_unique(keys: Hashes) -> tuple[Ints, Hashes]:
    # Sorted questions walk through memory in order; unsorted ones jump, many times slower.
    different, inverse = np.unique(keys, return_inverse=True)
    return inverse.astype(np.int64), different


def _perhaps_equal(keys: Hashes, others: Hashes) -> tuple[Ints, Ints]:
    """Places of the keys and of the others that may have their like among the other side: all that do, few more.

    Each step leaves one in five, by other bits than the step before; sorting all would cost far more.
    """
    bits = min(_MAX_BITS, max(10, (4 * max(len(keys), len(others))).bit_length()))
    asked = _perhaps_among(keys, others, 64 - bits, bits)
    known = _perhaps_among(others, keys[asked], 0, bits)
    asked = asked[_perhaps_among(keys[asked], others[known], 20, bits)]
    known = known[_perhaps_among(others[known], keys[asked], 64 - bits, bits)]
    return asked, known


def _perhaps_among(keys: Hashes, others: Hashes, shift: int, bits: int) -> Ints:
    """Places of the keys of which some bits are those of one of the others."""
    mask = np.uint64((1 << bits) - 1)
    seen = np.zeros(1 << bits, dtype=bool)
    seen[((others >> np.uint64(shift)) & mask).view(np.int64)] = True
    return np.flatnonzero(seen[((keys >> np.uint64(shift)) & mask).view(np.int64)])


def _gap(tables: tuple[_Table, ...], column: str, near: Sequence[_Near]) -> _Gap:
    """Of the larger table the expected share over all its parts of the smaller one's size is taken."""
    synthetic, real, fresh = tables
    n = synthetic.part.rows
    size = min(real.part.rows, fresh.part.rows)
    met, met_fresh = (
        synthetic.times * _met(one.rows, size / table.part.rows)
        for table, one in zip((real, fresh), near, strict=True)
    )
    part = size / real.part.rows  # a copied row occurs in the part with this chance
    gap = met - met_fresh
    count = int(synthetic.times[near[0].rows > 0].sum())
    return _Gap(
        column=column,
        count=count,
        value=float(np.clip(gap.sum() / (n * part), -1.0, 1.0)),
        error=_error(gap, near) / (n * part),
        chance=min(1.0, float(met_fresh.sum() / (n * part))),
        rows=_rows(synthetic, near, count),
    )


def _met(rows: Floats, part: float) -> Floats:
    """Chance that at least one of so many rows is in a part of their table."""
    chance = np.zeros(len(rows))
    near = np.flatnonzero(rows)  # few: powers cost much more than all else here
    chance[near] = 1 - (1 - part) ** rows[near]
    return chance


def _error(gap: Floats, near: Sequence[_Near]) -> float:
    """Standard error of the sum of gaps; those that come from the same row err together."""
    sides = zip(near, (gap > 0, gap < 0), strict=True)
    sums = [np.bincount(one.first[side], weights=gap[side]) for one, side in sides if side.any()]
    return float(np.sqrt(max(1.0, sum(float((one**2).sum()) for one in sums))))


def _rows(synthetic: _Table, near: Sequence[_Near], count: int) -> Rows | None:
    """Row numbers, those first that no holdout row is as near to."""
    if count == 0:
        return None
    close, also = (one.rows > 0 for one in near)
    places = [np.sort(synthetic.places[side])[:EXAMPLES] for side in (close & ~also, close & also)]
    return Rows(count, tuple(sorted(int(place) + 1 for place in np.concatenate(places)[:EXAMPLES])))
