"""Distance from fresh real rows from one generation to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from audit.case.case import Case, column_names
from audit.case.check import Need, Outcome, Skip, check
from audit.case.series import TableSeries, TableSummary
from audit.checks.generations._shared.series_charts import series_of
from audit.model import (
    Better,
    Chart,
    Family,
    Measure,
    Scale,
    Section,
    Series as Line,
    Unit,
    as_series,
    line_chart,
)
from audit.stats.distributions.distances import (
    expected_total_variation,
    total_variation,
    total_variation_error,
)
from audit.stats.inference.intervals import Z95
from audit.stats.loops.selfconsuming import line_slope

_LEAST_WIDTH = 1e-9
_PICTURES = 12


@check(
    id="generation_distance",
    title="Distance over generations",
    known_as="total variation distance",
    section=Section.DISTANCE_BY_GENERATION,
    family=Family.GENERATIONS,
    question="Do the generations move further and further away from the real table?",
    scale=Scale(
        Unit.DISTANCE_PER_GENERATION,
        "total variation per generation, beyond chance",
        Better.LOWER,
        None,
        None,
    ),
    needs=(Need.GENERATIONS, Need.ROWS),
    next_step="Begin with the columns that move most, and feed the loop more fresh real rows.",
)
def generation_distance(case: Case) -> Outcome:
    """Growth of the distance from fresh real rows per generation, beyond chance.

    The distance is the total variation of a column's shares (bins of a number, frequent categories,
    missing), a mean over columns, less what chance gives a perfect generator in a loop that replaces
    its rows; there chance piles up. The number is the slope from the first generation to the last: 0
    means that the generations stay where the first one is, 0.01 that one event in a hundred more is
    off in every generation, below 0 that they come back; chance gives 0. Rows are compared with
    the holdout, or with the training rows where there is none. Missing values are a cell of their
    own. The same number for single columns is told and not judged. The interval takes the columns
    as wholly dependent, so it is wide. It cannot see relations between columns: see pair shapes in
    each generation's report. Summary: `relative_drift_index` tells how many times as far from
    fresh real rows the last generation lies as the real table does, `relative_drift_index_first`
    the same of the first.

    Source: total variation: Levin and Peres (2017), proposition 4.2; loops: Alemohammad et al.
    (2024), ICLR. The tolerances are a choice of this project.
    """
    series = series_of(case)
    columns = series.shared_columns(column_names(case.distribution_columns))
    if not columns:
        raise Skip("No column has a distribution to compare in every generation.")
    paths = {name: [_distance(series, at, name) for at in range(len(series.steps))] for name in columns}
    mean = [
        tuple(float(np.mean([p[at][i] for p in paths.values()])) for i in (0, 1))
        for at in range(len(series.steps))
    ]
    n = series.sizes[-1]
    measures = [_growth((), mean, n)]
    measures += sorted(
        (replace(_growth((name,), path, n), descriptive=True) for name, path in paths.items()),
        key=lambda m: (-m.value, m.about),
    )
    index = [_index(series, step, columns) for step in series.steps]
    chart = line_chart(
        as_series({"synthetic": [1.0, *index], "real": [1.0] * (len(index) + 1)}),
        title=f"The last generation lies {index[-1]:.1f} times as far from fresh real rows as the real table does",
        alt=f"Relative drift index by generation, from {index[0]:.2f} to {index[-1]:.2f}; 1 is the real table.",
        unit=Unit.RATIO,
        words="times the distance of the real table",
    )
    summary = {"relative_drift_index": index[-1], "relative_drift_index_first": index[0]}
    moved = (_moved(paths[m.about[0]] if m.about else mean, m.about) for m in measures[: _PICTURES + 1])
    return Outcome(tuple(measures), summary, (next(moved), chart, *moved))


def _moved(path: Sequence[tuple[float, ...]], about: tuple[str, ...]) -> Chart:
    """Distance from fresh real rows by generation, with its interval."""
    what = f"{about[0]} lies" if about else "the columns lie"
    value, low, high = ((0.0, *(v + way * e for v, e in path)) for way in (0.0, -Z95, Z95))
    return line_chart(
        [Line("synthetic", value, low, high), *as_series({"perfect generator": [0.0] * (len(path) + 1)})],
        title=f"How far {what} from fresh real rows, beyond chance",
        alt=f"Total variation beyond chance, from {path[0][0]:.3f} in the first generation to {path[-1][0]:.3f} in the last; 0 is none.",
        unit=Unit.DISTANCE,
        words="total variation beyond chance",
        about=about,
    )


def _fresh(series: TableSeries) -> TableSummary:
    return series.real if series.holdout is None else series.holdout


def _distance(series: TableSeries, at: int, name: str) -> tuple[float, float]:
    """Total variation beyond chance of a generation, and its error."""
    fresh, step = _fresh(series), series.steps[at]
    ours, theirs = step.cells[name,], fresh.cells[name,]
    drift = sum(1 / size for size in series.sizes[: at + 1])
    drift += 0.0 if series.holdout is None else 1 / series.real.rows
    chance = expected_total_variation(ours + theirs, fresh.rows, max(1, round(1 / drift)))
    return total_variation(ours, theirs) - chance, total_variation_error(ours, theirs)


def _growth(about: tuple[str, ...], path: Sequence[tuple[float, ...]], n: int) -> Measure:
    slope, error = line_slope([value for value, _ in path], [max(error, _LEAST_WIDTH) for _, error in path])
    what = about[0] if about else "The mean of all columns"
    return Measure(
        value=slope,
        about=about,
        low=slope - Z95 * error,
        high=slope + Z95 * error,
        baseline=0.0,
        n=n,
        sentence=(
            f"{what} moves {100 * slope:+.2f} points of total variation per generation away from fresh real rows, beyond "
            f"chance: from {max(path[0][0], 0.0):.3f} in the first to {max(path[-1][0], 0.0):.3f} in the last."
        ),
    )


def _index(series: TableSeries, step: TableSummary, columns: Sequence[str]) -> float:
    """D(generation, fresh) over D(real, fresh), the latter as chance gives it where nothing is fresh."""
    fresh = _fresh(series)
    far = float(np.mean([total_variation(step.cells[name,], fresh.cells[name,]) for name in columns]))
    if series.holdout is None:
        chance = [expected_total_variation(fresh.cells[name,], fresh.rows, step.rows) for name in columns]
        near = float(np.mean(chance))
    else:
        near = float(np.mean([total_variation(series.real.cells[n,], fresh.cells[n,]) for n in columns]))
    return far / near if near > 0 else 1.0
