"""Shares and outcome gaps of groups over a time column: does the synthetic table move as the real one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.checks.bias._shared.groups import Groups, row_groups
from audit.checks.bias._shared.outcome_rates import OutcomeTables, outcome_rows, signed_points
from audit.model import Chart, Column, Measure, Role, Unit, as_series, line_chart
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p

_MIN_PERIODS = 3  # periods
_ROWS = 50  # of a period in a table


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One number over the periods.

    values : shape (t,), to fit; variances : shape (t,), infinite where there are too few rows
    display : shape (t,), as a reader expects it, NaN where there are too few rows
    rows : of the table that are behind it
    """

    values: Floats
    variances: Floats
    display: Floats
    rows: int

    def slope(self) -> tuple[float, float]:
        """Change from the first to the last period on the fitted line, and its variance.

        Source: weighted least squares with known variances: Aitken (1936), Proceedings of the Royal
        Society of Edinburgh 55, 42-48.
        """
        at = np.linspace(0, 1, len(self.values))
        weights = 1 / self.variances
        known = weights > 0
        if known.sum() < _MIN_PERIODS:
            return 0.0, math.inf
        centred = at - np.average(at, weights=weights)
        spread = float(np.sum(weights * centred**2))
        return float(np.sum((weights * centred)[known] * self.values[known])) / spread, 1 / spread


def time_column(case: Case) -> Column | None:
    """The column that says when, where it can be cut into three periods or more."""
    columns = [c for c in case.with_role(Role.TIME) if c.kind in NUMERIC_KINDS]
    return columns[0] if columns and case.binning(columns[0].name).size > _MIN_PERIODS else None


def shares_over_time(case: Case, every: Sequence[Groups]) -> tuple[list[Measure], list[Chart]]:
    """Change of every group's odds to be among the rows, synthetic over real, from first to last period."""
    when = time_column(case)
    if when is None:
        return [], []
    lines = [
        (groups, g, {part.role: _share_line(case, part, when, groups, g) for part in case.tables()})
        for groups in every
        for g in range(len(groups.labels) if len(groups.labels) > 2 else min(len(groups.labels) - 1, 1))
    ]
    return _told(lines, when, (), math.exp, _SHARES, _share_words)


def gaps_over_time(case: Case, followed: Sequence[OutcomeTables]) -> tuple[list[Measure], list[Chart]]:
    """Change of every group's outcome gap in points, synthetic less real, from first to last period.

    Outcomes with two levels only.
    """
    when = time_column(case)
    lines = [
        (one.groups, g, {part.role: _gap_line(case, part, when, one, g) for part in case.tables()})
        for one in followed
        if when is not None and len(one.outcomes.levels) == 1
        for g in range(1, len(one.groups.labels))
    ]
    if when is None or not lines:
        return [], []
    target = followed[0].outcomes.column.name
    return _told(lines, when, (target,), float, _GAPS, _gap_words)


_Lines = Sequence[tuple[Groups, int, dict[str, TrendLine]]]
_Words = Callable[[float, float], str]
_Shown = tuple[Unit, str]
_SHARES: _Shown = (Unit.SHARE, "share of rows")
_GAPS: _Shown = (Unit.NUMBER, "gap to the reference group")


def _told(
    lines: _Lines,
    when: Column,
    more: tuple[str, ...],
    scale: Callable[[float], float],
    shown: _Shown,
    words: _Words,
) -> tuple[list[Measure], list[Chart]]:
    found = []
    for groups, g, by_table in lines:
        (ours, error), (theirs, real_error) = by_table["synthetic"].slope(), by_table["real"].slope()
        if not math.isfinite(error + real_error):
            continue
        change, sd = ours - theirs, math.sqrt(error + real_error)
        name, label = groups.column.name, groups.labels[g]
        measure = Measure(
            value=scale(change),
            about=(name, *more, when.name),
            name="over_time",
            group={name: label},
            low=scale(change - Z95 * sd),
            high=scale(change + Z95 * sd),
            baseline=scale(0.0),
            n=by_table["synthetic"].rows,
            sentence=f"{name} = {label} from the first to the last period of {when.name}: {words(theirs, ours)}.",
            p_value=normal_p(change, sd, two_sided=True),
            comparisons=len(lines),
        )
        found.append((abs(change) / sd, measure, by_table))
    found.sort(key=lambda one: (-round(one[0], 9), one[1].about, str(one[1].group)))
    charts = [_chart(found[0][1], found[0][2], when, shown)] if found else []
    return [measure for _, measure, _ in found], charts


def _share_words(real: float, synthetic: float) -> str:
    return (
        f"its odds among the rows change by a factor of {math.exp(real):.2f} in the real table and of "
        f"{math.exp(synthetic):.2f} in the synthetic one"
    )


def _gap_words(real: float, synthetic: float) -> str:
    return (
        f"its gap moves by {signed_points(real, 'points')} in the real table and by {signed_points(synthetic, 'points')} "
        "in the synthetic one"
    )


def _periods(case: Case, part: CaseTable, when: Column) -> Ints:
    """Period of every row; one past the last without a time."""
    cells = case.binning(when.name)
    return case.shared(
        f"periods of {part.role}", lambda: cells.encode(part.column(when.name)).astype(np.int64)
    )


def _tally(
    case: Case, part: CaseTable, when: Column, groups: Groups, rows: NDArray[np.bool_] | None = None
) -> Ints:
    """Rows by period and group, shape (t, g + 1), the last for no group."""
    periods, members = _periods(case, part, when), row_groups(case, part, groups).astype(np.int64)
    g, t = len(groups.labels) + 1, case.binning(when.name).size
    flat = periods * g + np.where(members < 0, g - 1, members)
    if rows is not None:
        flat = flat[rows]
    return np.bincount(flat, minlength=t * g).reshape(t, g)[:-1].astype(np.int64)


def _share_line(case: Case, part: CaseTable, when: Column, groups: Groups, g: int) -> TrendLine:
    counts = case.shared(
        f"{groups.column.name} by {when.name} in {part.role}", lambda: _tally(case, part, when, groups)
    )
    n, hits = counts.sum(axis=1), counts[:, g]
    a, b = hits + 0.5, n - hits + 0.5
    few = n < _ROWS
    return TrendLine(
        np.log(a / b),
        np.where(few, np.inf, 1 / a + 1 / b),
        np.where(few, np.nan, hits / np.maximum(n, 1)),
        int(n.sum()),
    )


def _gap_line(case: Case, part: CaseTable, when: Column, one: OutcomeTables, g: int) -> TrendLine:
    hits, sizes = case.shared(
        f"{one.outcomes.column.name} of {one.groups.column.name} by {when.name} in {part.role}",
        lambda: _outcome_tallies(case, part, when, one),
    )
    ours, theirs = ((hits[:, i] + 0.5) / (sizes[:, i] + 1) for i in (g, 0))
    few = np.minimum(sizes[:, g], sizes[:, 0]) < _ROWS
    variances = ours * (1 - ours) / np.maximum(sizes[:, g], 1) + theirs * (1 - theirs) / np.maximum(
        sizes[:, 0], 1
    )
    shown = hits[:, g] / np.maximum(sizes[:, g], 1) - hits[:, 0] / np.maximum(sizes[:, 0], 1)
    return TrendLine(
        ours - theirs, np.where(few, np.inf, variances), np.where(few, np.nan, shown), int(sizes[:, g].sum())
    )


def _outcome_tallies(case: Case, part: CaseTable, when: Column, one: OutcomeTables) -> tuple[Ints, Ints]:
    outcome = outcome_rows(case, part, one.outcomes)
    return (
        _tally(case, part, when, one.groups, outcome == 0),
        _tally(case, part, when, one.groups, outcome >= 0),
    )


def _chart(measure: Measure, by_table: dict[str, TrendLine], when: Column, shown: _Shown) -> Chart:
    unit, words = shown
    name, label = next(iter((measure.group or {}).items()))
    count = len(next(iter(by_table.values())).display)
    return line_chart(
        as_series(
            {role: [None if math.isnan(v) else v for v in line.display] for role, line in by_table.items()}
        ),
        range(1, count + 1),
        title=measure.sentence.rstrip("."),
        alt=f"{name} = {label} over {count} periods of {when.name} with equally many real rows: {words}, real beside synthetic.",
        about=measure.about,
        unit=unit,
        words=words,
    )
