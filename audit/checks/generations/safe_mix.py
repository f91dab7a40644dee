"""How much synthetic data a loop bears for each fresh real row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.case.binning import OTHER_LABEL
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.model import (
    Better,
    Chart,
    Column,
    Estimate,
    Family,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95
from audit.stats.loops.mixing import NO_LIMIT, admissible_mix

_FALSE_ALARM_RATE = 0.01  # events that chance would name, over all events of a table
_MAX_SHOWN = 20
_LEAST = 0.001  # synthetic rows per fresh real row: smaller numbers are told as less than this


@dataclass(frozen=True, slots=True)
class _Event:
    """A share or mean that a generation moves.

    words : the event, such as "capital-gain 0"
    moved : synthetic less fresh real
    error : standard error of `moved` for a generator without fault
    variance : of one row, in the real table
    """

    column: str
    words: str
    moved: float
    error: float
    variance: float


@check(
    id="safe_mix",
    title="Safe mix",
    section=Section.LARGEST_MIX,
    family=Family.GENERATIONS,
    question="How many synthetic rows per fresh real row does a training loop bear?",
    scale=Scale(Unit.RATIO, "synthetic rows per fresh real row", Better.HIGHER, 0.0, NO_LIMIT),
    needs=(Need.ROWS,),
    next_step="Mix no more synthetic rows per fresh real row than the lowest number here, or mend the column it is about first.",
)
def safe_mix(case: Case) -> Outcome:
    """Most synthetic rows per fresh real row before training on both is worse.

    A loop that trains every generation on n fresh real rows and on the synthetic rows of the one
    before piles up the generator's bias and evens out chance. Up to the number told here its
    squared error stays below that of the n real rows alone; n is the number of real rows given.
    0 means that no synthetic row may be mixed in, 1000 that no limit was found. It is worked out
    for every share of a cell (a bin of a number, a category, missing) and every mean, and told
    for each column by the event that allows least. The bias is what is left of the gap to the
    holdout once chance is taken off; without a holdout, to the training rows. An event counts
    only where chance over all events of the table, at one in a hundred, does not explain its gap;
    chance alone gives no limit. The interval is that of the gap. The more real rows there are,
    the less bias they bear, so the number falls with the rows. It is right for shares and means,
    if every generation adds the same bias; a model that looks at relations may bear less. Where
    the share of fresh rows is declared, `allowed_over_used` is the mix allowed over the mix in
    use, and only that is judged: below 1 the loop is worse than its real rows alone. Summary:
    `kappa` is the lowest number of all columns, `events` how many events were looked at.

    Source: derived here from the stationary loop of Alemohammad et al. (2024), ICLR (fresh-data
    loop); the weights of He, Xu and Cheng (2025), arXiv:2502.18049, are the case of as many
    synthetic as real rows.
    """
    events = [event for column in case.distribution_columns for event in _events(case, column)]
    if not events:
        raise Skip("No column has a distribution to compare.")
    z = float(-special.ndtri(_FALSE_ALARM_RATE / 2 / len(events)))
    by_column = [[e for e in events if e.column == column.name] for column in case.distribution_columns]
    told = sorted((_tell(case, mine, z) for mine in by_column if mine), key=lambda m: (m.value, m.about))
    kappa = told[0].value
    measures = (*told, *_used(case, told[0]))
    summary = {"kappa": kappa, "events": float(len(events))}
    return Outcome(measures, summary, (_chart(told),) if kappa < NO_LIMIT else ())


def _events(case: Case, column: Column) -> Iterator[_Event]:
    """Every cell that enough real rows hold, and the mean of a number."""
    fresh = case.real if case.holdout is None else case.holdout
    n, m = case.synthetic.rows, fresh.rows
    chance = 1 / n + 1 / m + (1 / case.real.rows if case.holdout is not None else 0.0)
    real, here, there = (part.counts(column.name) for part in (case.real, case.synthetic, fresh))
    labels = case.binning(column.name).labels
    for cell, label in enumerate(labels):
        if real[cell] < case.k or label == OTHER_LABEL:
            continue
        p = (real[cell] + there[cell]) / (case.real.rows + m)
        p = min(max(p, 1 / m), 1 - 1 / m)
        moved = here[cell] / n - there[cell] / m
        variance = p * (1 - p)
        yield _Event(column.name, f"{column.name} {label}", moved, np.sqrt(variance * chance), variance)
    if column.kind in NUMERIC_KINDS:
        yield from _mean(case, column.name, fresh, chance)


def _mean(case: Case, name: str, fresh: CaseTable, chance: float) -> Iterator[_Event]:
    sides = [part.value_counts(name) for part in (case.synthetic, fresh, case.real)]
    if any(side.filled < 2 for side in sides):
        return
    means = [float(side.values @ side.counts / side.filled) for side in sides]
    real = sides[2]
    variance = float(np.square(real.values - means[2]) @ real.counts / (real.filled - 1))
    if variance > 0:
        error = float(np.sqrt(variance * chance))
        yield _Event(name, f"the mean of {name}", means[0] - means[1], error, variance)


def _tell(case: Case, mine: list[_Event], z: float) -> Measure:
    """The event of a column that allows least."""
    rows, name = case.real.rows, mine[0].column
    clear = [event for event in mine if abs(event.moved) > z * event.error]
    if not clear:
        sentence = f"{name} sets no limit: chance explains every gap of its shares and mean."
        widest = min(mine, key=lambda e: e.variance / (abs(e.moved) + Z95 * e.error) ** 2)
        low = _allowed(widest, abs(widest.moved) + Z95 * widest.error, rows)
        value = high = NO_LIMIT
    else:
        event = min(clear, key=lambda e: _value(e, rows))
        value = _value(event, rows)
        low = min(value, _allowed(event, abs(event.moved) + Z95 * event.error, rows))
        high = max(value, _allowed(event, max(abs(event.moved) - Z95 * event.error, 0.0), rows))
        sentence = (
            f"{_mixed(value).capitalize()} synthetic rows per fresh real row before {event.words} is worse than "
            f"with {rows:,} real rows alone."
        )
    return Measure(
        value=value,
        about=(name,),
        low=low,
        high=high,
        baseline=NO_LIMIT,
        n=case.synthetic.rows,
        sentence=sentence,
        descriptive=True,
    )


def _value(event: _Event, rows: int) -> float:
    """With the part of the gap taken off that chance explains on average."""
    bias = float(np.sqrt(max(event.moved**2 - event.error**2, 0.0)))
    return _allowed(event, bias, rows)


def _allowed(event: _Event, bias: float, rows: int) -> float:
    return float(admissible_mix(bias, event.variance / rows))


def _used(case: Case, least: Measure) -> Iterator[Measure]:
    """The mix allowed over the mix in use, where the share of fresh rows is declared."""
    shares = case.options.fresh_share
    if not shares or shares[-1] == 1:
        return
    mix = min((1 - shares[-1]) / shares[-1], NO_LIMIT) if shares[-1] > 0 else NO_LIMIT
    value, low, high = (min((end or 0.0) / mix, NO_LIMIT) for end in (least.value, least.low, least.high))
    yield Measure(
        value=value,
        name="allowed_over_used",
        low=low,
        high=high,
        n=case.synthetic.rows,
        sentence=f"{_use(mix)}; {least.about[0]} allows {_mixed(least.value)}.",
    )


def _use(mix: float) -> str:
    if mix >= NO_LIMIT:
        return "The last generation was trained on hardly any fresh real row"
    return f"The loop mixes {_plain(mix)} synthetic rows per fresh real row"


def _mixed(mix: float) -> str:
    if mix >= NO_LIMIT:
        return "any number"
    return f"fewer than {_LEAST}" if mix < _LEAST else f"at most {_plain(mix)}"


def _plain(mix: float) -> str:
    return f"{mix:,.2g}" if mix < 100 else f"{mix:,.0f}"


def _chart(told: list[Measure]) -> Chart:
    shown = [m for m in told if m.value < NO_LIMIT][:_MAX_SHOWN]
    return interval_chart(
        [m.about[0] for m in shown],
        [Estimate(m.value, m.low, min(m.high or m.value, NO_LIMIT)) for m in shown],
        title=f"{shown[0].about[0]} allows the fewest synthetic rows",
        alt=f"Synthetic rows per fresh real row that each column allows, with 95 % intervals. {shown[0].sentence}",
        unit=Unit.RATIO,
        words="synthetic rows per fresh real row",
    )
