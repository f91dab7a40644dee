"""Values that bring others with them, and values that never meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.binning import date_text
from audit.case.case import Case
from audit.declare.rules import Rule, RuleKind
from audit.mining.coded_sample import CodedSample, coded_sample
from audit.mining.dependencies import dependencies

_LEVELS = 200  # different values above which a column takes no part
_CONFIDENCE = 0.99
_SUPPORT = 0.005  # of the rows
_EXPECTED = 50.0  # rows that independent columns would give
_HARDLY = 0.02  # of the expected rows: a combination held by no more never occurs
_RARER = 0.2  # breaches of an implication, as a part of those that independent columns would give
_MAX_RULES = 200  # rules of each kind
_PAIRS = 2_000  # pairs of columns that are looked at


@dataclass(frozen=True, slots=True)
class Combinations:
    """What was found; tried and possible count pairs of columns."""

    forbidden: tuple[Rule, ...]
    implications: tuple[Rule, ...]
    n_tested: int
    possible: int


def value_rules(case: Case) -> Combinations:
    """Combinations of two values that real rows hardly ever hold, and A = a => B = b.

    Forbidden: independent columns would give at least 50 rows, and at most 2 % of those are
    seen, in the rows that rules are learned from and in those that check them. An
    implication holds in 99 % of at least 0.5 % of the rows, and is broken five times rarer
    than chance would. Values held by fewer than k real rows are in no rule; what a
    dependency already says is left out, and so is an implication that forbidden
    combinations already say.

    Source: Agrawal, Imielinski and Swami (1993), SIGMOD (support and confidence); Brin,
    Motwani and Silverstein (1997), SIGMOD (dependence instead of confidence alone).
    """
    return case.shared("value rules", lambda: _value_rules(case))


def _value_rules(case: Case) -> Combinations:
    sample = coded_sample(case)
    told = {rule.columns for rule in dependencies(case).rules if len(rule.columns) == 2}
    few = [i for i in range(len(sample.columns)) if sample.sizes[i] <= _LEVELS]
    few.sort(key=lambda i: (sample.sizes[i], sample.columns[i]))
    pairs = sorted(combinations(few, 2), key=lambda p: sample.sizes[p[0]] * sample.sizes[p[1]])
    forbidden, implications = [], []
    for a, b in pairs[:_PAIRS]:
        if not {(sample.columns[a], sample.columns[b]), (sample.columns[b], sample.columns[a])} & told:
            tables = _tables(sample, a, b)
            never = _never(tables, case.k)
            forbidden += list(_forbidden(sample, a, b, tables, never))
            for (x, y), flip in zip(permutations((a, b)), (False, True), strict=True):
                turned = [t.T for t in tables] if flip else tables
                implications += list(_implied(sample, x, y, turned, never.T if flip else never, case.k))
    return Combinations(_strongest(forbidden), _strongest(implications), min(len(pairs), _PAIRS), len(pairs))


def _tables(sample: CodedSample, a: int, b: int) -> list[Ints]:
    """Rows per pair of values: among the rows to learn from, and among those to check with."""
    shape = (sample.sizes[a], sample.sizes[b])
    tables = []
    for rows in (slice(None, sample.learned), slice(sample.learned, None)):
        first, second = sample.codes[rows, a].astype(np.int64), sample.codes[rows, b]
        both = (first >= 0) & (second >= 0)
        cells = np.bincount(first[both] * shape[1] + second[both], minlength=shape[0] * shape[1])
        tables.append(cells.reshape(shape))
    return tables


def _expected(table: Ints) -> Floats:
    total = max(int(table.sum()), 1)
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / total


def _never(tables: list[Ints], k: int) -> NDArray[np.bool_]:
    """Cells that should hold many rows and hold next to none, in both parts."""
    whole = tables[0] + tables[1]
    never = _expected(whole) >= _EXPECTED
    for table in tables:
        never &= table <= _HARDLY * _expected(table)
    known = np.outer(whole.sum(axis=1) >= k, whole.sum(axis=0) >= k)
    return never & known


def _forbidden(
    sample: CodedSample, a: int, b: int, tables: list[Ints], never: NDArray[np.bool_]
) -> Iterator[tuple[float, Rule]]:
    expected = _expected(tables[0] + tables[1])
    for i, j in zip(*np.nonzero(never), strict=True):
        names = (sample.columns[a], sample.columns[b])
        values = (value_label(sample, a, int(i)), value_label(sample, b, int(j)))
        (x, u), (y, v) = sorted(zip(names, values, strict=True))
        yield float(expected[i, j]), Rule(RuleKind.FORBIDDEN, (x, y), values=(u, v))


def _implied(
    sample: CodedSample, a: int, b: int, tables: list[Ints], never: NDArray[np.bool_], k: int
) -> Iterator[tuple[float, Rule]]:
    """Implications from values of the first column to one of the second."""
    whole = tables[0] + tables[1]
    chance = whole.sum(axis=0) / max(int(whole.sum()), 1)
    for i in np.flatnonzero(whole.sum(axis=1) >= max(k, _SUPPORT * whole.sum())):
        j = int(np.argmax(whole[i]))
        due = float(whole[i].sum() * (1 - chance[j]))
        told = bool(never[i][np.arange(len(chance)) != j].any())
        if told or due < _EXPECTED or whole[:, j].sum() < k:
            continue
        if all(_broken(t, int(i), j) <= min(1 - _CONFIDENCE, _RARER * (1 - chance[j])) for t in tables):
            values = (value_label(sample, a, int(i)), value_label(sample, b, j))
            yield due, Rule(RuleKind.IMPLICATION, (sample.columns[a], sample.columns[b]), values=values)


def _broken(table: Ints, i: int, j: int) -> float:
    rows = int(table[i].sum())
    return 1.0 - int(table[i, j]) / rows if rows else 1.0


def value_label(sample: CodedSample, column: int, code: int) -> str:
    """A value as rules name it."""
    value = sample.labels[column][code]
    if isinstance(value, str):
        return value
    if sample.dates[column]:
        return date_text(float(value))
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _strongest(found: list[tuple[float, Rule]]) -> tuple[Rule, ...]:
    """Those that chance would break most come first."""
    found.sort(key=lambda pair: (-pair[0], pair[1].columns, pair[1].values))
    return tuple(rule for _, rule in found[:_MAX_RULES])
