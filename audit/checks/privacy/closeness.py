"""Whether synthetic rows lie closer to the rows the generator saw than to fresh ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import distance_columns, fresh_holdout, seeded_order
from audit.learn.embedding import embed
from audit.model import (
    Better,
    Chart,
    Column,
    Family,
    Histogram,
    Kind,
    Measure,
    Scale,
    Section,
    Unit,
    as_series,
)
from audit.stats.inference.intervals import wilson
from audit.stats.inference.p_values import share_p
from audit.stats.neighbours.nearest import nearest_counted, rounding_slack

_QUERIES, _OTHER_QUERIES = 10_000, 4_000  # synthetic rows, for the main encoding and for each other one
_REFERENCES = 25_000
_MIN_ROWS = 100
_VIEWS = 4  # besides the main one
_WORDS = {
    "spread": "with numbers in standard deviations instead of ranks",
    "cells": "with numbers cut into classes",
    "numbers": "in numbers and dates alone",
    "categories": "in categories alone",
}


@dataclass(frozen=True, slots=True)
class Nearness:
    """Squared distances of synthetic rows to the nearest row of each table, and how many are that near.

    nearest : which row is the nearest one; rows of the holdout are counted on from those of the real table
    size : rows of the real table and of the holdout that were looked at
    equal : squared distances that differ by no more are equal
    """

    to_real: Floats
    to_holdout: Floats
    real_rows: Ints
    holdout_rows: Ints
    nearest: Ints
    size: tuple[int, int]
    equal: float

    @property
    def ties(self) -> NDArray[np.bool_]:
        """Rows with a nearest row in both tables."""
        return np.abs(self.to_real - self.to_holdout) <= self.equal

    def credits(self) -> Floats:
        """1 for a row closer to the real table, 0 for one closer to the holdout; ties in between."""
        credit = (self.to_real < self.to_holdout).astype(np.float64)
        # With equal sizes a tie counts one half; with unequal ones the larger table ties more often.
        even = self.size[0] == self.size[1]
        tied = 0.5 if even else self.real_rows / (self.real_rows + self.holdout_rows)
        return np.where(self.ties, tied, credit)


@dataclass(frozen=True, slots=True)
class _Share:
    value: float
    low: float
    high: float
    ties: float
    n: int
    p_value: float  # of one half


@check(
    id="closeness",
    title="Closeness to real rows",
    known_as="distance-to-closest-record (DCR) share",
    section=Section.DIAGNOSTIC,
    family=Family.PRIVACY,
    question="Do synthetic rows lie closer to the rows the generator saw than to fresh ones?",
    scale=Scale(Unit.SHARE, "share of rows", Better.LOWER, 0.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step="The generator has learned single rows by heart: train it less, or add noise; then look at copied rows.",
)
def closeness(case: Case) -> Outcome:
    """Share of synthetic rows whose nearest real row is one the generator saw.

    For each synthetic row the nearest row of the real table and of the holdout are found
    (numbers and dates as ranks among both, categories as same or different, missing as a value
    of its own). 0.5 means that the table is as close to fresh rows as to those it was made from;
    1 that every row leans on a row it was made from. Tables of unequal size are brought to what
    equal ones would show. Synthetic rows that lean on the same real row
    count as one in the interval. Equal distances count one half and tell nothing: where they are many
    (`tie_share`), the interval reaches as far up as the rows that do tell allow, so that a table
    of a few categories is never called safe. At most 10,000 synthetic rows are compared with at
    most 25,000 of each. The baseline is 0.5. The same is looked at in four other ways (numbers in
    standard deviations, numbers in classes, numbers alone, categories alone); each is judged only where
    it is beyond what chance gives in four tries. A number near 0.5 is no proof of privacy: at one copied
    row in a hundred it hardly moves.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939. Why a good value
    proves nothing: Yao et al. (2025), arXiv:2505.01524.
    """
    fresh_holdout(case)
    if min(part.rows for part in case.tables()) < _MIN_ROWS:
        raise Skip(
            f"It needs at least {_MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not distance_columns(case):
        raise Skip("No column has a distribution to compare.")
    near = measure_nearness(case)
    share = _share(near)
    main = Measure(
        value=share.value,
        low=share.low,
        high=share.high,
        baseline=0.5,
        n=share.n,
        sentence=f"{share.value:.1%} of synthetic rows lie closer to a row the generator saw than to a fresh one; chance gives 50%."
        + (f" {share.ties:.0%} lie equally near to both and tell nothing." if share.ties > 0.05 else ""),
    )
    return Outcome(
        (main, *(_measure(name, found) for name, found in _views(case))),
        {"share": share.value, "tie_share": share.ties},
        (_distances(near, share.value),),
        {"real": near.size[0], "synthetic": share.n, "holdout": near.size[1]},
    )


def measure_nearness(case: Case) -> Nearness:
    """How near the real table and the holdout are to synthetic rows, in all columns as ranks."""
    return case.shared("nearness", lambda: _nearness(case, distance_columns(case), "ranks", _QUERIES))


def _nearness(case: Case, columns: Sequence[Column], encoding: str, queries: int) -> Nearness:
    parts = (case.synthetic, case.real, fresh_holdout(case))
    chosen = [
        (part, seeded_order(case, part)[:most])
        for part, most in zip(parts, (queries, _REFERENCES, _REFERENCES), strict=True)
    ]
    # Ranks are those among both tables together, so that neither of them is nearer by construction.
    rows, real, fresh = embed(case, chosen, like=(1, 2), columns=columns, encoding=encoding)
    equal = rounding_slack(real, fresh)
    (first, to_real, real_rows), (second, to_fresh, fresh_rows) = (
        nearest_counted(rows, other, equal) for other in (real, fresh)
    )
    closest = np.where(to_real <= to_fresh, first, len(real) + second)
    return Nearness(to_real, to_fresh, real_rows, fresh_rows, closest, (len(real), len(fresh)), equal)


def _views(case: Case) -> Iterator[tuple[str, Nearness]]:
    """Other encodings, and groups of columns."""
    columns = distance_columns(case)
    numbers = [column for column in columns if column.kind in NUMERIC_KINDS]
    labels = [column for column in columns if column.kind is Kind.CATEGORY]
    if numbers:
        yield "spread", _nearness(case, columns, "spread", _OTHER_QUERIES)
        yield "cells", _nearness(case, columns, "cells", _OTHER_QUERIES)
    if len(numbers) < len(columns) and len(labels) < len(columns):
        for name, group in (("numbers", numbers), ("categories", labels)):
            if len(group) > 1:
                yield name, _nearness(case, group, "ranks", _OTHER_QUERIES)


def _share(near: Nearness) -> _Share:
    """What share of rows would lean on the real table, were both tables of one size.

    If a share c of the rows leans on it and the others on either by its size, a share
    c + (1 - c) p of them is closer to it, where p is its part of all rows; then (1 + c) / 2 is
    the answer.
    """
    credit, ties = near.credits(), near.ties
    n, tied = len(credit), float(ties.mean())
    untied = n - int(ties.sum())
    closer = float(credit[~ties].sum())
    # Rows that lean on the same real row fall to one side together: they tell as much as one row.
    weights = np.unique(near.nearest[~ties], return_counts=True)[1]
    alone = untied**2 / max(int((weights**2).sum()), 1)
    low, high = wilson(closer / untied * alone, alone) if untied else (0.0, 1.0)
    given = float(credit[ties].sum()) / n
    # Ties prove nothing, so they hold the lower end back; nor do they prove that nothing leaks.
    ends = (low * (1 - tied) + given if untied else 0.5, max(high, high * (1 - tied) + given))
    value, bottom, top = (_at_one_size(x, near.size) for x in (float(credit.mean()), *ends))
    # Half of the rows lean on the real table where its part of those that tell makes up for the ties.
    even = (near.size[0] / sum(near.size) - given) / (1 - tied) if untied else 1.0
    chance = share_p(closer / untied * alone, alone, even) if untied else 1.0
    return _Share(value, min(bottom, value), max(top, value), tied, n, chance)


def _at_one_size(share: float, size: tuple[int, int]) -> float:
    part = size[0] / sum(size)
    leaning = (share - part) / (1 - part)
    return float(np.clip((1 + leaning) / 2, 0.0, 1.0))


def _measure(name: str, near: Nearness) -> Measure:
    share = _share(near)
    return Measure(
        value=share.value,
        name=name,
        low=share.low,
        high=share.high,
        baseline=0.5,
        n=share.n,
        sentence=f"{share.value:.1%} of synthetic rows lie closer to a row the generator saw {_WORDS[name]}; chance gives 50%.",
        p_value=share.p_value,
        comparisons=_VIEWS,
    )


def _distances(near: Nearness, share: float) -> Chart:
    to_real, to_holdout = np.sqrt(near.to_real), np.sqrt(near.to_holdout)
    top = float(np.quantile(np.concatenate([to_real, to_holdout]), 0.99)) or 1.0
    edges = np.linspace(0, top, 25)
    near_by = {
        name: np.histogram(np.minimum(values, top), bins=edges)[0] / len(values)
        for name, values in (("to rows it saw", to_real), ("to fresh rows", to_holdout))
    }
    return Histogram(
        tuple(edges.tolist()),
        as_series(near_by),
        title="Synthetic rows lean on rows the generator saw"
        if share > 0.52
        else "Synthetic rows keep equal distance",
        alt=f"Distance of synthetic rows to the nearest row seen and to the nearest fresh row; {share:.1%} lie closer to seen rows.",
        words="share of synthetic rows",
    )
