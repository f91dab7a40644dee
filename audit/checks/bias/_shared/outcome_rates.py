"""How often each outcome occurs in each group, in every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.checks.bias._shared.groups import Groups, make_groups, row_groups
from audit.model import Column, Kind, Role

ROWS = 10  # real rows with an outcome that a group needs
_LEVELS = 10  # outcomes compared one by one
_FAVOURABLE = frozenset(
    {"yes", "y", "true", "t", "1", "1.0", "positive", "pos", "approved", "approve", "granted", "accepted", "accept",
     "admitted", "hired", "selected", "passed", "pass", "success", "good", "high", ">50k"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The levels of a categorical outcome whose rates are compared.

    levels : one for an outcome of two levels, else each of the most frequent ones
    rule : why these, in words
    """

    column: Column
    levels: tuple[str, ...]
    rule: str


def make_outcomes(case: Case, column: Column) -> Outcomes | None:
    """Which levels of a categorical target to follow; None where it has fewer than two.

    Of two levels one is the favourable outcome: the one spelt like a yes (yes, true, 1,
    approved, >50K and the like), else the less frequent one. Of more levels each is
    compared with all others. Levels held by fewer than k real people are left out.
    """
    counts = case.real.value_counts(column.name)
    order = sorted(zip(counts.values, counts.counts, strict=True), key=lambda item: (-item[1], str(item[0])))
    levels = [str(value) for value, count in order if count >= case.k][:_LEVELS]
    if len(levels) < 2:
        return None
    if len(levels) > 2:
        return Outcomes(column, tuple(levels), "each level against all others")
    spelt = [
        level for level in levels if level.strip().rstrip(".").casefold().replace(" ", "") in _FAVOURABLE
    ]
    if len(spelt) == 1:
        return Outcomes(column, (spelt[0],), "favourable outcome taken")
    return Outcomes(column, (levels[-1],), "less frequent outcome taken")


@dataclass(frozen=True, slots=True)
class GroupRates:
    """Rows with each outcome by group and table: hits of shape (g, levels), sizes of shape (g,)."""

    hits: Ints
    sizes: Ints

    def counts_of(self, group: int, level: int) -> tuple[int, int]:
        """Rows of a group with the outcome, rows of the group."""
        return int(self.hits[group, level]), int(self.sizes[group])

    def rate(self, group: int, level: int) -> float:
        """Share of a group with the outcome, 0 for a group without rows."""
        return float(self.hits[group, level] / max(self.sizes[group], 1))


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """A number with the ends of its interval."""

    value: float
    low: float
    high: float


def pairs(case: Case) -> Iterator[tuple[Groups, Column]]:
    """Every sensitive column that has two groups, with every target."""
    targets = [t for t in case.with_role(Role.TARGET) if t.kind in DISTRIBUTION_KINDS]
    for column in case.with_role(Role.SENSITIVE):
        if column.kind in DISTRIBUTION_KINDS:
            groups = make_groups(case, column)
            if len(groups.labels) > 1:
                yield from ((groups, target) for target in targets)


def refuse_nothing_to_compare(case: Case) -> NoReturn:
    """Skip with what stands in the way: one group only, one outcome only, or none left to compare with."""
    sensitive = [make_groups(case, c) for c in case.with_role(Role.SENSITIVE) if c.kind in DISTRIBUTION_KINDS]
    several = [groups for groups in sensitive if len(groups.labels) > 1]
    if not several:
        raise Skip(
            "No sensitive column has two groups of ten real people or more.",
            "Name a sensitive column with two groups or more, or wider bands of a number.",
            assessable=False,
        )
    targets = [t for t in case.with_role(Role.TARGET) if t.kind in DISTRIBUTION_KINDS]
    constant = [t.name for t in targets if t.kind is Kind.CATEGORY and make_outcomes(case, t) is None]
    if constant or not targets:
        raise Skip(
            f"The outcome {constant[0]} has no two values that ten real people or more hold."
            if constant
            else "The outcome is neither a category nor a number.",
            "Name a target with two values or more.",
            assessable=False,
        )
    raise Skip(
        f"No two groups of {several[0].column.name} have ten real rows with an outcome and any synthetic ones; the others "
        f"are compared with {several[0].reference}.",
        "Give tables in which this group is there and has an outcome.",
        assessable=False,
    )


def rates_by_table(case: Case, groups: Groups, outcomes: Outcomes) -> dict[str, GroupRates]:
    """Rates by the role of the table."""
    return {part.role: GroupRates(*count_outcomes(case, part, groups, outcomes)) for part in case.tables()}


@dataclass(frozen=True, slots=True)
class OutcomeTables:
    """A sensitive column's groups, the outcome whose rates are compared, and its rates by table."""

    groups: Groups
    outcomes: Outcomes
    tables: dict[str, GroupRates]


def rate_counts(case: Case) -> list[OutcomeTables]:
    """Rates of every categorical outcome in every sensitive column's groups, counted once a run."""
    return case.shared("rates by group", lambda: list(_counted_rates(case)))


def _counted_rates(case: Case) -> Iterator[OutcomeTables]:
    for groups, target in pairs(case):
        outcomes = make_outcomes(case, target) if target.kind is Kind.CATEGORY else None
        if outcomes is not None:
            yield OutcomeTables(groups, outcomes, rates_by_table(case, groups, outcomes))


def comparisons(followed_rates: list[OutcomeTables]) -> int:
    """How many groups times outcomes are compared in all."""
    return sum(
        len(comparable_groups(one.groups, one.tables)) * len(one.outcomes.levels) for one in followed_rates
    )


def signed_points(change: float, unit: str = "") -> str:
    """A difference of rates in points, with its sign: "−4.3" or "+0.5 points"."""
    return f"{100 * change:+.1f} {unit}".strip().replace("-", "−")


def comparable_groups(groups: Groups, tables: dict[str, GroupRates]) -> list[int]:
    """Groups, but for the reference, that have enough real rows and any synthetic ones."""
    real, synthetic = tables["real"].sizes, tables["synthetic"].sizes
    if real[0] < ROWS or synthetic[0] == 0:
        return []
    return [g for g in range(1, len(groups.labels)) if real[g] >= ROWS and synthetic[g] > 0]


def count_outcomes(case: Case, part: CaseTable, groups: Groups, outcomes: Outcomes) -> tuple[Ints, Ints]:
    """Rows of each group with each outcome.

    Returns
    -------
    (hits, sizes)
        hits of shape (g, levels); sizes of shape (g,), the rows with any outcome
    """
    s, t = case.key(groups.column.name), case.key(outcomes.column.name)
    table = part.frame.group_by(s, t).agg(nw.len().alias("n")).filter(~nw.col(t).is_null()).collect()
    group = groups.encode(table.get_column(s).to_numpy())
    outcome = table.get_column(t).to_numpy()
    n = table.get_column("n").to_numpy().astype(np.int64)
    g = len(groups.labels)
    inside = group >= 0
    sizes = np.bincount(group[inside], weights=n[inside], minlength=g)
    hits = [
        np.bincount(group[at], weights=n[at], minlength=g)
        for level in outcomes.levels
        for at in [inside & (outcome == level)]
    ]
    return np.stack(hits, axis=1).astype(np.int64), sizes.astype(np.int64)


def outcome_rows(case: Case, part: CaseTable, outcomes: Outcomes) -> NDArray[np.int16]:
    """Which of the levels every row has, shape (rows,): one past the last for others, -1 for none."""
    name = f"rows by outcome {outcomes.column.name} in {part.role}"
    return case.shared(name, lambda: _outcome_rows(part, outcomes))


def _outcome_rows(part: CaseTable, outcomes: Outcomes) -> NDArray[np.int16]:
    array = pa.array(part.column(outcomes.column.name), type=pa.string(), from_pandas=True)
    places = pc.index_in(array, value_set=pa.array(outcomes.levels, type=pa.string()))
    found: NDArray[np.int16] = np.asarray(places.fill_null(len(outcomes.levels))).astype(np.int16)
    found[np.asarray(array.is_null())] = -1
    return found


@dataclass(frozen=True, slots=True)
class GroupMeans:
    """A numeric outcome by group: each of shape (g,); spread is the variance of the values."""

    n: Ints
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]


def group_means(case: Case, part: CaseTable, groups: Groups, target: Column) -> GroupMeans:
    """Rows, mean and variance of a number in each group; rows without a value do not count."""
    group = row_groups(case, part, groups).astype(np.int64)
    values = np.asarray(part.column(target.name), dtype=np.float64)
    inside = (group >= 0) & ~np.isnan(values)
    group, values = group[inside], values[inside]
    g = len(groups.labels)
    n = np.bincount(group, minlength=g)
    mean = np.bincount(group, weights=values, minlength=g) / np.maximum(n, 1)
    spread = np.bincount(group, weights=(values - mean[group]) ** 2, minlength=g) / np.maximum(n - 1, 1)
    return GroupMeans(n.astype(np.int64), mean, spread)


def outcome_note(outcomes: Outcomes, level: int) -> str:
    """Which outcome is followed and why, for brackets: "favourable outcome taken: yes"."""
    rule = outcomes.rule if len(outcomes.levels) == 1 else "outcome whose gap changed most"
    return f"{rule}: {outcomes.levels[level]}"
