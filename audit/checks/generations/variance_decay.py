"""Whether numbers lose their variance from one generation to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audit.case.case import Case, column_names
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, Skip, check
from audit.case.series import TableSeries
from audit.checks.generations._shared.series_charts import (
    KEPT_SCALE,
    accumulated_errors,
    confidence_band,
    loop_slope,
    series_of,
    share_kept,
    share_left,
)
from audit.model import Chart, Family, Section, as_series, line_chart
from audit.stats.loops.selfconsuming import log_variance_variance, neutral_log_variance

_LEAST = 1e-9  # of the real variance: what is left of a number that became constant
_MIN_ROWS = 10  # rows with a value, in every table
_PICTURES = 12


@dataclass(frozen=True, slots=True)
class Decay:
    """One column over the generations.

    paths : logarithm of the share of the real variance that is left, by generation
    neutral : the same for a perfect generator in a loop that replaces its rows
    slope, error : of what goes beyond neutral, per generation
    steps : variance of the logarithm that chance adds in each generation
    """

    column: str
    path: tuple[float, ...]
    neutral: tuple[float, ...]
    slope: float
    error: float
    steps: tuple[float, ...]
    by_rank: bool


@check(
    id="variance_decay",
    title="Variance over generations",
    known_as="variance collapse (model collapse)",
    section=Section.VARIANCE_BY_GENERATION,
    family=Family.GENERATIONS,
    question="Do numbers lose variance from one generation to the next, beyond chance?",
    scale=KEPT_SCALE,
    needs=(Need.GENERATIONS, Need.NUMBER),
    next_step="Feed the loop more fresh real rows, and look at how the generator draws the ends of the columns named.",
)
def variance_decay(case: Case) -> Outcome:
    """Share of its variance that a number keeps per generation, beyond chance.

    The logarithm of the variance of each generation over that of the real table is set against
    what a perfect generator would lose whose every generation is trained on the rows of the one
    before: such a loop loses about one part in n of n rows by sampling alone. The number is the
    slope of what goes beyond it. 1 means that nothing is lost, 0.95 that each generation is left
    with 95 %, above 1 that variance grows; chance gives 1. From three generations on it counts from
    the first, so that a loss at once, which is the generator's, is told from one that goes on, which
    is the loop's. `left` is what the last generation has left in all, beyond chance. Where the tails of the real column are heavy
    (kurtosis above 10) a few rows would decide, so the variance of ranks among real values is
    taken. Missing values do not count. The interval holds the chance of every generation, which
    piles up. The number without a column is the mean over all columns. In a loop that keeps rows
    chance takes less than is allowed for here. It cannot see what happens in the far tails of
    columns told by ranks, see tails in each generation's report. Summary: `generations`,
    `variance_kept` (a mean over columns, in the last generation) and `expected_kept`.

    Source: derived here from Bartlett and Kendall (1946), Supplement to the Journal of the Royal
    Statistical Society 8, 128-138; Alemohammad et al. (2024), ICLR (variance collapse).
    """
    series = series_of(case)
    columns = series.shared_columns(column_names(case.of_kind(*NUMERIC_KINDS)))
    found = [decay for decay in (_decay(series, name) for name in columns) if decay is not None]
    if not found:
        raise Skip("No number varies in the real table and stands in every generation.")
    n, last = series.sizes[-1], len(series.steps)
    worst = sorted(found, key=lambda d: (d.slope, d.column))
    slope, error = (float(np.mean([getattr(d, what) for d in found])) for what in ("slope", "error"))
    remains = [math.exp(float(np.mean([d.path[at] for d in found]))) for at in range(last + 1)]
    whole = (
        f"Numbers keep {math.exp(slope):.1%} of their variance per generation beyond chance; after {last} generations "
        f"{remains[-1]:.1%} of the real variance is left, a mean over {len(found)} columns."
    )
    measures = (
        share_kept(slope, error, (), n, whole),
        *(share_kept(d.slope, d.error, (d.column,), n, _sentence(d)) for d in worst),
        *(share_left(d.path[-1] - d.neutral[-1], d.steps, (d.column,), n, _remains(d)) for d in worst),
    )
    summary = {
        "generations": float(last),
        "variance_kept": remains[-1],
        "expected_kept": math.exp(float(np.mean([d.neutral[-1] for d in found]))),
    }
    return Outcome(measures, summary, (_overview(found, remains), *(_picture(d) for d in worst[:_PICTURES])))


def _decay(series: TableSeries, name: str) -> Decay | None:
    first = series.real.spreads[name]
    steps = [step.spreads[name] for step in series.steps]
    if first.variance <= 0 or min(spread.filled for spread in (first, *steps)) < _MIN_ROWS:
        return None
    sizes = [spread.filled for spread in steps]
    path = [0.0, *(math.log(max(s.variance / first.variance, _LEAST)) for s in steps)]
    neutral = [neutral_log_variance(sizes[:at]) for at in range(len(sizes) + 1)]
    beyond = [here - there for here, there in zip(path, neutral, strict=True)]
    errors = [
        log_variance_variance(before.kurtosis, n) for before, n in zip((first, *steps), sizes, strict=False)
    ]
    slope, error = loop_slope(beyond[1:], errors)
    return Decay(name, tuple(path), tuple(neutral), slope, error, tuple(errors), first.by_rank)


def _remains(decay: Decay) -> str:
    return (
        f"{decay.column} has {math.exp(decay.path[-1]):.1%} of {_what(decay)} left after {len(decay.path) - 1} generations, "
        f"where a perfect generator would leave {math.exp(decay.neutral[-1]):.1%}."
    )


def _what(decay: Decay) -> str:
    return "the variance of its ranks" if decay.by_rank else "its variance"


def _sentence(decay: Decay) -> str:
    what = _what(decay)
    return (
        f"{decay.column} keeps {math.exp(decay.slope):.1%} of {what} per generation beyond chance: "
        f"{math.exp(decay.path[-1]):.1%} is left after {len(decay.path) - 1} generations, where a perfect "
        f"generator would leave {math.exp(decay.neutral[-1]):.1%}."
    )


def _overview(found: list[Decay], left: list[float]) -> Chart:
    neutral = [math.exp(float(np.mean([d.neutral[at] for d in found]))) for at in range(len(left))]
    worst = min(found, key=lambda d: d.path[-1])
    return line_chart(
        [
            confidence_band("synthetic", left, _mean_spread(found)),
            *as_series(
                {
                    "perfect generator": neutral,
                    f"least: {worst.column}": [math.exp(value) for value in worst.path],
                }
            ),
        ],
        title=f"{left[-1]:.0%} of the variance of numbers is left after {len(left) - 1} generations",
        alt=f"Share of the real variance left by generation, a mean over columns: {left[-1]:.3f} at the end, "
        f"{neutral[-1]:.3f} for a perfect generator.",
        words="share of the real variance",
    )


def _mean_spread(found: list[Decay]) -> list[float]:
    """Errors of the mean over columns, which may all err together."""
    return [float(at) for at in np.mean([accumulated_errors(d.steps) for d in found], axis=0)]


def _picture(decay: Decay) -> Chart:
    return line_chart(
        [
            confidence_band(
                "synthetic", [math.exp(value) for value in decay.path], accumulated_errors(decay.steps)
            ),
            *as_series({"perfect generator": [math.exp(value) for value in decay.neutral]}),
        ],
        title=f"Variance of {decay.column} over the generations",
        alt=_sentence(decay),
        words="share of the real variance",
        about=(decay.column,),
    )
