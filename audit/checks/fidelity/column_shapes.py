"""Column shapes: shares of the cells of single columns, against what chance alone gives."""

from __future__ import annotations

from audit.case.case import Case, column_names
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.atoms import atom_measures
from audit.checks.fidelity._shared.histogram import column_chart
from audit.checks.fidelity._shared.shapes import (
    EXCESS,
    accuracy_summary,
    excess_measure,
    largest_measures,
    mean_measure,
)
from audit.model import Family, Fold, Page, Section

_MAX_CHARTS = 300  # columns whose distribution goes into the report


@check(
    id="column_shapes",
    title="Column shapes",
    known_as="total variation distance",
    page=Page.COLUMNS,
    section=Section.COLUMN_SHAPE,
    folds=(Fold.COLUMN_SHAPE, Fold.SHARE_OF_ROWS),
    family=Family.FIDELITY,
    question="Does each column hold its values in the same shares as in the real table?",
    scale=EXCESS,
    needs=(Need.ROWS,),
    next_step="Look at the column's distribution; if the generator cannot learn it, transform the column or sample it from the real shares.",
)
def column_shapes(case: Case) -> Outcome:
    """Share of rows that sit in the wrong part of a column, beyond chance.

    Each column is cut into at most ten quantile bins of the real table, or its ten most
    frequent categories and one cell for all others; missing values have a cell of their own.
    The number is the total variation distance between the real and the synthetic shares,
    less what two samples of these sizes from one population would show. 0 means that no
    event in the column is off by more than chance explains; 0.05 means that some event is
    off by five rows in a hundred. Slightly below 0 is normal. The baseline is the same
    number for the holdout against the real table. Where a number or date mixes values that hold
    at least 5 % of the rows with a continuous part, `atoms` is the same number over these values
    and one cell for all others, and `between_atoms` the same over quantile bins of the other
    rows: a lost spike at zero is not outweighed by the rest. Both are judged where there are
    enough rows, or the difference is clear. It cannot see what happens inside a bin,
    nor how columns go together. Summary: `accuracy` is one minus the mean distance, chance
    not taken off; `expected_accuracy` is what chance alone would give.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939; total variation:
    Levin and Peres (2017), proposition 4.2.
    """
    columns = column_names(case.distribution_columns)
    if not columns:
        raise Skip("No column has a distribution to compare.")
    measures = tuple(excess_measure(case, (name,)) for name in columns)
    return Outcome(
        measures=(
            mean_measure(measures, "column", case),
            *measures,
            *(part for name in columns for part in atom_measures(case, name)),
        ),
        summary=accuracy_summary(case, [(name,) for name in columns]),
        charts=tuple(column_chart(case, m.about[0]) for m in largest_measures(measures, _MAX_CHARTS)),
    )
