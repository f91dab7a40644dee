"""Columns that never exceed another one: candidates from a sample, and which of them say more than others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from audit.arrays import Floats
from audit.declare.rules import Rule, RuleKind
from audit.mining.numeric_sample import NumericSample

_FIRST = 400  # rows of the first, cheap look
SURPRISE = 50.0  # rows in which chance would break a rule, at least


def order_candidates(sample: NumericSample) -> Iterator[list[Rule]]:
    """Pairs that no sample row refutes; for each the rules to try, the stronger first."""
    few = sample.values[
        : _FIRST * max(len(sample.values) // _FIRST, 1) : max(len(sample.values) // _FIRST, 1)
    ]
    ordered = [np.sort(column[~np.isnan(column)]) for column in sample.values.T]
    for i in range(len(sample.names)):
        refuted = (few[:, [i]] > few).any(axis=0) | (sample.dates != sample.dates[i])
        for j in np.flatnonzero(~refuted):
            if j != i and ordered[i][-1] > ordered[j][0]:
                yield from _candidate(sample, i, int(j), ordered)


def _candidate(sample: NumericSample, i: int, j: int, ordered: Sequence[Floats]) -> Iterator[list[Rule]]:
    first, second = sample.values[:, i], sample.values[:, j]
    if bool((first > second).any()):
        return
    both = float((~np.isnan(first) & ~np.isnan(second)).mean()) * sample.rows
    below, upto = (np.searchsorted(ordered[j], ordered[i], side=side) for side in ("left", "right"))
    size = len(ordered[j])
    if both * float(below.mean()) / size < SURPRISE:
        return
    names = (sample.names[i], sample.names[j])
    weak = Rule(RuleKind.ORDER, names)
    equal = both * float((upto - below).mean()) / size
    if equal >= SURPRISE and not bool((first == second).any()):
        yield [Rule(RuleKind.ORDER, names, strict=True), weak]
    else:
        yield [weak]


def without_implied(orders: Iterable[Rule]) -> list[Rule]:
    """Leave out A <= C where A <= B and B <= C say it, on rows no fewer."""
    found = {rule.columns: rule for rule in orders}
    after: dict[str, list[str]] = {}
    for a, b in found:
        after.setdefault(a, []).append(b)
    kept = []
    for (a, c), rule in found.items():
        between = [b for b in after[a] if (b, c) in found]
        if not any(_says(rule, found[a, b], found[b, c]) for b in between):
            kept.append(rule)
    return kept


def _says(rule: Rule, *chain: Rule) -> bool:
    """Whether a chain of orders implies one; `support` is that of the rule that was proved."""
    assert all(one.columns[1] == other.columns[0] for one, other in pairwise(chain))
    strong = not rule.strict or any(link.strict for link in chain)
    return strong and all(link.support >= rule.support for link in chain)


def is_implied(rule: Rule, equation: Rule, ends: dict[str, tuple[float, float]]) -> bool:
    """Whether A <= C follows from an equation or a product, given where the real columns lie."""
    a, c = rule.columns
    if not {a, c} <= set(equation.columns):
        return False
    if equation.kind is RuleKind.PRODUCT:
        *factors, product = equation.columns
        if product != c or a not in factors:
            return False
        other = next(name for name in factors if name != a)
        return ends[a][0] >= 0 and ends[other][0] >= 1 and not rule.strict
    terms = dict(zip(equation.columns, equation.coefficients, strict=True))
    scale = -terms[c]
    # C = sum of the others / scale - constant / scale, so C - A is a sum of columns whose ends are known.
    rest = {name: k / scale for name, k in terms.items() if name != c}
    rest[a] -= 1.0
    parts = [sorted((k * ends[name][0], k * ends[name][1]))[0] for name, k in rest.items() if abs(k) > 1e-12]
    lowest = sum(parts) - equation.constant / scale
    return lowest > equation.tolerance if rule.strict else lowest >= -1e-9
