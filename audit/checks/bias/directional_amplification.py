"""In which direction the link of group and outcome is strengthened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.outcome_rates import ROWS, Outcomes, count_outcomes, make_outcomes, pairs
from audit.learn.train_synthetic_test_real import TstrComparisons, tstr_comparisons
from audit.learn.training import Score
from audit.model import Better, Chart, Column, Family, Kind, Measure, Scale, Unit, compared_intervals
from audit.stats.groups.bias_amplification import directional_link, predictability
from audit.stats.inference.intervals import Z95

_RESAMPLES = 400
_WORDS = {
    "": "from group to outcome",
    "group_from_outcome": "from outcome to group",
    "model": "from group to the outcome that a model decides",
}


@dataclass(frozen=True, slots=True)
class _Link:
    """Rows by group and outcome in the real table and in another, and what decides there.

    inherited : the same table for decisions of models of real rows; None for data
    """

    real: Floats
    other: Floats
    inherited: Floats | None = None


@check(
    id="directional_amplification",
    title="Direction of amplification",
    known_as="directional bias amplification",
    learned=True,
    descriptive=True,
    family=Family.BIAS,
    question="Is the link between group and outcome strengthened, and in which direction?",
    scale=Scale(Unit.NUMBER, "rise of a conditional share, a mean over pairs", Better.ZERO, -1.0, 1.0),
    next_step="Read it beside the gaps in outcome: from group to outcome means that the outcome was made to follow the group, from outcome to group that the mix of groups within an outcome was changed.",
    needs=(Need.SENSITIVE, Need.TARGET),
)
def directional_amplification(case: Case) -> Outcome:
    """How far groups and outcomes that go together do so more than in real rows.

    For every group and outcome that are found together more often than by chance in the real
    table, the rise of the share of the outcome within the group is counted, for all others its
    fall, and the mean is taken; `group_from_outcome` is the other direction, of the share of
    the group within the outcome. 0 means a link as strong as in the real
    table, above 0 a stronger one, below 0 a weaker one. With a holdout, `model` is the same for
    what a model of synthetic rows decides about holdout rows, with a model of real rows as its
    baseline. Where groups and outcomes are independent in the real table these numbers cannot
    see a link that is made up; `predictability` can: the share of the uncertainty about the
    outcome that knowing the group takes away, synthetic less real. Intervals count the luck of
    the rows of both tables; by chance alone the numbers are 0 but for a little, since noise
    also makes pairs. Nothing is judged here. Rows without an outcome do not count, nor do
    groups of fewer than ten real people. It cannot say whether the real link is fair.

    Source: Wang and Russakovsky (2021), ICML, PMLR 139, 10882-10893; predictability: Goodman
    and Kruskal (1954), JASA 49, 732-764.
    """
    rng = case.rng("directional_amplification")
    both = _contests(case)
    measures: list[Measure] = []
    charts: list[Chart] = []
    for groups, target in pairs(case):
        outcomes = _all_outcomes(case, target)
        if outcomes is not None:
            found = list(_measures(case, groups, outcomes, both, rng))
            measures += found
            charts += [_chart(found)] if found else []
    if not measures:
        raise Skip(
            "No two groups of ten real people or more have an outcome of labels to compare.", assessable=False
        )
    return Outcome(tuple(measures), charts=tuple(charts))


def _contests(case: Case) -> TstrComparisons | None:
    """Models where they can be had; the numbers of the data do not need them."""
    if case.holdout is None:
        return None
    try:
        both = tstr_comparisons(case)
        both.refuse_unlearnable()
    except Skip:
        return None
    return both if both.task.classes else None


def _all_outcomes(case: Case, target: Column) -> Outcomes | None:
    """Every level of the outcome, also of one with two."""
    followed = make_outcomes(case, target) if target.kind is Kind.CATEGORY else None
    if followed is None or len(followed.levels) > 1:
        return followed
    counts = case.real.value_counts(target.name)
    held = [str(v) for v, n in zip(counts.values, counts.counts, strict=True) if n >= case.k]
    return Outcomes(
        target, (followed.levels[0], *(v for v in held if v != followed.levels[0])), "every level"
    )


def _measures(
    case: Case, groups: Groups, outcomes: Outcomes, both: TstrComparisons | None, rng: np.random.Generator
) -> Iterator[Measure]:
    real, synthetic = (
        count_outcomes(case, part, groups, outcomes)[0].astype(np.float64)
        for part in (case.real, case.synthetic)
    )
    kept = (real.sum(axis=1) >= ROWS) & (synthetic.sum(axis=1) > 0)
    if kept.sum() < 2:
        return
    data = _Link(real[kept], synthetic[kept])
    name, target, rows = groups.column.name, outcomes.column.name, int(synthetic.sum())
    for which, link in (
        ("", data),
        ("group_from_outcome", _Link(data.real.T, data.other.T)),
    ):
        yield _amplified(name, target, which, link, rows, rng)
    if case.holdout is not None and both is not None and both.task.target == target:
        tables = [
            _decided(case.holdout, both, groups, outcomes, skill)[kept]
            for skill in (both.trees.real, both.trees.synthetic)
        ]
        link = _Link(data.real, tables[1], tables[0])
        yield _amplified(name, target, "model", link, rows, rng)
    yield _told(name, target, data, rows, rng)


def _decided(
    holdout: CaseTable, both: TstrComparisons, groups: Groups, outcomes: Outcomes, skill: Score
) -> Floats:
    """Holdout rows by group and decision, a mean over models, shape (groups, outcomes)."""
    group: Ints = groups.encode(holdout.column(groups.column.name, both.test.indices))
    inside = group >= 0
    table = np.zeros((len(groups.labels), len(outcomes.levels)))
    for chances in skill.predicted:
        decided = chances.argmax(axis=1)
        for place, value in enumerate(both.task.classes):
            if str(value) in outcomes.levels:
                mine = group[inside & (decided == place)]
                table[:, outcomes.levels.index(str(value))] += np.bincount(mine, minlength=len(groups.labels))
    return table / len(skill.predicted)


def _amplified(
    name: str, target: str, which: str, link: _Link, rows: int, rng: np.random.Generator
) -> Measure:
    value = float(directional_link(link.real, link.other))
    real = rng.poisson(link.real, (_RESAMPLES, *link.real.shape)).astype(np.float64)
    other = rng.poisson(link.other, (_RESAMPLES, *link.other.shape)).astype(np.float64)
    # The real table says which pairs go together; its luck is in the shares they are compared with.
    drawn = directional_link(link.real, other) - directional_link(link.real, real)
    half = Z95 * float(np.std(drawn))
    base = 0.0 if link.inherited is None else float(directional_link(link.real, link.inherited))
    return Measure(
        value=value,
        about=(name, target),
        name=which,
        low=value - half,
        high=value + half,
        baseline=base,
        n=rows,
        sentence=f"{_WORDS[which].capitalize()}, the link of {name} and {target} is "
        f"{'stronger' if value > 0 else 'weaker'} than in the real table by {100 * abs(value):.1f} points on average"
        + (f"; with a model of real rows by {100 * base:+.1f}." if link.inherited is not None else "."),
        descriptive=True,
    )


def _told(name: str, target: str, link: _Link, rows: int, rng: np.random.Generator) -> Measure:
    real, synthetic = float(predictability(link.real)), float(predictability(link.other))
    drawn = [
        predictability(rng.poisson(t, (_RESAMPLES, *t.shape)).astype(np.float64))
        for t in (link.real, link.other)
    ]
    half = Z95 * math.hypot(float(np.std(drawn[0])), float(np.std(drawn[1])))
    return Measure(
        value=synthetic - real,
        about=(name, target),
        name="predictability",
        low=synthetic - real - half,
        high=synthetic - real + half,
        baseline=0.0,
        n=rows,
        sentence=f"Knowing {name} takes away {real:.1%} of the uncertainty about {target} in the real table and "
        f"{synthetic:.1%} in the synthetic one.",
        descriptive=True,
    )


def _chart(found: list[Measure]) -> Chart:
    shown = [m for m in found if m.name != "predictability"]
    about = shown[0].about
    return compared_intervals(
        [_WORDS[m.name] for m in shown],
        shown,
        title=f"Link of {about[0]} and {about[1]}: {100 * shown[0].value:+.1f} points from group to outcome",
        alt="; ".join(f"{_WORDS[m.name]} {100 * m.value:+.1f} points" for m in shown) + ".",
        about=about,
        words="rise of a conditional share",
    )
