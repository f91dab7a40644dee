"""What is counted by group, in which rows: shares, outcomes, decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.checks.bias._shared.groups import Groups, row_groups
from audit.checks.bias._shared.model_decisions import model_outcomes, tracked_outcomes
from audit.checks.bias._shared.outcome_rates import make_outcomes
from audit.learn.train_synthetic_test_real import TstrComparisons, tstr_comparisons
from audit.model import Kind, Role

# What a picture counts, in its words; the pages tell pictures apart by it.
SHARE = "share of rows"
OUTCOME = "rate of the outcome"
DECIDED = "rate a model decides for"
FOUND = "true positive rate of a model"
WRONG = "false positive rate of a model"
MIN_ROWS = 50  # real rows of a group that is shown


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Rows of one table by group: hits and rows, each of shape (groups,), and of everyone."""

    hits: Floats
    rows: Floats
    all_hits: float
    all_rows: float


@dataclass(frozen=True, slots=True)
class RateSource:
    """Rows in which something is counted.

    rows : their places in the part, all of them if None
    weight : shape (rows,), 1 for a row that counts; hit : the part of it that is a hit, 0 to 1
    """

    part: CaseTable
    rows: Ints | None
    weight: Floats
    hit: Floats

    def count(self, codes: Ints, groups: int) -> GroupCounts:
        """By group; codes are those of all rows of the part, -1 for none."""
        mine = codes if self.rows is None else codes[self.rows]
        inside = mine >= 0
        hits, rows = (
            np.bincount(mine[inside], weights=values[inside], minlength=groups).astype(np.float64)
            for values in (self.hit * self.weight, self.weight)
        )
        return GroupCounts(hits, rows, float(hits.sum()), float(rows.sum()))


@dataclass(frozen=True, slots=True)
class RateQuestion:
    """What is counted, in words and in the words of its pictures; the sides by role."""

    pictured: str
    words: str
    sides: dict[str, RateSource]

    def count(self, role: str, codes: Ints, groups: int) -> GroupCounts:
        """By group. A group's share is of the rows of all groups."""
        found = self.sides[role].count(codes, groups)
        if self.pictured != SHARE:
            return found
        return GroupCounts(found.rows, np.full(groups, found.all_rows), found.all_rows, found.all_rows)


def questions(case: Case) -> Iterator[RateQuestion]:
    """Shares of the rows and, where they can be asked, rates of the outcome and of what models decide."""
    parts = {part.role: part for part in case.tables()}
    yield RateQuestion(SHARE, "share of the rows", {role: _everyone(part) for role, part in parts.items()})
    found = _outcome(case)
    if found is not None:
        words, source = found
        yield RateQuestion(OUTCOME, f"rate of {words}", {role: source(part) for role, part in parts.items()})
    yield from _decisions(case)


def _decisions(case: Case) -> Iterator[RateQuestion]:
    """What models trained on real and on synthetic rows decide about holdout rows; nothing without any."""
    holdout = case.holdout
    if holdout is None or not case.with_role(Role.TARGET):
        return
    try:
        both = tstr_comparisons(case)
        both.refuse_unlearnable()
    except Skip:
        return  # the pictures of the tables stand without it; other checks say why
    if len(both.task.classes) != 2:
        return
    outcome = favourable_class(case, both)
    truth = (both.test.y == outcome).astype(np.float64)
    ones, words = np.ones(len(truth)), f"{both.task.target} = {level_text(both.task.classes[outcome])}"
    means = model_outcomes(both.trees, outcome).mean(axis=1)
    for pictured, said, weight in (
        (DECIDED, f"decisions for {words}", ones),
        (FOUND, f"people with {words} who are found", truth),
        (WRONG, f"people without {words} who are given it", 1 - truth),
    ):
        sides = {
            role: RateSource(holdout, both.test.indices, weight, mean)
            for role, mean in zip(("real", "synthetic"), means, strict=True)
        }
        yield RateQuestion(pictured, said, sides)


def favourable_class(case: Case, both: TstrComparisons) -> int:
    """The class that is followed of two: the favourable outcome."""
    column = case.column(both.task.target)
    outcomes = make_outcomes(case, column) if column.kind is Kind.CATEGORY else None
    named = outcomes.levels[0] if outcomes is not None and len(outcomes.levels) == 1 else None
    return next(tracked_outcomes(both.task, named))


def level_text(value: object) -> str:
    """A class as a reader sees it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _everyone(part: CaseTable) -> RateSource:
    ones = np.ones(part.rows)
    return RateSource(part, None, ones, ones)


def _outcome(case: Case) -> tuple[str, Callable[[CaseTable], RateSource]] | None:
    """The outcome in words, and where it is counted."""
    targets = [column for column in case.with_role(Role.TARGET) if column.kind in DISTRIBUTION_KINDS]
    if not targets:
        return None
    name = targets[0].name
    if targets[0].kind is Kind.CATEGORY:
        outcomes = make_outcomes(case, targets[0])
        if outcomes is None:
            return None
        level = outcomes.levels[0]
        return f"{name} = {level}", lambda part: _labelled(part, name, level)
    middle = float(np.nanmedian(case.real.column(name))) if case.real.value_counts(name).filled else 0.0
    return f"{name} above the real median", lambda part: _above(part, name, middle)


def _labelled(part: CaseTable, name: str, level: str) -> RateSource:
    values = part.column(name)
    weight = np.fromiter((value is not None for value in values), dtype=np.float64, count=part.rows)
    return RateSource(part, None, weight, np.asarray(values == level, dtype=np.float64))


def _above(part: CaseTable, name: str, middle: float) -> RateSource:
    values = np.asarray(part.column(name), dtype=np.float64)
    return RateSource(
        part, None, (~np.isnan(values)).astype(np.float64), (values > middle).astype(np.float64)
    )


def group_sizes(case: Case, groups: Groups) -> Ints:
    """Real rows of each group."""
    codes = row_groups(case, case.real, groups)
    return np.bincount(codes[codes >= 0], minlength=len(groups.labels))


def large_groups(case: Case, groups: Groups) -> list[int]:
    """Numbers of the groups that are large enough, in a reader's order."""
    rows = group_sizes(case, groups)
    return [g for g in groups.reading_order if rows[g] >= MIN_ROWS]


def cross_groups(case: Case, part: CaseTable, first: Groups, second: Groups) -> Ints:
    """The crossing of two attributes that every row lies in, first times second; -1 for none."""
    a, b = (row_groups(case, part, groups).astype(np.int64) for groups in (first, second))
    return np.where((a < 0) | (b < 0), -1, a * len(second.labels) + b)
