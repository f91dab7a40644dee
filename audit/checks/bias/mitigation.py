"""Whether weights to the real mix of groups and outcomes help: measured, not promised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Floats
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.group_counts import level_text
from audit.checks.bias._shared.groups import make_groups
from audit.checks.bias._shared.model_decisions import (
    ModelDecisions,
    ModelRates,
    RateChange,
    make_decisions,
    model_outcomes,
    tracked_outcomes,
)
from audit.checks.bias._shared.outcome_rates import make_outcomes
from audit.checks.bias._shared.raking_weights import WeightMargin, Weights, find_weights
from audit.learn.estimators import one_thread
from audit.learn.train_synthetic_test_real import T95, TstrComparison, TstrComparisons, tstr_comparisons
from audit.learn.training import Score, boosting, train
from audit.model import Better, Family, Kind, Measure, Role, Scale, Section, Unit
from audit.stats.groups.group_metrics import equalized_odds_difference
from audit.stats.inference.intervals import Z95
from audit.stats.models.scores import influence_error


@check(
    id="mitigation",
    title="What weights would mend",
    known_as="reweighing",
    section=Section.GAINS_OF_WEIGHTS,
    descriptive=True,
    family=Family.BIAS,
    question="Would weights that restore the real mix of groups make a model treat them more alike?",
    scale=Scale(Unit.NUMBER, "change of a difference between groups", Better.LOWER, -1.0, 1.0),
    needs=(Need.SENSITIVE, Need.TARGET, Need.HOLDOUT),
    next_step="Use the weights where they help; where they do not, generate anew with the group's relations kept.",
)
def mitigation(case: Case) -> Outcome:
    """Equalized odds difference of a model with row weights less that without.

    Boosted trees are trained on the same synthetic rows twice, as they are and with the weights
    of `row_weights`, and decide about the same holdout rows. Below 0 the weights bring groups
    closer together, 0 means that they change nothing, above 0 that they do harm. The baseline
    is what would have to be gained to be as even as a model of real rows. The interval counts
    the luck of the test rows, the same for both, and of the training rows. Beside it stand, on
    the same synthetic rows, how far the gap in outcome lies from the real one without and with
    weights (`data_gap`), and on the holdout rows the change of the area under the ROC curve
    (`utility`). All of it is shown and not judged. It is not asked where the mix is real and
    the model of synthetic rows treats groups as one of real rows does. Throwing rows away and
    generating the missing ones restore the same mix, so they gain as much where new rows are
    like those that are there. Weights cannot mend what is wrong within a group.

    Source: Kamiran and Calders (2012), Knowledge and Information Systems 33, 1-33 (weights by
    group and outcome); equalized odds: Hardt, Price and Srebro (2016), NeurIPS 29.
    """
    both, weights = tstr_comparisons(case), find_weights(case)
    both.refuse_unlearnable()
    if not both.task.classes:
        raise Skip("It looks at decisions, and the target is a number.", "Name a target of labels.")
    holdout = case.holdout
    followed = [] if holdout is None else list(_followed(case, holdout, both))
    if not followed:
        raise Skip(
            "No two groups have enough holdout rows with and without the outcome.",
            "Give a larger holdout, or a sensitive column with larger groups.",
            assessable=False,
        )
    rng = case.rng("mitigation")
    worse = [_is_worse(both.trees, judged, rng) for judged in followed]
    if not weights.differs_beyond_chance and not any(worse):
        raise Skip("Groups are mixed and treated as with real rows: nothing asks for mending.")
    weighted = _trained(both, weights, rng)
    gains = [_gain(both, weights, weighted, judged, rng) for judged in followed]
    measures = [m for gain in gains for m in gain.measures(len(both.synthetic.y))]
    measures.append(_utility(both, weighted))
    summary = {
        "score_unweighted": both.trees.synthetic.value,
        "score_weighted": weighted.value,
        "effective_rows": weights.effective_rows,
    }
    return Outcome(tuple(measures), summary)


def _followed(case: Case, holdout: CaseTable, both: TstrComparisons) -> Iterator[ModelDecisions]:
    """The groups of each sensitive column that has two with enough holdout rows."""
    target = case.column(both.task.target)
    outcomes = make_outcomes(case, target) if target.kind is Kind.CATEGORY else None
    favourable = outcomes.levels[0] if outcomes is not None and len(outcomes.levels) == 1 else None
    for column in case.with_role(Role.SENSITIVE):
        if column.kind in DISTRIBUTION_KINDS and column.name != target.name:
            groups = make_groups(case, column)
            group = groups.encode(holdout.column(column.name, both.test.indices))
            each = [
                make_decisions(groups, group, both.test.y, c) for c in tracked_outcomes(both.task, favourable)
            ]
            enough = [one for one in each if len(one.labels) > 1]
            if enough:
                yield max(enough, key=lambda one: int(one.truth.sum()))


def _change(judged: ModelDecisions, first: Score, second: Score, rng: np.random.Generator) -> RateChange:
    """Equalized odds of one model, of another, and how they differ."""
    decisions = model_outcomes(TstrComparison(first, second, 0.0), judged.outcome)
    treatment = ModelRates(judged.group, judged.truth, decisions, len(judged.labels), rng, luck=Z95)
    return treatment.rate_change(equalized_odds_difference)


def _is_worse(trees: TstrComparison, judged: ModelDecisions, rng: np.random.Generator) -> bool:
    """Whether the model of synthetic rows clearly treats groups less alike than that of real rows."""
    change = _change(judged, trees.real, trees.synthetic, rng)
    return float(change.value) > float(change.half)


def _trained(both: TstrComparisons, weights: Weights, rng: np.random.Generator) -> Score:
    rows = replace(both.synthetic, weights=weights.rows[both.synthetic.indices])
    with one_thread():
        return train(both.task, boosting, rows, both.test, rng)


@dataclass(frozen=True, slots=True)
class _Gain:
    """What weights do to one attribute.

    real : equalized odds difference of the model of real rows; change : without and with weights
    before, after : how far the largest gap in outcome lies from the real one, None without one
    """

    column: str
    outcome: str
    target: str
    real: float
    change: RateChange
    before: float | None
    after: float | None

    def measures(self, rows: int) -> Iterator[Measure]:
        """The gain, and the gap in the data."""
        value, half = float(self.change.value), float(self.change.half)
        yield Measure(
            value=value,
            about=(self.column, self.target),
            low=value - half,
            high=value + half,
            baseline=self.real - float(self.change.real),
            n=rows,
            sentence=self._sentence(value, half),
            descriptive=True,
        )
        if self.before is not None and self.after is not None:
            moved = self.after - self.before
            yield Measure(
                value=moved,
                about=(self.column, self.target),
                name="data_gap",
                low=moved,
                high=moved,
                n=rows,
                sentence=(
                    f"The gap in {self.outcome} between groups of {self.column} lies up to {100 * self.before:.1f} points "
                    f"from the real one in the synthetic rows, and {100 * self.after:.1f} points with weights."
                ),
                descriptive=True,
            )

    def _sentence(self, value: float, half: float) -> str:
        before, after = float(self.change.real), float(self.change.synthetic)
        return (
            f"Deciding about {self.outcome}, a model trained on weighted rows treats groups of {self.column} "
            f"{100 * after:.1f} points apart (equalized odds difference), without weights {100 * before:.1f}, trained on "
            f"real rows {100 * self.real:.1f}: {self._words(value, half)}."
        )

    def _words(self, value: float, half: float) -> str:
        if value + half < 0:
            return f"the weights take away {-100 * value:.1f} points, beyond chance"
        if value - half > 0:
            return f"the weights add {100 * value:.1f} points, beyond chance; do not use them for this"
        return "the weights leave the model's gap as it was, as far as these rows can tell"


def _gain(
    both: TstrComparisons,
    weights: Weights,
    weighted: Score,
    judged: ModelDecisions,
    rng: np.random.Generator,
) -> _Gain:
    column = judged.groups.column.name
    margin = next((m for m in weights.margins if m.column.name == column), None)
    level = level_text(both.task.classes[judged.outcome])
    gaps = _gaps(margin, level) if margin else None
    table = ModelRates(
        judged.group,
        judged.truth,
        model_outcomes(both.trees, judged.outcome),
        len(judged.labels),
        rng,
    ).tables[0]
    return _Gain(
        column=column,
        outcome=f"{both.task.target} = {level}",
        target=both.task.target,
        real=float(equalized_odds_difference(table)),
        change=_change(judged, both.trees.synthetic, weighted, rng),
        before=gaps[0] if gaps else None,
        after=gaps[1] if gaps else None,
    )


def _gaps(margin: WeightMargin, level: str) -> tuple[float, float] | None:
    """How far the largest gap in outcome lies from the real one, without and with weights.

    Gaps are between a group and the first one that has the outcome.
    """
    groups = list(dict.fromkeys(cell.group for cell in margin.cells))
    real, plain, mended = ([_rate(margin, group, level, way) for group in groups] for way in _WAYS)
    known = [g for g in range(len(groups)) if None not in (real[g], plain[g], mended[g])]
    if len(known) < 2:
        return None

    def farthest(rates: list[float | None]) -> float:
        first = known[0]
        return max(
            abs((rates[g] or 0.0) - (rates[first] or 0.0) - (real[g] or 0.0) + (real[first] or 0.0))
            for g in known[1:]
        )

    return farthest(plain), farthest(mended)


_WAYS = ("real", "synthetic", "weighted")


def _rate(margin: WeightMargin, group: str, level: str, way: str) -> float | None:
    """Share of a group's rows with the outcome; None without rows."""
    rows = {
        cell.outcome: cell.real
        if way == "real"
        else cell.synthetic * (cell.weight if way == "weighted" else 1.0)
        for cell in margin.cells
        if cell.group == group
    }
    total = sum(rows.values())
    return rows.get(level, 0.0) / total if total else None


def _utility(both: TstrComparisons, weighted: Score) -> Measure:
    plain = both.trees.synthetic
    value = weighted.value - plain.value
    half = math.hypot(
        Z95 * influence_error(_difference(weighted, plain)), T95 * math.hypot(weighted.spread, plain.spread)
    )
    return Measure(
        value=value,
        about=(both.task.target,),
        name="utility",
        low=value - half,
        high=value + half,
        baseline=both.trees.real.value - plain.value,
        n=len(both.synthetic.y),
        sentence=(
            f"To predict {both.task.target} in holdout rows, a model trained on weighted rows scores {weighted.value:.3f} "
            f"({both.task.score_word}), without weights {plain.value:.3f}, trained on real rows {both.trees.real.value:.3f}."
        ),
        descriptive=True,
    )


def _difference(first: Score, second: Score) -> Floats:
    difference: Floats = first.influences - second.influences
    return difference
