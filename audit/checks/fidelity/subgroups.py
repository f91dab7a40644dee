"""Shapes inside groups: what holds for the whole table need not hold for each of its parts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.case import Case, Part, names
from audit.check import Outcome, Skip, check
from audit.features import sample_rows
from audit.model import Chart, Column, Family, Kind, Measure, Role, Scale, Series
from audit.stats.intervals import Z95
from audit.stats.relabelling import (
    grouped_slopes,
    grouped_total_variation,
    relabelled_total_variation,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[str, str]

_FEWEST = 100  # rows of a group, in either table, below which its cells are all but empty
_LEVELS = 12  # a category with more values makes no groups
_MOST_COLUMNS = 8  # columns that make groups
_MOST_GROUPS = 60
_WORK = 3e8  # rows times pairs times groupings that the time allows
_PAIRS = (30, 300)  # pairs compared inside a group, at least and at most
_ERROR_ROWS = 6_000  # rows of a table that tell how much the means vary
_STEADY = 0.0037  # error at which chance stays within the tolerance of 0.02
_CLEAR = 4.0  # errors beyond which a small group tells enough
_ALARM = 0.005  # chance that tables of one population single out a column of any group
_TOLD = 0.01  # smaller differences of one column are not told
_MOST_BARS = 30


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Groups made of the cells of one or two columns.

    columns : what makes the groups
    places : shape (g,), cell number of each group (row-major where there are two columns)
    labels : shape (g,), what each group is called
    left_out : groups with rows in the real table but too few to look at
    """

    columns: tuple[str, ...]
    places: Ints
    labels: tuple[dict[str, str], ...]
    left_out: int


@dataclass(slots=True)
class _Group:
    """What was found in one group.

    value, error : mean distance of the pairs beyond chance, and its standard error
    columns : the same over the pairs of one column
    """

    labels: dict[str, str]
    real: int
    synthetic: int
    value: float
    error: float
    single: float
    baseline: float
    columns: dict[str, tuple[float, float]] = field(default_factory=dict)
    worst: Pair | None = None
    worst_value: float = 0.0

    @property
    def judged(self) -> bool:
        return self.error <= _STEADY or self.value > _CLEAR * self.error

    @property
    def who(self) -> str:
        return " and ".join(f"{name} = {label}" for name, label in self.labels.items())


@check(
    id="subgroup_shapes",
    title="Shapes inside groups",
    family=Family.FIDELITY,
    question="Is the synthetic table as right for each group as for the whole?",
    scale=Scale("share of rows beyond chance", "lower", -1.0, 1.0),
    needs=("two_columns", "rows"),
    next_step="Compare the joint views within the group; give the generator more rows of it, or generate the group with a model of its own.",
)
def subgroup_shapes(case: Case) -> Outcome:
    """Share of rows in the wrong cell of a pair of columns, inside the worst group.

    Groups are the values of the sensitive columns and of a target that is a category, and
    the crossings of two sensitive columns; where no column is called sensitive, the values of
    categories with at most twelve. Inside a group the pairs of the other columns are compared
    as in `pair_shapes`, and the mean is taken, less what chance gives at the group's size:
    the mean over all ways to deal the group's real and synthetic rows out to two tables of
    these sizes, which holds in sparse cells too. 0 means that real and synthetic rows of the
    group differ as two samples of one population do, 0.05 that in a typical pair five rows
    in a hundred are in the wrong cell; slightly below 0 is normal. `one_column` is the same
    over the pairs of one column, told where chance does not explain it (in 1 of 200 tables of
    one population): one column that is wrong in one group hardly moves a mean. Groups too
    small to judge are counted in the sentence, and those of fewer than 100 rows left out.
    Missing values are a cell of their own, and make no group. The baseline is the holdout
    against the real table. It cannot see whether the group has the right size: that is
    `representation`. Summary: `overall` is the same mean over the whole table.

    Source: van Breugel, Qian and van der Schaar (2023), ICML, PMLR 202 (small groups fail
    first); chance: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4.
    """
    groupings = _groupings(case)
    found = [group for grouping in groupings for group in _compare(case, grouping, len(groupings))]
    left_out = sum(grouping.left_out for grouping in groupings)
    if not found:
        raise Skip(
            "No group has 100 rows in the real and the synthetic table.",
            "Name a sensitive column, or give tables with more rows.",
            assessable=False,
        )
    overall = _overall(case, len(groupings))
    worst = max(found, key=lambda g: (g.judged, g.value))
    alarm = _ALARM / sum(len(group.columns) for group in found)
    return Outcome(
        (
            _headline(found, worst, overall, left_out),
            *(_group_measure(group) for group in found),
            *(m for group in found for m in _column_measures(group, alarm)),
        ),
        {
            "overall": overall,
            "groups": float(len(found)),
            "groups_judged": float(sum(g.judged for g in found)),
        },
        (_chart(found),),
    )


def _groupings(case: Case) -> list[_Grouping]:
    """One per column that makes groups, one per two sensitive columns."""
    shaped = [c for c in case.shaped if c.role in (Role.SENSITIVE, Role.TARGET) or c.kind is Kind.CATEGORY]
    sensitive = [c for c in shaped if c.role is Role.SENSITIVE][:_MOST_COLUMNS]
    target = [c for c in shaped if c.role is Role.TARGET and c.kind is Kind.CATEGORY]
    single = sensitive or _categories(
        case, [c for c in shaped if c.kind is Kind.CATEGORY and c not in target]
    )
    makers = [(c.name,) for c in [*single, *target]]
    crossed = list(combinations(names(sensitive), 2))
    found = [
        _grouping(case, columns) for columns in [*makers, *crossed] if len(case.shaped) - len(columns) >= 2
    ]
    return [grouping for grouping in found if len(grouping.labels) + grouping.left_out > 1]


def _categories(case: Case, columns: list[Column]) -> list[Column]:
    """Categories with few values, those that split the rows most evenly first."""

    def largest(column: Column) -> float:
        return float(case.real.value_counts(column.name).counts.max()) / max(case.real.rows, 1)

    few = [c for c in columns if 2 <= len(case.real.value_counts(c.name).values) <= _LEVELS]
    return sorted(few, key=lambda c: (largest(c), c.name))[:_MOST_COLUMNS]


def _grouping(case: Case, columns: tuple[str, ...]) -> _Grouping:
    codings = [case.coding(name) for name in columns]
    shape = tuple(coding.size for coding in codings)
    counts = [part.counts(*columns) for part in (case.real, case.synthetic)]
    whole = np.zeros(shape, dtype=bool)
    whole[tuple(slice(0, size - 1) for size in shape)] = True  # the last cell is "missing"
    enough = whole & (np.minimum(*counts) >= _FEWEST)
    order = np.argsort(-counts[0].ravel(), kind="stable")
    places = np.array([p for p in order if enough.ravel()[p]], dtype=np.int64)[:_MOST_GROUPS]
    labels = []
    for place in places:
        cells = np.unravel_index(int(place), shape)
        labels.append(
            {
                name: coding.labels[int(cell)]
                for name, coding, cell in zip(columns, codings, cells, strict=True)
            }
        )
    left_out = int(np.count_nonzero(whole & (counts[0] > 0))) - len(places)
    return _Grouping(columns, places, tuple(labels), left_out)


class _Rows:
    """The rows of a part that are in a group, and the group of each."""

    def __init__(self, case: Case, part: Part, grouping: _Grouping | None, rows: Ints | None = None) -> None:
        codes = part.codes if rows is None else part.codes[rows]
        if grouping is None:
            self.group, self.codes = np.zeros(len(codes), dtype=np.int64), codes
            return
        sizes = [case.coding(name).size for name in grouping.columns]
        number = np.full(int(np.prod(sizes)), -1, dtype=np.int64)
        number[grouping.places] = np.arange(len(grouping.places))
        flat = np.zeros(len(codes), dtype=np.int64)
        for name, size in zip(grouping.columns, sizes, strict=True):
            flat = flat * size + codes[:, case.shaped_index(name)]
        group = number[flat]
        inside = np.flatnonzero(group >= 0)
        self.group, self.codes = group[inside], np.asfortranarray(codes[inside])


class _Tables:
    """Counts of pairs of columns by group, for each table."""

    def __init__(self, case: Case, grouping: _Grouping | None) -> None:
        self.case = case
        self.groups = 1 if grouping is None else len(grouping.labels)
        self.rows = {part.role: _Rows(case, part, grouping) for part in case.parts()}
        self._first: dict[str, tuple[str, Ints]] = {}

    def counts(self, role: str, about: tuple[str, ...]) -> Ints:
        """Shape (groups, cells)."""
        rows, sizes = self.rows[role], [self.case.coding(name).size for name in about]
        held = self._first.get(role)
        if held is None or held[0] != about[0]:  # pairs come sorted by their first column
            held = (about[0], rows.group * sizes[0] + rows.codes[:, self.case.shaped_index(about[0])])
            self._first[role] = held
        flat = held[1]
        for name, size in zip(about[1:], sizes[1:], strict=True):
            flat = flat * size
            flat += rows.codes[:, self.case.shaped_index(name)]
        cells = math.prod(sizes)
        return np.bincount(flat, minlength=self.groups * cells).reshape(self.groups, cells)


def _pairs(case: Case, columns: list[str], groupings: int) -> list[Pair]:
    """All pairs where the time allows, else so many that every column has its share of them."""
    rows = sum(part.rows for part in case.parts())
    most = int(np.clip(_WORK / (rows * max(groupings, 1)), *_PAIRS))
    every = list(combinations(columns, 2))
    if len(every) <= most:
        return every
    ring = [str(name) for name in case.rng("subgroup_shapes").permutation(sorted(columns))]
    steps = max(1, round(most / len(ring)))
    chosen = {
        tuple(sorted((ring[i], ring[(i + step) % len(ring)]), key=case.index))
        for step in range(1, steps + 1)
        for i in range(len(ring))
    }
    return sorted(((a, b) for a, b in chosen), key=lambda pair: [case.index(name) for name in pair])


def _excess(left: Ints, right: Ints) -> Floats:
    return grouped_total_variation(left, right) - relabelled_total_variation(left, right)


def _compare(case: Case, grouping: _Grouping, groupings: int) -> list[_Group]:
    """The mean distance of pairs and columns inside each group of a grouping."""
    if not grouping.labels:
        return []
    columns = [name for name in names(case.shaped) if name not in grouping.columns]
    tables, pairs = _Tables(case, grouping), _pairs(case, columns, groupings)
    slopes = _Slopes(case, grouping, columns)
    values, baseline = np.empty((len(pairs), len(grouping.labels))), np.zeros(len(grouping.labels))
    fresh = "holdout" in tables.rows and _all_have_rows(tables, len(grouping.labels))
    for i, pair in enumerate(pairs):
        real, synthetic = tables.counts("real", pair), tables.counts("synthetic", pair)
        values[i] = _excess(real, synthetic)
        slopes.add(pair, grouped_slopes(real, synthetic))
        if fresh:
            baseline += _excess(real, tables.counts("holdout", pair)) / len(pairs)
    single = np.mean(
        [_excess(tables.counts("real", (c,)), tables.counts("synthetic", (c,))) for c in columns], axis=0
    )
    return [
        _group(grouping, g, tables, pairs, columns, values, slopes, single, baseline)
        for g in range(tables.groups)
    ]


def _all_have_rows(tables: _Tables, groups: int) -> bool:
    return bool((np.bincount(tables.rows["holdout"].group, minlength=groups) > 0).all())


class _Slopes:
    """How each row moves the mean distance, over all pairs and over the pairs of each column."""

    def __init__(self, case: Case, grouping: _Grouping, columns: list[str]) -> None:
        self.case, self.columns = case, columns
        self.parts, self.sums = [], []
        rng = case.rng("subgroup_shapes rows")
        for part in (case.real, case.synthetic):
            rows = _Rows(case, part, grouping, sample_rows(part, _ERROR_ROWS, rng))
            self.parts.append(rows)
            self.sums.append(np.zeros((len(columns), len(rows.group))))
        self.pairs = np.zeros(len(columns))

    def add(self, pair: Pair, slopes: Floats) -> None:
        a, b = (self.columns.index(name) for name in pair)
        left, right = (self.case.shaped_index(name) for name in pair)
        size = self.case.coding(pair[1]).size
        self.pairs[[a, b]] += 1
        for rows, sums in zip(self.parts, self.sums, strict=True):
            cells = rows.codes[:, left].astype(np.int64) * size + rows.codes[:, right]
            moved = slopes[rows.group, cells]
            sums[a] += moved
            sums[b] += moved

    def errors(self, group: int, sizes: tuple[int, int]) -> tuple[float, Floats]:
        """Standard errors of the mean over pairs, and over the pairs of each column."""
        total, each = 0.0, np.zeros(len(self.columns))
        for rows, sums, size in zip(self.parts, self.sums, sizes, strict=True):
            inside = sums[:, rows.group == group]
            if inside.shape[1] == 0:
                return 1.0, np.ones(len(self.columns))
            total += float((inside.sum(axis=0) / self.pairs.sum()).var()) / size
            each += (inside / np.maximum(self.pairs, 1)[:, None]).var(axis=1) / size
        return math.sqrt(total), np.sqrt(each)


def _group(
    grouping: _Grouping,
    g: int,
    tables: _Tables,
    pairs: list[Pair],
    columns: list[str],
    values: Floats,
    slopes: _Slopes,
    single: Floats,
    baseline: Floats,
) -> _Group:
    rows = [int(np.count_nonzero(tables.rows[role].group == g)) for role in ("real", "synthetic")]
    error, errors = slopes.errors(g, (rows[0], rows[1]))
    inside = values[:, g]
    means = {
        c: (float(np.mean([v for v, pair in zip(inside, pairs, strict=True) if c in pair])), float(e))
        for c, e in zip(columns, errors, strict=True)
        if any(c in pair for pair in pairs)
    }
    worst = int(np.argmax(np.round(inside, 12)))
    return _Group(
        grouping.labels[g],
        rows[0],
        rows[1],
        float(inside.mean()),
        error,
        float(single[g]),
        float(baseline[g]),
        means,
        pairs[worst],
        float(inside[worst]),
    )


def _overall(case: Case, groupings: int) -> float:
    """The same mean over the whole table."""
    tables = _Tables(case, None)
    pairs = _pairs(case, list(names(case.shaped)), groupings)
    return float(
        np.mean([_excess(tables.counts("real", p), tables.counts("synthetic", p))[0] for p in pairs])
    )


def _group_measure(group: _Group) -> Measure:
    few = "" if group.judged else " These are too few rows to judge."
    return Measure(
        value=group.value,
        group=group.labels,
        low=max(-1.0, group.value - Z95 * group.error),
        high=min(1.0, group.value + Z95 * group.error),
        baseline=group.baseline,
        n=group.synthetic,
        sentence=f"{_told(group)}{few}",
        descriptive=not group.judged,
    )


def _told(group: _Group) -> str:
    pair = " with ".join(group.worst or ())
    return (
        f"Where {group.who} ({group.real:,} real and {group.synthetic:,} synthetic rows), {_share(group.value)} of the rows "
        f"sit in the wrong cell of a pair beyond chance, {_share(group.single)} in that of a single column; worst is "
        f"{pair} ({_share(group.worst_value)})."
    )


def _share(value: float) -> str:
    return f"{max(value, 0.0):.1%}"


def _headline(found: list[_Group], worst: _Group, overall: float, left_out: int) -> Measure:
    """The worst group; the lower end of its interval allows for having chosen it."""
    pool = [g for g in found if g.judged] or found
    z = float(special.ndtri(1 - 0.025 / len(pool)))
    times = f", {worst.value / overall:.1f} times the whole table's" if worst.value > overall > 0.005 else ""
    small = left_out + sum(not g.judged for g in found)
    many = len(found) + left_out
    few = f" {small} of {many} groups {'is' if small == 1 else 'are'} too small to judge." if small else ""
    return Measure(
        value=worst.value,
        low=max(-1.0, worst.value - z * worst.error),
        high=min(1.0, max(g.value + Z95 * g.error for g in pool)),
        baseline=worst.baseline,
        n=worst.synthetic,
        sentence=f"Worst of {many} groups{times} ({_share(overall)}): {_told(worst)}{few}",
    )


def _column_measures(group: _Group, alarm: float) -> Iterator[Measure]:
    """The column that is furthest off inside a group, where chance does not explain it."""
    z = float(special.ndtri(1 - alarm))
    name, (value, error) = max(group.columns.items(), key=lambda item: item[1][0] - Z95 * item[1][1])
    if value > max(z * error, _TOLD + Z95 * error):
        yield Measure(
            value=value,
            about=(name,),
            name="one_column",
            group=group.labels,
            low=max(-1.0, value - Z95 * error),
            high=min(1.0, value + Z95 * error),
            baseline=0.0,
            n=group.synthetic,
            sentence=(
                f"Where {group.who} ({group.synthetic:,} synthetic rows), {_share(value)} of the rows sit in the wrong cell of "
                f"{name} with another column beyond chance."
            ),
        )


def _chart(found: list[_Group]) -> Chart:
    worst = sorted(found, key=lambda g: -g.value)[:_MOST_BARS]
    return Chart(
        kind="intervals",
        title=f"{worst[0].who} differs most from its real rows",
        alt=f"Mean distance of pairs beyond chance in {len(worst)} groups; the largest is {worst[0].value:.1%}, where {worst[0].who}.",
        y=tuple(g.who for g in worst),
        series=(
            Series("value", tuple(g.value for g in worst)),
            Series("low", tuple(g.value - Z95 * g.error for g in worst)),
            Series("high", tuple(g.value + Z95 * g.error for g in worst)),
            Series("baseline", tuple(g.baseline for g in worst)),
        ),
        unit="share of rows beyond chance",
    )
