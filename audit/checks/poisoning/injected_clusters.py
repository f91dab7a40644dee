"""Injected clusters: near-identical synthetic rows beyond what real rows show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case
from audit.case.check import Outcome, Skip, Writer, check
from audit.checks.poisoning._shared.suspect_rows import add_suspects
from audit.mining.near_duplicate_clusters import NearDuplicateCluster, find_clusters
from audit.model import (
    SUSPECT_ROWS,
    Better,
    Chart,
    Family,
    Measure,
    Role,
    Rows,
    Scale,
    Section,
    Unit,
    share_bars,
)

EXAMPLES = 50  # row numbers that go into a report
_MAX_NAMED = 6  # columns that a sentence names
_MIN_ROWS = 100  # rows of each table
_COLUMNS = 4

ALSO = (
    "Rows like these are what injected rows look like; a generator that repeats itself, or a group of people that "
    "the real rows lack, makes them too."
)


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A crowd as it is told.

    places : synthetic rows, from 0
    expected : rows that as many real ones would put there
    columns : in which nearly all of them hold the same
    target, outcome, purity : the outcome most of them have, and the share that has it; empty without a target
    """

    places: NDArray[np.int64]
    expected: float
    columns: tuple[str, ...]
    target: str
    outcome: str
    purity: float

    @property
    def surplus(self) -> float:
        """Rows that real ones do not explain."""
        return max(0.0, len(self.places) - self.expected)


@check(
    id="injected_clusters",
    title="Injected clusters",
    section=Section.PLANTED_CROWDS,
    files=(SUSPECT_ROWS,),
    family=Family.POISONING,
    question="Do near-identical synthetic rows crowd where real rows do not?",
    scale=Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, 0.0, 1.0),
    next_step=(
        "Look at the rows listed. Unless they are a group of people that you know of, take them out, find out how they "
        "got into the table, and audit again."
    ),
)
def injected_clusters(case: Case) -> Outcome:
    """Share of synthetic rows in crowds of near-identical rows, beyond real rows.

    Every column is cut into a few cells (parts of the range of a number, frequent values,
    missing). Around the fullest combinations of cells the rows are counted that agree in all but about
    a sixth of the columns. They are a crowd when they are at least 0.1 % of the synthetic rows (ten at least),
    three times the rows that the real ones, holdout included, would put there, and three times what the density just outside makes one
    expect; chance explains it less than once in a thousand tables, over all places looked at. A
    generator that is generous to a whole kind of people fills the surroundings too; rows that
    were put in stand alone. 0 means that there is no crowd; 0.005 that one row in 200 is in
    one. Every row is counted. Keys and free text are left out. The baseline is 0: what real
    rows explain is taken off. It cannot see rows that were injected far apart from each
    other, nor tell them from a new group of people.

    Source: exact test of two counts given their sum: Przyborowski and Wilenski (1940),
    Biometrika 31, 313-323; over many: Dunn (1961), JASA 56, 52-64.
    """
    if len(case.distribution_columns) < _COLUMNS:
        raise Skip(
            f"With fewer than {_COLUMNS} columns that have a distribution, people agree in nearly all of them by chance."
        )
    if min(case.synthetic.rows, case.real.rows) < _MIN_ROWS:
        raise Skip(
            f"Fewer than {_MIN_ROWS} rows are too few to tell a crowd from chance.",
            "Give larger tables.",
            assessable=False,
        )
    n = case.synthetic.rows
    clusters = _clusters(case)
    members = len(np.unique(np.concatenate([one.places for one in clusters]))) if clusters else 0
    share = min(1.0, sum(one.surplus for one in clusters) / n)
    whole = Measure(
        value=share, low=share, high=share, baseline=0.0, n=n, sentence=_whole(clusters, members, n)
    )
    summary = {"clusters": float(len(clusters)), "rows": float(members)}
    summary |= {f"outcome_share_{i + 1}": one.purity for i, one in enumerate(clusters) if one.outcome}
    measures = (whole, *(_measure(one, n) for one in clusters))
    return Outcome(measures, summary, _charts(clusters, n), files=_files(find_clusters(case)))


def _files(crowds: Sequence[NearDuplicateCluster]) -> dict[str, Writer]:
    """Every row of a crowd; no file where there is none."""
    suspects = [
        (place + 1, f"the same in {', '.join(crowd.columns)}")
        for crowd in crowds
        for place in crowd.row_indices.tolist()
    ]
    return {SUSPECT_ROWS: partial(add_suspects, injected_clusters.card.id, suspects)} if suspects else {}


def _clusters(case: Case) -> list[_Cluster]:
    """Crowds with their most frequent outcome; those alike in both columns and outcome as one."""
    found: dict[tuple[tuple[str, ...], str], _Cluster] = {}
    for crowd in find_clusters(case):
        one = _told(case, crowd)
        key = (one.columns, one.outcome)
        found[key] = _joined(found[key], one) if key in found else one
    return list(found.values())


def _told(case: Case, crowd: NearDuplicateCluster) -> _Cluster:
    target, outcome, purity = "", "", 0.0
    targets = [column for column in case.with_role(Role.TARGET) if column in case.distribution_columns]
    if targets:
        target = targets[0].name
        cells = case.synthetic.codes[crowd.row_indices, case.code_index(target)]
        counts = np.bincount(cells, minlength=case.binning(target).size)
        outcome = case.binning(target).labels[int(counts.argmax())]
        purity = float(counts.max()) / len(cells)
    return _Cluster(crowd.row_indices, crowd.expected, crowd.columns, target, outcome, purity)


def _joined(one: _Cluster, other: _Cluster) -> _Cluster:
    places = np.union1d(one.places, other.places)
    hits = one.purity * len(one.places) + other.purity * len(other.places)
    purity = hits / (len(one.places) + len(other.places))
    return replace(one, places=places, expected=one.expected + other.expected, purity=purity)


def _measure(one: _Cluster, n: int) -> Measure:
    share = min(1.0, one.surplus / n)
    return Measure(
        value=share,
        about=one.columns,
        name="cluster",
        group={one.target: one.outcome} if one.target else None,
        low=share,
        high=share,
        baseline=one.expected / n,
        n=n,
        sentence=_sentence(one),
        rows=Rows(len(one.places), tuple(int(row) + 1 for row in one.places[:EXAMPLES])),
    )


def _sentence(one: _Cluster) -> str:
    named = ", ".join(one.columns[:_MAX_NAMED])
    more = f" and {len(one.columns) - _MAX_NAMED} more" if len(one.columns) > _MAX_NAMED else ""
    agree = f"agree in {named}{more}" if one.columns else "agree in nearly all columns"
    outcome = f" {one.purity:.0%} of them have {one.target} = {one.outcome}." if one.target else ""
    return f"{len(one.places):,} synthetic rows {agree}, where as many real rows would put {one.expected:,.1f}.{outcome} {ALSO}"


def _whole(clusters: Sequence[_Cluster], members: int, n: int) -> str:
    if not clusters:
        return f"No crowd of near-identical rows stands out among {n:,} synthetic rows."
    noun = "crowd" if len(clusters) == 1 else "crowds"
    return (
        f"{members:,} of {n:,} synthetic rows ({members / n:.2%}) stand in {len(clusters)} {noun} of near-identical rows "
        f"that real rows do not explain. {ALSO}"
    )


def _charts(clusters: Sequence[_Cluster], n: int) -> tuple[Chart, ...]:
    if not clusters:
        return ()
    size = len(clusters[0].places)
    return (
        share_bars(
            [f"cluster {i + 1}" for i in range(len(clusters))],
            {
                "real": [one.expected / n for one in clusters],
                "synthetic": [len(one.places) / n for one in clusters],
            },
            title=f"The largest crowd holds {size / n:.2%} of synthetic rows",
            alt=f"The largest crowd: {clusters[0].expected / n:.2%} expected from real rows, {size / n:.2%} of synthetic ones.",
        ),
    )
