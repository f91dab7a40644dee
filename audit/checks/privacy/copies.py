"""Rows of real people that stand in the synthetic table."""

from __future__ import annotations

from math import sqrt
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from audit.case import Case, Part
from audit.check import Outcome, Skip, check
from audit.model import Family, Kind, Measure, Rows, Scale
from audit.stats.intervals import Z95

Floats = NDArray[np.float64]

_EXAMPLES = 50


@check(
    id="copied_rows",
    title="Copied rows",
    family=Family.PRIVACY,
    question="Do rows of real people stand in the synthetic table, more than chance explains?",
    scale=Scale("share of rows", "lower", -1.0, 1.0),
    next_step="Do not share the table. Remove the rows listed, find out why the generator reproduces them, and audit again.",
)
def copied_rows(case: Case) -> Outcome:
    """Share of synthetic rows that repeat a real row in every column, beyond chance.

    A row counts as copied when every column but keys holds the same value as a row of the
    real table the generator saw; missing equals missing. In tables with few possible rows
    people coincide by chance, so the same share for the holdout, which nobody can have
    copied, is taken off, both brought to the same number of rows. Without a holdout the chance that a new person repeats a seen row is
    estimated from the real rows that occur once. 0 means no more repeats than fresh real
    rows would show; 0.01 means that one row in a hundred was copied. Every row is looked at.
    It cannot see rows that were copied and then changed.

    Source: Good (1953), Biometrika 40, 237-264 (chance of a new row without a holdout);
    Hurlbert (1971), Ecology 52, 577-586 (tables brought to one size without sampling); El
    Emam, Mosquera and Bass (2020), JMIR 22(11):e23139 (why copies disclose identity).
    """
    keys = _compared(case)
    rows = _row_numbers(_found_in(case.synthetic, case.real, keys))
    n = case.synthetic.rows
    share = len(rows) / n
    if case.holdout is not None:
        excess, error = _excess_over_holdout(case, case.holdout, keys)
        value = min(excess, share)
        chance = share - value
    else:
        chance, error = _chance_from_singles(case, keys, len(rows))
        value = share - chance
    measure = Measure(
        value=value,
        low=max(-1.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=0.0,
        n=n,
        sentence=(
            f"{len(rows):,} of {n:,} synthetic rows ({share:.2%}) repeat a real row in all {len(keys)} columns; "
            f"fresh real rows would do so in {chance:.2%}."
        ),
        rows=Rows(len(rows), tuple(rows[:_EXAMPLES])),
    )
    return Outcome((measure,), {"share": share, "share_by_chance": chance})


def _compared(case: Case) -> list[str]:
    """Keys are made anew; every other column must agree."""
    columns = [case.key(column.name) for column in case.columns if column.kind is not Kind.KEY]
    if not columns:
        raise Skip("Every column is a key; there is nothing else to compare.")
    return columns


def _found_in(part: Part, other: Part, keys: list[str]) -> nw.LazyFrame[Any]:
    """Rows of a table that stand in another, with their row numbers. Missing equals missing."""
    on = [*keys, *(f"{key}_gone" for key in keys)]
    return _comparable(part, keys).join(_comparable(other, keys).select(on).unique(), on=on, how="semi")


def _comparable(part: Part, keys: list[str]) -> nw.LazyFrame[Any]:
    """A join finds no partner for missing values, so they get a stand-in no value has."""
    schema = part.frame.collect_schema()
    filled = [nw.col(key).is_null().cast(nw.Int8).alias(f"{key}_gone") for key in keys]
    blank = [nw.col(key).fill_null(0.0 if schema[key] == nw.Float64 else "").alias(key) for key in keys]
    return part.frame.with_columns(*filled).with_columns(*blank)


def _row_numbers(found: nw.LazyFrame[Any]) -> list[int]:
    return sorted(int(row) for row in found.select("row").collect().get_column("row").to_list())


def _excess_over_holdout(case: Case, holdout: Part, keys: list[str]) -> tuple[float, float]:
    """How much oftener synthetic rows stand in the real table than in the holdout, and its error.

    Of the larger table the expected share over all its parts of the smaller one's size is
    taken. Equal synthetic rows meet a table together, so each distinct row errs as one.
    """
    times, real, fresh = _repeats(case, holdout, keys)
    part = min(1.0, holdout.rows / case.real.rows)
    met = 1 - (1 - part) ** real
    met_fresh = 1 - (1 - min(1.0, case.real.rows / holdout.rows)) ** fresh
    gap = times * (met - met_fresh)
    n = case.synthetic.rows * part
    return float(gap.sum() / n), float(np.sqrt(max((gap**2).sum(), 1.0)) / n)


def _repeats(case: Case, holdout: Part, keys: list[str]) -> tuple[Floats, Floats, Floats]:
    """Of every distinct synthetic row: how often it stands in each of the three tables."""
    on = [*keys, *(f"{key}_gone" for key in keys)]
    synthetic, real, fresh = (
        _comparable(part, keys).group_by(on).agg(nw.len().alias(part.role))
        for part in (case.synthetic, case.real, holdout)
    )
    joined = synthetic.join(real, on=on, how="left").join(fresh, on=on, how="left")
    roles = (case.synthetic.role, case.real.role, holdout.role)
    frame = joined.select(*(nw.col(role).fill_null(0) for role in roles)).collect()
    times, seen, met = (frame.get_column(role).to_numpy().astype(np.float64) for role in roles)
    return times, seen, met


def _chance_from_singles(case: Case, keys: list[str], copied: int) -> tuple[float, float]:
    """Good's estimate: a new row repeats a seen one unless it is new, and rows seen once tell how often."""
    grouped = (
        _comparable(case.real, keys)
        .group_by([*keys, *(f"{key}_gone" for key in keys)])
        .agg(nw.len().alias("times"))
    )
    singles = int(grouped.filter(nw.col("times") == 1).select(nw.len()).collect().item())
    chance = 1 - singles / case.real.rows
    n = case.synthetic.rows
    return chance, sqrt(max(copied, 1) + chance * n) / n
