"""Several synthetic tables against one real table, kept as counts: a loop's generations, or settings.

A table of a series is open only while it is counted; what stays is a `TableSummary` of a few
kilobytes, so that memory does not grow with the rows or the number of tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.arrays import Ints
from audit.declare.options import Order
from audit.stats.neighbours.realism import RatioEstimate

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumericSummary:
    """How widely the values of a number or date lie.

    filled : rows with a value
    mean, variance : in the unit of the column, or of ranks; variance over filled - 1
    kurtosis : fourth central moment over the squared variance; 3 for normal values
    by_rank : of ranks among real values, where the real column's tails are heavy
    """

    filled: int
    mean: float
    variance: float
    kurtosis: float
    by_rank: bool


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """How many kinds a category has.

    counts : rows that hold each value of the real table, in the order of its values
    others : rows that hold values which the real table does not
    square : sum of the squared shares of all values
    """

    counts: Ints
    others: int
    square: float

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum()) + self.others

    @property
    def heterozygosity(self) -> float:
        """Chance that two rows hold different values."""
        return max(0.0, 1 - self.square)


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What is kept of one table.

    name : what the user calls it; shown, never a path
    rows : of the table
    content : hash of the rows, whatever their order
    cells : rows per coded cell, by column or pair of columns
    spreads, varieties : by column
    realism, diversity : relative to what fresh real rows reach; None where they cannot be told
    recall : share of fresh real rows in the neighbourhood of synthetic ones, over that for real ones
    """

    name: str
    rows: int
    content: str
    cells: Mapping[Columns, Ints]
    spreads: Mapping[str, NumericSummary]
    varieties: Mapping[str, CategorySummary]
    realism: RatioEstimate | None = None
    diversity: RatioEstimate | None = None
    recall: RatioEstimate | None = None


@dataclass(frozen=True, slots=True)
class TableSeries:
    """The real table, fresh real rows where there are any, and the synthetic tables in order.

    levels : values of the real table by category column, in the order of `CategorySummary.counts`
    """

    order: Order
    real: TableSummary
    holdout: TableSummary | None
    steps: tuple[TableSummary, ...]
    levels: Mapping[str, tuple[str, ...]]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each synthetic table."""
        return tuple(step.rows for step in self.steps)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the synthetic tables."""
        return tuple(step.name for step in self.steps)

    def shared_columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """Of these columns those that every table has."""
        return tuple(name for name in names if all((name,) in step.cells for step in self.steps))
