"""Pair shapes: shares of the joint cells of two columns, against what chance alone gives."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from audit.case.case import Case, column_names
from audit.case.check import Need, Outcome, check
from audit.checks.fidelity._shared.difference_map import difference_map
from audit.checks.fidelity._shared.shapes import (
    EXCESS,
    accuracy_summary,
    excess_measure,
    largest_measures,
    mean_measure,
)
from audit.model import Chart, Family, Fold, JointShares, Page, Section, Unit, as_series
from audit.stats.distributions.distances import (
    shares,
)

_MAX_PAIRS = 5000  # above, a seeded choice of pairs

_JOINT_VIEWS = 24  # pairs whose joint shares go into the report


@check(
    id="pair_shapes",
    title="Pair shapes",
    known_as="pairwise contingency similarity (2-way marginal total variation distance)",
    page=Page.RELATIONSHIPS,
    section=Section.PAIR_SHAPE,
    folds=(Fold.PAIR, Fold.FOLLOWS_COLUMNS, Fold.SHARE_OF_ROWS),
    family=Family.FIDELITY,
    question="Do columns go together in pairs as they do in the real table?",
    scale=EXCESS,
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Compare the joint views; a pair that is off while both columns are right means that the generator lost their relation.",
)
def pair_shapes(case: Case) -> Outcome:
    """Share of rows that sit in the wrong cell of a pair of columns, beyond chance.

    As `column_shapes`, on the joint cells of two columns. A pair is off where a column is
    off, and also where both are right but their relation is not. Up to 5,000 pairs are
    compared, all of them where there are fewer. In cells with few expected rows chance is
    large; it is taken off. It cannot see relations among three columns or more. Summary as
    for `column_shapes`.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939.
    """
    pairs = _pairs(case)
    measures = tuple(excess_measure(case, pair) for pair in pairs)
    ranked = largest_measures(measures, len(measures))
    return Outcome(
        measures=(mean_measure(measures, "pair", case), *measures),
        summary=accuracy_summary(case, pairs),
        charts=(
            difference_map(
                case,
                ranked,
                "Difference of the pairs of {columns} columns; "
                f"the largest is {ranked[0].value:.1%} of rows.",
                Unit.SHARE,
                "share of rows beyond chance",
            ),
            *(_joint_view(case, m.about) for m in ranked[:_JOINT_VIEWS]),
        ),
    )


def _pairs(case: Case) -> list[tuple[str, ...]]:
    columns = column_names(case.distribution_columns)
    many = len(columns) * (len(columns) - 1) // 2
    if many <= _MAX_PAIRS:
        return list(combinations(columns, 2))
    rng, by_name = case.rng("pair_shapes"), sorted(columns)  # the order of the columns must not matter
    chosen: set[tuple[str, ...]] = set()
    while len(chosen) < _MAX_PAIRS:
        pair = {by_name[i] for i in rng.integers(0, len(columns), 2)}
        if len(pair) == 2:
            chosen.add(tuple(sorted(pair, key=case.index)))
    return sorted(chosen, key=lambda pair: [case.index(name) for name in pair])


def _joint_view(case: Case, about: tuple[str, ...]) -> Chart:
    real, synthetic = shares(case.real.counts(*about)), shares(case.synthetic.counts(*about))
    distance = 0.5 * float(np.abs(real - synthetic).sum())
    seen = (real + synthetic) > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    cells = np.ix_(rows, columns)
    y, x = (case.binning(name).labels for name in about)
    return JointShares(
        tuple(x[i] for i in columns),
        tuple(y[i] for i in rows),
        as_series({"real": real[cells].ravel(), "synthetic": synthetic[cells].ravel()}),
        title=f"{about[0]} with {about[1]}: {distance:.1%} of rows sit elsewhere",
        alt=f"Shares of rows in the joint cells of {about[0]} and {about[1]}, real beside synthetic.",
        about=about,
    )
