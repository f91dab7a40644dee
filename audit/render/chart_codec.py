"""Charts in the one shape that documents have had from the first: axes, and series told apart by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.model import (
    Bars,
    Chart,
    Estimate,
    Forest,
    Heatmap,
    Histogram,
    Intervals,
    JointShares,
    Lines,
    Matrix,
    RatioPlane,
    Series,
    Unit,
    UnknownChart,
)

LOW, HIGH = " low", " high"  # after the name of a series: the ends of its intervals
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class PlainSeries:
    """The values of a chart under one name."""

    name: str
    values: Values


@dataclass(frozen=True, slots=True)
class PlainChart:
    """A chart as a document has it.

    kind, series :
        "bars"       x: labels; series real, synthetic (holdout), or others
        "histogram"  edges: bin edges (len = bins + 1); series as for bars
        "lines"      edges: positions; series as for bars, with their ends as "x low", "x high"
        "heatmap"    x, y: labels; one series, row-major, len(x) * len(y)
        "joint"      x, y: labels; series real and synthetic, row-major shares
        "intervals"  y: labels; series value, low, high (baseline)
        "plane"      x: names of the points; y: names of the across and the up axis; series
                     across, up, each with its ends as "across low", "across high", …
        "forest"     y: groups; series real and synthetic with their ends, as for lines
        "matrix"     x, y: groups by two attributes; series as for a forest, row-major
    """

    kind: str
    title: str
    alt: str
    about: tuple[str, ...] = ()
    x: tuple[str, ...] = ()
    y: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    series: tuple[PlainSeries, ...] = ()
    unit: Unit = Unit.SHARE
    words: str = "share of rows"


# The kind of each record, and which of its fields a document has as x, y or edges.
_KINDS: Mapping[type[Chart], tuple[str, Mapping[str, str]]] = {
    Bars: ("bars", {"x": "labels"}),
    Histogram: ("histogram", {"edges": "edges"}),
    Lines: ("lines", {"edges": "positions"}),
    Heatmap: ("heatmap", {"x": "columns", "y": "rows"}),
    JointShares: ("joint", {"x": "columns", "y": "rows"}),
    Intervals: ("intervals", {"y": "labels"}),
    RatioPlane: ("plane", {"x": "names", "y": "axes"}),
    Forest: ("forest", {"y": "groups"}),
    Matrix: ("matrix", {"x": "columns", "y": "rows"}),
}


def to_plain(chart: Chart) -> PlainChart:
    """The chart as documents have it."""
    words = _words(chart)
    if isinstance(chart, UnknownChart):
        return PlainChart(chart.kind, **words)
    kind, axes = _KINDS[type(chart)]
    fields = {axis: getattr(chart, field) for axis, field in axes.items()}
    return PlainChart(kind, **words, **fields, series=plain_series(chart))


def from_plain(plain: PlainChart) -> Chart:
    """The record of a chart of a document; `UnknownChart` where the kind is none of ours."""
    words = _words(plain)
    record = next((one for one, (kind, _) in _KINDS.items() if kind == plain.kind), None)
    if record is None:
        return UnknownChart(plain.kind, **words)
    _, axes = _KINDS[record]
    fields = {field: getattr(plain, axis) for axis, field in axes.items()}
    values = _VALUES.get(record, _whole_series)(plain)
    made: Chart = record(**words, **fields, **values)
    return made


def plain_series(chart: Chart) -> tuple[PlainSeries, ...]:
    """All numbers of a chart by name, ends of intervals as series of their own."""
    if isinstance(chart, UnknownChart):
        return ()
    if isinstance(chart, Intervals):
        ends = {name: _of(chart.estimates, name) for name in ("value", "low", "high")}
        known = {} if chart.baselines is None else {"baseline": chart.baselines}
        return tuple(PlainSeries(name, values) for name, values in (ends | known).items())
    if isinstance(chart, RatioPlane):
        series = [_as_series(axis, getattr(chart, axis)) for axis in ("across", "up")]
        return tuple(part for one in series for part in _apart(one))
    return tuple(part for one in chart.series for part in _apart(one))


def finite(chart: Chart) -> list[float]:
    """All values of a chart that exist."""
    return [value for one in plain_series(chart) for value in one.values if value is not None]


def _words(chart: Chart | PlainChart) -> dict[str, Any]:
    return {name: getattr(chart, name) for name in ("title", "alt", "about", "unit", "words")}


def _of(estimates: Sequence[Estimate], name: str) -> Values:
    return tuple(getattr(one, name) for one in estimates)


def _as_series(name: str, estimates: Sequence[Estimate]) -> Series:
    return Series(name, *(_of(estimates, end) for end in ("value", "low", "high")))


def _apart(series: Series) -> Iterator[PlainSeries]:
    """A series and, where it has them, the ends of its intervals."""
    yield PlainSeries(series.name, series.values)
    if series.low is not None and series.high is not None:
        yield PlainSeries(series.name + LOW, series.low)
        yield PlainSeries(series.name + HIGH, series.high)


def _by_name(plain: PlainChart) -> dict[str, Values]:
    return {one.name: one.values for one in plain.series}


def _whole_series(plain: PlainChart) -> dict[str, Any]:
    return {"series": tuple(Series(one.name, one.values) for one in plain.series)}


def _series_with_ends(plain: PlainChart) -> dict[str, Any]:
    found = _by_name(plain)
    ended = {name for name in found if name + LOW in found and name + HIGH in found}
    ends = {name + end for name in ended for end in (LOW, HIGH)}
    return {
        "series": tuple(
            Series(name, values, found[name + LOW], found[name + HIGH])
            if name in ended
            else Series(name, values)
            for name, values in found.items()
            if name not in ends
        )
    }


def _estimates(found: Mapping[str, Values], names: Sequence[str], size: int) -> tuple[Estimate, ...]:
    """Estimates of the series of a value and its two ends, whose places may be missing."""
    padded = ((*found.get(name, ()), *(None,) * size)[:size] for name in names)
    return tuple(Estimate(*ends) for ends in zip(*padded, strict=True))


def _interval_values(plain: PlainChart) -> dict[str, Any]:
    found, size = _by_name(plain), len(plain.y)
    estimates = _estimates(found, ("value", "low", "high"), size)
    return {"estimates": estimates, "baselines": found.get("baseline")}


def _plane_values(plain: PlainChart) -> dict[str, Any]:
    found, size = _by_name(plain), len(plain.x)
    return {axis: _estimates(found, (axis, axis + LOW, axis + HIGH), size) for axis in ("across", "up")}


_VALUES: Mapping[type[Chart], Callable[[PlainChart], dict[str, Any]]] = {
    Lines: _series_with_ends,
    Forest: _series_with_ends,
    Matrix: _series_with_ends,
    Intervals: _interval_values,
    RatioPlane: _plane_values,
}
