"""Whether synthetic rows lie closer to the rows the generator saw than to fresh ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audit.case import Case
from audit.check import Outcome, Skip, check
from audit.features import sample_rows
from audit.learners import one_thread
from audit.model import Chart, Family, Measure, Scale, Series
from audit.points import has_points, points
from audit.stats.intervals import wilson

Floats = NDArray[np.float64]
Points = NDArray[np.float32]

_QUERIES = 10_000
_REFERENCES = 25_000
_FEWEST = 100


@check(
    id="closeness",
    title="Closeness to real rows",
    family=Family.PRIVACY,
    question="Do synthetic rows lie closer to the rows the generator saw than to fresh ones?",
    scale=Scale("share of rows", "lower", 0.0, 1.0),
    needs=("holdout",),
    next_step="The generator has learned single rows by heart: train it less, or add noise; then look at copied rows.",
)
def closeness(case: Case) -> Outcome:
    """Share of synthetic rows whose nearest real row is one the generator saw.

    For each synthetic row the nearest row of the real table and of the holdout are found
    (equal numbers of both; numbers and dates as ranks among both, categories as same or different,
    missing as a value of its own). 0.5 means that the table is as close to fresh rows as
    to those it was made from; 1 that every row leans on a row it was made from. Equal
    distances count one half. At most 10,000 synthetic rows are compared with at most 25,000
    of each. The baseline is 0.5. A number near 0.5 is no proof of privacy: at one copied row
    in a hundred it hardly moves.

    Source: Platzer and Reutterer (2021), Frontiers in Big Data 4:679939. Why a good value
    proves nothing: Yao et al. (2025), arXiv:2505.01524.
    """
    holdout = case.holdout
    if holdout is None or min(case.synthetic.rows, case.real.rows, holdout.rows) < _FEWEST:
        raise Skip(
            f"It needs at least {_FEWEST} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not has_points(case):
        raise Skip("No column has a distribution to compare.")
    rng = case.rng("closeness")
    size = min(case.real.rows, holdout.rows, _REFERENCES)
    queries = sample_rows(case.synthetic, _QUERIES, rng)
    rows = [(case.real, sample_rows(case.real, size, rng)), (holdout, sample_rows(holdout, size, rng))]
    # Ranks are those among both tables together, so that neither of them is nearer by construction.
    synthetic, *others = points(case, [(case.synthetic, queries), *rows], like=(1, 2))
    to_real, to_holdout = (_nearest(synthetic, other) for other in others)
    return _outcome(to_real, to_holdout, size)


def _outcome(to_real: Floats, to_holdout: Floats, size: int) -> Outcome:
    ties = np.isclose(to_real, to_holdout, rtol=1e-6, atol=1e-6)
    closer = (to_real < to_holdout) & ~ties
    n, tie_share = len(to_real), float(ties.mean())
    share = float(closer.mean() + tie_share / 2)
    untied = int(n - ties.sum())
    low, high = wilson(float(closer.sum()), untied) if untied else (0.5, 0.5)
    # A tie says nothing either way: the interval of the untied rows shrinks towards one half.
    low, high = (end * (1 - tie_share) + tie_share / 2 for end in (low, high))
    measure = Measure(
        value=share,
        low=min(low, share),
        high=max(high, share),
        baseline=0.5,
        n=n,
        sentence=f"{share:.1%} of synthetic rows lie closer to a row the generator saw than to a fresh one; chance gives 50%.",
    )
    chart = _distances(to_real, to_holdout, share)
    return Outcome(
        (measure,),
        {"share": share, "tie_share": tie_share},
        (chart,),
        {"real": size, "synthetic": n, "holdout": size},
    )


def _nearest(rows: Points, others: Points) -> Floats:
    """Distance of every point to its nearest other point, shape (n,)."""
    from sklearn.metrics import pairwise_distances_argmin_min

    with one_thread():
        _, distances = pairwise_distances_argmin_min(rows, others, metric="euclidean")
    return np.asarray(distances, dtype=np.float64)


def _distances(to_real: Floats, to_holdout: Floats, share: float) -> Chart:
    top = float(np.quantile(np.concatenate([to_real, to_holdout]), 0.99)) or 1.0
    edges = np.linspace(0, top, 25)
    series = []
    for name, values in (("to rows it saw", to_real), ("to fresh rows", to_holdout)):
        counts, _ = np.histogram(np.minimum(values, top), bins=edges)
        series.append(Series(name, tuple((counts / len(values)).tolist())))
    return Chart(
        kind="histogram",
        title="Synthetic rows lean on rows the generator saw"
        if share > 0.52
        else "Synthetic rows keep equal distance",
        alt=f"Distance of synthetic rows to the nearest row seen and to the nearest fresh row; {share:.1%} lie closer to seen rows.",
        edges=tuple(edges.tolist()),
        series=tuple(series),
        unit="share of synthetic rows",
    )
