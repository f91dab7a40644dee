"""Whether categories die out from one generation to the next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case, column_names
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
from audit.model import (
    Chart,
    Family,
    Kind,
    Measure,
    Section,
    as_series,
    line_chart,
    share_bars,
)
from audit.stats.inference.intervals import Z95
from audit.stats.loops.selfconsuming import (
    chance_lost,
    log_heterozygosity_variance,
    neutral_heterozygosity,
)

_MAX_NAMED = 5  # values in a sentence
_AHEAD = 10  # generations that a risk is told for
_MAX_SHOWN = 20
_PICTURES = 12


@dataclass(frozen=True, slots=True)
class _Dying:
    """One column over the generations.

    path, neutral : share of the real heterozygosity, by generation, and for a perfect generator
    slope, error : of the logarithm of what goes beyond neutral, per generation
    steps : variance of the logarithm that chance adds in each generation
    held : rows of the real table by value
    lost : whether each value is gone in the last generation
    chances : that a perfect generator would have lost it by then
    ahead : that it would lose it in ten generations as large as the last
    """

    column: str
    path: tuple[float, ...]
    neutral: tuple[float, ...]
    slope: float
    error: float
    steps: tuple[float, ...]
    held: NDArray[np.int64]
    lost: NDArray[np.bool_]
    chances: NDArray[np.float64]
    ahead: NDArray[np.float64]

    @property
    def expected(self) -> float:
        """Values that a perfect generator would have lost by now."""
        return float(self.chances.sum())


@check(
    id="category_decay",
    title="Categories over generations",
    known_as="loss of heterozygosity (genetic drift)",
    section=Section.VARIETY_BY_GENERATION,
    family=Family.GENERATIONS,
    question="Do categories die out from one generation to the next, beyond chance?",
    scale=KEPT_SCALE,
    needs=(Need.GENERATIONS, Need.CATEGORY),
    next_step="Add real rows of the values named to every generation, or draw rare values by their real share.",
)
def category_decay(case: Case) -> Outcome:
    """Share of its variety that a category keeps per generation, beyond chance.

    Variety is the chance that two rows hold different values (heterozygosity). A perfect generator
    whose every generation is trained on the rows of the one before loses one part in n of it with
    n rows, as genes do in a small population; the number is the slope of what goes beyond that. 1
    means that nothing is lost, 0.95 that each generation is left with 95 %, above 1 that shares
    become more even; chance gives 1. From three generations on it counts from the first, so that only
    a loss that goes on counts; `left` is what the last generation has left in all. Another number, `values`, is the real values that are
    still held by the last generation over those a perfect generator would hold: 1 as chance, 0.9
    that one in ten died without need. A value dies by chance when few rows hold it: with c real
    rows in one generation of equal size with the chance e^-c. Missing values do not count, values
    that the real table does not hold count for variety only. The number without a column is the
    mean over columns. Values held by fewer than 10 real rows are counted and never named. It
    cannot see categories that keep their share and lose what they go with. Summary:
    `values_lost`, `values_expected_lost` by now, and `values_expected_lost_ahead`, in ten
    generations of a perfect generator as large as the last.

    Source: Wright (1931), Genetics 16, 97-159; Fisher (1922), Proceedings of the Royal Society of
    Edinburgh 42, 321-341 (chance of a line to die out); Alemohammad et al. (2024), ICLR.
    """
    series = series_of(case)
    columns = series.shared_columns(column_names(case.of_kind(Kind.CATEGORY)))
    found = [dying for dying in (_dying(series, name) for name in columns) if dying is not None]
    if not found:
        raise Skip("No category holds two values in the real table and stands in every generation.")
    n, last = series.sizes[-1], len(series.steps)
    slope, error = (float(np.mean([getattr(d, what) for d in found])) for what in ("slope", "error"))
    gone = sum(int(d.lost.sum()) for d in found)
    expected = sum(d.expected for d in found)
    whole = (
        f"Categories keep {math.exp(slope):.1%} of their variety per generation beyond chance; {gone:,} of "
        f"{sum(len(d.held) for d in found):,} values are gone after {last} generations, {expected:.1f} by chance alone."
    )
    measures = [share_kept(slope, error, (), n, whole)]
    for d in sorted(found, key=lambda d: (d.slope, d.column)):
        measures.append(share_kept(d.slope, d.error, (d.column,), n, _sentence(d)))
        beyond = math.log(d.path[-1] / d.neutral[-1])
        measures.append(share_left(beyond, d.steps, (d.column,), n, _remains(d)))
        measures.append(_values(d, series.levels[d.column], case.k, n))
    summary = {
        "values_lost": float(gone),
        "values_expected_lost": expected,
        "values_expected_lost_ahead": float(sum(d.ahead.sum() for d in found)),
    }
    return Outcome(tuple(measures), summary, tuple(_pictures(found, series, case.k)))


def _dying(series: TableSeries, name: str) -> _Dying | None:
    first = series.real.varieties[name]
    steps = [step.varieties[name] for step in series.steps]
    if np.count_nonzero(first.counts) < 2 or min(variety.filled for variety in steps) < 2:
        return None
    sizes = [variety.filled for variety in steps]
    remains = [max(v.heterozygosity, 1 / v.filled) / first.heterozygosity for v in steps]
    neutral = [neutral_heterozygosity(sizes[:at]) for at in range(len(sizes) + 1)]
    beyond = [math.log(here / there) for here, there in zip(remains, neutral[1:], strict=True)]
    errors = [
        log_heterozygosity_variance(_several(before.counts, first.counts), n)
        for before, n in zip((first, *steps), sizes, strict=False)
    ]
    slope, error = loop_slope(beyond, errors)
    start, last = first.filled, steps[-1]
    return _Dying(
        column=name,
        path=(1.0, *remains),
        neutral=tuple(neutral),
        slope=slope,
        error=error,
        steps=tuple(errors),
        held=first.counts,
        lost=last.counts == 0,
        chances=chance_lost(first.counts, sizes, start),
        ahead=chance_lost(first.counts, [last.filled] * _AHEAD, start),
    )


def _several(counts: NDArray[np.int64], real: NDArray[np.int64]) -> NDArray[np.int64]:
    """The counts, or the real ones where a single value is left, from which no error can be told."""
    return counts if np.count_nonzero(counts) > 1 else real


def _remains(d: _Dying) -> str:
    return (
        f"{d.column} has {d.path[-1]:.1%} of its variety left after {len(d.path) - 1} generations, where a perfect "
        f"generator would leave {d.neutral[-1]:.1%}."
    )


def _sentence(d: _Dying) -> str:
    return (
        f"{d.column} keeps {math.exp(d.slope):.1%} of its variety per generation beyond chance: {d.path[-1]:.1%} "
        f"is left after {len(d.path) - 1} generations, where a perfect generator would leave {d.neutral[-1]:.1%}."
    )


def _values(d: _Dying, levels: tuple[str, ...], k: int, n: int) -> Measure:
    """Values still held over those that a perfect generator would hold."""
    owed = len(d.held) - d.expected
    error = float(np.sqrt(np.sum(d.chances * (1 - d.chances)))) / owed
    value = float((~d.lost).sum()) / owed
    return Measure(
        value=value,
        about=(d.column,),
        name="values",
        low=max(0.0, value - Z95 * error),
        high=value + Z95 * error,
        baseline=1.0,
        n=n,
        sentence=_lost_words(d, levels, k),
    )


def _lost_words(d: _Dying, levels: tuple[str, ...], k: int) -> str:
    gone = int(d.lost.sum())
    text = f"{gone:,} of {len(d.held):,} values of {d.column} are gone after {len(d.path) - 1} generations, {d.expected:.1f} by chance alone"
    shown = [levels[i] for i in np.argsort(-d.held, kind="stable") if d.lost[i] and d.held[i] >= k]
    named = ", ".join(shown[:_MAX_NAMED]) + (
        f" and {len(shown) - _MAX_NAMED} more" if len(shown) > _MAX_NAMED else ""
    )
    return f"{text}; among them {named}." if shown else f"{text}."


def _pictures(found: list[_Dying], series: TableSeries, k: int) -> Iterator[Chart]:
    last = len(series.steps)
    mean = [float(np.mean([d.path[at] for d in found])) for at in range(last + 1)]
    neutral = [float(np.mean([d.neutral[at] for d in found])) for at in range(last + 1)]
    worst = min(found, key=lambda d: d.path[-1])
    yield line_chart(
        [
            confidence_band(
                "synthetic", mean, np.mean([accumulated_errors(d.steps) for d in found], axis=0).tolist()
            ),
            *as_series({"perfect generator": neutral, f"least: {worst.column}": worst.path}),
        ],
        title=f"{mean[-1]:.0%} of the variety of categories is left after {last} generations",
        alt=f"Share of the real heterozygosity by generation, a mean over columns: {mean[-1]:.3f} at the end, "
        f"{neutral[-1]:.3f} for a perfect generator.",
        words="share of the real variety",
    )
    for d in sorted(found, key=lambda d: (d.slope, d.column))[:_PICTURES]:
        yield _picture(d)
        chart = _at_risk(d, series.levels[d.column], k)
        if chart is not None:
            yield chart


def _picture(d: _Dying) -> Chart:
    return line_chart(
        [
            confidence_band("synthetic", d.path, accumulated_errors(d.steps)),
            *as_series({"perfect generator": d.neutral}),
        ],
        title=f"Variety of {d.column} over the generations",
        alt=_sentence(d),
        words="share of the real variety",
        about=(d.column,),
    )


def _at_risk(d: _Dying, levels: tuple[str, ...], k: int) -> Chart | None:
    """The rarest values that may be named, with the chance that a perfect generator loses them."""
    order = [i for i in np.argsort(d.held, kind="stable") if d.held[i] >= k][:_MAX_SHOWN]
    if not order:
        return None
    return share_bars(
        levels,
        {"lost by chance": d.ahead, "gone now": d.lost},
        order,
        title=f"Values of {d.column} most at risk in {_AHEAD} more generations",
        alt=f"Chance that even a perfect generator loses a value of {d.column} within {_AHEAD} generations, rarest first; "
        f"{levels[order[0]]} {d.ahead[order[0]]:.0%}.",
        about=(d.column,),
        words="share of loops",
    )
