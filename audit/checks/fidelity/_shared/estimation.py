"""Estimating what a user declared on one table: estimates with their standard errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.declare.estimands import Estimand
from audit.learn.features import sample_rows
from audit.model import Kind
from audit.stats.models.regression import least_squares, logistic

MIN_ROWS = 30  # rows of a table
_MAX_CELLS = 10_000_000  # of a regression; beyond, a sample of rows
_MAX_LEVELS = 20  # of a category that have a coefficient of their own

Key = tuple[str, str]  # the column and, of a category, the level; both empty for a mean or share


class Unfit(Exception):  # noqa: N818 - not an error: this estimand does not fit these tables
    """Says why an estimand cannot be estimated."""


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """A number and its ordinary standard error, from so many rows."""

    value: float
    error: float
    rows: int


@dataclass(frozen=True, slots=True)
class _Term:
    """A column as a regression takes it; the real table decides for all tables.

    levels : of a category, most frequent first; the first has no coefficient
    centre, spread : of a number, taken off and divided by so that the arithmetic is exact
    """

    name: str
    levels: tuple[str, ...] = ()
    centre: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True, slots=True)
class EstimationPlan:
    """How an estimand is estimated in every table alike.

    event : the value that is counted; of a regression, the class whose odds are explained, or None
    """

    estimand: Estimand
    event: str | float | None
    terms: tuple[_Term, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """What is estimated."""
        if not self.terms:
            return (("", ""),)
        return tuple(
            (term.name, level)
            for term in self.terms
            if term.name in self.estimand.wanted
            for level in (term.levels[1:] or ("",))
        )


def plan_estimate(case: Case, estimand: Estimand) -> EstimationPlan:
    """Decide by the real table; raises `Unfit` where the estimand does not fit it."""
    known = {column.name: column for column in case.columns}
    for name in estimand.columns:
        if name not in known:
            raise Unfit(f"{name} is left out of this audit")
    kind = known[estimand.outcome].kind
    if estimand.kind == "mean" and kind is not Kind.NUMBER:
        raise Unfit(f"{estimand.outcome} is taken for a {kind.value}, not for a number")
    if estimand.kind == "mean":
        return EstimationPlan(estimand, None, ())
    if estimand.kind == "share":
        return EstimationPlan(estimand, _held(case, estimand), ())
    terms = tuple(_term(case, name) for name in estimand.terms)
    return EstimationPlan(estimand, None if kind is Kind.NUMBER else _event(case, estimand.outcome), terms)


def _held(case: Case, estimand: Estimand) -> str | float:
    """The value of a share, where enough people hold it to be told."""
    wanted: str | float = estimand.value
    if case.column(estimand.outcome).kind in NUMERIC_KINDS:
        try:
            wanted = float(estimand.value)
        except ValueError:
            raise Unfit(f"{estimand.value} is no number") from None
    counts = case.real.value_counts(estimand.outcome)
    if int(counts.counts[counts.values == wanted].sum()) < case.k:
        raise Unfit(f"fewer than {case.k} real rows hold this value")
    return wanted


def _event(case: Case, name: str) -> str:
    """The rarer of two classes."""
    counts = case.real.value_counts(name)
    if case.column(name).kind is not Kind.CATEGORY or len(counts.values) != 2 or counts.counts.min() < case.k:
        raise Unfit(
            f"{name} is neither a number nor a category of two values that at least {case.k} rows hold"
        )
    return str(counts.values[np.argmin(counts.counts)])


def _term(case: Case, name: str) -> _Term:
    column, counts = case.column(name), case.real.value_counts(name)
    if column.kind in NUMERIC_KINDS:
        if len(counts.values) < 2:
            raise Unfit(f"{name} does not vary in the real rows")
        values = np.asarray(counts.values, dtype=np.float64)
        centre = float(np.average(values, weights=counts.counts))
        spread = math.sqrt(float(np.average((values - centre) ** 2, weights=counts.counts)))
        return _Term(name, centre=centre, spread=spread)
    if column.kind is not Kind.CATEGORY:
        raise Unfit(f"{name} is neither a number nor a category")
    order = np.argsort(-counts.counts, kind="stable")[:_MAX_LEVELS]
    levels = tuple(str(counts.values[i]) for i in order if counts.counts[i] >= case.k)
    if len(levels) < 2:
        raise Unfit(f"fewer than two values of {name} are held by at least {case.k} real rows")
    return _Term(name, levels)


def estimate(case: Case, part: CaseTable, plan: EstimationPlan) -> Mapping[Key, TableEstimate]:
    """What the table says; what it cannot say is absent."""
    if plan.terms:
        return _regress(case, part, plan)
    counts = part.value_counts(plan.estimand.outcome)
    n = counts.filled
    if n < MIN_ROWS:
        return {}
    if plan.event is not None:
        share = float(counts.counts[counts.values == plan.event].sum()) / n
        # Two rows of either kind are added, so that a share of 0 or 1 has an error too.
        steady = (share * n + 2) / (n + 4)
        return {("", ""): TableEstimate(share, math.sqrt(steady * (1 - steady) / n), n)}
    values = np.asarray(counts.values, dtype=np.float64)
    centre = float(np.average(values, weights=counts.counts))
    variance = float(np.average((values - centre) ** 2, weights=counts.counts)) * n / (n - 1)
    return {("", ""): TableEstimate(centre, math.sqrt(variance / n), n)}


def _regress(case: Case, part: CaseTable, plan: EstimationPlan) -> Mapping[Key, TableEstimate]:
    width = 1 + sum(max(1, len(term.levels)) for term in plan.terms)
    rng = case.rng(f"estimand_overlap {part.role}")
    rows = sample_rows(part, _MAX_CELLS // width, rng)
    outcome, blocks, keys = _outcome(part, plan, rows), [np.ones((len(rows), 1))], [("", "")]
    for term in plan.terms:
        block, names = _block(part.column(term.name, rows), term)
        blocks.append(block)
        keys += names
    table = np.hstack(blocks)
    whole = ~(np.isnan(table).any(axis=1) | np.isnan(outcome))
    table, outcome = table[whole], outcome[whole]
    if len(outcome) < MIN_ROWS or not np.ptp(outcome):
        return {}
    varied = np.ptp(table, axis=0) > 0
    varied[0] = True
    found = (least_squares if plan.event is None else logistic)(table[:, varied], outcome)
    if found is None:
        return {}
    spreads = {(term.name, ""): term.spread for term in plan.terms if not term.levels}
    kept = [key for key, there in zip(keys, varied, strict=True) if there]
    return {
        key: TableEstimate(value / spreads.get(key, 1.0), error / spreads.get(key, 1.0), len(outcome))
        for key, value, error in zip(kept, found[0].tolist(), found[1].tolist(), strict=True)
        if key in plan.keys
    }


def _outcome(part: CaseTable, plan: EstimationPlan, rows: NDArray[np.int64]) -> Floats:
    values = part.column(plan.estimand.outcome, rows)
    if plan.event is None:
        return np.asarray(values, dtype=np.float64)
    places = _places(values, (str(plan.event),))
    return np.where(np.isnan(places), np.nan, (places == 0).astype(np.float64))


def _block(values: NDArray[np.float64] | NDArray[np.object_], term: _Term) -> tuple[Floats, list[Key]]:
    """Columns of the regression; other levels than the named ones share one."""
    if not term.levels:
        scaled = (np.asarray(values, dtype=np.float64) - term.centre) / term.spread
        return scaled[:, None], [(term.name, "")]
    places = _places(values, term.levels)
    marks = places[:, None] == np.arange(1, len(term.levels) + 1)
    block = marks.astype(np.float64)
    block[np.isnan(places)] = np.nan
    return block, [*((term.name, level) for level in term.levels[1:]), ("", "")]


def _places(values: NDArray[Any], levels: tuple[str, ...]) -> Floats:
    """Place of each value among the levels, one more for any other; NaN where missing."""
    array = pa.array(values, type=pa.string(), from_pandas=True)
    found = pc.index_in(array, value_set=pa.array(levels, type=pa.string())).fill_null(len(levels))
    places: Floats = found.to_numpy(zero_copy_only=False).astype(np.float64)
    places[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return places
