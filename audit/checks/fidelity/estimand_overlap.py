"""Whether estimates that a user declared come out alike in real and in synthetic rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.checks.fidelity._shared.estimation import (
    EstimationPlan,
    Key,
    TableEstimate,
    Unfit,
    estimate,
    plan_estimate,
)
from audit.declare.estimands import parse_estimand
from audit.model import (
    Better,
    Chart,
    Estimate as IntervalEstimate,
    Family,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95, Interval
from audit.stats.models.regression import expected_overlap, interval_overlap

_MAX_SHOWN = 30
_WARNING = "Ordinary standard errors of synthetic rows are too small"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One estimate in real and in synthetic rows; None where the synthetic rows give none."""

    plan: EstimationPlan
    key: Key
    real: TableEstimate
    synthetic: TableEstimate | None
    fresh: TableEstimate | None

    @property
    def label(self) -> str:
        """What is estimated, as a reader writes it."""
        column, level = self.key
        if not column:
            return self.plan.estimand.text
        of = f"{column} = {level}" if level else column
        model = "log odds of " if self.plan.event is not None else ""
        event = f" = {self.plan.event}" if self.plan.event is not None else ""
        others = [name for name in self.plan.estimand.terms if name != column]
        beside = f" beside {', '.join(others)}" if others else ""
        return f"the coefficient of {of} for {model}{self.plan.estimand.outcome}{event}{beside}"


@check(
    id="estimand_overlap",
    title="Declared estimates",
    known_as="confidence interval overlap",
    section=Section.ESTIMATES,
    family=Family.FIDELITY,
    question="Do the estimates you declared come out alike in real and in synthetic rows?",
    scale=Scale(Unit.SHARE, "share of the intervals in common", Better.HIGHER, 0.0, 1.0),
    next_step="Do not publish this estimate from synthetic rows; have it computed on the real rows, or mend the columns it speaks of.",
)
def estimand_overlap(case: Case) -> Outcome:
    """How far the intervals of your estimates overlap, real against synthetic.

    Each estimate that you declared (a mean, a share, a coefficient of a regression) is made
    on the real and on the synthetic rows, with its 95 % interval; the number is the mean of
    the shares of each interval that lie in the other, and the main number is the least. 1 means the same interval, 0 that they
    are apart. Ordinary standard errors of synthetic rows are too small, because the
    rows follow from real ones whose luck they repeat: the interval of synthetic rows is
    widened by the root of 1 + synthetic rows / real rows before it is compared, so with
    equally many rows the best is 0.85, not 1. Above 0.5 is customary for a good table, but two
    halves of real data lie below that once in twelve; the baseline says what the holdout
    gives, or what chance gives on average. The number itself is counted on these tables, so
    the interval reaches upwards only: to the overlap if the estimates differ by as much less
    as chance allows. Numbers are regressed by least squares, two classes by logistic
    regression (the rarer one is the event), categories against their most frequent value;
    rows that lack a value of the model are left out. The summary tells how often coefficients
    agree in sign and in significance at 5 %, and the overlap with ordinary errors. It cannot
    see estimates that nobody declared, and it is mild on noise: a synthetic interval so wide
    that the real one lies within it scores at least a half.

    Source: Karr, Kohnen, Oganian, Reiter and Sanil (2006), The American Statistician 60,
    224-232; errors: Raab, Nowok and Dibben (2016), Journal of Privacy and Confidentiality
    7(3), 67-97; Decruyenaere and others (2024), UAI.
    """
    if not case.options.estimands:
        raise Skip(
            "No estimate was declared.",
            "Declare what you will estimate, such as --estimand 'mean(age)' or --estimand 'coefficient(hours ~ age + sex)'.",
        )
    pairs, unfit = _pairs(case)
    if not pairs:
        raise Skip(
            f"No declared estimate can be made: {'; '.join(unfit)}.",
            "Declare estimates of columns that both tables hold.",
            assessable=False,
        )
    details = [_measure(pair) for pair in pairs]
    return Outcome(
        (_worst(case, details, unfit), *details),
        _summary(pairs, details),
        (_chart(pairs),),
    )


def _pairs(case: Case) -> tuple[list[_Pair], list[str]]:
    """Every estimate once, and why others cannot be made."""
    found: dict[tuple[object, ...], _Pair] = {}
    unfit: list[str] = []
    for text in dict.fromkeys(case.options.estimands):
        estimand = parse_estimand(text)
        try:
            planned = plan_estimate(case, estimand)
        except Unfit as why:
            unfit.append(f"{estimand.text}: {why}")
            continue
        for pair in _estimates(case, planned):
            found.setdefault((pair.key, estimand.kind, estimand.columns, planned.event), pair)
        if not any(pair.plan is planned for pair in found.values()) and not _known(found, planned):
            unfit.append(f"{estimand.text}: the real rows are too few, or its columns follow from each other")
    return list(found.values()), unfit


def _known(found: Mapping[tuple[object, ...], _Pair], planned: EstimationPlan) -> bool:
    """Whether another text asked for the same."""
    mine = {(key, planned.estimand.kind, planned.estimand.columns, planned.event) for key in planned.keys}
    return bool(mine & found.keys())


def _estimates(case: Case, planned: EstimationPlan) -> list[_Pair]:
    told = {part.role: estimate(case, part, planned) for part in case.tables()}
    return [
        _Pair(planned, key, told["real"][key], told["synthetic"].get(key), told.get("holdout", {}).get(key))
        for key in planned.keys
        if key in told["real"]
    ]


def _interval(one: TableEstimate, widened: float = 1.0) -> Interval:
    reach = Z95 * one.error * widened
    return one.value - reach, one.value + reach


def _widening(other: TableEstimate, real: TableEstimate) -> float:
    """By which the errors of synthetic rows are too small."""
    return math.sqrt(1 + other.rows / real.rows)


def _overlap(real: TableEstimate, other: TableEstimate, *, nearer: float = 0.0) -> float:
    """Overlap with the widened interval, where the other estimate lies nearer by so much."""
    gap = other.value - real.value
    moved = real.value + math.copysign(max(abs(gap) - nearer, 0.0), gap)
    widened = _interval(TableEstimate(moved, other.error, other.rows), _widening(other, real))
    return max(0.0, interval_overlap(_interval(real), widened))


def _measure(pair: _Pair) -> Measure:
    real, synthetic = pair.real, pair.synthetic
    kind = pair.plan.estimand.kind
    column, level = pair.key
    others = tuple(name for name in pair.plan.estimand.columns if name != column)
    group = {column: level} if level else None
    if kind == "share":
        group = {pair.plan.estimand.outcome: pair.plan.estimand.value}
    about = (column, *others) if column else others
    if synthetic is None:
        text = f"{_capital(pair.label)} is {_told(real)} in real rows; synthetic rows give no estimate of it."
        return Measure(0.0, about, kind, group, 0.0, 0.0, _baseline(pair), 0, text)
    chance = Z95 * math.hypot(real.error, synthetic.error)
    value = _overlap(real, synthetic)
    return Measure(
        value=value,
        about=about,
        name=kind,
        group=group,
        low=value,
        high=_overlap(real, synthetic, nearer=chance),
        baseline=_baseline(pair),
        n=synthetic.rows,
        sentence=f"{_capital(pair.label)} is {_told(real)} in real rows and "
        f"{_told(synthetic, _widening(synthetic, real))} in synthetic rows, its interval widened as it must be; "
        f"the intervals overlap by {value:.0%}.",
    )


def _baseline(pair: _Pair) -> float:
    """What the holdout gives, or what chance gives on average."""
    if pair.fresh is not None:
        return _overlap(pair.real, pair.fresh)
    error, other = pair.real.error, pair.synthetic or pair.real
    return expected_overlap(
        error, other.error * _widening(other, pair.real), gap_error=math.hypot(error, other.error)
    )


def _told(one: TableEstimate, widened: float = 1.0) -> str:
    low, high = _interval(one, widened)
    return f"{one.value:.4g} ({low:.4g} to {high:.4g})"


def _capital(text: str) -> str:
    return text if "(" in text else text[:1].upper() + text[1:]


def _worst(case: Case, details: list[Measure], unfit: list[str]) -> Measure:
    """The estimate that overlaps least: a mean over estimates would hide it."""
    least = min(details, key=lambda m: m.value)
    what = "1 declared estimate" if len(details) == 1 else f"{len(details)} declared estimates"
    lost = f"; not made: {'; '.join(unfit)}" if unfit else ""
    return Measure(
        value=least.value,
        low=least.low,
        high=least.high,
        baseline=min(m.baseline or 0.0 for m in details),
        n=case.synthetic.rows,
        sentence=f"The intervals of {what} overlap by {least.value:.0%} or more. {_WARNING}: by a factor of "
        f"{math.sqrt(1 + case.synthetic.rows / case.real.rows):.2f} here{lost}.",
    )


def _summary(pairs: list[_Pair], details: list[Measure]) -> dict[str, float]:
    made = [(pair.real, pair.synthetic) for pair in pairs if pair.synthetic is not None]
    naive = [max(0.0, interval_overlap(_interval(one), _interval(other))) for one, other in made]
    summary = {"estimates": float(len(pairs)), "mean_overlap": sum(m.value for m in details) / len(details)}
    if naive:
        summary["overlap_with_ordinary_errors"] = sum(naive) / len(pairs)
    slopes = [pair for pair in pairs if pair.plan.estimand.kind == "coefficient"]
    if slopes:
        summary["sign_agreement"] = sum(_same_sign(pair) for pair in slopes) / len(slopes)
        summary["significance_agreement"] = sum(_same_significance(pair) for pair in slopes) / len(slopes)
    return summary


def _same_sign(pair: _Pair) -> bool:
    return pair.synthetic is not None and pair.real.value * pair.synthetic.value > 0


def _same_significance(pair: _Pair) -> bool:
    if pair.synthetic is None:
        return False
    clear = _widening(pair.synthetic, pair.real)
    intervals = (_interval(pair.real), _interval(pair.synthetic, clear))
    one, other = (low > 0 or high < 0 for low, high in intervals)
    return one == other


def _chart(pairs: list[_Pair]) -> Chart:
    """Each estimate of synthetic rows as standard errors from that of real rows."""
    shown = [(p, p.real, p.synthetic) for p in pairs if p.synthetic is not None and p.real.error > 0][
        :_MAX_SHOWN
    ]
    values = [(other.value - real.value) / real.error for _, real, other in shown]
    reach = [Z95 * other.error * _widening(other, real) / real.error for _, real, other in shown]
    far = max(range(len(shown)), key=lambda i: abs(values[i])) if shown else None
    return interval_chart(
        [p.label for p, _, _ in shown],
        map(IntervalEstimate.from_half_width, values, reach),
        0.0,
        title="Estimates from synthetic rows, as standard errors away from the real ones",
        alt="Each estimate of synthetic rows with its widened interval; the real interval reaches from -1.96 to 1.96."
        + (f" Furthest: {shown[far][0].label}, {values[far]:+.1f}." if far is not None else ""),
        unit=Unit.STANDARD_DEVIATIONS,
        words="standard errors of the real estimate",
    )
