"""Whether the synthetic table matches the real one better than fresh real rows could."""

from __future__ import annotations

from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from audit.case import Case, names
from audit.check import Outcome, Skip, check
from audit.checks.privacy.setting import by_lot, fresh_holdout
from audit.model import Family, Measure, Scale
from audit.stats.distances import expected_total_variation, total_variation
from audit.stats.intervals import Z95

Ints = NDArray[np.int64]

_MOST = 400  # columns and pairs compared
_DRAWS = 24  # tables drawn from the real rows to see how far chance spreads
_DRAWN = 100_000  # real rows that they are drawn from
_FEWEST = 200


@check(
    id="too_good",
    title="Too good to be true",
    family=Family.PRIVACY,
    question="Does the synthetic table match the real one better than fresh real rows could?",
    scale=Scale("times the distance of fresh real rows", "higher", 0.0, None),
    needs=("holdout",),
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
    copied, lightly changed, or drawn by quota. The baseline is 1. It cannot tell which rows.

    Source: the three variances of a difference of shares: both tables samples of one
    population, one fitted to the other, or independent; Raab, Nowok and Dibben (2016),
    Journal of Privacy and Confidentiality 7(3), 67-97, for the fitted case.
    """
    holdout = fresh_holdout(case)
    if min(part.rows for part in case.parts()) < _FEWEST:
        raise Skip(
            f"It needs at least {_FEWEST} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not case.shaped:
        raise Skip("No column has a distribution to compare.")
    about = list(islice(_tables(case), _MOST))
    chance = {
        part.role: float(
            np.mean(
                [expected_total_variation(case.real.counts(*a), case.real.rows, part.rows) for a in about]
            )
        )
        for part in (case.synthetic, holdout)
    }
    distance = {
        part.role: float(np.mean([total_variation(case.real.counts(*a), part.counts(*a)) for a in about]))
        for part in (case.synthetic, holdout)
    }
    # A holdout that has drifted lies farther off than fresh rows do: then chance is the measure.
    farther = distance["holdout"] / chance["holdout"] if chance["holdout"] else 1.0
    fresh = chance["synthetic"] * min(1.0, farther)
    value = distance["synthetic"] / fresh if fresh else 1.0
    half = Z95 * _spread(case, about) / fresh if fresh else 0.0
    measure = Measure(
        value=value,
        low=max(0.0, value - half),
        high=value + half,
        baseline=1.0,
        n=case.synthetic.rows,
        sentence=(
            f"The synthetic table is {value:.2f} times as far from the real one as fresh real rows are; "
            "a perfect model gives about 0.71, a copy 0."
        ),
    )
    return Outcome((measure,), {"ratio": value})


def _tables(case: Case) -> list[tuple[str, ...]]:
    columns = names(case.shaped)
    return [*((name,) for name in columns), *combinations(columns, 2)]


def _spread(case: Case, about: list[tuple[str, ...]]) -> float:
    """Standard deviation of the mean distance of a perfect model's table.

    Rows are drawn from the real table with replacement, whole, so that columns stay together.
    """
    rows = by_lot(case, case.real)[:_DRAWN]
    # Of a part of the rows a part of the table is drawn; its distance errs by the root of that more.
    part = len(rows) / case.real.rows
    rng, even = case.rng("too_good"), np.full(len(rows), 1 / len(rows))
    drawn_rows = max(1, round(part * case.synthetic.rows))
    draws = [rng.multinomial(drawn_rows, even) for _ in range(_DRAWS)]
    distances = np.zeros(_DRAWS)
    for a in about:
        cells, size = _cells(case, a, rows), case.real.counts(*a).size
        real = np.bincount(cells, minlength=size)
        for i, weights in enumerate(draws):
            drawn = np.bincount(cells, weights=weights, minlength=size).astype(np.int64)
            distances[i] += total_variation(real, drawn) / len(about)
    return float(distances.std(ddof=1) * np.sqrt(part))


def _cells(case: Case, about: tuple[str, ...], rows: Ints) -> Ints:
    columns = tuple(case.real.codes[rows, case.shaped_index(name)].astype(np.int64) for name in about)
    flat = np.ravel_multi_index(columns, tuple(case.coding(name).size for name in about))
    return np.asarray(flat, dtype=np.int64)
