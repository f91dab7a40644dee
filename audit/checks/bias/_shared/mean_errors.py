"""Mean errors of models that predict a number, group by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.checks.bias._shared.groups import Groups
from audit.checks.bias._shared.model_decisions import ENOUGH
from audit.learn.train_synthetic_test_real import T95, TstrComparisons
from audit.learn.training import Score
from audit.model import Chart, Estimate, Measure, Unit, interval_chart
from audit.stats.inference.intervals import Z95
from audit.stats.models.scores import group_jackknife_error, influence_error


@dataclass(frozen=True, slots=True)
class ErrorGaps:
    """Mean error of every group less that of the first one, in real standard deviations.

    value : shape (groups,), a mean over models; influences : shape (groups, n); spread : shape
    (groups,), standard errors from the training rows
    """

    value: Floats
    influences: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class MeanErrors:
    """What is found about one sensitive column and a numeric outcome."""

    target: str
    groups: Groups
    labels: tuple[str, ...]
    real: ErrorGaps
    synthetic: ErrorGaps
    rows: Ints

    @property
    def comparisons(self) -> int:
        """Groups that are compared with the first one."""
        return len(self.labels) - 1

    @property
    def added_gap(self) -> float:
        """The largest change of a group's gap."""
        change = self.synthetic.value - self.real.value
        return float(change[np.argmax(np.abs(change))])

    def summary(self) -> dict[str, float]:
        """The largest gap between groups, of both models."""
        return {
            "mean_error_gap_real": float(np.ptp(self.real.value)),
            "mean_error_gap_synthetic": float(np.ptp(self.synthetic.value)),
        }

    def measures(self, comparisons: int) -> Iterator[Measure]:
        """The change of every group's gap; so many comparisons are made in all columns together."""
        z = float(special.ndtri(1 - 0.025 / max(comparisons, 1))) / Z95
        for g in range(1, len(self.labels)):
            value = float(self.synthetic.value[g] - self.real.value[g])
            half = z * self._half(g)
            yield Measure(
                value=value,
                about=(self.groups.column.name, self.target),
                name="mean_error_gap",
                group={self.groups.column.name: self.labels[g]},
                low=value - half,
                high=value + half,
                baseline=0.0,
                n=int(self.rows[g]),
                sentence=f"Predicting {self.target}, the mean error for {self.groups.column.name} = {self.labels[g]} less that "
                f"for {self.labels[0]} is {self.real.value[g]:+.3f} real standard deviations with a model of real rows and "
                f"{self.synthetic.value[g]:+.3f} with one of synthetic rows.",
            )

    def _half(self, g: int) -> float:
        tested = influence_error(self.synthetic.influences[g] - self.real.influences[g])
        trained = float(np.hypot(self.synthetic.spread[g], self.real.spread[g]))
        return float(np.hypot(Z95 * tested, T95 * trained))

    def chart(self) -> Chart:
        """Gaps of every group with both models."""
        rows = range(1, len(self.labels))
        value = [float(self.synthetic.value[g]) for g in rows]
        name = self.groups.column.name
        return interval_chart(
            [self.labels[g] for g in rows],
            [Estimate.from_half_width(v, self._half(g)) for g, v in zip(rows, value, strict=True)],
            [float(self.real.value[g]) for g in rows],
            title=f"{name}: mean error in predicting {self.target}, against {self.labels[0]}",
            alt=f"Mean error less that of {self.labels[0]} with a model of synthetic rows (with one of real rows): "
            + "; ".join(
                f"{self.labels[g]} {v:+.3f} ({self.real.value[g]:+.3f})"
                for g, v in zip(rows, value, strict=True)
            )
            + ".",
            about=(name, self.target),
            unit=Unit.STANDARD_DEVIATIONS,
            words="real standard deviations",
        )


def mean_errors(
    case: Case, holdout: CaseTable, both: TstrComparisons, groups: Groups, rng: np.random.Generator
) -> MeanErrors | None:
    """Compare models that predict a number; None where no two groups have enough holdout rows."""
    del case, rng  # nothing is drawn and nothing else is looked up
    group = groups.encode(holdout.column(groups.column.name, both.test.indices))
    rows = np.bincount(group[group >= 0], minlength=len(groups.labels))
    kept = np.flatnonzero(rows >= ENOUGH)
    if len(kept) < 2:
        return None
    unit = float(both.real.y.std()) or 1.0
    real, synthetic = (
        _gaps(skill, both.test.y, group, kept, unit) for skill in (both.trees.real, both.trees.synthetic)
    )
    labels = tuple(groups.labels[g] for g in kept)
    return MeanErrors(both.task.target, groups, labels, real, synthetic, rows[kept])


def _gaps(skill: Score, truth: Floats, group: Ints, kept: Ints, unit: float) -> ErrorGaps:
    errors = (np.stack(skill.predicted) - truth) / unit
    inside = group == kept[:, None]
    weights = inside / inside.sum(axis=1, keepdims=True)
    means = errors @ weights.T
    mean_error = errors.mean(axis=0)
    around = len(truth) * weights * (mean_error - means.mean(axis=0)[:, None])
    gaps = means - means[:, :1]
    spread = np.array([group_jackknife_error(gaps[:, g]) for g in range(len(kept))])
    return ErrorGaps(gaps.mean(axis=0), around - around[:1], spread)
