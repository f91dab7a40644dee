"""Equalized odds of models of real and of synthetic rows, group by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.model_decisions import (
    Decide,
    ModelDecisions,
    ModelRates,
    Rate,
    RateChange,
    decide_share,
    is_likeliest,
    make_decisions,
    model_outcomes,
    tracked_outcomes,
)
from audit.checks.bias._shared.outcome_rates import make_outcomes
from audit.learn.train_synthetic_test_real import T95, TstrComparison, TstrComparisons
from audit.model import Chart, Estimate, Kind, Measure, interval_chart
from audit.stats.groups.group_metrics import Confusion, calibration_gap, difference, equalized_odds_difference
from audit.stats.inference.intervals import Z95, wilson
from audit.stats.inference.p_values import normal_p

_MAX_SHOWN = 12  # groups in a chart


@dataclass(frozen=True, slots=True)
class EqualizedOdds:
    """What is found about one sensitive column and the outcome for which synthetic rows change most.

    target, level : the outcome followed is target = level
    trees, line : decisions of both learners; equal_share : of trees that select as many rows
        as have the outcome
    calibration : difference between groups of predicted less true rates, of both models, trees
    widened : by how much intervals grow because the worst of several outcomes is told
    trained_on : synthetic rows
    """

    target: str
    level: str
    judged: ModelDecisions
    trees: ModelRates
    line: ModelRates
    equal_share: ModelRates
    calibration: tuple[float, float]
    widened: float
    trained_on: int

    @property
    def added_gap(self) -> float:
        """What synthetic rows add to the equalized odds difference of boosted trees."""
        return float(self.trees.rate_change(equalized_odds_difference).value)

    @property
    def comparisons(self) -> int:
        """Groups that are compared with the first one, on two sides each."""
        return 2 * (len(self.judged.labels) - 1)

    @property
    def _column(self) -> str:
        return self.judged.groups.column.name

    @property
    def _outcome(self) -> str:
        return f"{self.target} = {self.level}"

    def summary(self) -> dict[str, float]:
        """The numbers of both models."""
        told = {
            "equalized_odds": self.trees.rate_change(equalized_odds_difference),
            "linear_equalized_odds": self.line.rate_change(equalized_odds_difference),
            "demographic_parity": self.trees.rate_change(_selection),
            "predictive_parity": self.trees.rate_change(_precision),
        }
        numbers = {f"{name}_real": float(change.real) for name, change in told.items()}
        numbers |= {f"{name}_synthetic": float(change.synthetic) for name, change in told.items()}
        real, synthetic = self.calibration
        return numbers | {"calibration_real": real, "calibration_synthetic": synthetic}

    def measures(self, comparisons: int) -> Iterator[Measure]:
        """Judged and shown numbers; so many comparisons of groups are made in all columns together."""
        yield self._odds(self.trees, "", "boosted trees")
        yield self._odds(self.line, "linear", "logistic regression")
        for g in range(1, len(self.judged.labels)):
            yield self._group(g, max(comparisons, 1))
        yield from self._shown()

    def _measure(self, change: RateChange, name: str, sentence: str) -> Measure:
        value, half = float(change.value), self.widened * float(change.half)
        return Measure(
            value=value,
            about=(self._column, self.target),
            name=name,
            low=value - half,
            high=value + half,
            baseline=0.0,
            n=self.trained_on,
            sentence=sentence,
        )

    def _odds(self, treatment: ModelRates, name: str, learner: str) -> Measure:
        change = treatment.rate_change(equalized_odds_difference)
        word = "less" if change.value > 0 else "more"
        return self._measure(
            change,
            name,
            f"Deciding about {self._outcome}, {learner} trained on synthetic rows treat groups of {self._column} "
            f"{word} alike: equalized odds difference {float(change.real):.3f} with real rows (inherited), "
            f"{float(change.synthetic):.3f} with synthetic rows ({_signed(change)} added by the generator)"
            f"{self._farthest(treatment)}.{self._left_out()}",
        )

    def _farthest(self, treatment: ModelRates) -> str:
        """The groups that lie farthest apart with synthetic rows."""
        name, rate = max(_SIDES.items(), key=lambda side: float(difference(side[1](treatment.tables[1]))))
        rates = rate(treatment.tables[1])
        top, bottom = int(np.argmax(rates)), int(np.argmin(rates))
        if top == bottom:
            return ""
        labels = self.judged.labels
        return f"; farthest apart is then the {name}, {labels[top]} {rates[top]:.1%}, {labels[bottom]} {rates[bottom]:.1%}"

    def _left_out(self) -> str:
        if not self.judged.small:
            return ""
        return f" Too few holdout rows to be judged: {', '.join(self.judged.small)}."

    def _group(self, g: int, comparisons: int) -> Measure:
        """The side on which a group moved farthest against the first one, in errors."""
        changes = {name: self.trees.rate_change(_against_first(rate)) for name, rate in _SIDES.items()}
        errors = {name: abs(c.value[g]) / max(c.half[g], 1e-9) for name, c in changes.items()}
        side = max(errors, key=lambda name: round(errors[name], 9))
        gaps = changes[side]
        value, half = float(gaps.value[g]), float(self.widened * gaps.half[g])
        label, first = self.judged.labels[g], self.judged.labels[0]
        return Measure(
            value=value,
            about=(self._column, self.target),
            name="group",
            group={self._column: label},
            low=value - half,
            high=value + half,
            baseline=0.0,
            n=int((self.judged.group == g).sum()),
            sentence=f"Deciding about {self._outcome}, the {side} of {self._column} = {label} less that of {first} is "
            f"{_points(gaps.real[g])} with a model of real rows and {_points(gaps.synthetic[g])} with one of synthetic rows.",
            p_value=normal_p(value, half / Z95, two_sided=True),
            comparisons=comparisons,
        )

    def _shown(self) -> Iterator[Measure]:
        for name, treatment, rate, words in (
            ("demographic_parity", self.trees, _selection, "Shares of people given the outcome"),
            ("predictive_parity", self.trees, _precision, "Shares of right decisions among those given it"),
            ("equal_share", self.equal_share, equalized_odds_difference,
             "If both models gave it to as many rows as have it, equalized odds"),
        ):  # fmt: skip
            change = treatment.rate_change(rate)
            sentence = (
                f"{words} differ between groups of {self._column} by {float(change.real):.3f} with a model of real rows "
                f"and by {float(change.synthetic):.3f} with one of synthetic rows ({self._outcome}, boosted trees)."
            )
            yield replace(self._measure(change, name, sentence), descriptive=True)
        real, synthetic = self.calibration
        yield Measure(
            value=synthetic - real,
            about=(self._column, self.target),
            name="calibration",
            baseline=0.0,
            n=self.trained_on,
            sentence=f"Predicted less true rates of {self._outcome} differ between groups of {self._column} by {real:.3f} "
            f"with a model of real rows and by {synthetic:.3f} with one of synthetic rows.",
            descriptive=True,
        )

    def chart(self) -> Chart:
        """Rates of each group with both models."""
        rows = []
        real, synthetic = self.trees.tables
        for g in range(min(len(self.judged.labels), _MAX_SHOWN)):
            for (side, rate), n in zip(_SIDES.items(), (real.positives, real.negatives), strict=True):
                share = float(rate(synthetic)[g])
                low, high = wilson(share * n[g], n[g])
                rows.append((f"{self.judged.labels[g]}: {side}", share, low, high, float(rate(real)[g])))
        change = self.trees.rate_change(equalized_odds_difference)
        return interval_chart(
            [row[0] for row in rows],
            [Estimate(*row[1:4]) for row in rows],
            [row[4] for row in rows],
            title=f"{self._column}: groups are {float(change.synthetic):.3f} apart with a model of synthetic rows, "
            f"{float(change.real):.3f} with one of real rows",
            alt=f"Rates of decisions about {self._outcome} with a model of synthetic rows (with one of real rows): "
            + "; ".join(f"{row[0]} {row[1]:.1%} ({row[4]:.1%})" for row in rows)
            + ".",
            about=(self._column, self.target),
            words="share of holdout rows",
        )


def _selection(table: Confusion) -> Floats:
    return difference(table.selection_rate)


def _precision(table: Confusion) -> Floats:
    return difference(table.precision)


_SIDES: Mapping[str, Rate] = {
    "true positive rate": lambda table: table.true_positive_rate,
    "false positive rate": lambda table: table.false_positive_rate,
}


def _against_first(rate: Rate) -> Rate:
    def gap(table: Confusion) -> Floats:
        rates = rate(table)
        return rates - rates[..., :1]

    return gap


def _signed(change: RateChange) -> str:
    return f"{float(change.value):+.3f}".replace("-", "−")


def _points(gap: float) -> str:
    return f"{100 * gap:+.1f} points".replace("-", "−")


def compare_odds(
    case: Case, holdout: CaseTable, both: TstrComparisons, groups: Groups, rng: np.random.Generator
) -> EqualizedOdds | None:
    """Compare the models of real and synthetic rows; None where no two groups have enough holdout rows."""
    group = groups.encode(holdout.column(groups.column.name, both.test.indices))
    followed = [
        make_decisions(groups, group, both.test.y, c)
        for c in tracked_outcomes(both.task, _favourable(case, both))
    ]
    enough = [one for one in followed if len(one.labels) > 1]
    if not enough:
        return None
    found = [(one, _treatment(both.trees, one, rng)) for one in enough]
    judged, trees = max(
        found, key=lambda pair: abs(float(pair[1].rate_change(equalized_odds_difference).value))
    )
    share = float(judged.truth.mean())
    return EqualizedOdds(
        target=both.task.target,
        level=_shown_level(both.task.classes[judged.outcome]),
        judged=judged,
        trees=trees,
        line=_treatment(both.line, judged, rng, luck=T95),
        equal_share=_treatment(both.trees, judged, rng, decide_share(share)),
        calibration=_calibration(both.trees, judged),
        widened=float(special.ndtri(1 - 0.025 / len(enough))) / Z95,
        trained_on=len(both.synthetic.y),
    )


def _treatment(
    contest: TstrComparison,
    judged: ModelDecisions,
    rng: np.random.Generator,
    decide: Decide = is_likeliest,
    luck: float = Z95,
) -> ModelRates:
    decisions = model_outcomes(contest, judged.outcome, decide)
    return ModelRates(judged.group, judged.truth, decisions, len(judged.labels), rng, luck=luck)


def _calibration(contest: TstrComparison, judged: ModelDecisions) -> tuple[float, float]:
    """Differences between groups of predicted less true rates, of both models."""
    truth = judged.truth.astype(np.float64)
    gaps = []
    for skill in (contest.real, contest.synthetic):
        chance = np.mean([one[:, judged.outcome] for one in skill.predicted], axis=0)
        gaps.append(float(difference(calibration_gap(judged.group, truth, chance, len(judged.labels)))))
    return gaps[0], gaps[1]


def _favourable(case: Case, both: TstrComparisons) -> str | None:
    """The outcome that is followed where there are two."""
    column = case.column(both.task.target)
    outcomes = make_outcomes(case, column) if column.kind is Kind.CATEGORY else None
    return outcomes.levels[0] if outcomes is not None and len(outcomes.levels) == 1 else None


def _shown_level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
