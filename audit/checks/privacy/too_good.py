"""Whether the synthetic table matches the real one better than fresh real rows could."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, islice

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import fresh_holdout, seeded_order
from audit.model import Better, Family, Measure, Scale, Section, Unit
from audit.stats.distributions.distances import expected_total_variation, total_variation
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p

_MAX_COMPARED = 400  # columns and pairs compared
_DRAWS = 24  # tables drawn from the real rows to see how far chance spreads
_PERFECT = 0.71  # what a perfect model gives
_DRAWN = 100_000  # real rows that they are drawn from
_MIN_ROWS = 200


@check(
    id="too_good",
    title="Too good to be true",
    section=Section.DIAGNOSTIC,
    family=Family.PRIVACY,
    question="Does the synthetic table match the real one better than fresh real rows could?",
    scale=Scale(Unit.RATIO, "times the distance of fresh real rows", Better.HIGHER, 0.0, None),
    needs=(Need.HOLDOUT,),
    next_step="Look at copied rows and closeness: a match this good usually means that real rows were copied, changed a little or drawn by quota.",
)
def too_good(case: Case) -> Outcome:
    """How far synthetic is from real, in units of how far fresh real rows are.

    The mean total variation over columns and pairs between synthetic and real table, divided
    by the same for the holdout, both brought to the same number of rows; where the holdout lies
    farther off than chance explains, by what chance gives. 1 is what another
    sample of the same people would give; above 1 the synthetic table is less faithful; a
    perfect model fitted to the real table gives about 0.71, because it repeats the real
    table's own sampling error. Clearly below that the table was derived from the real rows:
    copied, lightly changed, or drawn by quota. `columns` is the same over columns alone: where
    each cell of a real row is kept or drawn anew by lot, pairs come apart but every column stays too
    close; it is judged only where a perfect model would seldom come so close (1 in 200). The baseline
    is 1. It cannot tell which rows.

    Source: the three variances of a difference of shares: both tables samples of one
    population, one fitted to the other, or independent; Raab, Nowok and Dibben (2016),
    Journal of Privacy and Confidentiality 7(3), 67-97, for the fitted case.
    """
    holdout = fresh_holdout(case)
    if min(part.rows for part in case.tables()) < _MIN_ROWS:
        raise Skip(
            f"It needs at least {_MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not case.distribution_columns:
        raise Skip("No column has a distribution to compare.")
    about = list(islice(_tables(case), _MAX_COMPARED))
    singles = sum(len(a) == 1 for a in about)
    perfect = _perfect(case, about)
    whole = _closeness(case, holdout, about, perfect.mean(axis=1))
    alone = _closeness(case, holdout, about[:singles], perfect[:, :singles].mean(axis=1))
    measures = [_measure(case, whole, "The synthetic table is")]
    if singles > 1:
        chance = normal_p(_PERFECT - alone.value, (alone.high - alone.value) / Z95)
        columns = _measure(case, alone, "Column by column the synthetic table is")
        measures.append(replace(columns, name="columns", p_value=chance))
    return Outcome(tuple(measures), {"ratio": whole.value, "ratio_of_columns": alone.value})


@dataclass(frozen=True, slots=True)
class _Closeness:
    """Distance from the real table over that of fresh rows, and the ends of its interval."""

    value: float
    low: float
    high: float


def _closeness(case: Case, holdout: CaseTable, about: list[tuple[str, ...]], perfect: Floats) -> _Closeness:
    """The ratio over some tables of counts.

    perfect : their mean distance in tables of a perfect model
    """
    chance, distance = {}, {}
    for part in (case.synthetic, holdout):
        real = case.real.rows
        expected = [expected_total_variation(case.real.counts(*a), real, part.rows) for a in about]
        chance[part.role] = float(np.mean(expected))
        found = [total_variation(case.real.counts(*a), part.counts(*a)) for a in about]
        distance[part.role] = float(np.mean(found))
    # A holdout that has drifted lies farther off than fresh rows do: then chance is the measure.
    farther = distance["holdout"] / chance["holdout"] if chance["holdout"] else 1.0
    fresh = chance["synthetic"] * min(1.0, farther)
    if not fresh:
        return _Closeness(1.0, 1.0, 1.0)
    # A distance is the size of an error, so a smaller one errs less in proportion.
    scale = min(1.0, distance["synthetic"] / max(float(perfect.mean()), 1e-12))
    half = Z95 * float(perfect.std(ddof=1)) * scale / fresh
    value = distance["synthetic"] / fresh
    return _Closeness(value, max(0.0, value - half), value + half)


def _measure(case: Case, found: _Closeness, subject: str) -> Measure:
    return Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        baseline=1.0,
        n=case.synthetic.rows,
        sentence=f"{subject} {found.value:.2f} times as far from the real one as fresh real rows are; "
        "a perfect model gives about 0.71, a copy 0.",
    )


def _tables(case: Case) -> list[tuple[str, ...]]:
    columns = column_names(case.distribution_columns)
    return [*((name,) for name in columns), *combinations(columns, 2)]


def _perfect(case: Case, about: list[tuple[str, ...]]) -> Floats:
    """Distances of a perfect model's tables, shape (tables drawn, tables of counts).

    Rows are drawn from the real table with replacement, whole, so that columns stay together.
    """
    rows = seeded_order(case, case.real)[:_DRAWN]
    # Of a part of the rows a part of the table is drawn; its distance is by the root of that larger.
    part = len(rows) / case.real.rows
    rng, even = case.rng("too_good"), np.full(len(rows), 1 / len(rows))
    drawn_rows = max(1, round(part * case.synthetic.rows))
    draws = [rng.multinomial(drawn_rows, even) for _ in range(_DRAWS)]
    distances = np.zeros((_DRAWS, len(about)))
    for j, a in enumerate(about):
        cells, size = _cells(case, a, rows), case.real.counts(*a).size
        real = np.bincount(cells, minlength=size)
        for i, weights in enumerate(draws):
            drawn = np.bincount(cells, weights=weights, minlength=size).astype(np.int64)
            distances[i, j] = total_variation(real, drawn)
    return np.asarray(distances * np.sqrt(part))


def _cells(case: Case, about: tuple[str, ...], rows: Ints) -> Ints:
    columns = tuple(case.real.codes[rows, case.code_index(name)].astype(np.int64) for name in about)
    flat = np.ravel_multi_index(columns, tuple(case.binning(name).size for name in about))
    return np.asarray(flat, dtype=np.int64)
