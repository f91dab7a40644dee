"""Pictures as aggregates, never rows: one small record a kind, and builders for those that recur.

Every record says what it shows (`title`), the same with the numbers that matter for someone who
cannot see it (`alt`), the columns it is about, and what its values are (`unit`, `words`, as in
`Scale`). How a record is drawn is told in `audit.render.charts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Required, SupportsFloat, TypedDict, Unpack

from audit.model.vocabulary import Unit

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, set of bars or matrix of a chart. A value is None where there is nothing.

    low, high : the ends of the 95 % interval of each value, where the series has intervals
    """

    name: str
    values: Values
    low: Values | None = None
    high: Values | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the ends of its 95 % interval; None where there is nothing."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @classmethod
    def from_half_width(cls, value: float, half: float) -> Estimate:
        """An estimate whose interval reaches equally far to both sides."""
        return cls(value, value - half, value + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioned:
    """What every chart says in words."""

    title: str
    alt: str
    about: tuple[str, ...] = ()
    unit: Unit = Unit.SHARE
    words: str = "share of rows"


@dataclass(frozen=True, slots=True)
class Bars(Captioned):
    """Bars by label; series "real", "synthetic" (and "holdout"), or others."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Histogram(Captioned):
    """Shares by bin; `edges` are one more than the bins."""

    edges: tuple[float, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Lines(Captioned):
    """Values by position, for instance an empirical distribution function."""

    positions: tuple[float, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Cells(Captioned):
    """What all charts of cells have: the values of a series go row by row, len(columns) * len(rows)."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Heatmap(Cells):
    """One series in shades."""


@dataclass(frozen=True, slots=True)
class JointShares(Cells):
    """The shares of two columns' values together; series "real" and "synthetic"."""


@dataclass(frozen=True, slots=True)
class Matrix(Cells):
    """Groups by two attributes; the first series is drawn; None where rows are too few."""


@dataclass(frozen=True, slots=True)
class Intervals(Captioned):
    """Estimates by label, beside what real rows give against real rows where that is known."""

    labels: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    baselines: Values | None = None


@dataclass(frozen=True, slots=True)
class RatioPlane(Captioned):
    """Points of two ratios, best at 1.

    names : of the points: "synthetic", "real rows" for the reference, …
    axes : names of the across and the up axis
    """

    names: tuple[str, ...]
    axes: tuple[str, ...]
    across: tuple[Estimate, ...]
    up: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Forest(Captioned):
    """Groups of rows, "everyone" perhaps first; series "real" and "synthetic" with their intervals."""

    groups: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class UnknownChart(Captioned):
    """A chart of a report whose kind this version does not know; only its words are left."""

    kind: str


Chart = (
    Bars | Histogram | Lines | Heatmap | JointShares | Intervals | RatioPlane | Forest | Matrix | UnknownChart
)


class Caption(TypedDict, total=False):
    """The fields of `Captioned`, as builders take them."""

    title: Required[str]
    alt: Required[str]
    about: tuple[str, ...]
    unit: Unit
    words: str


class Numbers(Protocol):
    """A sequence of numbers or None: a list, a tuple, an array of one dimension."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __getitem__(self, at: int, /) -> Any: ...


class HasInterval(Protocol):
    """A measure, an estimate, an interval: a value with two ends."""

    @property
    def value(self) -> float | None:
        """The number."""

    @property
    def low(self) -> float | None:
        """The lower end."""

    @property
    def high(self) -> float | None:
        """The upper end."""


class HasBaseline(HasInterval, Protocol):
    """The same with the number of real rows against real rows."""

    @property
    def baseline(self) -> float | None:
        """The same number for real against real."""


def as_series(tables: Mapping[str, Numbers], places: Sequence[int] | None = None) -> tuple[Series, ...]:
    """A series for each name; only the values at `places`, in that order, where they are given."""
    return tuple(
        Series(name, _floats(values if places is None else [values[at] for at in places]))
        for name, values in tables.items()
    )


def share_bars(
    labels: Sequence[str],
    tables: Mapping[str, Numbers],
    places: Sequence[int] | None = None,
    **caption: Unpack[Caption],
) -> Bars:
    """Bars by label for each table; only the labels at `places`, in that order, where they are given."""
    shown = labels if places is None else [labels[at] for at in places]
    return Bars(tuple(shown), as_series(tables, places), **caption)


def line_chart(
    series: Sequence[Series],
    positions: Iterable[SupportsFloat] | None = None,
    **caption: Unpack[Caption],
) -> Lines:
    """Lines at 0, 1, 2, … where no positions are given."""
    if positions is None:
        positions = range(max(len(one.values) for one in series))
    return Lines(tuple(float(at) for at in positions), tuple(series), **caption)


def interval_chart(
    labels: Iterable[str],
    estimates: Iterable[HasInterval],
    baseline: float | Iterable[float | None] | None = None,
    **caption: Unpack[Caption],
) -> Intervals:
    """Estimates by label, beside a baseline: one for all, one for each, or None for no baseline."""
    names = tuple(labels)
    shown = tuple(map(_estimate, estimates))
    if baseline is None or isinstance(baseline, Iterable):
        return Intervals(names, shown, None if baseline is None else _floats(baseline), **caption)
    return Intervals(names, shown, (float(baseline),) * len(names), **caption)


def compared_intervals(
    labels: Iterable[str], measures: Sequence[HasBaseline], **caption: Unpack[Caption]
) -> Intervals:
    """Measures by label, each beside its own baseline."""
    return interval_chart(labels, measures, [one.baseline for one in measures], **caption)


def ratio_plane(
    names: Iterable[str],
    across: Iterable[HasInterval],
    up: Iterable[HasInterval],
    axes: tuple[str, str],
    **caption: Unpack[Caption],
) -> RatioPlane:
    """Points of two ratios by name, and real rows, which reach 1 on both axes."""
    real = Estimate(1.0)
    points = ((*map(_estimate, across), real), (*map(_estimate, up), real))
    return RatioPlane((*names, "real rows"), axes, *points, **caption)


def _estimate(one: HasInterval) -> Estimate:
    return Estimate(*_floats((one.value, one.low, one.high)))


def _floats(values: Iterable[SupportsFloat | None]) -> Values:
    return tuple(None if value is None else float(value) for value in values)
