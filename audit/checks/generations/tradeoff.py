"""Several settings of one generator: what each trades of realism for diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.generations._shared.series_charts import series_of
from audit.model import Better, Chart, Family, Measure, Scale, Section, Unit, ratio_plane
from audit.stats.inference.intervals import Z95
from audit.stats.neighbours.realism import RatioEstimate


@dataclass(frozen=True, slots=True)
class _Setting:
    """One table's place in the plane of realism and diversity."""

    name: str
    realism: RatioEstimate
    diversity: RatioEstimate


@check(
    id="tradeoff",
    title="Realism against diversity",
    known_as="Pareto front of precision and recall",
    section=Section.SETTINGS_SIDE_BY_SIDE,
    standing=True,
    family=Family.GENERATIONS,
    question="Is there a setting of the generator that is both more realistic and more diverse?",
    scale=Scale(
        Unit.SHARE,
        "lead of another setting in both, as a share of what real rows reach",
        Better.LOWER,
        None,
        None,
    ),
    needs=(Need.SETTINGS, Need.ROWS),
    next_step="Use the setting named, or one between those that no other beats.",
)
def tradeoff(case: Case) -> Outcome:
    """Lead of another setting over the one in use, in realism and diversity at once.

    Each table is one setting of a generator, such as a temperature or a truncation; the first one
    is the one in use. Realism and diversity of each are taken against the same fresh real rows (see
    the checks of these names). The number is the smaller of both leads of the setting that beats the
    one in use most: above 0 another setting is better in both, 0.05 by five points of what real
    rows reach, below 0 every other setting costs something; chance alone gives about 0 for two
    equally good tables, and the interval is that of the two leads. Missing values are a value of
    their own. Which of the settings that none beats is best depends on what the table is for, and
    the number cannot tell it. Without a holdout one half of the real rows stands for fresh ones.
    Summary: `settings`, how many of them no other beats (`undominated`), and `area`, the part of
    the plane from nothing to what real rows reach that they hold together; 1 is all of it.

    Source: the trade of precision and recall by sampling bias: Alemohammad et al. (2024), ICLR; area:
    Zitzler and Thiele (1999), IEEE Transactions on Evolutionary Computation 3, 257-271 (hypervolume).
    The tolerances are a choice of this project.
    """
    steps = series_of(case).steps
    settings = [
        _Setting(s.name, s.realism, s.diversity)
        for s in steps
        if s.realism is not None and s.diversity is not None
    ]
    if len(settings) < len(steps):
        raise Skip(
            "Realism and diversity cannot be told for every table: it takes 250 rows of each.",
            "Give tables with more rows.",
            assessable=False,
        )
    used, *others = settings
    best = max(others, key=lambda other: (_lead(other, used)[0], other.name))
    value, error = _lead(best, used)
    measure = Measure(
        value=value,
        low=value - Z95 * error,
        high=value + Z95 * error,
        baseline=0.0,
        n=steps[0].rows,
        sentence=_sentence(used, best, value),
    )
    free = [s for s in settings if not any(_beats(other, s) for other in settings)]
    summary = {
        "settings": float(len(settings)),
        "undominated": float(len(free)),
        "area": _area(settings),
    }
    return Outcome((measure,), summary, (_plane(settings),))


def _lead(other: _Setting, used: _Setting) -> tuple[float, float]:
    """The smaller lead of another setting in realism or diversity, and its error."""
    leads = [
        (theirs.value - ours.value, float(np.hypot(theirs.high - theirs.value, ours.high - ours.value)) / Z95)
        for theirs, ours in ((other.realism, used.realism), (other.diversity, used.diversity))
    ]
    return min(leads)


def _beats(other: _Setting, one: _Setting) -> bool:
    return other.realism.value > one.realism.value and other.diversity.value > one.diversity.value


def _area(settings: Sequence[_Setting]) -> float:
    """Of the unit square, what lies below and left of any setting."""
    area, reached = 0.0, 0.0
    for s in sorted(settings, key=lambda s: -s.realism.value):
        up = min(s.diversity.value, 1.0)
        if up > reached:
            area += min(s.realism.value, 1.0) * (up - reached)
            reached = up
    return area


def _sentence(used: _Setting, best: _Setting, value: float) -> str:
    places = (
        f"{used.realism.value:.1%} of the realism and {used.diversity.value:.1%} of the diversity of real rows, "
        f"{best.name} {best.realism.value:.1%} and {best.diversity.value:.1%}"
    )
    if value > 0:
        return f"{best.name} beats the setting in use, {used.name}, in both: {used.name} reaches {places}."
    return f"No other setting beats {used.name} in both: it reaches {places}."


def _plane(settings: Sequence[_Setting]) -> Chart:
    return ratio_plane(
        [s.name for s in settings],
        [s.realism for s in settings],
        [s.diversity for s in settings],
        ("realism", "diversity"),
        title="What each setting trades of realism for diversity",
        alt="; ".join(
            f"{s.name}: realism {s.realism.value:.2f}, diversity {s.diversity.value:.2f}" for s in settings
        ),
        words="share of what real rows reach",
    )
