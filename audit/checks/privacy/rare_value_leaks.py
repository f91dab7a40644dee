"""Values that one or two people hold, and that occur in the synthetic table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.arrays import Bools, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import fresh_holdout
from audit.model import Attack, Better, Column, Family, Kind, Measure, Rows, Scale, Unit
from audit.stats.inference.intervals import newcombe
from audit.stats.inference.p_values import difference_p

_FEW = 2  # people who hold a rare value, in the real table and the holdout together
_COMMON = (
    0.002  # share of fresh people whose rare values reappear by chance, above which a column is told apart
)
_PAIRS, _LEVELS = 45, 3_000  # pairs of categories looked at, and values that a column of them may have
_LEVEL = 0.005  # of all columns and pairs together, beyond which one is told
_EXAMPLES = 50
_RARE_KINDS = (Kind.NUMBER, Kind.DATE, Kind.CATEGORY, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class RareValueHolders:
    """Who holds a rare value of a column, or of two, that occurs in the synthetic table.

    inside, outside : rows of the real table and of the holdout, one flag each
    synthetic : rows of the synthetic table that hold such a value of a person in the real table
    """

    columns: tuple[str, ...]
    inside: Bools
    outside: Bools
    synthetic: Bools

    @property
    def is_common_by_chance(self) -> bool:
        """Whether chance alone brings many rare values back."""
        return float(self.outside.mean()) > _COMMON


@check(
    id="rare_value_leaks",
    title="Rare values that reappear",
    known_as="replicated uniques",
    explained_by="personal_data",
    attack=Attack(
        "that a value belongs to one or two people.",
        "rare values of the holdout that reappear by chance.",
        "the share of fresh people met so.",
    ),
    family=Family.PRIVACY,
    question="Do values that only one or two people hold stand in the synthetic table?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step="Do not share the table before rare values are removed, grouped or rounded; the rows listed hold them.",
)
def rare_value_leaks(case: Case) -> Outcome:
    """Share of people whose rare value reappears, less what chance explains.

    A value is rare when at most two people hold it, real table and holdout taken together; a
    person counts when any rare value of theirs occurs in the synthetic table, in the same column. Some
    reappear by chance: numbers lie close together. So the same share of the people in the
    holdout, whose values nobody can have copied, is taken off. 0 means no more than chance; 0.01 that
    one person in a hundred has a value that came from them. Every row, and every column but keys
    is looked at: numbers, dates, categories and text, exactly as they stand; missing cells
    are no value. Columns in which more than two fresh people in a thousand are met by chance are
    told as `common_value`, where they go beyond it. `combination` is the same for pairs of
    categories, at most 45, where it is beyond chance. No value is shown, only columns and
    synthetic rows. It cannot see a rare value that was changed a little.

    Source: uniqueness and its replication in synthetic data: Raab, Nowok and Dibben (2024),
    arXiv:2406.16826; Newcombe (1998), Statistics in Medicine 17, 873-890.
    """
    holdout = fresh_holdout(case)
    columns = [column for column in case.columns if column.kind in _RARE_KINDS]
    if not columns:
        raise Skip("Every column is a key or a list; no value can be rare.")
    single = [_of_column(case, holdout, column) for column in columns]
    seldom = [held for held in single if not held.is_common_by_chance]
    tests = len(single) + _PAIRS
    main = _measure("", (), seldom)
    others = [_compared("common_value", held, tests) for held in single if held.is_common_by_chance]
    others += [_compared("combination", held, tests) for held in _of_pairs(case, holdout)]
    beyond = [one for one in others if (one.p_value or 0.0) * tests < _LEVEL]
    return Outcome((main, *beyond), {"share": main.value, "columns": float(len(seldom))})


def _of_column(case: Case, holdout: CaseTable, column: Column) -> RareValueHolders:
    """Rare values are found among distinct ones; then their holders."""
    name = column.name
    counts = {part.role: part.value_counts(name) for part in case.tables()}
    kind = pa.float64() if column.kind in NUMERIC_KINDS else pa.string()
    values = {role: pa.array(one.values, type=kind) for role, one in counts.items()}
    rare = []
    for role, other in (("real", "holdout"), ("holdout", "real")):
        place = pc.index_in(values[role], value_set=values[other]).to_numpy(zero_copy_only=False)
        absent = np.isnan(place.astype(np.float64))
        also = np.zeros(len(place), dtype=np.int64)
        also[~absent] = counts[other].counts[place[~absent].astype(np.int64)]
        few = counts[role].counts + also <= _FEW
        met = np.asarray(pc.is_in(values[role], value_set=values["synthetic"]))
        rare.append(values[role].filter(pa.array(few & met)))
    sought = rare[0] if len(rare[1]) == 0 else pa.concat_arrays(rare)
    return RareValueHolders(
        (name,),
        _holds(case, case.real, name, sought),
        _holds(case, holdout, name, sought),
        _holds(case, case.synthetic, name, rare[0]),
    )


def _holds(case: Case, part: CaseTable, name: str, sought: pa.Array) -> Bools:
    if not len(sought):
        return np.zeros(part.rows, dtype=bool)
    return np.asarray(pc.is_in(_read(case, part, name).cast(sought.type), value_set=sought))


def _read(case: Case, part: CaseTable, name: str) -> pa.ChunkedArray:
    """A column as the engine holds it: a million texts made into objects take longer than all else here."""
    return nw.to_native(part.frame).project(case.key(name)).to_arrow_table().column(0)


def _of_pairs(case: Case, holdout: CaseTable) -> Iterator[RareValueHolders]:
    labels = [c for c in case.of_kind(Kind.CATEGORY) if len(case.real.value_counts(c.name).values) <= _LEVELS]
    parts = (case.real, holdout, case.synthetic)
    codes = {column.name: _codes(case, parts, column.name) for column in labels}
    for pair in list(combinations(sorted(codes, key=lambda n: case.real.value_counts(n).counts.tolist()), 2))[
        :_PAIRS
    ]:
        first, second = (codes[name] for name in pair)
        size = max(int(part.max(initial=0)) for part in second) + 1
        both = [np.where((a < 0) | (b < 0), -1, a * size + b) for a, b in zip(first, second, strict=True)]
        yield _held_pair(pair, both)


def _held_pair(pair: tuple[str, ...], both: Sequence[Ints]) -> RareValueHolders:
    top = max(int(part.max(initial=0)) for part in both) + 1
    real, fresh, made = (np.bincount(part[part >= 0], minlength=top) for part in both)
    rare = (real + fresh <= _FEW) & (real + fresh > 0) & (made > 0)
    flags = [(part >= 0) & rare[np.maximum(part, 0)] for part in both]
    theirs = (both[2] >= 0) & (rare & (real > 0))[np.maximum(both[2], 0)]
    return RareValueHolders(pair, flags[0], flags[1], theirs)


def _codes(case: Case, parts: Sequence[CaseTable], name: str) -> list[Ints]:
    """The column as whole numbers, the same in all tables; -1 where missing."""
    known = np.unique(np.concatenate([part.value_counts(name).values for part in parts]).astype(str))
    values = pa.array(known, type=pa.string())
    found = []
    for part in parts:
        cells = _read(case, part, name).cast(pa.string())
        found.append(
            pc.index_in(cells, value_set=values).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        )
    return found


def _compared(name: str, held: RareValueHolders, comparisons: int) -> Measure:
    """One column or pair of many."""
    chance = difference_p(
        int(held.inside.sum()), len(held.inside), int(held.outside.sum()), len(held.outside)
    )
    return replace(_measure(name, held.columns, [held]), p_value=chance, comparisons=comparisons)


def _measure(name: str, about: tuple[str, ...], held: Sequence[RareValueHolders]) -> Measure:
    inside = np.logical_or.reduce([one.inside for one in held]) if held else np.zeros(1, dtype=bool)
    outside = np.logical_or.reduce([one.outside for one in held]) if held else np.zeros(1, dtype=bool)
    rows = np.logical_or.reduce([one.synthetic for one in held]) if held else np.zeros(1, dtype=bool)
    counts = int(inside.sum()), len(inside), int(outside.sum()), len(outside)
    low, high = newcombe(*counts)
    where = f"values of {' and '.join(about)}" if about else "a value in some column"
    places = np.flatnonzero(rows) + 1
    return Measure(
        value=counts[0] / counts[1] - counts[2] / counts[3],
        about=about,
        name=name,
        low=low,
        high=high,
        baseline=0.0,
        n=int(rows.sum()),
        sentence=f"{counts[0]:,} of {counts[1]:,} people in the real table hold {where} that at most two people hold and that "
        f"occurs in the synthetic table; of {counts[3]:,} people outside of it {counts[2]:,} do.",
        rows=Rows(len(places), tuple(int(p) for p in places[:_EXAMPLES])) if len(places) else None,
    )
