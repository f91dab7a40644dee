"""Associations: how strongly two columns go together, in synthetic against real rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import fsum

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.case.case import Case, column_names
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.difference_map import difference_map
from audit.learn.features import sample_rows
from audit.model import Better, Family, Fold, Measure, Page, Role, Scale, Section, Unit
from audit.stats.distributions.association import (
    Strength,
    correlation_ratios,
    cramers_v,
    difference_bounds,
    expected_difference,
    folded_error,
    midranks,
    rank_correlations,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import inverted_two_sided_p

Pair = tuple[str, str]

_MAX_PAIRS = 5000  # above, a seeded choice of pairs
_ROWS = 250_000  # a table, at most
_CHUNK = 8192  # rows whose categories are laid out at a time
_FALSE = 0.01  # audits of a perfect table in which any pair is counted as told apart
_COEFFICIENTS = ("rank correlation", "Cramér's V", "correlation ratio of ranks")


@dataclass(frozen=True, slots=True)
class _Change:
    """Pairs of one sort, with arrays of shape (pairs,) for what was found.

    comparisons : pairs of all sorts together
    """

    pairs: tuple[Pair, ...]
    coefficient: str
    real: Floats
    synthetic: Floats
    low: Floats
    high: Floats
    chance: Floats
    p_values: Floats
    comparisons: int
    baseline: Floats
    baseline_chance: Floats

    @property
    def apart(self) -> int:
        """Pairs that differ beyond chance."""
        return int((self.p_values * self.comparisons <= _FALSE).sum())


@check(
    id="pair_associations",
    title="Pair associations",
    known_as="difference of pairwise associations (rank correlation, Cramér's V, correlation ratio)",
    page=Page.RELATIONSHIPS,
    section=Section.PAIR_ASSOCIATION,
    folds=(Fold.PAIR, Fold.FOLLOWS_COLUMNS),
    family=Family.FIDELITY,
    question="Do columns go together as strongly as in the real table, none more and none less?",
    scale=Scale(Unit.SCORE, "difference of association", Better.ZERO, -2.0, 2.0),
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Compare the joint views of the pair; a lost association means that the columns were drawn apart, an invented one that they were tied together.",
)
def pair_associations(case: Case) -> Outcome:
    """How much more or less two columns go together than in the real table.

    Two numbers or dates are compared by the rank correlation, two categories by Cramer's V,
    a number and a category by the correlation ratio of its ranks; what many levels explain by
    chance is taken off. The number of a pair is synthetic less real: 0 means as strongly as
    in the real table, -0.3 that much of an association is lost, 0.3 that one is invented. A
    rank correlation has a sign, so its difference can reach 2; the others reach 1. No pair is
    left out for being weak in the real table, because an invented association is wrong too.
    The whole-table number is the mean size of the differences, less what two samples of
    these sizes show by chance; slightly below 0 is normal. Its interval takes all pairs to
    err together, so it is too wide rather than too narrow. A pair is judged where it differs
    beyond chance, in all pairs together at one audit in a hundred; the others are shown.
    Where one column all but determines the other the interval is too narrow, and a pair is
    told apart more often than that.
    Rows that lack either value are left out of a pair, and so is a column that does not vary.
    Categories are compared by their ten most frequent real values and one for all others. At
    most 250,000 rows of each table are ranked, and up to 5,000 pairs compared. The baseline is the holdout's difference. It
    cannot see a relation of numbers that goes up and down again, nor one among three columns.

    Source: Bergsma (2013), Journal of the Korean Statistical Society 42, 323-328 (Cramer's
    V); Kelley (1935), PNAS 21, 554-559 (correlation ratio); Bonett and Wright (2000),
    Psychometrika 65, 23-28 (rank correlation); intervals of differences: Zou (2007),
    Psychological Methods 12, 399-413.
    """
    changes = tuple(_changes(case, chosen_pairs(case)))
    compared = sum(int(np.isfinite(c.real + c.synthetic).sum()) for c in changes)
    if compared == 0:
        raise Skip(
            "No two columns vary together in both tables, so no association is defined.",
            "Give tables in which at least two columns vary.",
            assessable=False,
        )
    measures = tuple(m for c in changes for m in _measures(case, c))
    ranked = sorted(measures, key=lambda m: -abs(m.value))
    left_out = sum(len(c.pairs) for c in changes) - compared
    return Outcome(
        measures=(_headline(case, changes, measures, left_out), *measures),
        summary={
            "largest_difference": max(abs(m.value) for m in measures),
            "pairs_told_apart": float(sum(c.apart for c in changes)),
        },
        charts=(
            difference_map(
                case,
                ranked,
                "Association in synthetic less real rows for the pairs of {columns} columns; "
                f"the largest difference is {ranked[0].value:+.2f}.",
                Unit.SCORE,
                "difference of association",
            ),
        ),
    )


def chosen_pairs(case: Case) -> list[Pair]:
    """All pairs of columns; of more than 5,000 those of target and sensitive columns and a seeded choice."""
    columns = column_names(case.distribution_columns)
    if len(columns) * (len(columns) - 1) // 2 <= _MAX_PAIRS:
        return list(combinations(columns, 2))
    heavy = {c.name for c in case.distribution_columns if c.role in (Role.TARGET, Role.SENSITIVE)}
    chosen = {pair for pair in combinations(columns, 2) if heavy & set(pair)}
    rng, by_name = case.rng("pair_shapes"), sorted(columns)  # the order of the columns must not matter
    while len(chosen) < _MAX_PAIRS:
        a, b = sorted((by_name[i] for i in rng.integers(0, len(columns), 2)), key=case.index)
        if a != b:
            chosen.add((a, b))
    return sorted(chosen, key=lambda pair: [case.index(name) for name in pair])


def _changes(case: Case, pairs: list[Pair]) -> Iterator[_Change]:
    numbers = {c.name for c in case.of_kind(*NUMERIC_KINDS)}
    sorts: tuple[list[Pair], list[Pair], list[Pair]] = ([], [], [])
    for a, b in pairs:
        both = (a in numbers) + (b in numbers)
        sorts[{2: 0, 0: 1, 1: 2}[both]].append((a, b) if both != 1 or a in numbers else (b, a))
    strengths = [_strengths(case, part, sorts) for part in case.tables()]
    for i, (chosen, coefficient) in enumerate(zip(sorts, _COEFFICIENTS, strict=True)):
        if chosen:
            yield _change(tuple(chosen), coefficient, [s[i] for s in strengths], len(pairs))


def _change(pairs: tuple[Pair, ...], coefficient: str, found: list[Strength], comparisons: int) -> _Change:
    real, synthetic = found[0], found[1]
    low, high = difference_bounds(real, synthetic)
    zeros = np.zeros(len(pairs))
    fresh = len(found) > 2
    return _Change(
        pairs=pairs,
        coefficient=coefficient,
        real=real.value,
        synthetic=synthetic.value,
        low=low,
        high=high,
        chance=expected_difference(real, synthetic),
        p_values=inverted_two_sided_p(lambda z: difference_bounds(real, synthetic, z), len(pairs)),
        comparisons=comparisons,
        baseline=found[2].value - real.value if fresh else zeros,
        baseline_chance=expected_difference(real, found[2]) if fresh else zeros,
    )


def _strengths(
    case: Case, part: CaseTable, sorts: tuple[list[Pair], ...]
) -> tuple[Strength, Strength, Strength]:
    """Associations of number pairs, category pairs, and number-category pairs in one table."""
    numbers = sorted({n for pair in sorts[0] for n in pair} | {n for n, _ in sorts[2]}, key=case.index)
    rows = sample_rows(part, _ROWS, case.rng("pair_associations rows"))
    ranks = np.empty((len(rows), len(numbers)), order="F")
    for i, name in enumerate(numbers):
        ranks[:, i] = midranks(np.asarray(part.column(name, rows), dtype=np.float64))
    place = {name: i for i, name in enumerate(numbers)}
    correlations, filled = rank_correlations(ranks)
    at = np.array([[place[a], place[b]] for a, b in sorts[0]], dtype=np.intp).reshape(-1, 2)
    rank = Strength(correlations[at[:, 0], at[:, 1]], filled[at[:, 0], at[:, 1]])
    mixed = _mixed_pairs(case, part.codes[rows], sorts[2], ranks, place)
    return rank, _category_pairs(case, part, sorts[1]), mixed


def _category_pairs(case: Case, part: CaseTable, pairs: list[Pair]) -> Strength:
    widest = max((case.binning(name).size - 1 for pair in pairs for name in pair), default=1)
    tables = np.zeros((len(pairs), widest, widest))
    for table, pair in zip(tables, pairs, strict=True):
        counts = part.counts(*pair)[:-1, :-1]  # the last cell is "missing"
        table[: counts.shape[0], : counts.shape[1]] = counts
    return cramers_v(tables)


def _mixed_pairs(
    case: Case, codes: NDArray[np.uint8], pairs: list[Pair], ranks: Floats, place: dict[str, int]
) -> Strength:
    categories = sorted({c for _, c in pairs}, key=case.index)
    sums, counts, squares = _by_category(case, codes, categories, ranks)
    number = np.array([place[n] for n, _ in pairs], dtype=np.intp)
    category = np.array([categories.index(c) for _, c in pairs], dtype=np.intp)
    return correlation_ratios(
        sums[category, :, number], counts[category, :, number], squares[category, number]
    )


def _by_category(
    case: Case, all_codes: NDArray[np.uint8], categories: list[str], ranks: Floats
) -> tuple[Floats, Floats, Floats]:
    """Sums and rows of every number in every level, shape (categories, levels, numbers), and squares.

    Levels are laid out as zeros and ones, some rows at a time, so that all sums are one product.
    """
    wide, p = max((case.binning(name).size for name in categories), default=1), ranks.shape[1]
    codes = all_codes[:, [case.code_index(name) for name in categories]]
    missing = np.array([case.binning(name).size - 1 for name in categories])
    gappy = np.flatnonzero(np.isnan(ranks).any(axis=0))
    sums, counts = (np.zeros((len(categories) * wide, p)) for _ in range(2))
    squares = np.zeros((len(categories), p))
    for start in range(0, len(ranks), _CHUNK):
        block = ranks[start : start + _CHUNK]
        held = ~np.isnan(block[:, gappy])
        filled = np.nan_to_num(block)
        chunk = codes[start : start + _CHUNK]
        levels = np.zeros((len(chunk), len(categories) * wide))
        levels[np.arange(len(chunk))[:, None], np.arange(len(categories)) * wide + chunk] = 1.0
        sums += levels.T @ filled
        counts += levels.sum(axis=0)[:, None]
        counts[:, gappy] -= levels.T @ (~held).astype(np.float64)
        squares += (chunk != missing).astype(np.float64).T @ filled**2
    gone = np.arange(len(categories)) * wide + missing
    sums[gone] = counts[gone] = 0.0
    shape = (len(categories), wide, p)
    return sums.reshape(shape), counts.reshape(shape), squares


def _measures(case: Case, change: _Change) -> Iterator[Measure]:
    for i, (a, b) in enumerate(change.pairs):
        real, synthetic = float(change.real[i]), float(change.synthetic[i])
        value = synthetic - real
        if not np.isfinite(value):
            continue
        baseline = float(change.baseline[i])
        yield Measure(
            value=value,
            about=tuple(sorted((a, b), key=case.index)),
            low=max(-2.0, float(change.low[i])),
            high=min(2.0, float(change.high[i])),
            baseline=baseline if np.isfinite(baseline) else 0.0,
            n=case.synthetic.rows,
            sentence=(
                f"{a} and {b} go together at {_rounded(real)} in real rows and {_rounded(synthetic)} in synthetic rows "
                f"({change.coefficient})."
            ),
            p_value=float(change.p_values[i]),
            comparisons=change.comparisons,
        )


def _rounded(strength: float) -> str:
    """With two digits, and without the sign of a zero."""
    return f"{round(strength, 2) + 0.0:.2f}"


def _headline(
    case: Case, changes: tuple[_Change, ...], measures: tuple[Measure, ...], left_out: int
) -> Measure:
    """Mean size of the differences beyond chance; the pairs share rows and may err together."""
    value, error = _mean_excess([(c.synthetic - c.real, c.chance, c.high - c.low) for c in changes])
    baseline, _ = _mean_excess([(c.baseline, c.baseline_chance, c.chance) for c in changes])
    worst = max(measures, key=lambda m: abs(m.value))
    told = sum(c.apart for c in changes)
    mean = fsum(abs(m.value) for m in measures) / len(measures)
    text = (
        f"Over {len(measures)} pairs, associations differ by {mean:.3f} on average, {max(value, 0.0):.3f} of it beyond chance; "
        f"{told} of them differ beyond chance and are judged one by one; the largest difference is that of "
        f"{' with '.join(worst.about)} ({worst.value:+.2f})"
    )
    if left_out:
        text += f"; {left_out} more pairs hold a column that does not vary, or too few rows"
    return Measure(
        value=value,
        low=max(-2.0, value - Z95 * error),
        high=min(2.0, value + Z95 * error),
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=f"{text}.",
    )


def _mean_excess(parts: list[tuple[Floats, Floats, Floats]]) -> tuple[float, float]:
    """Mean of |difference| less chance, and the mean of its errors, each that of a folded normal."""
    gap, chance, width = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    defined = np.isfinite(gap) & np.isfinite(chance)
    if not defined.any():
        return 0.0, 0.0
    size, error = np.abs(gap[defined]), width[defined] / (2 * Z95)
    return float(np.mean(size - chance[defined])), float(np.mean(folded_error(size, error)))
