"""Realism, diversity and distance from one generation to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from audit.case.case import Case, names
from audit.case.check import Need, Outcome, Skip, check
from audit.case.series import Series, Snapshot
from audit.checks.generations._shared.series_charts import lines, series_of
from audit.model import Better, Chart, Family, Measure, Scale, Unit
from audit.stats.distributions.distances import (
    expected_total_variation,
    total_variation,
    total_variation_error,
)
from audit.stats.inference.intervals import Z95
from audit.stats.loops.selfconsuming import line_slope
from audit.stats.neighbours.realism import Ratio

_STEADY = 0.05  # recall less realism that is not worth a word
_ALIKE = 1e-9
_PICTURES = 12


@check(
    id="generation_quality",
    title="Quality over generations",
    family=Family.GENERATIONS,
    question="Do realism and diversity fall from one generation to the next?",
    scale=Scale(
        Unit.POINTS_PER_GENERATION,
        "change per generation, as a share of what real rows reach",
        Better.HIGHER,
        None,
        None,
    ),
    needs=(Need.GENERATIONS, Need.ROWS),
    next_step="Feed the loop more fresh real rows; where diversity falls alone, draw without cutting off unlikely rows.",
)
def generation_quality(case: Case) -> Outcome:
    """Change of diversity, and of realism, from one generation to the next.

    Realism is the share of synthetic rows that lie where real rows lie, diversity the share of the
    variety of real rows that is reached (see the checks of these names); both are taken for every
    generation against the same fresh real rows, and 1 is what real rows reach. The number is the
    slope of diversity per generation, `realism` the same for realism: 0 means that nothing changes,
    -0.05 that five points are lost in every generation, above 0 a gain; chance gives 0. `recall`
    is that for the share of fresh real rows that lie in the neighbourhood of a synthetic row, over
    the same share for real rows: where rows crowd in the middle their neighbourhoods shrink, and
    recall falls while diversity, counted from the real side, may even rise. The first generation is
    where the slopes begin, so a fault that does not grow does not count here. `one_sided` is recall
    less realism (at most 1) of one generation: far below 0, rows are realistic and the variety is
    gone, which is how a generator looks that draws only likely rows; chance gives about 0. The
    interval holds the chance of every generation. Missing values are a value of their own. It
    cannot see which rows are lost: see diversity in each generation's report. Without a holdout
    one half of the real rows stands for fresh ones. Summary: the numbers of the first and the last
    generation.

    Source: Alemohammad et al. (2024), ICLR (precision and recall of loops; sampling bias); the
    numbers as in Salvy, Talbot and Thirion (2025), arXiv:2507.01761, and Kynkäänniemi et al. (2019),
    NeurIPS (recall). The tolerances are a choice of
    this project.
    """
    series = series_of(case)
    steps = series.steps
    paths = {word: [getattr(step, word) for step in steps] for word in ("diversity", "realism", "recall")}
    if any(ratio is None for path in paths.values() for ratio in path):
        raise Skip(
            "Realism and diversity cannot be told for every generation: it takes 250 rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    n = series.sizes[-1]
    pairs = zip(series.names, paths["realism"], paths["recall"], strict=True)
    measures = (
        *(_slope(word, path, n) for word, path in paths.items()),
        *(_one_sided(*pair, at, n) for at, pair in enumerate(pairs, 1)),
    )
    ends = {"first": 0, "last": -1}
    summary = {f"{w}_{end}": path[at].value for w, path in paths.items() for end, at in ends.items()}
    chart = lines(
        "Realism, diversity and recall over the generations",
        f"{'; '.join(f'{w} from {p[0].value:.2f} to {p[-1].value:.2f}' for w, p in paths.items())}; real rows reach 1.",
        {
            **{name: values for w, path in paths.items() for name, values in _ribbon(w, path)},
            "real": [1.0] * (len(steps) + 1),
        },
        Unit.SHARE,
        "share of what real rows reach",
    )
    return Outcome(measures, summary, (chart,))


def _ribbon(word: str, path: Sequence[Ratio]) -> Iterator[tuple[str, list[float]]]:
    """A line with its interval, from the real table on."""
    yield word, [1.0, *(r.value for r in path)]
    yield f"{word} low", [1.0, *(r.low for r in path)]
    yield f"{word} high", [1.0, *(r.high for r in path)]


def _error(ratio: Ratio) -> float:
    return max(ratio.high - ratio.value, _ALIKE) / Z95


def _slope(word: str, ratios: Sequence[Ratio], n: int) -> Measure:
    slope, error = line_slope([r.value for r in ratios], [_error(r) for r in ratios])
    return Measure(
        value=slope,
        name="" if word == "diversity" else word,
        low=slope - Z95 * error,
        high=slope + Z95 * error,
        baseline=0.0,
        n=n,
        sentence=(
            f"{word.capitalize()} changes by {100 * slope:+.1f} points per generation: {ratios[0].value:.1%} of what real rows "
            f"reach in the first, {ratios[-1].value:.1%} in the last of {len(ratios)}."
        ),
    )


def _one_sided(name: str, realism: Ratio, recall: Ratio, at: int, n: int) -> Measure:
    value = recall.value - min(realism.value, 1.0)
    error = float(np.hypot(_error(recall), _error(realism) if realism.value < 1 else 0.0))
    return Measure(
        value=value,
        name="one_sided",
        group={"generation": f"{at}, {name}"},
        low=value - Z95 * error,
        high=value + Z95 * error,
        baseline=0.0,
        n=n,
        sentence=(
            f"Generation {at} has {recall.value:.1%} of the recall of real rows at {realism.value:.1%} of their "
            f"realism: {_reading(value)}."
        ),
    )


def _reading(value: float) -> str:
    if value < -_STEADY:
        return "likely rows are drawn too often, and variety is lost"
    return (
        "neither comes at the cost of the other" if value <= _STEADY else "rows vary more than they are real"
    )


@check(
    id="generation_distance",
    title="Distance over generations",
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
    columns = series.shared(names(case.shaped))
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
        (_growth((name,), path, n) for name, path in paths.items()), key=lambda m: (-m.value, m.about)
    )
    index = [_index(series, step, columns) for step in series.steps]
    chart = lines(
        f"The last generation lies {index[-1]:.1f} times as far from fresh real rows as the real table does",
        f"Relative drift index by generation, from {index[0]:.2f} to {index[-1]:.2f}; 1 is the real table.",
        {"synthetic": [1.0, *index], "real": [1.0] * (len(index) + 1)},
        Unit.RATIO,
        "times the distance of the real table",
    )
    summary = {"relative_drift_index": index[-1], "relative_drift_index_first": index[0]}
    moved = (_moved(paths[m.about[0]] if m.about else mean, m.about) for m in measures[: _PICTURES + 1])
    return Outcome(tuple(measures), summary, (next(moved), chart, *moved))


def _moved(path: Sequence[tuple[float, ...]], about: tuple[str, ...]) -> Chart:
    """Distance from fresh real rows by generation, with its interval."""
    what = f"{about[0]} lies" if about else "the columns lie"
    ends = {"": 0.0, " low": -Z95, " high": Z95}
    return lines(
        f"How far {what} from fresh real rows, beyond chance",
        f"Total variation beyond chance, from {path[0][0]:.3f} in the first generation to {path[-1][0]:.3f} in the last; 0 is none.",
        {
            **{f"synthetic{end}": [0.0, *(v + way * e for v, e in path)] for end, way in ends.items()},
            "perfect generator": [0.0] * (len(path) + 1),
        },
        Unit.DISTANCE,
        "total variation beyond chance",
        about,
    )


def _fresh(series: Series) -> Snapshot:
    return series.real if series.holdout is None else series.holdout


def _distance(series: Series, at: int, name: str) -> tuple[float, float]:
    """Total variation beyond chance of a generation, and its error."""
    fresh, step = _fresh(series), series.steps[at]
    ours, theirs = step.cells[name,], fresh.cells[name,]
    drift = sum(1 / size for size in series.sizes[: at + 1])
    drift += 0.0 if series.holdout is None else 1 / series.real.rows
    chance = expected_total_variation(ours + theirs, fresh.rows, max(1, round(1 / drift)))
    return total_variation(ours, theirs) - chance, total_variation_error(ours, theirs)


def _growth(about: tuple[str, ...], path: Sequence[tuple[float, ...]], n: int) -> Measure:
    slope, error = line_slope([value for value, _ in path], [max(error, _ALIKE) for _, error in path])
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
        descriptive=bool(about),
    )


def _index(series: Series, step: Snapshot, columns: Sequence[str]) -> float:
    """D(generation, fresh) over D(real, fresh), the latter as chance gives it where nothing is fresh."""
    fresh = _fresh(series)
    far = float(np.mean([total_variation(step.cells[name,], fresh.cells[name,]) for name in columns]))
    if series.holdout is None:
        chance = [expected_total_variation(fresh.cells[name,], fresh.rows, step.rows) for name in columns]
        near = float(np.mean(chance))
    else:
        near = float(np.mean([total_variation(series.real.cells[n,], fresh.cells[n,]) for n in columns]))
    return far / near if near > 0 else 1.0
