"""Drift from batch to batch: evidence that may be read after each, without counting how often one looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.drift._shared.batches import Batches, find_batches
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Kind,
    Measure,
    Role,
    Scale,
    Section,
    Unit,
    as_series,
    interval_chart,
    line_chart,
)
from audit.stats.distributions.weighted import mean_and_sd
from audit.stats.inference.intervals import Z95
from audit.stats.inference.sequential import SequentialTest, watch_mean

_RARE = 30  # rows that hold a category, at least, in all batches together
_FAR = 4.0  # standard deviations: a value beyond counts as this far
_LEVEL = 0.01  # false alarms, at any time, over all columns together


@dataclass(frozen=True, slots=True)
class _Stream:
    """One number of a column that is watched: its mean in every batch, less that of real rows there."""

    column: str
    what: str
    means: Floats
    variances: Floats
    watched: SequentialTest


@check(
    id="batch_drift",
    title="Drift over time or batches",
    known_as="sequential change detection (e-values)",
    section=Section.BATCHES,
    family=Family.DRIFT,
    question="Do synthetic rows stay what they were, from batch to batch or as time goes on?",
    scale=Scale(Unit.STANDARD_DEVIATIONS, "standard deviations over all batches", Better.LOWER, 0.0, None),
    needs=(Need.ROWS,),
    next_step="Look at what changed in the generator or its input where the drift begins, and leave later batches out until it is known.",
)
def batch_drift(case: Case) -> Outcome:
    """How far a column moves over the synthetic batches, in standard deviations.

    Batches are those of the column named as batch, in their order, or ten spans of the time
    column with equally many rows each, so that gaps in time do no harm. Where real rows lie in
    the same spans, each batch is compared with them, so that a trend of the real world is no
    drift; otherwise with the batches before. For every column the mean (or the share of each
    category, and of missing values) is watched. The evidence is an e-value: it may be read after
    every batch, as often as one likes, and still raises a false alarm in at most one audit in a
    hundred, over all columns. Without an alarm the number is 0; with one it is the change along
    a straight line from the first batch to the last, or that of the one batch that is off, with an
    ordinary interval. 0.2 means that the column has moved by a fifth of its standard deviation. Times with a zone are
    read in UTC. Missing values are told as a share of their own; rows without a time or batch
    are left out. A change that was there from the first batch on is told by column drift, one in
    relations by other checks. The baseline is no change, 0.

    Summary: `e_value` (1 on average as long as nothing changes, alarm from 100), `alarm_batch`
    (the first batch at which it was raised, 0 for none), `batches`, `detectable` (the smallest
    change over all batches that would mostly have been told).

    Source: Ramdas, Grunwald, Vovk and Shafer (2023), Statistical Science 38, 576-601; Ville
    (1939), Etude critique de la notion de collectif; Robbins (1970), Annals of Mathematical
    Statistics 41, 1397-1409.
    """
    batches = find_batches(case)
    left_out = {case.options.batch, *(column.name for column in case.with_role(Role.TIME))}
    columns = [c.name for c in case.distribution_columns if c.name not in left_out]
    streams = {name: list(_streams(case, batches, name)) for name in columns}
    streams = {name: found for name, found in streams.items() if found}
    if not streams:
        raise Skip("No column beside time and batch varies.")
    evidence = {
        name: np.mean([one.watched.evidence for one in found], axis=0) for name, found in streams.items()
    }
    whole = np.mean(list(evidence.values()), axis=0)
    limit = len(streams) / _LEVEL
    measures, told = [], []
    for name, found in streams.items():
        worst = max(found, key=lambda one: float(one.watched.evidence.max()))
        alarm = float(evidence[name].max()) >= limit
        measures.append(_measure(case, batches, worst, alarm, _first(evidence[name], limit)))
        if alarm:
            told.append((float(evidence[name].max()), worst))
    detectable = float(np.median([one.watched.error for found in streams.values() for one in found]))
    summary = {
        "e_value": float(min(whole.max(), 1e12)),
        "alarm_batch": float(_first(whole, 1 / _LEVEL)),
        "batches": float(batches.count),
        "detectable": detectable * float(np.sqrt(2 * np.log(2 * limit)) + 1),
        "alarms": float(len(told)),
    }
    shown = (
        max(told, key=lambda one: one[0])[1]
        if told
        else max(
            (one for found in streams.values() for one in found),
            key=lambda one: float(one.watched.evidence[-1]),
        )
    )
    return Outcome(tuple(measures), summary, (_chart(batches, shown), _evidence(batches, whole)))


def _first(evidence: Floats, limit: float) -> int:
    """The first batch, from 1, at which the evidence reaches the limit; 0 for none."""
    over = np.flatnonzero(evidence >= limit)
    return int(over[0]) + 1 if len(over) else 0


def _streams(case: Case, batches: Batches, name: str) -> Iterator[_Stream]:
    """The numbers of a column that are watched."""
    if case.column(name).kind in NUMERIC_KINDS:
        yield from _line(case, batches, name)
    coding = case.binning(name)
    counts = _counted(case, case.synthetic, name, batches.synthetic, batches.count)
    known = (
        [_counted(case, part, name, at, batches.count) for part, at in batches.real]
        if batches.matches_real_times
        else []
    )
    real = np.sum(known, axis=0) if known else None
    yield from _unseen(case, batches, name, counts.sum(axis=1))
    places = range(coding.size) if case.column(name).kind is Kind.CATEGORY else [coding.size - 1]
    for place in places:
        total = counts[:, place].sum() + (0 if real is None else real[:, place].sum())
        if _RARE <= total <= counts.sum() + (0 if real is None else real.sum()) - _RARE:
            yield _of_shares(name, coding.labels[place], counts, real, place, batches.times)


def _unseen(case: Case, batches: Batches, name: str, rows: Ints) -> Iterator[_Stream]:
    """The share of labels that no real row holds, where there are enough of them."""
    if case.column(name).kind is not Kind.CATEGORY:
        return
    found = case.synthetic.value_counts(name)
    real = [part.value_counts(name).values.tolist() for part in (case.real, case.holdout) if part is not None]
    known = {value for values in real for value in values}
    new = [value for value in found.values.tolist() if value not in known]
    cells = pa.array(case.synthetic.column(name), type=pa.string(), from_pandas=True) if new else None
    if cells is None:
        return
    held = pc.is_in(cells, value_set=pa.array(new, type=pa.string())).to_numpy(zero_copy_only=False)
    counts = np.bincount(batches.synthetic[held & (batches.synthetic >= 0)], minlength=batches.count)
    if _RARE <= counts.sum() <= rows.sum() - _RARE:
        table = np.column_stack([rows - counts, counts])
        yield _of_shares(name, "labels that no real row holds", table, None, 1, batches.times)


def _counted(case: Case, part: CaseTable, name: str, placed: Ints, count: int) -> Ints:
    """Rows by batch and cell, shape (batches, cells)."""
    size = case.binning(name).size
    rows = placed >= 0
    flat = placed[rows] * size + part.codes[rows, case.code_index(name)]
    return np.bincount(flat, minlength=count * size).reshape(count, size)


def _of_shares(name: str, label: str, counts: Ints, real: Ints | None, place: int, times: Floats) -> _Stream:
    rows = counts.sum(axis=1)
    both, all_rows = counts[:, place].sum(), rows.sum()
    means, scale = counts[:, place] / rows, 1 / rows
    if real is not None:
        both, all_rows = both + real[:, place].sum(), all_rows + real.sum()
        means, scale = means - real[:, place] / real.sum(axis=1), scale + 1 / real.sum(axis=1)
    share = both / all_rows
    means = means / np.sqrt(share * (1 - share))
    return _Stream(name, f"the share of {label}", means, scale, watch_mean(means, scale, times))


def _line(case: Case, batches: Batches, name: str) -> Iterator[_Stream]:
    """The mean of a number or date, values far out brought in, in standard deviations."""
    known = case.real.value_counts(name)
    if not known.filled:
        return
    centre, spread = mean_and_sd(known.values, known.counts)
    if not 0 < spread < np.inf:
        return
    sums = _moments(case.synthetic, name, batches.synthetic, batches.count, centre, spread)
    if sums[0].min() < 2:
        return
    within = float((sums[2] - sums[1] ** 2 / sums[0]).sum() / sums[0].sum())
    if within <= 0:
        return
    means, variances = sums[1] / sums[0], within / sums[0]
    if batches.matches_real_times:
        found = [_moments(part, name, at, batches.count, centre, spread) for part, at in batches.real]
        real = np.sum(found, axis=0)
        if real[0].min() < 2:
            return
        own = float((real[2] - real[1] ** 2 / real[0]).sum() / real[0].sum())
        means, variances = means - real[1] / real[0], variances + own / real[0]
    yield _Stream(name, "the mean", means, variances, watch_mean(means, variances, batches.times))


def _moments(part: CaseTable, name: str, placed: Ints, count: int, centre: float, spread: float) -> Floats:
    """Rows, sum and sum of squares of a column by batch, shape (3, batches)."""
    values = (np.asarray(part.column(name), dtype=np.float64) - centre) / spread
    kept = (placed >= 0) & ~np.isnan(values)
    near = np.clip(values[kept], -_FAR, _FAR)
    return np.array(
        [np.bincount(placed[kept], weights=w, minlength=count) for w in (np.ones(len(near)), near, near**2)]
    )


def _measure(case: Case, batches: Batches, one: _Stream, alarm: bool, first: int) -> Measure:
    if not alarm:
        sentence = f"{one.column} does not drift over {batches.count} batches beyond chance."
        return Measure(
            value=0.0,
            about=(one.column,),
            low=0.0,
            high=0.0,
            baseline=0.0,
            n=case.synthetic.rows,
            sentence=sentence,
        )
    found = one.watched
    size, error = (found.drift, found.error) if found.is_steady else (found.jump, found.jump_error)
    way = "up" if size > 0 else "down"
    over = (
        f"over {batches.count} batches"
        if found.is_steady
        else f"in {batches.unit} {found.jump_index + 1} against those before"
    )
    against = ", beyond what real rows of the same times do" if batches.matches_real_times else ""
    return Measure(
        value=abs(size),
        about=(one.column,),
        low=max(0.0, abs(size) - Z95 * error),
        high=abs(size) + Z95 * error,
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=(
            f"{one.what[:1].upper()}{one.what[1:]} of {one.column} goes {way} by {abs(size):.2f} standard deviations {over}{against}; "
            f"told from batch {first} on."
        ),
    )


def _chart(batches: Batches, one: _Stream) -> Chart:
    """How far each batch lies from the first: of the column with most evidence."""
    means = one.means - np.average(one.means, weights=1 / one.variances)
    errors = np.sqrt(one.variances)
    return interval_chart(
        [f"{batches.unit} {i + 1}" for i in range(batches.count)],
        [Estimate.from_half_width(*pair) for pair in zip(means, Z95 * errors, strict=True)],
        0.0,
        title=f"{one.column} from batch to batch: {one.what}",
        alt=f"Deviation of each batch from the mean over all, in standard deviations, with 95 % intervals: "
        f"from {means[0]:.2f} in the first to {means[-1]:.2f} in the last.",
        about=(one.column,),
        unit=Unit.STANDARD_DEVIATIONS,
        words="standard deviations from the mean of all batches",
    )


def _evidence(batches: Batches, whole: Floats) -> Chart:
    """The e-value of the whole table after every batch, as a power of ten."""
    powers = np.log10(np.clip(whole, 1e-6, 1e12))
    return line_chart(
        as_series({"synthetic": powers, "alarm": [2.0 for _ in powers]}),
        range(1, batches.count + 1),
        title="Evidence for drift after every batch",
        alt=f"Power of ten of the e-value; an alarm from 2. It ends at {powers[-1]:.1f}.",
        unit=Unit.NUMBER,
        words="power of ten of the evidence",
    )
