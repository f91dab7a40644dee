"""Columns that determine another: searched on a sample, proved on every real row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools
from audit.case.case import Case
from audit.declare.rules import Rule, RuleKind
from audit.mining.coded_sample import CodedSample, Codes, coded_sample

Side = tuple[int, ...]  # places of columns in the sample
Found = tuple[Side, int]  # a left side and the column it determines

_FIRST = 2_000  # rows of the first, cheap look
_MIN_REPEATED = 0.5  # rows whose left side stands in another row too: with fewer it is nearly a key
_SURPRISE = 50.0  # disagreements that chance would show between rows alike on the left
_PAIRS = 3_000  # two-column left sides that are tried
_MAX_RULES = 200  # rules


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What was found and where the search stopped.

    n_tested, possible : left sides looked at, and how many there are
    """

    rules: tuple[Rule, ...]
    n_tested: int
    possible: int


def dependencies(case: Case) -> Dependencies:
    """All X -> Y with one or two columns on the left that every real row keeps.

    A rule is kept only if rows alike on the left are common (at least half of the rows), if
    chance would have broken it at least 50 times, and if no smaller left side, and no chain
    of other rules, already says it. Rows without a value on either side say nothing.

    Notes
    -----
    The search is bounded in number, not in time, so that the same table gives the same rules.

    Source: Huhtala, Karkkainen, Porkka and Toivonen (1999), The Computer Journal 42, 100-111
    (levelwise search); Kivinen and Mannila (1995), Theoretical Computer Science 149, 129-149 (g3).
    """
    return case.shared("dependencies", lambda: _dependencies(case))


def _dependencies(case: Case) -> Dependencies:
    sample = coded_sample(case)
    order = sorted(range(len(sample.columns)), key=lambda i: (sample.sizes[i], sample.columns[i]))
    single = _proved(case, sample, _search(sample, [(i,) for i in order], set()))
    pairs = [(a, b) for a, b in combinations(order, 2)]
    # Few values first: such rules are the ones people mean.
    pairs.sort(key=lambda pair: sample.sizes[pair[0]] * sample.sizes[pair[1]])
    double = _proved(case, sample, _search(sample, pairs[:_PAIRS], set(single)))
    found = [*_without_chains(single), *double][:_MAX_RULES]
    return Dependencies(
        tuple(_rule(case, sample, left, right) for left, right in found),
        len(order) + min(len(pairs), _PAIRS),
        len(order) + len(pairs),
    )


def _search(sample: CodedSample, lefts: Sequence[Side], known: set[Found]) -> list[Found]:
    """Candidates that no pair of neighbouring sample rows refutes."""
    rng = np.random.default_rng(0)  # the sample is random already; any rows of it will do
    few = sample.codes[np.sort(rng.permutation(len(sample.codes))[:_FIRST])]
    found = []
    for left in lefts:
        right = _free(sample, left, known)
        if right.any():
            right &= _kept(few, sample, left, 0.0)
        if right.any():
            right &= _kept(sample.codes, sample, left, _SURPRISE)
        found += [(left, int(y)) for y in np.flatnonzero(right)]
    return found


def _free(sample: CodedSample, left: Side, known: set[Found]) -> Bools:
    """Columns that could stand on the right: not on the left, not determined by a part of it."""
    free = np.ones(len(sample.columns), dtype=bool)
    free[list(left)] = False
    if len(left) > 1:
        for y in range(len(free)):
            free[y] &= not any(((i,), y) in known for i in left)
        a, b = left
        # Where one of two columns follows from the other, the pair says no more than that one.
        if ((a,), b) in known or ((b,), a) in known:
            free[:] = False
    return free


def _kept(codes: Codes, sample: CodedSample, left: Side, surprise: float) -> Bools:
    """Columns in which rows alike on the left never disagree, though chance would have them to.

    Rows are sorted by the left side, and each compared with the one before.
    """
    key = codes[:, left[0]].astype(np.int64)
    present = key >= 0
    for i in left[1:]:
        key = key * sample.sizes[i] + codes[:, i]
        present &= codes[:, i] >= 0
    rows = np.flatnonzero(present)
    rows = rows[np.argsort(key[rows], kind="stable")]
    alike = np.flatnonzero(np.diff(key[rows]) == 0)
    if surprise and 2 * len(alike) < _MIN_REPEATED * len(codes):
        return np.zeros(codes.shape[1], dtype=bool)
    before, after = codes[rows[alike]], codes[rows[alike + 1]]
    told = (before >= 0) & (after >= 0)
    broken = ((before != after) & told).any(axis=0)
    if not surprise:
        kept: Bools = ~broken
        return kept
    surprising: Bools = ~broken & (told.sum(axis=0) * _disagreement(codes) >= surprise)
    return surprising


def _disagreement(codes: Codes) -> NDArray[np.float64]:
    """Chance that two rows drawn at random differ in each column."""
    chances = np.zeros(codes.shape[1])
    for i in range(codes.shape[1]):
        filled = codes[:, i][codes[:, i] >= 0]
        shares = np.bincount(filled) / max(len(filled), 1)
        chances[i] = 1.0 - float(shares @ shares)
    return chances


def _proved(case: Case, sample: CodedSample, found: Iterable[Found]) -> list[Found]:
    """Those that hold in every real row, holdout included: one query for each left side."""
    by_left: dict[Side, list[int]] = {}
    for left, right in found:
        by_left.setdefault(left, []).append(right)
    return [(left, y) for left, rights in by_left.items() for y in _holding(case, sample, left, rights)]


def _holding(case: Case, sample: CodedSample, left: Side, rights: list[int]) -> Iterator[int]:
    keys = [case.key(sample.columns[i]) for i in left]
    values = [case.key(sample.columns[y]) for y in rights]
    groups = (
        real_rows(case, [*keys, *values])
        .filter(*(~nw.col(key).is_null() for key in keys))
        .group_by(keys)
        .agg(
            *(
                f(nw.col(v)).alias(f"{name}{v}")
                for v in values
                for name, f in (("l", _lowest), ("m", _highest))
            )
        )
    )
    agree = groups.select(*((nw.col(f"l{v}") != nw.col(f"m{v}")).any().alias(v) for v in values)).collect()
    for y, value in zip(rights, values, strict=True):
        if not bool(agree.get_column(value)[0]):
            yield y


def _lowest(column: nw.Expr) -> nw.Expr:
    return column.min()


def _highest(column: nw.Expr) -> nw.Expr:
    return column.max()


def real_rows(case: Case, keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Some columns of every real row, holdout included."""
    parts = [part for part in (case.real, case.holdout) if part is not None]
    frames = [part.frame.select(*dict.fromkeys(keys)) for part in parts]
    return frames[0] if len(frames) == 1 else nw.concat(frames, how="vertical")


def _without_chains(found: list[Found]) -> list[Found]:
    """Leave out X -> Z where X -> Y and Y -> Z say it; of columns that determine each other keep a ring."""
    edges = {(left[0], right) for left, right in found}
    kept = []
    for left, right in found:
        x = left[0]
        between = [
            y
            for a, y in edges
            if a == x and (y, right) in edges and (y, x) not in edges and (right, y) not in edges
        ]
        if not between:
            kept.append((left, right))
    return kept


def _rule(case: Case, sample: CodedSample, left: Side, right: int) -> Rule:
    columns = (*(sample.columns[i] for i in left), sample.columns[right])
    return Rule(RuleKind.DEPENDENCY, columns, support=_support(case, columns))


def _support(case: Case, columns: tuple[str, ...]) -> int:
    """Real rows with a value in every column."""
    keys = [case.key(name) for name in columns]
    return int(
        real_rows(case, keys)
        .filter(*(~nw.col(key).is_null() for key in keys))
        .select(nw.len())
        .collect()
        .item()
    )
