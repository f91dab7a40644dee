"""Columns that tell every real row from every other, alone or two together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case
from audit.declare.rules import Rule, RuleKind
from audit.mining.coded_sample import CodedSample, coded_sample
from audit.mining.dependencies import real_rows
from audit.model import Kind, Role

Pair = tuple[int, int]

CONFIDENT = 0.9  # below, a column was taken for a key by the look of its values alone
_SURPRISE = 50.0  # repeated pairs that chance would show
_FIRST = 2_000  # rows of the first, cheap look
_COLUMNS = 200  # columns that are paired
_PAIRS = 1_000  # pairs that are looked at
_HEAD = 200_000  # rows of the real table that are asked before all of them
_PROVED = 30  # pairs that are proved on every row, or on the first rows
_MAX_RULES = 10  # rules


@dataclass(frozen=True, slots=True)
class PairedKeys:
    """What was found; tried and possible count pairs of columns."""

    rules: tuple[Rule, ...]
    n_tested: int
    possible: int


def single_keys(case: Case) -> tuple[Rule, ...]:
    """Columns that are keys of their own rows, surely, and differ in every real row that has one."""
    return case.shared("single keys", lambda: tuple(_single_keys(case)))


def _single_keys(case: Case) -> Iterator[Rule]:
    columns = [column for column in case.of_kind(Kind.KEY) if column.role is not Role.PARENT_KEY]
    for column in (column for column in columns if column.confidence >= CONFIDENT):
        key = nw.col(case.key(column.name))
        cells = case.real.frame.select(
            key.count().alias("filled"), key.n_unique().alias("different")
        ).collect()
        filled, different = int(cells.get_column("filled")[0]), int(cells.get_column("different")[0])
        if filled == different - (filled < case.real.rows):  # what is missing counts as one more value
            yield Rule(RuleKind.UNIQUE, (column.name,), support=filled)


def paired_keys(case: Case) -> PairedKeys:
    """Pairs of columns that never repeat in the real and holdout rows together.

    Neither column may be a key by itself. A pair is kept only if independent columns would
    have repeated at least 50 times, and if no column of it could be exchanged for one that it
    determines: (store, day) is kept, (till, day) is not where each till stands in one store.

    Notes
    -----
    The search is bounded in number, not in time, so that the same table gives the same rules.

    Source: Heise, Quiané-Ruiz, Abedjan, Jentzsch and Naumann (2013), PVLDB 7, 301-312
    (discovery of unique column combinations).
    """
    return case.shared("paired keys", lambda: _paired_keys(case))


def _paired_keys(case: Case) -> PairedKeys:
    sample = coded_sample(case)
    possible = len(sample.columns) * (len(sample.columns) - 1) // 2
    pairs = _surprising(sample, case.real.rows + (case.holdout.rows if case.holdout is not None else 0))
    unique = [p for p in pairs[:_PAIRS] if _unique(sample.codes[:_FIRST], p) and _unique(sample.codes, p)]
    found = _without_finer(sample, [p for p in unique[:_PROVED] if _proved(case, sample, p)])
    rules = [_rule(sample, pair) for pair in found[:_MAX_RULES]]
    skipped = max(len(pairs) - _PAIRS, 0) + max(len(unique) - _PROVED, 0)
    return PairedKeys(tuple(rules), possible - skipped, possible)


def _surprising(sample: CodedSample, rows: int) -> list[Pair]:
    """Pairs that could be unique and that chance would repeat; those it would repeat most come first."""
    few = range(min(len(sample.columns), _COLUMNS))
    counts = [np.bincount(sample.codes[:, i][sample.codes[:, i] >= 0]) for i in few]
    filled = np.array([float(c.sum()) for c in counts])
    alike = np.array(
        [float((c * (c - 1.0)).sum()) / max(n * (n - 1), 1) for c, n in zip(counts, filled, strict=True)]
    )
    scale = rows / max(len(sample.codes), 1)
    both = np.minimum.outer(filled, filled)
    expected = np.outer(alike, alike) * (both * scale) ** 2 / 2
    sizes = np.array([float(sample.sizes[i]) for i in few])
    # Pairs of values must be enough for the rows, were they all in the sample.
    good = np.triu((expected >= _SURPRISE) & (np.outer(sizes, sizes) >= both), 1)
    names = sample.columns
    pairs = [(int(i), int(j)) for i, j in zip(*np.nonzero(good), strict=True)]
    return sorted(pairs, key=lambda p: (-round(float(expected[p]), 6), sorted((names[p[0]], names[p[1]]))))


def _unique(codes: NDArray[np.int32], pair: Pair) -> bool:
    first, second = (codes[:, i].astype(np.int64) for i in pair)
    both = (first >= 0) & (second >= 0)
    joined = np.sort(first[both] * (int(codes[:, pair[1]].max(initial=0)) + 1) + second[both])
    return not bool((joined[1:] == joined[:-1]).any())


def _proved(case: Case, sample: CodedSample, pair: Pair) -> bool:
    """Whether no two real rows, holdout included, share the pair; the first rows are asked first."""
    keys = [case.key(sample.columns[i]) for i in pair]
    if case.real.rows > 2 * _HEAD:
        head = case.real.frame.filter(nw.col("row") <= _HEAD).select(*keys)
        if _repeats(head, keys):
            return False
    return not _repeats(real_rows(case, keys), keys)


def _repeats(frame: nw.LazyFrame[Any], keys: Sequence[str]) -> bool:
    groups = frame.filter(*(~nw.col(key).is_null() for key in keys)).group_by(keys).agg(nw.len().alias("n"))
    most = groups.select(nw.col("n").max()).collect().item()
    return most is not None and int(most) > 1


def _without_finer(sample: CodedSample, pairs: Iterable[Pair]) -> list[Pair]:
    """Leave out a pair where one of its columns determines a column that would do in its place."""
    kept = set(pairs)
    for pair in sorted(kept, key=lambda p: sorted(sample.columns[i] for i in p), reverse=True):
        for fine, other in (pair, pair[::-1]):
            for coarse in {i for p in kept if other in p for i in p} - {fine, other}:
                if pair in kept and _determines(sample, fine, coarse):
                    kept.discard(pair)
    return sorted(kept, key=lambda p: sorted(sample.columns[i] for i in p))


def _determines(sample: CodedSample, fine: int, coarse: int) -> bool:
    """Whether sample rows alike in the one column are alike in the other."""
    codes = sample.codes[(sample.codes[:, fine] >= 0) & (sample.codes[:, coarse] >= 0)]
    order = np.argsort(codes[:, fine], kind="stable")
    left, right = codes[order, fine], codes[order, coarse]
    return not bool(((left[1:] == left[:-1]) & (right[1:] != right[:-1])).any())


def _rule(sample: CodedSample, pair: Pair) -> Rule:
    return Rule(RuleKind.UNIQUE, tuple(sorted(sample.columns[i] for i in pair)))
