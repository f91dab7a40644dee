"""Rows of real people that stand in the synthetic table."""

from __future__ import annotations

from math import sqrt
from typing import Any

import narwhals as nw

from audit.case import Case, Part
from audit.check import Outcome, Skip, check
from audit.model import Family, Kind, Measure, Rows, Scale
from audit.stats.intervals import Z95

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
    copied, is taken off. Without a holdout the chance that a new person repeats a seen row is
    estimated from the real rows that occur once. 0 means no more repeats than fresh real
    rows would show; 0.01 means that one row in a hundred was copied. Every row is looked at.
    It cannot see rows that were copied and then changed.

    Source: Good (1953), Biometrika 40, 237-264 (chance of a new row without a holdout); El
    Emam, Mosquera and Bass (2020), JMIR 22(11):e23139 (why copies disclose identity).
    """
    keys = _compared(case)
    found = _found_in(case.synthetic, case.real, keys)
    rows = _row_numbers(found)
    n = case.synthetic.rows
    if case.holdout is not None:
        chance, error = _chance_from_holdout(case, case.holdout, keys, rows)
    else:
        chance, error = _chance_from_singles(case, keys, len(rows))
    share = len(rows) / n
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


def _chance_from_holdout(
    case: Case, holdout: Part, keys: list[str], copied: list[int]
) -> tuple[float, float]:
    """How often the holdout's rows meet the synthetic table, at the real table's size.

    The excess is the difference of two discordant counts, each about Poisson.
    """
    met = set(_row_numbers(_found_in(case.synthetic, holdout, keys)))
    scale = case.real.rows / holdout.rows
    only_copied, only_met = len(set(copied) - met), len(met - set(copied))
    n = case.synthetic.rows
    return len(met) * scale / n, sqrt(max(only_copied + only_met * scale**2, 1.0)) / n


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
