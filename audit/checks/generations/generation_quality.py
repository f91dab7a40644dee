"""Realism and diversity from one generation to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.generations._shared.series_charts import series_of
from audit.model import Better, Family, Measure, Scale, Section, Series, Unit, as_series, line_chart
from audit.stats.inference.intervals import Z95
from audit.stats.loops.selfconsuming import line_slope
from audit.stats.neighbours.realism import RatioEstimate

_LEAST_WIDTH = 1e-9
_STEADY = 0.05  # recall less realism that is not worth a word


@check(
    id="generation_quality",
    title="Quality over generations",
    known_as="precision and recall of generative models",
    section=Section.QUALITY_BY_GENERATION,
    standing=True,
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
    chart = line_chart(
        [*(_ribbon(w, path) for w, path in paths.items()), *as_series({"real": [1.0] * (len(steps) + 1)})],
        title="Realism, diversity and recall over the generations",
        alt=f"{'; '.join(f'{w} from {p[0].value:.2f} to {p[-1].value:.2f}' for w, p in paths.items())}; real rows reach 1.",
        words="share of what real rows reach",
    )
    return Outcome(measures, summary, (chart,))


def _ribbon(word: str, path: Sequence[RatioEstimate]) -> Series:
    """A line with its interval, from the real table on."""
    value, low, high = ((1.0, *(getattr(r, end) for r in path)) for end in ("value", "low", "high"))
    return Series(word, value, low, high)


def _error(ratio: RatioEstimate) -> float:
    return max(ratio.high - ratio.value, _LEAST_WIDTH) / Z95


def _slope(word: str, ratios: Sequence[RatioEstimate], n: int) -> Measure:
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


def _one_sided(name: str, realism: RatioEstimate, recall: RatioEstimate, at: int, n: int) -> Measure:
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
