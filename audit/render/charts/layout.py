"""What a picture shows and where, whoever draws it: which labels, in which order, which ends of an axis, which ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from audit.model import Bars, Histogram, Intervals
from audit.render.chart_codec import finite

FAR_APART = 8.0  # largest over smallest ratio of a linear axis
MAX_WHOLE = 30  # positions that are counted one by one on an axis
BEST = 1.0  # ratios: as much as real rows reach


def largest(chart: Bars, most: int) -> list[int]:
    """The places of the labels that are shown, the largest first where there are more than `most`."""
    places = list(range(len(chart.labels)))
    if len(places) <= most:
        return places
    return sorted(places, key=lambda at: -max(series.values[at] or 0.0 for series in chart.series))[:most]


def has_even_bins(edges: Sequence[float]) -> bool:
    """Whether bins are about as wide as each other, so that their true width can be drawn."""
    widths = [right - left for left, right in pairwise(edges)]
    return bool(widths) and min(widths) > 0 and max(widths) <= 5 * min(widths)


def bin_places(chart: Histogram) -> list[float]:
    """Where the edges stand: where they are, or at 0, 1, 2, … where bins are of very different width."""
    return list(chart.edges) if has_even_bins(chart.edges) else [float(at) for at in range(len(chart.edges))]


def has_whole_positions(positions: Sequence[float]) -> bool:
    """Whether they are a few whole numbers, such as generations, which have nothing between them."""
    return len(positions) <= MAX_WHOLE and all(one == at + positions[0] for at, one in enumerate(positions))


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers between two ends, at most about `most` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [at * step for at in range(first, math.floor(high / step + 1e-9) + 1)]


def spans_magnitudes(chart: Intervals) -> bool:
    """Whether intervals are of ratios to 1 that reach so far apart that equal factors need equal room."""
    ends = [end for one in chart.estimates for end in (one.value, one.low, one.high) if end is not None]
    ratios = {known for known in chart.baselines or () if known is not None} == {BEST}
    return bool(ends) and ratios and min(ends) > 0 and max([*ends, BEST]) / min([*ends, BEST]) > FAR_APART


def magnitude_ends(chart: Intervals) -> tuple[float, float]:
    """The smallest and the largest ratio of a chart, 1 among them."""
    ends = [*finite(chart), BEST]
    return min(ends), max(ends)


def magnitude_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ones, twos and fives between two ends, or only powers of ten where these are too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside = [at for power in powers for step in (1, 2, 5) if low <= (at := step * 10.0**power) <= high]
    return inside if len(inside) <= most else [at for at in inside if f"{at:e}"[0] == "1"]
