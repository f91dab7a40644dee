"""Rows that a generator wrote more than once."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    SHARE,
    excess_over_real,
    gap_bars,
    percent,
    plural,
    rarefied_distinct,
)
from audit.model import Family, Kind, Measure, Rows

_FALSE_ALARM_RATE = 0.001  # one number for the whole table


@dataclass(frozen=True, slots=True)
class _Repeats:
    """How often rows stand in a table: `groups[i]` different rows `sizes[i]` times each."""

    sizes: Ints
    groups: Ints

    @property
    def rows(self) -> int:
        return int(np.sum(self.sizes * self.groups))

    @property
    def repeats(self) -> int:
        return self.rows - int(self.groups.sum())

    def expected(self, m: int) -> float:
        """Repeats among m rows drawn without replacement."""
        return (
            float(self.repeats)
            if m >= self.rows
            else max(0.0, m - rarefied_distinct(self.sizes, self.groups, m))
        )


@check(
    id="duplicate_rows",
    title="Duplicate rows",
    known_as="exact duplicate rate",
    family=Family.ARTIFACTS,
    question="Does the synthetic table repeat its own rows more often than real rows repeat?",
    scale=SHARE,
    next_step="Look at the repeated rows; sample the generator again without reusing its output, or drop the repeats.",
)
def duplicate_rows(case: Case) -> Outcome:
    """Share of synthetic rows that repeat an earlier row, beyond chance.

    Two rows are the same when all their values are, missing ones included; keys are left
    out. The count is compared with the repeats among as many real rows (real and holdout
    together), drawn without replacement; where there are fewer real rows, the synthetic
    table is thinned to their number. 0 means that real rows repeat as often or that the
    surplus is within chance: fresh real rows would exceed it once in a thousand times.
    0.01 means that one row in a hundred is a repeat that should not be there. The baseline
    is the holdout against the real table. Every row is counted, so there is no sampling
    interval. It cannot see rows that are nearly the same, nor rows copied from the real table.

    Source: rarefaction: Hurlbert (1971), Ecology 52, 577-586.
    """
    if all(column.kind is Kind.KEY for column in case.columns):
        raise Skip("Every column is a key, so no row can repeat.")
    real, synthetic = _repeats([case.real]), _repeats([case.synthetic])
    pool = real if case.holdout is None else _repeats([case.real, case.holdout])
    baseline = 0.0 if case.holdout is None else _beyond(_repeats([case.holdout]), real)
    value = _beyond(synthetic, pool)
    m = min(synthetic.rows, pool.rows)
    expected = pool.expected(m) / max(m, 1)
    share = synthetic.repeats / max(synthetic.rows, 1)
    measure = Measure(
        value=value,
        low=value,
        high=value,
        baseline=baseline,
        n=synthetic.rows,
        sentence=(
            f"{plural(synthetic.repeats, 'synthetic row')} ({percent(share)}) repeat an earlier row; "
            f"among as many real rows {percent(expected)} would."
        ),
        rows=_examples(case.synthetic, synthetic.repeats),
    )
    chart = gap_bars(
        f"{percent(share)} of synthetic rows repeat an earlier one",
        f"Repeated rows: {percent(expected)} of real rows, {percent(share)} of synthetic rows.",
        [("repeated rows", expected, share)],
        "share of rows",
    )
    return Outcome((measure,), {"repeats": float(synthetic.repeats), "share": share}, (chart,))


def _repeats(parts: list[CaseTable]) -> _Repeats:
    frame = nw.concat([part.frame.select("identity") for part in parts], how="vertical")
    sizes = frame.group_by("identity").agg(nw.len().alias("size"))
    table = sizes.group_by("size").agg(nw.len().alias("groups")).sort("size").collect()
    return _Repeats(
        table.get_column("size").to_numpy().astype(np.int64),
        table.get_column("groups").to_numpy().astype(np.int64),
    )


def _beyond(table: _Repeats, pool: _Repeats) -> float:
    """Share of repeats beyond what rows of the pool show."""
    m = min(table.rows, pool.rows)
    found, wanted = table.expected(m), pool.expected(m)
    ratio = wanted / pool.repeats if pool.repeats else (m / max(pool.rows, 1)) ** 2
    return excess_over_real(found, m, pool.repeats, ratio, _FALSE_ALARM_RATE).value


def _examples(part: CaseTable, count: int) -> Rows | None:
    """The last row of each repeated one, the most repeated first."""
    if count == 0:
        return None
    groups = (
        part.frame.select("identity", "row")
        .group_by("identity")
        .agg(nw.len().alias("size"), nw.col("row").max().alias("last"))
    )
    repeated = groups.filter(nw.col("size") > 1).select("size", "last")
    worst = repeated.sort("size", "last", descending=[True, False]).head(EXAMPLES).collect()
    return Rows(count, tuple(sorted(int(row) for row in worst.get_column("last").to_list())))
