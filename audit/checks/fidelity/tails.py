"""Tails: how many rows lie far out, how far out they lie, and whether columns are extreme together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import special

from audit.case.binning import number_text
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.joint_tails import DISTINCT, ENOUGH, JointTails, in_words
from audit.checks.fidelity._shared.tail_ends import TailCut, TailSide, tail_spread
from audit.model import (
    Better,
    Chart,
    Column,
    Family,
    Fold,
    Kind,
    Measure,
    Page,
    Scale,
    Unit,
    compared_intervals,
)
from audit.stats.distributions.tails import nearer_end, rate_ratio, same_rate
from audit.stats.inference.intervals import Z95, Interval

_FALSE_ALARM_RATE = (
    0.02  # over all levels; they are nested, so that tables of one population alarm half as often
)
_MAX_BARS = 20


@check(
    id="tails",
    title="Tails",
    known_as="tail probability ratio",
    page=Page.COLUMNS,
    folds=(Fold.PAIR, Fold.FOLLOWS_COLUMNS, Fold.WORST_DETAIL),
    family=Family.FIDELITY,
    question="Are extreme values as frequent, as far out and as often together as in the real table?",
    scale=Scale(Unit.RATIO, "times the real share", Better.ONE, 0.0, None),
    needs=(Need.NUMBER, Need.ROWS),
    next_step="Look at the ends of the column: generators clip, smooth or stretch them; model the tail apart, or sample it from the real rows.",
)
def tails(case: Case) -> Outcome:
    """Synthetic share of rows in a tail over the real share, for the worst tail.

    A tail is what lies at or beyond an outer quantile of the real values, on either side of a
    number or date with more than 20 values. 1 means as many rows as in the real table, 0.5
    half as many, 0 that the tail is cut off; there is no upper end. For each tail the most
    extreme of eight levels (5 % to 0.02 % of the real rows) is judged that holds 125 rows in
    either table; tails for which even 5 % are fewer are shown, not judged. `upper_extreme`
    and `lower_extreme` are another level, or all that lies beyond the last synthetic value;
    `upper_reach` and `lower_reach` how far beyond the level the rows lie on average, over the
    same for real rows: both are judged only where chance does not explain the difference (in
    1 of 100 tables of one population at most). Their intervals allow for choosing among the
    levels; the end nearer to 1 is where the test puts it, inside the usual interval. `joint` is for two columns: how often
    both are in their upper tenth, over the same for real rows, each column's own share taken
    into account; it is judged where at least 125 rows are expected. A value that holds many
    rows, such as zero, lies wholly inside a tail or outside it. Missing values are left out.
    The baseline is the holdout against the real table. Two rows are added, shared out by the
    sizes of the tables, so that an empty tail has a ratio. It cannot see how values are
    spread within a tail.

    Source: exact interval of a ratio of rates: Przyborowski and Wilenski (1940), Biometrika 31,
    313-323; rows beyond the other table's last: Rosenbaum (1954), Annals of Mathematical
    Statistics 25, 146-150; end by the test: Miettinen (1976), American Journal of Epidemiology
    103, 226-235; mean excess: Embrechts, Klueppelberg and Mikosch (1997), section 6.2; joint
    tails: Coles, Heffernan and Tawn (1999), Extremes 2, 339-365; values beyond a level: Smirnov
    (1948), Annals of Mathematical Statistics 19, 279-281.
    """
    sides = [side for column in case.of_kind(*NUMERIC_KINDS) for side in _sides(case, column)]
    if not sides:
        raise Skip("No number or date has a tail: none has more than 20 values in both tables.")
    joint = JointTails(case)
    comparisons = sum(2 * len(side.extremes) + 1 for side in sides) + joint.pairs
    measures = [m for side in sides for m in _measures(side, comparisons)]
    shares = [m for m in measures if not m.name.endswith("reach")]
    return Outcome(
        (_headline(shares, len(sides)), *measures, *joint.measures(_FALSE_ALARM_RATE, comparisons)),
        {
            "tails": float(len(sides)),
            "tails_judged": float(sum(side.has_enough_rows(side.judged_cut) for side in sides)),
        },
        (_chart(shares),),
    )


def _sides(case: Case, column: Column) -> Iterator[TailSide]:
    tables = [case.real.value_counts(column.name), case.synthetic.value_counts(column.name)]
    if len(tables[0].values) <= DISTINCT or tables[1].filled == 0:
        return
    for name in ("upper", "lower"):
        side = TailSide(case, column, name)
        if side.tail_cuts:
            yield side


def _measures(side: TailSide, comparisons: int) -> Iterator[Measure]:
    name = "upper_tail" if side.name == "upper" else "lower_tail"
    few = f" Of {min(side.judged_cut.real, side.rows['synthetic']):,} rows that is too few to judge."
    yield _share_measure(side, side.judged_cut, name, "" if side.has_enough_rows(side.judged_cut) else few)
    others = side.other_cuts
    n, m = side.rows["synthetic"], side.rows["real"]
    clear = [(same_rate(cut.synthetic, n, cut.real, m), i) for i, cut in enumerate(others)]
    if clear and min(clear)[0] * comparisons < _FALSE_ALARM_RATE:
        extreme = _extreme(side, others[min(clear)[1]], min(clear)[0], len(others))
        yield replace(extreme, p_value=min(clear)[0], comparisons=comparisons)
    yield from _reach(side, comparisons)


def _extreme(side: TailSide, cut: TailCut, p_value: float, among: int) -> Measure:
    """The level that is told apart best; its interval allows for having chosen it."""
    names = {"upper": "upper_extreme", "lower": "lower_extreme"}
    measure = _share_measure(side, cut, names[side.name])
    n, m = side.rows["synthetic"], side.rows["real"]
    _, sure = rate_ratio(cut.synthetic, n, cut.real, m, 1 - 0.05 / among)
    _, single = rate_ratio(cut.synthetic, n, cut.real, m)
    low, high = _chosen(measure.value, sure, single, among * p_value)
    return replace(measure, low=low, high=high)


def _share_measure(side: TailSide, cut: TailCut, name: str, few: str = "") -> Measure:
    n, m = side.rows["synthetic"], side.rows["real"]
    value, (low, high) = rate_ratio(cut.synthetic, n, cut.real, m)
    real, synthetic = cut.real / m, cut.synthetic / n
    return Measure(
        value=value,
        about=(side.column.name,),
        name=name,
        low=low,
        high=high,
        baseline=_baseline(side, cut),
        n=n,
        sentence=f"{_where(side, cut)} is {in_words(value)} as frequent: {real:.2%} of real rows and {synthetic:.2%} of synthetic rows.{few}",
        support=side.support(cut),
    )


def _baseline(side: TailSide, cut: TailCut) -> float:
    if cut.holdout is None:
        return 1.0
    return rate_ratio(cut.holdout, side.rows["holdout"], cut.real, side.rows["real"])[0]


def _where(side: TailSide, cut: TailCut) -> str:
    """The tail in words; the value is shown only where enough people are in it and it is nobody's own."""
    mark = f"The {side.name} {cut.real / side.rows['real']:.2%} tail of {side.column.name}"
    value = _shown_cut(side, cut)
    if not value:
        return mark
    return f"{mark} ({value} {'or more' if side.sign > 0 else 'or less'})"


def _shown_cut(side: TailSide, cut: TailCut) -> str:
    """The edge of a tail, rounded to two or three figures; empty where few people hold just that value."""
    breaks = side.case.binning(side.column.name).breaks
    if cut.real < side.case.k or breaks is None:
        return ""
    value, rare = side.sign * cut.value, _rare(side, cut.value)
    if side.column.kind is Kind.DATE:
        text = number_text(value, breaks, Kind.DATE, rare)
        return "" if text == "a rare value" else f"about {text}"
    rounded = next((x for x in (float(f"{value:.{d}g}") for d in (3, 2)) if x not in rare), None)
    return "" if rounded is None else f"about {rounded:,.10g}"


def _rare(side: TailSide, cut: float) -> frozenset[float]:
    """Values near the cut that few people hold: rounding must not hit one of them."""
    rare: set[float] = set()
    for role in ("real", "holdout"):
        if role in side.tables:
            values, counts = side.tables[role]
            reach = abs(cut) / 2 + abs(float(values[-1] - values[0])) / 20
            first, last = np.searchsorted(values, [cut - reach, cut + reach])
            near, held = values[first:last], counts[first:last]
            rare.update((side.sign * near[held < side.case.k]).tolist())
    return frozenset(rare)


def _reach(side: TailSide, comparisons: int) -> Iterator[Measure]:
    """How far out the rows of a tail lie, at the level where they are told apart best."""
    spreads = [
        (cut, found) for cut in side.extremes for found in [tail_spread(side, cut)] if found is not None
    ]
    if not spreads:
        return
    wide = float(special.ndtri(1 - 0.025 / len(spreads)))
    off = [item for item in spreads if item[1].chance(wide) * comparisons < _FALSE_ALARM_RATE]
    shown = (
        [min(off, key=lambda item: item[1].p_value)]
        if off
        else [i for i in spreads if i[0] is side.judged_cut]
    )
    if not shown:
        return
    cut, found = shown[0]
    ratio, low, high = found.ratio, *found.interval(wide if off else Z95)
    if off:
        low, high = _chosen(ratio, (low, high), found.interval(Z95), found.p_value * len(spreads))
    names = {"upper": "upper_reach", "lower": "lower_reach"}
    yield Measure(
        value=ratio,
        about=(side.column.name,),
        name=names[side.name],
        low=low,
        high=high,
        baseline=1.0,
        n=side.rows["synthetic"],
        sentence=f"{_where(side, cut)}: its rows lie {in_words(ratio)} as far beyond its edge as the real ones, on average.",
        p_value=found.chance(wide),
        comparisons=comparisons,
    )


def _chosen(value: float, sure: Interval, single: Interval, p_value: float) -> Interval:
    """The interval of a ratio that was chosen among several.

    sure : interval that holds for all of them at once; it says too little where all is clear
    single : interval that allows for no choice
    p_value : of the ratio being 1, times as many as there were to choose from

    The end nearer to 1 is the one that the p-value gives, within the two intervals.
    """
    near = nearer_end(value, p_value)
    if value > 1:
        return max(sure[0], min(near, single[0])), sure[1]
    return sure[0], min(sure[1], max(near, single[1]))


def _headline(measures: list[Measure], tails_: int) -> Measure:
    """The worst tail; the end of its interval that is nearer to 1 allows for having chosen it."""
    judged = [m for m in measures if not m.name.endswith("tail") or (m.support or 0) >= ENOUGH]
    worst = max(judged or measures, key=lambda m: (_clear(m), abs(math.log(m.value))))
    low, high = _among(worst, len(judged or measures))
    told = len([m for m in judged if m.name.endswith("tail")])
    open_ones = f" {tails_ - told} of {tails_} tails hold too few rows to judge." if told < tails_ else ""
    return replace(
        worst,
        about=(),
        name="",
        low=low,
        high=high,
        sentence=f"Worst of {tails_} tails: {worst.sentence}{open_ones}",
        p_value=None,
        comparisons=1,
    )


def _among(measure: Measure, count: int) -> Interval:
    """The interval of one of several measures, chosen as the worst."""
    value, low, high = measure.value, measure.low or 0.0, measure.high or measure.value
    single, wider = (low, high), float(special.ndtri(1 - 0.025 / count)) / Z95
    nearer = low if value > 1 else high
    error = abs(math.log(nearer / value)) / Z95
    if error == 0:
        return low, high
    sure = (value * (low / value) ** wider, high) if value > 1 else (low, value * (high / value) ** wider)
    return _chosen(value, sure, single, count * 2 * float(special.ndtr(-abs(math.log(value)) / error)))


def _clear(measure: Measure) -> float:
    """How far from 1 the nearer end of the interval is; 0 where the interval holds 1."""
    low, high = measure.low or 0.0, measure.high or 0.0
    return max(math.log(low) if low > 1 else 0.0, -math.log(max(high, 1e-9)) if high < 1 else 0.0)


def _chart(measures: list[Measure]) -> Chart:
    worst = sorted(measures, key=lambda m: (-_clear(m), -abs(math.log(m.value))))[:_MAX_BARS]
    labels = [f"{m.about[0]}, {m.name.replace('_', ' ')}" for m in worst]
    return compared_intervals(
        labels,
        worst,
        title=f"{labels[0]} differs most from the real table",
        alt=f"Share of synthetic rows over share of real rows in {len(labels)} tails; {labels[0]} is at {worst[0].value:.2f}.",
        unit=Unit.RATIO,
        words="times the real share",
    )
