"""Readable rules that tell synthetic from real rows: leaves of a small tree, counted on fresh rows.

The tree is grown on one half of the rows; what is said of a leaf is counted on the other half,
so that a rule found by luck does not look like one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Bytes, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.learn.cell_labels import cells_in_words
from audit.learn.estimators import one_thread
from audit.learn.features import sample_rows
from audit.model import Kind
from audit.stats.distributions.distances import total_variation
from audit.stats.inference.intervals import Z95, newcombe, normal_tail, ratio_error

Rule = Mapping[int, Bools]  # by place of a column: which of its cells a row may be in

_ROWS = 20_000  # of each table that are looked at, at most
_CELLS = 400_000  # rows times columns of each table, at most
_DEPTH = 3
_LEAF = 100  # rows of the growing half that a leaf holds, at least
_LEAF_SHARE = 0.01  # and share of them
_COLUMNS = 40  # that the tree may cut: those whose shares differ most
_MIN_RATIO_KEPT = 0.9  # of the logarithm of the ratio that a rule keeps when a condition is left out
_FALSE_ALARM_RATE = 0.005  # two-sided chance, over all rules, that one of alike tables is called clear


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that a rule picks out.

    cells : for each column of the rule, the cells of its coding that a row may be in
    words : for each column of the rule, these cells as a reader would say them; no value held
        by fewer than k people
    ratio : share of synthetic rows in the slice over share of real rows, counted on rows the
        rule was not found with
    low, high : ends of its 95 % interval
    synthetic, real : the two shares
    gap_low, gap_high : 95 % interval of the synthetic share less the real one
    is_significant : whether the ratio differs from 1 beyond chance, all rules of the tree considered
    """

    cells: Mapping[str, tuple[int, ...]]
    words: Mapping[str, str]
    ratio: float
    low: float
    high: float
    synthetic: float
    real: float
    gap_low: float
    gap_high: float
    is_significant: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the rule, in alphabetical order."""
        return tuple(sorted(self.cells))

    @property
    def rule(self) -> str:
        """The rule in words: "sex is Female and age is 25 to 32"."""
        return " and ".join(f"{name} is {words}" for name, words in self.words.items())

    def mask(self, case: Case, part: CaseTable) -> Bools:
        """Which rows of a part lie in the slice, shape (rows,)."""
        inside = np.ones(part.rows, dtype=bool)
        for name, cells in self.cells.items():
            allowed = np.zeros(256, dtype=bool)
            allowed[list(cells)] = True
            inside &= allowed[part.codes[:, case.code_index(name)]]
        return inside


@dataclass(frozen=True, slots=True)
class _Tables:
    """Codes of real and of synthetic rows, each of shape (rows, columns)."""

    real: Bytes
    synthetic: Bytes

    def shares(self, rule: Rule) -> tuple[int, int]:
        """Real and synthetic rows that the rule picks out."""
        return int(_inside(self.real, rule).sum()), int(_inside(self.synthetic, rule).sum())

    def log_ratio(self, rule: Rule) -> float:
        """Of synthetic over real share, half a row added to each."""
        real, synthetic = self.shares(rule)
        return math.log((synthetic + 0.5) * (len(self.real) + 1)) - math.log(
            (real + 0.5) * (len(self.synthetic) + 1)
        )


def shared_slices(case: Case) -> list[Slice]:
    """The slices of synthetic rows against real ones that the generator never saw, found once a case.

    Without a holdout the training rows stand in for it. As `find_slices`.
    """
    return case.shared("slices", lambda: _shared(case))


def _shared(case: Case) -> list[Slice]:
    rng = case.rng("slices")
    reference = case.holdout if case.holdout is not None else case.real
    most = max(4 * _LEAF, min(_ROWS, _CELLS // max(len(case.distribution_columns), 1)))
    real, synthetic = (sample_rows(part, most, rng) for part in (reference, case.synthetic))
    return find_slices(case, real, synthetic, rng, reference)


def find_slices(
    case: Case,
    real_rows: Ints,
    synthetic_rows: Ints,
    rng: np.random.Generator,
    reference: CaseTable | None = None,
) -> list[Slice]:
    """Slices in which synthetic rows are too many or too few, the largest difference first.

    Parameters
    ----------
    real_rows, synthetic_rows : places of the rows to look at
    rng : deals the rows into two halves
    reference : the part that `real_rows` are places in; the real table if not given

    Returns
    -------
    list of slices, by the size of the difference of their shares, among them some that may be
    chance (`is_significant`); empty where the rows are too few for a tree or no cut helps. Slices may
    overlap, because conditions that add little are left out.

    Notes
    -----
    The order of rows and of columns does not matter, only what they hold. Costs O(n c log n)
    for n rows and the c cells of at most 40 columns.

    Source: Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees;
    honest halves: Athey and Imbens (2016), PNAS 113, 7353-7360.
    """
    if min(len(real_rows), len(synthetic_rows)) < 2 * _LEAF or not case.distribution_columns:
        return []
    real = (case.real if reference is None else reference).codes[real_rows]
    synthetic = case.synthetic.codes[synthetic_rows]
    columns = _by_content(real, synthetic)
    names = tuple(case.distribution_columns[i].name for i in columns)
    real, synthetic = real[:, columns], synthetic[:, columns]
    occupied = [_counts(a) + _counts(b) > 0 for a, b in zip(real.T, synthetic.T, strict=True)]
    halves = _halves(real, rng), _halves(synthetic, rng)
    grown, counted = (_Tables(halves[0][i], halves[1][i]) for i in (0, 1))
    rules = _distinct(_pruned(rule, grown) for rule in _rules(case, names, grown, occupied))
    found = [_slice(case, names, rule, counted, occupied, _FALSE_ALARM_RATE / len(rules)) for rule in rules]
    return sorted(found, key=lambda one: -abs(one.synthetic - one.real))


def _by_content(real: Bytes, synthetic: Bytes) -> list[int]:
    """Places of the columns in an order that their names and places have no part in."""

    def margins(place: int) -> list[int]:
        return [*_counts(real[:, place]).tolist(), *_counts(synthetic[:, place]).tolist()]

    return sorted(range(real.shape[1]), key=margins)


def _counts(codes: Bytes) -> Ints:
    return np.bincount(codes, minlength=256)


def _halves(codes: Bytes, rng: np.random.Generator) -> tuple[Bytes, Bytes]:
    """Rows dealt at random; equal rows are alike, so the order they come in has no part in it."""
    ordered = codes[np.lexsort(codes.T)]
    dealt = rng.permutation(len(codes))
    middle = len(codes) // 2
    return ordered[dealt[:middle]], ordered[dealt[middle:]]


def _rules(case: Case, names: Sequence[str], grown: _Tables, occupied: Sequence[Bools]) -> Iterator[Rule]:
    """What leads to each leaf of a tree grown on these rows, conditions on a column joined."""
    from sklearn.tree import DecisionTreeClassifier

    questions = list(_questions(case, names, grown, occupied))
    if not questions:
        return
    rows = np.concatenate([grown.real, grown.synthetic])
    design = np.column_stack([answers[rows[:, place]] for place, answers in questions])
    labels = np.repeat([0, 1], [len(grown.real), len(grown.synthetic)])
    leaf = max(_LEAF, math.ceil(_LEAF_SHARE * len(rows)))
    tree = DecisionTreeClassifier(
        max_depth=_DEPTH, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    )
    with one_thread():
        grown_tree = tree.fit(design, labels).tree_
    waiting: list[tuple[int, dict[int, Bools]]] = [(0, {})]
    while waiting:
        node, rule = waiting.pop()
        if grown_tree.children_left[node] < 0:
            if rule:
                yield rule
            continue
        place, answers = questions[grown_tree.feature[node]]
        left = answers <= grown_tree.threshold[node]
        before = rule.get(place, occupied[place])
        waiting.append((int(grown_tree.children_left[node]), {**rule, place: before & left}))
        waiting.append((int(grown_tree.children_right[node]), {**rule, place: before & ~left}))


def _questions(
    case: Case, names: Sequence[str], grown: _Tables, occupied: Sequence[Bools]
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """What the tree may cut: a column's place and a number for each of its cells.

    The bins of a number are in order, missing last; every other cell stands for itself.
    """
    for place in _most_different(grown):
        column = case.column(names[place])
        cells = np.flatnonzero(occupied[place])
        if len(cells) < 2:
            continue
        if column.kind is not Kind.CATEGORY:
            yield place, np.arange(256, dtype=np.float32)
            cells = cells[cells == case.binning(column.name).size - 1]
        for cell in cells:
            yield place, (np.arange(256) == cell).astype(np.float32)


def _most_different(grown: _Tables) -> list[int]:
    """Places of the columns whose shares differ most, so that a wide table takes no longer."""
    moved = [
        total_variation(_counts(a), _counts(b)) for a, b in zip(grown.real.T, grown.synthetic.T, strict=True)
    ]
    return sorted(sorted(range(len(moved)), key=lambda place: -moved[place])[:_COLUMNS])


def _pruned(rule: Rule, grown: _Tables) -> Rule:
    """Without the conditions that hardly matter, judged by the rows the rule was found with."""
    wanted = _MIN_RATIO_KEPT * abs(grown.log_ratio(rule))
    while len(rule) > 1:
        shorter = [{p: cells for p, cells in rule.items() if p != place} for place in rule]
        best = max(shorter, key=lambda one: abs(grown.log_ratio(one)))
        if abs(grown.log_ratio(best)) < wanted:
            break
        rule = best
    return rule


def _distinct(rules: Iterator[Rule]) -> list[Rule]:
    return list({tuple((p, rule[p].tobytes()) for p in sorted(rule)): rule for rule in rules}.values())


def _inside(codes: Bytes, rule: Rule) -> Bools:
    inside = np.ones(len(codes), dtype=bool)
    for place, allowed in rule.items():
        inside &= allowed[codes[:, place]]
    return inside


def _slice(
    case: Case,
    names: Sequence[str],
    rule: Rule,
    counted: _Tables,
    occupied: Sequence[Bools],
    level: float,
) -> Slice:
    real, synthetic = counted.shares(rule)
    n, m = len(counted.synthetic), len(counted.real)
    ratio, error = counted.log_ratio(rule), ratio_error(synthetic + 0.5, n + 1, real + 0.5, m + 1)
    gap_low, gap_high = newcombe(synthetic, n, real, m)
    cells = {names[place]: tuple(np.flatnonzero(rule[place]).tolist()) for place in rule}
    there = {names[place]: np.flatnonzero(occupied[place]).tolist() for place in rule}
    return Slice(
        cells=cells,
        words={name: cells_in_words(case, name, cells[name], there[name]) for name in cells},
        ratio=math.exp(ratio),
        low=math.exp(ratio - Z95 * error),
        high=math.exp(ratio + Z95 * error),
        synthetic=synthetic / n,
        real=real / m,
        gap_low=gap_low,
        gap_high=gap_high,
        is_significant=2 * normal_tail(abs(ratio) / max(error, 1e-12)) < level,
    )
