"""The picture of one column: shares of rows in bins an eye can read, real beside synthetic."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.case_table import CaseTable, ValueCounts
from audit.model import Chart, Histogram, Kind, as_series, share_bars
from audit.stats.distributions.distances import expected_total_variation, shares, total_variation

_BARS = 24
_TAIL = 0.005  # the picture spans the middle 99 % of the real values; the ends catch the rest


def column_chart(case: Case, name: str) -> Chart:
    """A histogram of a number or date, bars of a category; shares of all rows of each table."""
    distance = total_variation(case.real.counts(name), case.synthetic.counts(name))
    chance = expected_total_variation(case.real.counts(name), case.real.rows, case.synthetic.rows)
    title = f"{name}: {distance:.1%} of rows would have to change, where chance explains {chance:.1%}"
    if case.column(name).kind is Kind.CATEGORY:
        return _bars(case, name, title)
    return _histogram(case, name, title)


def _bars(case: Case, name: str, title: str) -> Chart:
    labels = case.binning(name).labels
    tables = {part.role: shares(part.counts(name)) for part in case.tables()}
    keep = [i for i, _ in enumerate(labels) if any(t[i] > 0 for t in tables.values())]
    top = max(keep, key=lambda i: tables["real"][i]) if keep else 0
    return share_bars(
        labels,
        tables,
        keep,
        title=title,
        alt=f"Shares of the values of {name}. Most frequent in the real table: {labels[top]} "
        f"({tables['real'][top]:.1%} real, {tables['synthetic'][top]:.1%} synthetic).",
        about=(name,),
    )


def _histogram(case: Case, name: str, title: str) -> Chart:
    edges = display_edges(case.real.value_counts(name), case.column(name).kind)
    missing = ", ".join(
        f"{part.value_counts(name).missing / max(part.rows, 1):.1%} {part.role}" for part in case.tables()
    )
    return Histogram(
        tuple(float(e) for e in edges),
        as_series({part.role: _binned(part, name, edges) for part in case.tables()}),
        title=title,
        alt=f"Distribution of {name}. Missing: {missing}. The outer bars hold everything beyond the edges.",
        about=(name,),
        words="share of rows, dates in seconds since 1970"
        if case.column(name).kind is Kind.DATE
        else "share of rows",
    )


def _binned(part: CaseTable, name: str, edges: Floats) -> Floats:
    counts = part.value_counts(name)
    places = np.clip(np.searchsorted(edges, counts.values, side="right") - 1, 0, len(edges) - 2)
    sums = np.bincount(places, weights=counts.counts, minlength=len(edges) - 1)
    return np.asarray(sums / max(part.rows, 1))


def display_edges(real: ValueCounts, kind: Kind) -> Floats:
    """Round edges over the middle of the real values: no person's own extreme is shown."""
    values = np.asarray(real.values, dtype=np.float64)
    if len(values) == 0:
        return np.array([0.0, 1.0])
    ends = np.cumsum(real.counts) / real.counts.sum()
    first, last = np.searchsorted(ends, [_TAIL, 1 - _TAIL]).tolist()
    low, high = float(values[first]), float(values[min(last, len(values) - 1)])
    if high <= low:
        high = low + max(1.0, abs(low) * 1e-6)
    whole = kind is Kind.NUMBER and bool(np.all(values == np.floor(values)))
    step = nice_step(high / _BARS - low / _BARS, whole)
    start = np.floor(low / step) * step
    edges: Floats = start + step * np.arange(int(np.ceil(high / step - start / step + 1e-9)) + 1)
    return edges


def nice_step(step: float, whole: bool = False) -> float:
    """The next larger of 1, 2, 5 times a power of ten; at least 1 for whole numbers."""
    power = 10.0 ** np.floor(np.log10(step))
    nice = next(float(power * m) for m in (1, 2, 5, 10) if step <= power * m * (1 + 1e-9))
    return max(nice, 1.0) if whole else nice
