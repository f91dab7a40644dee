"""What a loop on this table would do, played through with a plain generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.features import sample_rows
from audit.model import Better, Chart, Family, Measure, Scale, Section, Unit, as_series, line_chart
from audit.stats.distributions.distances import expected_total_variation, total_variation
from audit.stats.inference.intervals import Z95
from audit.stats.models.copula import fit_copula

_GENERATIONS = 5
_ROWS = 5_000  # at most, or fewer where there are many columns
_CELLS = 100_000
_BINS = 20
_UNIT = "total variation from the real table, a mean of columns"


@dataclass(frozen=True, slots=True)
class _Path:
    """What is left after each generation, 0 … 5.

    distance : mean total variation from the real rows; errors : its standard error
    variance : of numbers, share left (geometric mean); values : of categories, share still held
    """

    distance: tuple[float, ...]
    errors: tuple[float, ...]
    variance: float
    values: float


@check(
    id="projection",
    title="Projection of a loop",
    known_as="model collapse simulation",
    section=Section.SIMULATED_LOOP,
    descriptive=True,
    family=Family.GENERATIONS,
    question="What would five generations of a plain generator do to this table?",
    scale=Scale(Unit.DISTANCE, _UNIT, Better.LOWER, 0.0, 1.0),
    needs=(Need.ROWS,),
    next_step="Read it as a projection of a plain generator: yours may do better or worse, so give its own generations to know.",
)
def projection(case: Case) -> Outcome:
    """Distance from the real table after five generations of a plain generator.

    This is a projection, not a measurement: a Gaussian copula with the table's own values is
    fitted to real rows, drawn from, fitted to what was drawn, and so on five times. The number is
    the mean total variation of its columns from the real rows, on up to 20 bins or categories: 0
    means the same shares, 1 nothing shared. The baseline is what two samples of this size show by
    chance; a missing value is a value of its own. `half_fresh` is the same where every generation
    is fitted to all rows so far and as many fresh real rows again as were drawn. At most 5,000
    real rows are used, fewer where there are many columns; with more rows a loop loses less. It
    is never judged, it does not look at the synthetic table, and it cannot tell what your own
    generator would do, which may also blur relations or cut off tails. Summary: `variance_kept`
    and `values_left` are the share of the variance of numbers and of the categories that is left,
    each also for `half_fresh`.

    Source: Alemohammad et al. (2024), ICLR (loops); the copula as in Patki, Wedge and
    Veeramachaneni (2016), IEEE DSAA, 399-410.
    """
    if not case.distribution_columns:
        raise Skip("No column has a distribution to compare.")
    rng = case.rng("projection")
    most = max(500, min(_ROWS, _CELLS // len(case.distribution_columns)))
    rows = sample_rows(case.real, most, rng)
    matrix, categorical = _ordered(*_table(case, rows))
    paths = {
        name: _play(matrix, categorical, half, rng) for name, half in (("", False), ("half_fresh", True))
    }
    n = len(matrix)
    chance = float(np.mean([expected_total_variation(_counts(c, c), n, n) for c in matrix.T]))
    summary = {
        f"{what}_{name}".rstrip("_"): value
        for name, path in paths.items()
        for what, value in (("variance_kept", path.variance), ("values_left", path.values))
    }
    measures = tuple(_measure(name, path, chance, n) for name, path in paths.items())
    used: dict[str, int | None] = {"real": n, "synthetic": 0, "holdout": None}
    return Outcome(measures, summary, (_chart(paths, chance),), used)


def _table(case: Case, rows: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """The real rows as numbers; categories by how many real rows hold them, not by their names."""
    columns = []
    for column in case.distribution_columns:
        values = case.real.column(column.name, rows)
        if column.kind in NUMERIC_KINDS:
            columns.append(np.asarray(values, dtype=np.float64))
            continue
        known = case.real.value_counts(column.name)
        rank = np.empty(len(known.values))
        rank[np.argsort(-known.counts, kind="stable")] = np.arange(len(known.values))
        codes = np.full(len(values), np.nan)
        filled = np.array([value is not None for value in values], dtype=bool)
        codes[filled] = rank[np.searchsorted(known.values, values[filled])]
        columns.append(codes)
    return np.column_stack(columns), np.array(
        [c.kind not in NUMERIC_KINDS for c in case.distribution_columns]
    )


def _ordered(matrix: Floats, categorical: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Columns and rows in an order that their values give, whatever it was in the file."""
    ordered = np.sort(np.where(np.isnan(matrix), -np.inf, matrix), axis=0)
    columns = np.lexsort(ordered)
    filled = np.where(np.isnan(matrix), -np.inf, matrix)[:, columns]
    return matrix[np.lexsort(filled.T)][:, columns], categorical[columns]


def _play(matrix: Floats, categorical: NDArray[np.bool_], half: bool, rng: np.random.Generator) -> _Path:
    seen, made, drawn = matrix, [], matrix
    distances, errors = [0.0], [0.0]
    for _ in range(_GENERATIONS):
        drawn = fit_copula(seen, rng).sample(len(matrix), rng)
        made.append(drawn)
        fresh = [matrix[rng.integers(len(matrix), size=len(matrix))] for _ in made]
        seen = np.vstack([matrix, *made, *fresh]) if half else drawn
        if half:
            seen = seen[rng.permutation(len(seen))[: 2 * len(matrix)]]
        gaps = [total_variation(_counts(a, a), _counts(a, b)) for a, b in zip(matrix.T, drawn.T, strict=True)]
        distances.append(float(np.mean(gaps)))
        errors.append(float(np.std(gaps) / np.sqrt(len(gaps))) if len(gaps) > 1 else gaps[0] / 2)
    return _Path(
        tuple(distances),
        tuple(errors),
        _variance(matrix, drawn, categorical),
        _values(matrix, drawn, categorical),
    )


def _counts(like: Floats, values: Floats) -> NDArray[np.int64]:
    """Rows per bin of a column, missing last."""
    known = like[~np.isnan(like)]
    edges = (
        np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1), method="lower"))
        if len(known)
        else np.zeros(1)
    )
    filled = values[~np.isnan(values)]
    cells = np.searchsorted(edges[1:], filled, side="right")
    return np.append(np.bincount(cells, minlength=len(edges) + 1), len(values) - len(filled))


def _variance(matrix: Floats, drawn: Floats, categorical: NDArray[np.bool_]) -> float:
    before, after = (
        np.nanvar(m[:, ~categorical & ~np.isnan(m).all(axis=0)], axis=0) for m in (matrix, drawn)
    )
    if len(before) != len(after) or not np.any(before > 0):
        return 1.0
    kept = np.maximum(after[before > 0], 1e-12 * before[before > 0]) / before[before > 0]
    return float(np.exp(np.mean(np.log(kept))))


def _values(matrix: Floats, drawn: Floats, categorical: NDArray[np.bool_]) -> float:
    held = [len(np.unique(c[~np.isnan(c)])) for c in matrix.T[categorical]]
    left = [len(np.unique(c[~np.isnan(c)])) for c in drawn.T[categorical]]
    return sum(left) / sum(held) if sum(held) else 1.0


def _measure(name: str, path: _Path, chance: float, n: int) -> Measure:
    value, error = path.distance[-1], path.errors[-1]
    loop = "keeps all rows and adds as many fresh ones" if name else "replaces its rows"
    return Measure(
        value=value,
        name=name,
        low=max(0.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=chance,
        n=n,
        sentence=(
            f"Projection: after {_GENERATIONS} generations of a plain generator, a loop that {loop} lies {value:.3f} from "
            f"the real rows and holds {path.values:.0%} of the categories; chance alone gives {chance:.3f}."
        ),
        descriptive=True,
    )


def _chart(paths: dict[str, _Path], chance: float) -> Chart:
    replaced, fresh = paths[""].distance, paths["half_fresh"].distance
    return line_chart(
        as_series({"replaced": replaced, "half fresh, kept": fresh, "chance": [chance for _ in replaced]}),
        range(_GENERATIONS + 1),
        title=f"Projection: a plain generator lies {replaced[-1]:.3f} from the real rows after {_GENERATIONS} generations",
        alt=f"Total variation from the real rows by generation: replaced {replaced[-1]:.3f} after {_GENERATIONS}, "
        f"with half fresh rows {fresh[-1]:.3f}, chance {chance:.3f}.",
        unit=Unit.DISTANCE,
        words=_UNIT,
    )
