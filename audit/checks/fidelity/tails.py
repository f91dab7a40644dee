"""Tails: how many rows lie far out, how far out they lie, and whether columns are extreme together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.case import MEASURED, Case, Counts
from audit.check import Outcome, Skip, check
from audit.checks.fidelity.joint_tails import DISTINCT, ENOUGH, JointTails, in_words
from audit.coding import shown_number
from audit.model import Chart, Column, Family, Kind, Measure, Scale, Series
from audit.stats.intervals import Z95
from audit.stats.tails import cut_at, mean_excess, rank_sum, rate_ratio, same_rate
from audit.stats.weighted import common_support

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVELS = (0.05, 0.025, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002)  # shares of the real rows in a tail
_WIDE = 0.01  # wider tails are looked at only where the more extreme hold too few rows
_FEWEST = 3  # real rows that a tail has at least, so that no single person makes it
_ALARM = 0.02  # over all levels; they are nested, so that tables of one population alarm half as often
_MOST_BARS = 20
_LARGE = 1e150  # the square of a larger value is infinite


@dataclass(frozen=True, slots=True)
class _Cut:
    """One tail: rows at or beyond a place of the real values, counted in each table."""

    value: float
    real: int
    synthetic: int
    holdout: int | None


@dataclass(frozen=True, slots=True)
class _Spread:
    """p-value of the same spread beyond a cut, ratio of the mean excesses and error of its logarithm."""

    p_value: float
    ratio: float
    error: float


class _Side:
    """One end of a column, its values turned so that outward is up."""

    def __init__(self, case: Case, column: Column, name: str) -> None:
        self.case, self.column, self.name = case, column, name
        self.sign = 1.0 if name == "upper" else -1.0
        self.tables = {part.role: self._turned(part.value_counts(column.name)) for part in case.parts()}
        self.rows = {role: int(counts.sum()) for role, (_, counts) in self.tables.items()}

    def _turned(self, table: Counts) -> tuple[Floats, Ints]:
        values = np.asarray(table.values, dtype=np.float64)
        return (values, table.counts) if self.sign > 0 else (-values[::-1], table.counts[::-1])

    @cached_property
    def cuts(self) -> tuple[_Cut, ...]:
        """The tails that exist, from the widest to the most extreme."""
        values, counts = self.tables["real"]
        ends = np.cumsum(counts[::-1])[::-1]
        places = dict.fromkeys(cut_at(ends, level) for level in LEVELS)
        kept = [p for p in places if p is not None and ends[p] >= _FEWEST]
        return tuple(
            _Cut(
                float(values[p]),
                int(ends[p]),
                self._beyond("synthetic", values[p]),
                self._beyond("holdout", values[p]) if self.rows.get("holdout") else None,
            )
            for p in kept
        )

    def _beyond(self, role: str, cut: float) -> int:
        values, counts = self.tables[role]
        return int(counts[np.searchsorted(values, cut) :].sum())

    def enough(self, cut: _Cut) -> bool:
        """Whether the tables are large enough to tell this tail from the real one."""
        expected = cut.real * self.rows["synthetic"] / self.rows["real"]
        return min(cut.real, expected) >= ENOUGH

    @property
    def told(self) -> _Cut:
        """The most extreme tail with enough rows; the widest where none has."""
        return next((cut for cut in reversed(self.cuts) if self.enough(cut)), self.cuts[0])

    @property
    def extremes(self) -> tuple[_Cut, ...]:
        """The tails in which a difference is looked for: of 1 % at most, unless those hold too few rows."""
        widest = max(_WIDE * self.rows["real"] * 1.5, self.told.real)
        return tuple(cut for cut in self.cuts if cut.real <= widest)


@check(
    id="tails",
    title="Tails",
    family=Family.FIDELITY,
    question="Are extreme values as frequent, as far out and as often together as in the real table?",
    scale=Scale("times the real share", "one", 0.0, None),
    needs=("number", "rows"),
    next_step="Look at the ends of the column: generators clip, smooth or stretch them; model the tail apart, or sample it from the real rows.",
)
def tails(case: Case) -> Outcome:
    """Synthetic share of rows in a tail over the real share, for the worst tail.

    A tail is what lies at or beyond an outer quantile of the real values, on either side of a
    number or date with more than 20 values. 1 means as many rows as in the real table, 0.5
    half as many, 0 that the tail is cut off; there is no upper end. For each tail the most
    extreme of eight levels (5 % to 0.02 % of the real rows) is judged that holds 125 rows in
    either table; tails for which even 5 % are fewer are shown, not judged. `upper_extreme`
    and `lower_extreme` are another level, `upper_reach` and `lower_reach` how far beyond the
    level the rows lie on average, over the same for real rows: both are judged only where
    chance does not explain the difference (in 1 of 100 tables of one population at most), with
    intervals that allow for choosing among the levels. `joint` is for two columns: how often
    both are in their upper tenth, over the same for real rows, each column's own share taken
    into account; it is judged where at least 125 rows are expected. A value that holds many
    rows, such as zero, lies wholly inside a tail or outside it. Missing values are left out.
    The baseline is the holdout against the real table. Two rows are added, shared out by the
    sizes of the tables, so that an empty tail has a ratio. It cannot see how values are
    spread within a tail.

    Source: exact interval of a ratio of rates: Przyborowski and Wilenski (1940), Biometrika
    31, 313-323; mean excess: Embrechts, Klueppelberg and Mikosch (1997), section 6.2; joint
    tails: Coles, Heffernan and Tawn (1999), Extremes 2, 339-365; ranks: Mann and Whitney
    (1947), Annals of Mathematical Statistics 18, 50-60.
    """
    sides = [side for column in case.of_kind(*MEASURED) for side in _sides(case, column)]
    if not sides:
        raise Skip("No number or date has a tail: none has more than 20 values in both tables.")
    joint = JointTails(case)
    alarm = _ALARM / (sum(2 * len(side.extremes) for side in sides) + joint.pairs)
    measures = [m for side in sides for m in _measures(side, alarm)]
    shares = [m for m in measures if not m.name.endswith("reach")]
    return Outcome(
        (_headline(shares, len(sides)), *measures, *joint.measures(alarm)),
        {"tails": float(len(sides)), "tails_judged": float(sum(side.enough(side.told) for side in sides))},
        (_chart(shares),),
    )


def _sides(case: Case, column: Column) -> Iterator[_Side]:
    tables = [case.real.value_counts(column.name), case.synthetic.value_counts(column.name)]
    if len(tables[0].values) <= DISTINCT or tables[1].filled == 0:
        return
    for name in ("upper", "lower"):
        side = _Side(case, column, name)
        if side.cuts:
            yield side


def _measures(side: _Side, alarm: float) -> Iterator[Measure]:
    name = "upper_tail" if side.name == "upper" else "lower_tail"
    yield _share_measure(side, side.told, name, descriptive=not side.enough(side.told))
    others = [cut for cut in side.extremes if cut is not side.told]
    n, m = side.rows["synthetic"], side.rows["real"]
    clear = [(same_rate(cut.synthetic, n, cut.real, m), i) for i, cut in enumerate(others)]
    if clear and min(clear)[0] < alarm:
        names = {"upper": "upper_extreme", "lower": "lower_extreme"}
        yield _share_measure(side, others[min(clear)[1]], names[side.name], len(others))
    yield from _reach(side, alarm)


def _share_measure(
    side: _Side, cut: _Cut, name: str, among: int = 1, *, descriptive: bool = False
) -> Measure:
    n, m = side.rows["synthetic"], side.rows["real"]
    value, (low, high) = rate_ratio(cut.synthetic, n, cut.real, m, 1 - 0.05 / among)
    real, synthetic = cut.real / m, cut.synthetic / n
    few = (
        ""
        if side.enough(cut) or not descriptive
        else f" Of {min(cut.real, n):,} rows that is too few to judge."
    )
    return Measure(
        value=value,
        about=(side.column.name,),
        name=name,
        low=low,
        high=high,
        baseline=_baseline(side, cut),
        n=n,
        sentence=f"{_where(side, cut)} is {in_words(value)} as frequent: {real:.2%} of real rows and {synthetic:.2%} of synthetic rows.{few}",
        descriptive=descriptive,
    )


def _baseline(side: _Side, cut: _Cut) -> float:
    if cut.holdout is None:
        return 1.0
    return rate_ratio(cut.holdout, side.rows["holdout"], cut.real, side.rows["real"])[0]


def _where(side: _Side, cut: _Cut) -> str:
    """The tail in words; the value is shown only where enough people are in it and it is nobody's own."""
    mark = f"The {side.name} {cut.real / side.rows['real']:.2%} tail of {side.column.name}"
    value = _shown_cut(side, cut)
    if not value:
        return mark
    return f"{mark} ({value} {'or more' if side.sign > 0 else 'or less'})"


def _shown_cut(side: _Side, cut: _Cut) -> str:
    """The edge of a tail, rounded to two or three figures; empty where few people hold just that value."""
    breaks = side.case.coding(side.column.name).breaks
    if cut.real < side.case.k or breaks is None:
        return ""
    value, rare = side.sign * cut.value, _rare(side, cut.value)
    if side.column.kind is Kind.DATE:
        text = shown_number(value, breaks, Kind.DATE, rare)
        return "" if text == "a rare value" else f"about {text}"
    rounded = next((x for x in (float(f"{value:.{d}g}") for d in (3, 2)) if x not in rare), None)
    return "" if rounded is None else f"about {rounded:,.10g}"


def _rare(side: _Side, cut: float) -> frozenset[float]:
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


def _reach(side: _Side, alarm: float) -> Iterator[Measure]:
    """How far out the rows of a tail lie; judged at the level where ranks tell them apart best."""
    spreads = [
        (cut, spread) for cut in side.extremes for spread in [_spread(side, cut)] if spread is not None
    ]
    if not spreads:
        return
    wide = float(special.ndtri(1 - 0.025 / len(spreads)))
    off = [
        item
        for item in spreads
        if item[1].p_value < alarm and abs(math.log(item[1].ratio)) > wide * item[1].error
    ]
    shown = [min(off, key=lambda item: item[1].p_value)] if off else [i for i in spreads if i[0] is side.told]
    if not shown:
        return
    cut, spread = shown[0]
    half, ratio = spread.error * (wide if off else Z95), spread.ratio
    names = {"upper": "upper_reach", "lower": "lower_reach"}
    yield Measure(
        value=ratio,
        about=(side.column.name,),
        name=names[side.name],
        low=ratio * math.exp(-half),
        high=ratio * math.exp(half),
        baseline=1.0,
        n=side.rows["synthetic"],
        sentence=f"{_where(side, cut)}: its rows lie {in_words(ratio)} as far beyond its edge as the real ones, on average.",
        descriptive=not off,
    )


def _spread(side: _Side, cut: _Cut) -> _Spread | None:
    """How far beyond a cut the rows lie; None where there are hardly any."""
    if min(cut.real, cut.synthetic) < _FEWEST:
        return None
    tables = [_from(side.tables[role], cut.value) for role in ("real", "synthetic")]
    if max(abs(float(values[-1])) for values, _ in tables) > _LARGE:
        return None
    _, real, synthetic = common_support(*tables[0], *tables[1])
    (far, error), (other, other_error) = (mean_excess(*table, cut.value) for table in tables)
    if far <= 0 or other <= 0 or not 0 < other / far < math.inf:
        return None
    return _Spread(rank_sum(synthetic, real), other / far, math.hypot(error / far, other_error / other))


def _from(table: tuple[Floats, Ints], cut: float) -> tuple[Floats, Ints]:
    values, counts = table
    first = int(np.searchsorted(values, cut))
    return values[first:], counts[first:]


def _headline(measures: list[Measure], tails_: int) -> Measure:
    """The worst tail; the end of its interval that is nearer to 1 allows for having chosen it."""
    judged = [m for m in measures if not m.descriptive]
    worst = max(judged or measures, key=lambda m: (_clear(m), abs(math.log(m.value))))
    wider = float(special.ndtri(1 - 0.025 / len(judged or measures))) / Z95
    low, high = worst.low or 0.0, worst.high or worst.value
    if worst.value > 1:
        low = worst.value * (low / worst.value) ** wider
    else:
        high = worst.value * (high / worst.value) ** wider
    told = len([m for m in judged if m.name.endswith("tail")])
    open_ones = f" {tails_ - told} of {tails_} tails hold too few rows to judge." if told < tails_ else ""
    return replace(
        worst,
        about=(),
        name="",
        low=low,
        high=high,
        sentence=f"Worst of {tails_} tails: {worst.sentence}{open_ones}",
        descriptive=False,
    )


def _clear(measure: Measure) -> float:
    """How far from 1 the nearer end of the interval is; 0 where the interval holds 1."""
    low, high = measure.low or 0.0, measure.high or 0.0
    return max(math.log(low) if low > 1 else 0.0, -math.log(max(high, 1e-9)) if high < 1 else 0.0)


def _chart(measures: list[Measure]) -> Chart:
    worst = sorted(measures, key=lambda m: (-_clear(m), -abs(math.log(m.value))))[:_MOST_BARS]
    labels = [f"{m.about[0]}, {m.name.replace('_', ' ')}" for m in worst]
    return Chart(
        kind="intervals",
        title=f"{labels[0]} differs most from the real table",
        alt=f"Share of synthetic rows over share of real rows in {len(labels)} tails; {labels[0]} is at {worst[0].value:.2f}.",
        y=tuple(labels),
        series=(
            Series("value", tuple(m.value for m in worst)),
            Series("low", tuple(m.low for m in worst)),
            Series("high", tuple(m.high for m in worst)),
            Series("baseline", tuple(m.baseline for m in worst)),
        ),
        unit="times the real share",
    )
