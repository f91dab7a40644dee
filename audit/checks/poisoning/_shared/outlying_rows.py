"""What checks on outlying rows share: the tables they compare, and the rows they name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.learn.features import Features, features, sample_rows
from audit.model import Rows

_ROWS = 30_000  # of each table, at most

_EXAMPLES = 50  # row numbers that go into a report

_MIN_ROWS = 300  # rows of each table

ALSO = (
    "Injected rows can look like this; a generator that misses what goes together, or rows of people that the real "
    "ones lack, look the same."
)


@dataclass(frozen=True, slots=True)
class TableSample:
    """Rows of a table as numbers, and where they stand there."""

    part: CaseTable
    rows: Ints
    features: Features


@dataclass(frozen=True, slots=True)
class OutlierTables:
    """Rows to learn from, rows that stand for what is normal, and the synthetic ones.

    fresh : False where the control rows are a part of the real table, for want of a holdout
    """

    real: TableSample
    control: TableSample
    synthetic: TableSample
    fresh: bool


def outlier_tables(case: Case) -> OutlierTables:
    return case.shared("rows that may lie apart", lambda: _draw(case))


def _draw(case: Case) -> OutlierTables:
    rng = case.rng("outliers")
    real = sample_rows(case.real, _ROWS, rng)
    if case.holdout is not None:
        control_part, control = case.holdout, sample_rows(case.holdout, _ROWS, rng)
    else:
        dealt = rng.permutation(real)
        real, control = np.sort(dealt[: len(dealt) // 2]), np.sort(dealt[len(dealt) // 2 :])
        control_part = case.real
    synthetic = sample_rows(case.synthetic, _ROWS, rng)
    if not case.distribution_columns:
        raise Skip("No column has a distribution in which a row could lie far out.")
    if min(len(real), len(control), len(synthetic)) < _MIN_ROWS:
        raise Skip(
            f"A table has fewer than {_MIN_ROWS} rows, too few to tell what is extreme.",
            "Give larger tables.",
            assessable=False,
        )
    chosen = ((case.real, real), (control_part, control), (case.synthetic, synthetic))
    learned, normal, ours = (TableSample(part, rows, features(case, part, rows)) for part, rows in chosen)
    return OutlierTables(learned, normal, ours, case.holdout is not None)


def listed_rows(sample: TableSample, places: Ints, scores: Floats | None) -> Rows | None:
    """Row numbers, those with the highest scores where there are too many."""
    if len(places) == 0:
        return None
    chosen = places if scores is None else places[np.argsort(-scores[places], kind="stable")]
    rows = np.sort(sample.rows[chosen[:_EXAMPLES]]) + 1
    return Rows(len(places), tuple(int(row) for row in rows))


def rows_used(tables: OutlierTables) -> dict[str, int | None]:
    return {
        "real": len(tables.real.rows) + (0 if tables.fresh else len(tables.control.rows)),
        "synthetic": len(tables.synthetic.rows),
        "holdout": len(tables.control.rows) if tables.fresh else None,
    }
