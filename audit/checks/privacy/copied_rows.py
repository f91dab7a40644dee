"""Rows of real people that occur in the synthetic table."""

from __future__ import annotations

from math import sqrt
from typing import Any

import narwhals as nw
import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import holdout_repeats
from audit.model import Attack, Better, Family, Kind, Measure, Rows, Scale, Section, Unit
from audit.stats.inference.intervals import Z95

_EXAMPLES = 50


@check(
    id="copied_rows",
    title="Copied rows",
    known_as="identical match share",
    section=Section.REAL_ROWS_AGAIN,
    attack=Attack(
        "only the synthetic table, and recognises a row of the real one.",
        "rows of the holdout that occur in it by chance.",
        "the share of fresh rows that repeat a real one.",
    ),
    family=Family.PRIVACY,
    question="Do rows of real people stand in the synthetic table, more than chance explains?",
    scale=Scale(Unit.SHARE, "share of rows", Better.LOWER, -1.0, 1.0),
    next_step="Do not share the table. Remove the rows listed, find out why the generator reproduces them, and audit again.",
)
def copied_rows(case: Case) -> Outcome:
    """Share of synthetic rows that repeat a real row in every column, beyond chance.

    A row counts as copied when every column but keys holds the same value as a row of the
    real table the generator saw; missing equals missing. In tables with few possible rows
    people coincide by chance, so the same share for the holdout, which nobody can have
    copied, is taken off, both brought to the same number of rows. Without a holdout, or with one
    that repeats the real table, the chance that a new person repeats a seen row is estimated from
    the real rows that occur once. 0 means no more repeats than fresh real rows would show; 0.01
    means that one row in a hundred was copied. Every row is looked at. It cannot see rows that
    were copied and then changed.

    Source: Good (1953), Biometrika 40, 237-264 (chance of a new row without a holdout);
    Hurlbert (1971), Ecology 52, 577-586 (tables brought to one size without sampling); El
    Emam, Mosquera and Bass (2020), JMIR 22(11):e23139 (why copies disclose identity).
    """
    columns = sum(column.kind is not Kind.KEY for column in case.columns)
    if not columns:
        raise Skip("Every column is a key; there is nothing else to compare.")
    rows = _rows_found(case.synthetic, case.real)
    n = case.synthetic.rows
    share = len(rows) / n
    repeated = holdout_repeats(case)
    if case.holdout is not None and not repeated:
        excess, error = _excess_over_holdout(case, case.holdout)
        value = min(excess, share)
        chance = share - value
    else:
        chance, error = _chance_from_singles(case, len(rows))
        value = share - chance
    expected = f"fresh real rows would do so in {chance:.2%}" if chance else "of fresh real rows none does"
    measure = Measure(
        value=value,
        low=max(-1.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=0.0,
        n=n,
        sentence=(
            f"{len(rows):,} of {n:,} synthetic rows ({share:.2%}) repeat a real row in all {columns} columns; "
            f"{expected}."
            + (f" {repeated} chance was told from real rows that occur once." if repeated else "")
        ),
        rows=Rows(len(rows), tuple(rows[:_EXAMPLES])),
    )
    return Outcome((measure,), {"share": share, "share_by_chance": chance})


def _rows_found(part: CaseTable, other: CaseTable) -> list[int]:
    """Row numbers of a table's rows that occur in another. Missing equals missing."""
    seen = other.frame.select("identity").unique()
    found = part.frame.select("identity", "row").join(seen, on="identity", how="semi").collect()
    return sorted(int(row) for row in found.get_column("row").to_list())


def _excess_over_holdout(case: Case, holdout: CaseTable) -> tuple[float, float]:
    """How much oftener synthetic rows occur in the real table than in the holdout, and its error.

    Of the larger table the expected share over all its parts of the smaller one's size is
    taken. Equal synthetic rows meet a table together, so each distinct row errs as one.
    """
    times, real, fresh = _repeats(case.synthetic, case.real, holdout)
    part = min(1.0, holdout.rows / case.real.rows)
    met = 1 - (1 - part) ** real
    met_fresh = 1 - (1 - min(1.0, case.real.rows / holdout.rows)) ** fresh
    gap = times * (met - met_fresh)
    n = case.synthetic.rows * part
    return float(gap.sum() / n), float(np.sqrt(max((gap**2).sum(), 1.0)) / n)


def _repeats(*parts: CaseTable) -> tuple[Floats, ...]:
    """Of every distinct row of the first table: how often it occurs in each of them."""
    first, *others = (_counted(part) for part in parts)
    for other in others:
        first = first.join(other, on="identity", how="left")
    frame = first.select(*(nw.col(part.role).fill_null(0) for part in parts)).collect()
    return tuple(frame.get_column(part.role).to_numpy().astype(np.float64) for part in parts)


def _counted(part: CaseTable) -> nw.LazyFrame[Any]:
    return part.frame.select("identity").group_by("identity").agg(nw.len().alias(part.role))


def _chance_from_singles(case: Case, copied: int) -> tuple[float, float]:
    """Good's estimate: a new row repeats a seen one unless it is new, and rows seen once tell how often."""
    singles = _counted(case.real).filter(nw.col("real") == 1).select(nw.len()).collect().item()
    chance = 1 - int(singles) / case.real.rows
    n = case.synthetic.rows
    return chance, sqrt(max(copied, 1) + chance * n) / n
