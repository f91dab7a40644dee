"""Orders, equations and products of columns: searched on a sample, proved on every real row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import comb
from typing import Any

import narwhals as nw
import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.declare.rules import Rule, RuleKind
from audit.mining.equations import SINGLE, equal_pairs, null_space, products, sums
from audit.mining.numeric_sample import NumericSample, numeric_sample
from audit.mining.orders import is_implied, order_candidates, without_implied
from audit.mining.violations import Violations, violation_counts

MIN_ROWS = 1_000  # real rows that an exact rule must speak of: fewer prove too little
_COLUMNS = 200  # numbers and dates that are paired
_TRIPLES = 60  # of those, how many are put together by three
_CANDIDATES = 1_000  # of each kind that are proved
_MAX_RULES = 200  # rules


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What was found; tried and possible count pairs and triples of columns."""

    rules: tuple[Rule, ...]
    n_tested: int
    possible: int


def arithmetic(case: Case) -> Arithmetic:
    """A <= B, A + B = C, A x B = C and other equations that every real row keeps.

    A rule must speak of at least 1,000 real rows, holdout included, and chance would have
    broken it in at least 50 of them. Equations are allowed the rounding of their columns.
    What other rules already say is left out.

    Notes
    -----
    The search is bounded in number, not in time, so that the same table gives the same rules.
    """
    return case.shared("arithmetic rules", lambda: _arithmetic(case))


def _arithmetic(case: Case) -> Arithmetic:
    sample = numeric_sample(case, _COLUMNS)
    equations = _equations(case, sample)
    twins = {rule.columns[-1] for rule in equations if len(rule.columns) == 2}
    single = sample.select([i for i, name in enumerate(sample.names) if name not in twins])
    proved = _proved(case, order_candidates(single))
    ends = _ends(case, sample.names) if proved and equations else {}
    kept = [o for o in without_implied(proved) if not any(is_implied(o, e, ends) for e in equations)]
    rules = [*equations, *kept][:_MAX_RULES]
    few = min(len(sample.names), _TRIPLES)
    return Arithmetic(
        tuple(rules),
        comb(len(sample.names), 2) + comb(few, 3),
        comb(sample.possible, 2) + comb(sample.possible, 3),
    )


def _equations(case: Case, sample: NumericSample) -> list[Rule]:
    """Exact ones first, then plain ones: what those say is not said again by rounded or longer ones."""
    pairs = _proved(case, equal_pairs(sample))
    found = _independent(sample, [], [rule for rule in pairs if not _is_rounded(sample, rule)])
    rest = _without_said(sample, found)
    others = [*(rule for rule in pairs if _is_rounded(sample, rule)), *_proved(case, _by_three(rest))]
    others.sort(key=lambda rule: (_is_rounded(sample, rule), len(rule.columns), rule.columns))
    found += _independent(sample, found, others)
    found += _independent(sample, found, _proved(case, null_space(_without_said(sample, found))))
    return found


def _is_rounded(sample: NumericSample, rule: Rule) -> bool:
    """Whether an equation holds only up to the rounding of its columns."""
    factors = np.abs(rule.coefficients or (1.0,) * len(rule.columns))
    places = [sample.names.index(name) for name in rule.columns]
    if rule.kind is RuleKind.PRODUCT:
        factors, places = factors[-1:], places[-1:]
    size = float((factors * np.nanmax(np.abs(sample.values[:, places]), axis=0)).max())
    return rule.tolerance > max(float((factors * sample.steps[places]).min()) / 3, 2 * SINGLE * size)


def _without_said(sample: NumericSample, rules: Iterable[Rule]) -> NumericSample:
    """The sample without columns that an equation gives from others."""
    said = {rule.columns[-1] for rule in rules if rule.kind is RuleKind.EQUATION}
    return sample.select([i for i, name in enumerate(sample.names) if name not in said])


def _by_three(sample: NumericSample) -> Iterator[list[Rule]]:
    few = sample.select(list(range(min(len(sample.names), _TRIPLES))))
    yield from sums(few)
    yield from products(few)


def _proved(case: Case, candidates: Iterable[list[Rule]]) -> list[Rule]:
    """Of each candidate's rules the strongest that every real row keeps, with its support."""
    open_ = list(islice(candidates, _CANDIDATES))
    found: dict[int, Rule] = {}
    waiting = dict(enumerate(open_))
    while waiting:
        rules = [rules[0] for rules in waiting.values()]
        counts = _real_counts(case, rules)
        for place, rule, count in zip(list(waiting), rules, counts, strict=True):
            if count.rows == 0 and count.rows_tested >= MIN_ROWS:
                found[place] = replace(rule, support=count.rows_tested)
        waiting = {
            place: rules[1:] for place, rules in waiting.items() if place not in found and len(rules) > 1
        }
    return [found[place] for place in sorted(found)]


def _real_counts(case: Case, rules: Sequence[Rule]) -> list[Violations]:
    """Of the real table and, for rules that it keeps, of the holdout."""
    counts = violation_counts(case, case.real, rules)
    if case.holdout is None:
        return counts
    kept = [i for i, count in enumerate(counts) if count.rows == 0]
    held = violation_counts(case, case.holdout, [rules[i] for i in kept])
    for i, more in zip(kept, held, strict=True):
        counts[i] = Violations(more.rows, counts[i].rows_tested + more.rows_tested)
    return counts


def _independent(sample: NumericSample, before: Sequence[Rule], rules: Iterable[Rule]) -> list[Rule]:
    """Leave out equations that those before already say; products say something else."""
    known = [_vector(sample, rule) for rule in before if rule.kind is RuleKind.EQUATION]
    kept = []
    for rule in rules:
        if rule.kind is RuleKind.EQUATION:
            vector = _vector(sample, rule)
            if known and _distance(np.array(known), vector) < 1e-6:
                continue
            known.append(vector)
        kept.append(rule)
    return kept


def _vector(sample: NumericSample, rule: Rule) -> Floats:
    """An equation's coefficients in the columns' own spread, of length one."""
    vector = np.zeros(len(sample.names))
    for name, factor in zip(rule.columns, rule.coefficients, strict=True):
        place = sample.names.index(name)
        vector[place] = factor * max(float(np.nanstd(sample.values[:, place])), 1e-300)
    return vector / float(np.linalg.norm(vector))


def _distance(known: Floats, vector: Floats) -> float:
    """From the space that some vectors span."""
    along, *_ = np.linalg.lstsq(known.T, vector, rcond=None)
    return float(np.linalg.norm(vector - known.T @ along))


def _ends(case: Case, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Smallest and largest real value of each column, holdout included."""
    found = [_part_ends(case, part, names) for part in (case.real, case.holdout) if part is not None]
    return {name: (min(f[name][0] for f in found), max(f[name][1] for f in found)) for name in names}


def _part_ends(case: Case, part: CaseTable, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    keys = {name: case.key(name) for name in names}
    row = part.frame.select(
        *(nw.col(k).min().alias(f"l{k}") for k in keys.values()),
        *(nw.col(k).max().alias(f"m{k}") for k in keys.values()),
    ).collect()
    return {name: (_end(row, f"l{k}", np.inf), _end(row, f"m{k}", -np.inf)) for name, k in keys.items()}


def _end(row: nw.DataFrame[Any], name: str, empty: float) -> float:
    value = row.get_column(name)[0]
    return empty if value is None else float(value)
