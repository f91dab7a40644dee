"""Values that come with one outcome in synthetic rows and do not in real ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from audit.arrays import Bools, Floats, Ints
from audit.case.case import Case
from audit.mining.value_codes import Codes, Items, column_items, part_codes
from audit.model import Column

SUPPORT = 0.002  # of the synthetic rows that an itemset and its outcome hold at least
PURE = 0.95  # of these rows have the outcome
_MIN_ROWS = 10  # synthetic rows
_FALSE_ALARM_RATE = 0.001  # chance that alike tables raise anything, over all itemsets
_PRIOR = 20.0  # rows that what is known of a value's parts stands for
_APART = 0.2  # that the outcome's share must lie above the real one
_RARER = 0.1  # or the other outcomes be so many times rarer than in real rows
_Z = 2.0  # standard errors that rows with other outcomes may exceed the real ones by
_TIMES = 1.5  # values held so many times too often are taken for added rows
_PAIRS = 2_000  # pairs of columns, at most
_WORK = 600_000_000  # rows times pairs of columns, at most
_CELLS = 4_000_000  # of a table of a pair of columns, at most
_COVERED = 0.5  # of a trigger's rows: from there on it is told with an earlier one
_MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Trigger:
    """One or two values that go with one outcome.

    columns, values : of the items, in the order of the columns' names; values as they may be shown
    outcome : the class, as it may be shown
    hits, rows : synthetic rows with the items and the outcome, and with the items
    real_hits, real_rows : the same for real rows, holdout included
    rate : share of the outcome that real rows make one expect among rows with the items
    chance : that as many come about, on all itemsets that were looked at
    row_indices : of the synthetic rows with items and outcome, from 0
    """

    columns: tuple[str, ...]
    values: tuple[str, ...]
    outcome: str
    hits: int
    rows: int
    real_hits: int
    real_rows: int
    rate: float
    chance: float
    row_indices: Ints

    @property
    def pattern(self) -> str:
        """The values in words: "hours = 41 and colour is a value that no real row holds"."""
        return pattern(self.columns, self.values)


def pattern(columns: Sequence[str], values: Sequence[str]) -> str:
    """Values of columns in words."""
    each = zip(columns, values, strict=True)
    return " and ".join(f"{name} {'is' if ' ' in value else '='} {value}" for name, value in each)


@dataclass(frozen=True, slots=True)
class Triggers:
    """What was found, and how much was looked at.

    found : those with the most rows first
    itemsets : single values and pairs of values that enough synthetic rows hold, times the outcomes
    pairs, possible : pairs of columns
    """

    found: tuple[Trigger, ...]
    itemsets: int
    pairs: int
    possible: int


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows by item (or pair of items, flattened) and outcome, shape (cells, outcomes) each."""

    ours: Ints
    theirs: Ints


@dataclass(frozen=True, slots=True)
class _Suspect:
    items: tuple[tuple[int, int], ...]  # place of a column among those looked at, and code
    outcome: int
    hits: int
    rows: int
    real_hits: int
    real_rows: int
    rate: float
    log_chance: float


def find_triggers(case: Case, target: Column) -> Triggers:
    """Single values and pairs of values that nearly always go with one outcome, and not in real rows.

    An itemset is told when at least 0.2 % of the synthetic rows (10 at least) hold it together
    with the outcome, 95 % of its rows have the outcome (or of those that are more than real
    rows explain), and the outcome's share in real rows lies so far below that chance explains it less than
    once in a thousand tables, over all itemsets. Where few real rows hold the itemset, what
    is expected leans on the rows near it: the part of the range that a number lies in, and
    for a pair its two values alone. Itemsets that share most rows with a larger one are left
    out. Costs O(n d^2) for n rows and d columns.

    Source: support and confidence: Agrawal, Imielinski and Swami (1993), SIGMOD; the count of
    a rate that is itself uncertain is beta-binomial: Skellam (1948), JRSS B 10, 257-261; over
    many: Dunn (1961), JASA 56, 52-64.
    """
    return case.shared("patterns tied to an outcome", lambda: _find(case, target))


def _find(case: Case, target: Column) -> Triggers:
    fewest = max(_MIN_ROWS, math.ceil(SUPPORT * case.synthetic.rows))
    found = [
        column_items(case, column, fewest)
        for column in case.distribution_columns
        if column.name != target.name
    ]
    columns = sorted((items for items in found if items.size > 1), key=lambda items: items.size)
    pool = [part for part in case.tables() if part.role != "synthetic"]
    place, size = case.code_index(target.name), case.binning(target.name).size
    ours = case.synthetic.codes[:, place].astype(np.int64)
    theirs = np.concatenate([part.codes[:, place] for part in pool]).astype(np.int64)
    search = _Search(case, columns, ours, theirs, size, fewest)
    pairs = list(combinations(range(len(columns)), 2))
    most = min(_PAIRS, max(1, _WORK // max(len(ours) + len(theirs), 1)))
    suspects = [*search.singles(), *(one for pair in pairs[:most] for one in search.of_pair(*pair))]
    limit = math.log(_FALSE_ALARM_RATE) - math.log(max(search.tests, 1))
    told = [one for one in suspects if one.log_chance <= limit]
    labels = case.binning(target.name).labels
    named = tuple(_distinct(search, told, labels))
    return Triggers(named[:_MAX_LISTED], search.tests, min(len(pairs), most), len(pairs))


class _Search:
    """Counts by item and outcome, and what they make one suspect. Holds how many were tried."""

    def __init__(
        self, case: Case, columns: Sequence[Items], ours: Ints, theirs: Ints, outcomes: int, fewest: int
    ) -> None:
        pool = [part for part in case.tables() if part.role != "synthetic"]
        self.columns, self.outcomes, self.fewest, self.tests = columns, outcomes, fewest, 0
        self._ours, self._theirs = ours, theirs
        self.codes: list[Codes] = [items.codes["synthetic"] for items in columns]
        self._pool: list[Codes] = [part_codes(items, pool) for items in columns]
        self._base = np.bincount(theirs, minlength=outcomes) / max(len(theirs), 1)
        self._ratio = len(ours) / max(len(theirs), 1)
        self._cells = [self._by_cell(case, items) for items in columns]
        self._rates: list[Floats] = []
        self.tables: list[_Table] = []

    def _by_cell(self, case: Case, items: Items) -> Floats:
        """Share of each outcome in the part of the range that an item lies in, shape (codes, outcomes)."""
        place, size = case.code_index(items.column), case.binning(items.column).size
        parts = [part for part in case.tables() if part.role != "synthetic"]
        cells = np.concatenate([part.codes[:, place] for part in parts]).astype(np.int64)
        table = np.bincount(cells * self.outcomes + self._theirs, minlength=size * self.outcomes)
        table = table.reshape(size, self.outcomes)[items.cells]
        return _expected(table, np.broadcast_to(self._base, table.shape))

    def singles(self) -> Iterator[_Suspect]:
        """Single values. To be called before pairs, which build on them."""
        for i, items in enumerate(self.columns):
            table = self._table(self.codes[i], self._pool[i], items.size)
            self.tables.append(table)
            self._rates.append(_expected(table.theirs, self._cells[i]))
            for code, outcome, suspect in self._judge(table, self._cells[i], np.arange(items.size) > 0):
                yield _Suspect(((i, code),), outcome, *suspect)

    def of_pair(self, a: int, b: int) -> Iterator[_Suspect]:
        """Pairs of values of two columns."""
        size = self.columns[b].size
        if self.columns[a].size * size * self.outcomes > _CELLS:
            return
        table = self._table(
            self.codes[a] * np.int32(size) + self.codes[b],
            self._pool[a] * np.int32(size) + self._pool[b],
            self.columns[a].size * size,
        )
        often = np.flatnonzero(table.ours.sum(axis=1) >= self.fewest)
        both = (often // size > 0) & (often % size > 0)
        often = often[both]
        prior = _together(self._rates[a][often // size], self._rates[b][often % size], self._base)
        chosen = _Table(table.ours[often], table.theirs[often])
        for i, outcome, suspect in self._judge(chosen, prior, np.ones(len(often), dtype=bool)):
            items = ((a, int(often[i] // size)), (b, int(often[i] % size)))
            yield _Suspect(items, outcome, *suspect)

    def outcome_is(self, outcome: int) -> Bools:
        """Synthetic rows of an outcome."""
        same: Bools = self._ours == outcome
        return same

    def _table(self, ours: Codes, theirs: Codes, size: int) -> _Table:
        shape = (size, self.outcomes)

        def counted(codes: Codes, outcomes: Ints) -> Ints:
            cells = codes.astype(np.int64) * self.outcomes + outcomes
            return np.bincount(cells, minlength=size * self.outcomes).reshape(shape)

        return _Table(counted(ours, self._ours), counted(theirs, self._theirs))

    def _judge(
        self, table: _Table, prior: Floats, asked: Bools
    ) -> Iterator[tuple[int, int, tuple[int, int, int, int, float, float]]]:
        """Cells and outcomes that nearly always meet, and by chance would not."""
        rows, real = table.ours.sum(axis=1, keepdims=True), table.theirs.sum(axis=1, keepdims=True)
        enough = (table.ours >= self.fewest) & asked[:, None]
        self.tests += int(enough.sum())
        rate = _expected(table.theirs, prior)
        share = table.ours / np.maximum(rows, 1)
        more, hits = rows - self._ratio * real, table.ours - self._ratio * table.theirs
        others = self._ratio * (real - table.theirs)
        by_chance = _Z * np.sqrt((1 + self._ratio) * (others + self._ratio))
        pure = more - hits <= (1 - PURE) * more + by_chance
        added = (more >= (1 - 1 / _TIMES) * rows) & (hits >= self.fewest) & pure
        far = (share - rate >= _APART) | (1 - share <= _RARER * (1 - rate))
        for i, y in zip(*np.nonzero(enough & far & ((share >= PURE) | added)), strict=True):
            k, n, h, m = int(table.ours[i, y]), int(rows[i, 0]), int(table.theirs[i, y]), int(real[i, 0])
            alpha = h + _PRIOR * float(prior[i, y])
            chance = log_tail(k, n, alpha, m + _PRIOR - alpha)
            yield int(i), int(y), (k, n, h, m, float(rate[i, y]), chance)


def _expected(table: Ints, prior: Floats) -> Floats:
    """Share of each outcome, leaning on what was known before, shape (cells, outcomes)."""
    rates: Floats = (table + _PRIOR * prior) / (table.sum(axis=1, keepdims=True) + _PRIOR)
    return rates


def _together(one: Floats, other: Floats, base: Floats) -> Floats:
    """Share of each outcome where two values meet that have nothing to do with each other given the outcome.

    At least that of either value alone.
    """
    odds = one * other / np.maximum(base, 1e-12)
    joint = odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-300)
    largest: Floats = np.maximum(joint, np.maximum(one, other))
    return np.minimum(largest, 1 - 1e-9)


def log_tail(k: int, n: int, alpha: float, beta: float) -> float:
    """Logarithm of the chance that a beta-binomial count of n reaches k.

    Source: Skellam (1948), Journal of the Royal Statistical Society B 10, 257-261.

    Examples
    --------
    >>> round(math.exp(log_tail(1, 1, 1.0, 3.0)), 12)
    0.25
    >>> round(math.exp(log_tail(1, 2, 1.0, 1.0)), 12)
    0.666666666667
    """
    x = np.arange(k, n + 1, dtype=np.float64)
    alpha, beta = max(alpha, 1e-9), max(beta, 1e-9)
    choose = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    logs = choose + special.betaln(x + alpha, n - x + beta) - special.betaln(alpha, beta)
    return min(0.0, float(special.logsumexp(logs)))


def _distinct(search: _Search, suspects: Sequence[_Suspect], labels: Sequence[str]) -> Iterator[Trigger]:
    """Single values before pairs, many rows before few; those that share their rows with earlier ones left out."""
    taken = np.zeros(len(search.codes[0]) if search.codes else 0, dtype=bool)
    names = [items.column for items in search.columns]

    def order(one: _Suspect) -> tuple[int, int, int, list[str]]:
        return len(one.items), -one.hits, one.rows, sorted(names[place] for place, _ in one.items)

    for one in sorted(suspects, key=order):
        places = np.flatnonzero(_rows_of(search, one))
        if taken[places].mean() >= _COVERED:
            continue
        taken[places] = True
        shown = sorted((names[place], search.columns[place].labels[code]) for place, code in one.items)
        yield Trigger(
            columns=tuple(name for name, _ in shown),
            values=tuple(value for _, value in shown),
            outcome=labels[one.outcome],
            hits=one.hits,
            rows=one.rows,
            real_hits=one.real_hits,
            real_rows=one.real_rows,
            rate=one.rate,
            chance=math.exp(min(0.0, one.log_chance + math.log(max(search.tests, 1)))),
            row_indices=places,
        )


def _rows_of(search: _Search, one: _Suspect) -> Bools:
    inside = search.outcome_is(one.outcome)
    for place, code in one.items:
        inside = inside & (search.codes[place] == code)
    return inside
