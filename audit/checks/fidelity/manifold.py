"""Realism and diversity: whether synthetic rows lie where real rows lie, and reach all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case, Part
from audit.case.check import Need, Outcome, check
from audit.checks.fidelity._shared.modes import lost_modes
from audit.learn.precision_recall import Stood, stand
from audit.model import Better, Chart, Family, Measure, Rows, Scale, Series, Unit
from audit.stats.neighbours.realism import Ratio, Standing

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

RATIO = Scale(Unit.SHARE, "share of what real rows reach", Better.HIGHER, 0.0, None)

_ENOUGH = 12_000  # rows of each table: fewer cannot tell a few missed rows in a thousand from chance
_EXAMPLES = 50
_STANDS_OUT = 4.5  # standard errors: of some thousand cells none is named by chance
_LEAST = 1.3  # times as frequent as elsewhere: less is no description


@dataclass(frozen=True, slots=True)
class _Cell:
    """Values of a column that are more frequent in some rows than in others."""

    words: str
    share: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What both checks tell: the standing, the rows it is about, and what stands out in them.

    rows : places of the synthetic rows
    unrealistic : cell more frequent in synthetic than in real rows that lie apart
    missed : cell more frequent in real rows that no synthetic row reaches than in all
    """

    standing: Standing
    rows: Ints
    split: bool
    unrealistic: _Cell | None
    missed: _Cell | None


@check(
    id="realism",
    title="Realism",
    family=Family.FIDELITY,
    question="Do synthetic rows lie where real rows lie?",
    scale=RATIO,
    needs=(Need.ROWS,),
    next_step="Look at the synthetic rows named and at what stands out in them: the generator makes combinations that real rows do not have.",
)
def realism(case: Case) -> Outcome:
    """Share of synthetic rows as realistic as real ones (Clipped Density).

    A ball stands around each real row the generator never saw and reaches to its fifth nearest
    other one, or to the median of these distances where that is less. A row counts fully when
    it lies in five balls or more, and by fifths below. The number is what synthetic rows reach,
    divided by what the real rows reach that the generator learned from. 1 means as realistic as
    real rows, 0.9 that one row in ten lies where no real row lies, 0 that all do; chance gives 1,
    and it may lie a little above. Numbers and dates are compared by rank, categories as same or
    different, missing values as a value of their own. Rows equally far from a centre are in or
    out of its ball by lot, so that tables with many equal rows have no balls of radius zero.
    Without a holdout the real rows are split into two halves. At most 16,000 rows of each table
    are compared, in groups of at most 1,000; the interval comes from the variance between rows
    and between balls. It moves by a few points when the mix of kinds of rows changes, as some lie
    closer together than others, and rises above 1 where rows keep to the crowded middle. It cannot
    see what is missing (see diversity), nor a wrong value in one of many columns, nor a few rows in
    a hundred that lie between two kinds of real rows: in a table of many columns their nearest real
    row is hardly farther than that of a real row. Summary: `clipped_density` and `clipped_coverage` as published, and precision,
    recall, density, coverage, alpha-precision, beta-recall and authenticity (recall and
    authenticity on 2,000 rows), each also for the real rows (`…_real`).

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761. Summary: Kynkäänniemi et al. (2019),
    NeurIPS; Naeem et al. (2020), ICML; Alaa et al. (2022), ICML.
    """
    seen = _seen(case)
    side, standing = seen.standing.synthetic, seen.standing
    apart = np.flatnonzero(side.credit == 0)
    worst = apart[np.argsort(-side.away[apart], kind="stable")[:_EXAMPLES]]
    measure = _measure(standing.realism, len(side.credit), _realism_sentence(seen))
    rows = Rows(len(apart), tuple(sorted((seen.rows[worst] + 1).tolist()))) if len(apart) else None
    return _outcome(case, seen, (replace(measure, rows=rows),), ())


@check(
    id="diversity",
    title="Diversity",
    family=Family.FIDELITY,
    question="Do synthetic rows reach all the places where real rows lie?",
    scale=RATIO,
    needs=(Need.ROWS,),
    next_step="Look at which real rows are not reached: the generator has lost or thinned out this part of the table.",
)
def diversity(case: Case) -> Outcome:
    """Share of the variety of real rows that is reached (Clipped Coverage).

    A ball stands around each real row the generator never saw and reaches to its fifth nearest
    other one. It counts fully when five synthetic rows or more lie in it, and by fifths below. The
    mean is turned into the share of good rows that would reach as much, and divided by what the
    real rows reach that the generator learned from. 1 means as diverse as real rows, 0.9 that a
    tenth of the kinds of rows is missing (or that a tenth of the synthetic rows lies where no real
    row lies), 0 that nothing is reached; chance gives 1, and it may lie a little above. The second
    number, reached, is the share of balls that any synthetic row lies in, divided by the same share
    for real rows: a lost kind of rows shows there first; it is judged from 12,000 rows. Rows are
    compared as for realism: ranks, categories as same or different, ties by lot, a split of the real
    rows without a holdout, at most 16,000 rows in groups of 1,000, missing values as a value of
    their own. The third, mode, is for one kind of rows: real rows are cut into up to 100 clusters,
    numbers counted in standard deviations, and the share of synthetic rows in a cluster is divided
    by the share of real ones, at most 1. It is given only where chance over all clusters does not
    explain that it is less, with an interval that allows for having looked at all, for the rarest
    five; chance gives none. Vectors are left out there, and at most 20,000 rows of each table are
    counted. It cannot see a lost kind of rows that is a small part of every cluster, nor whether a
    row is a copy. Summary as for realism; `modes` clusters were looked at, `modes_lost` of them
    are rarer than chance explains.

    Source: Salvy, Talbot and Thirion (2025), arXiv:2507.01761. Clusters: Lloyd (1982), IEEE
    Transactions on Information Theory 28, 129-137. Summary: Kynkäänniemi et al. (2019), NeurIPS;
    Naeem et al. (2020), ICML; Alaa et al. (2022), ICML.
    """
    seen = _seen(case)
    measure = _measure(
        seen.standing.diversity, len(seen.standing.synthetic.credit), _diversity_sentence(seen)
    )
    modes = lost_modes(case)
    outcome = _outcome(case, seen, (measure, _reached(seen), *modes.measures), (_plane(seen.standing),))
    counted = {"modes": float(modes.looked), "modes_lost": float(modes.rarer)}
    return replace(outcome, summary={**outcome.summary, **counted})


def _seen(case: Case) -> _Seen:
    stood = stand(case)
    return case.once("what stands out of realism and diversity", lambda: _tell(case, stood))


def _tell(case: Case, stood: Stood) -> _Seen:
    """What stands out among rows that lie apart, beside those that real rows have or leave as well."""

    def cells(table: tuple[Part, Ints], which: Bools) -> NDArray[np.uint8]:
        part, places = table
        return part.codes[places[which]]

    standing = stood.standing
    reference, real, synthetic = stood.rows
    ours, theirs = standing.synthetic, standing.real
    apart, alike = cells(synthetic, ours.credit == 0), cells(real, theirs.credit == 0)
    missed, left = (cells(reference, side.reached == 0) for side in (ours, theirs))
    everyone = cells(reference, ours.reached >= 0)
    return _Seen(
        standing=standing,
        rows=synthetic[1],
        split=case.holdout is None,
        unrealistic=_most_striking(case, apart, alike, alike if len(alike) else everyone),
        missed=_most_striking(case, missed, left, everyone),
    )


def _most_striking(
    case: Case, some: NDArray[np.uint8], usual: NDArray[np.uint8], others: NDArray[np.uint8]
) -> _Cell | None:
    """The cell that holds more of some rows than of the usual ones, and a larger share than of others."""
    best, least = None, _STANDS_OUT
    if not len(some):
        return None
    for place, column in enumerate(case.shaped):
        coding = case.coding(column.name)
        here, expected, there = (
            np.bincount(rows[:, place], minlength=coding.size) for rows in (some, usual, others)
        )
        share, elsewhere = here / len(some), there / len(others)
        more = (here - expected) / np.sqrt(np.maximum(here + expected, 1))
        error = np.sqrt(share * (1 - share) / len(some) + elsewhere * (1 - elsewhere) / len(others))
        larger = (share - elsewhere) / np.maximum(error, 1 / len(some))
        z = np.where((here < case.k) | (share < _LEAST * elsewhere), 0.0, np.minimum(more, larger))
        top = int(np.argmax(z))
        if z[top] > least:
            least = float(z[top])
            best = _Cell(f"{column.name} {coding.labels[top]}", float(share[top]), float(elsewhere[top]))
    return best


def _measure(ratio: Ratio, n: int, sentence: str) -> Measure:
    return Measure(value=ratio.value, low=ratio.low, high=ratio.high, baseline=1.0, n=n, sentence=sentence)


def _realism_sentence(seen: _Seen) -> str:
    ours, theirs = (float(np.mean(s.credit == 0)) for s in (seen.standing.synthetic, seen.standing.real))
    text = (
        f"Synthetic rows reach {seen.standing.realism.value:.1%} of the realism of real rows: "
        f"{ours:.1%} of them lie in no neighbourhood of real rows, against {theirs:.1%} of real rows"
    )
    if seen.unrealistic is not None:
        cell = seen.unrealistic
        text += f"; most striking there is {cell.words} ({cell.share:.0%} of such synthetic rows, {cell.elsewhere:.0%} of such real rows)"
    return text + _halves(seen)


def _diversity_sentence(seen: _Seen) -> str:
    return (
        f"Synthetic rows reach {seen.standing.diversity.value:.1%} of the diversity of real rows: "
        f"{_missed(seen)}{_halves(seen)}"
    )


def _missed(seen: _Seen) -> str:
    ours, theirs = (float(np.mean(s.reached == 0)) for s in (seen.standing.synthetic, seen.standing.real))
    text = f"{ours:.1%} of real rows have no synthetic row in their neighbourhood, where other real rows leave {theirs:.1%}"
    if seen.missed is not None:
        cell = seen.missed
        text += f"; most striking among them is {cell.words} ({cell.share:.0%} of them, {cell.elsewhere:.0%} of all real rows)"
    return text


def _reached(seen: _Seen) -> Measure:
    """Real rows with any synthetic row near: a lost kind of rows shows here long before it moves a mean."""
    n = len(seen.rows)
    few = n < _ENOUGH
    sentence = _missed(seen) + ("; with so few rows this is told only." if few else ".")
    return replace(_measure(seen.standing.reach, n, sentence), name="reached", descriptive=few)


def _halves(seen: _Seen) -> str:
    return "; without a holdout, one half of the real rows stands for fresh ones." if seen.split else "."


def _outcome(case: Case, seen: _Seen, measures: tuple[Measure, ...], charts: tuple[Chart, ...]) -> Outcome:
    n = len(seen.rows)
    used: dict[str, int | None] = {"real": n, "synthetic": n, "holdout": n}
    if case.holdout is None:
        used = {"real": 2 * n, "synthetic": n, "holdout": None}
    return Outcome(measures, seen.standing.summary, charts, used)


def _plane(standing: Standing) -> Chart:
    both = {"across": standing.realism, "up": standing.diversity}
    series = []
    for axis, ratio in both.items():
        series += [
            Series(axis, (ratio.value, 1.0)),
            Series(f"{axis} low", (ratio.low, None)),
            Series(f"{axis} high", (ratio.high, None)),
        ]
    across, up = (f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" for ratio in both.values())
    return Chart(
        kind="plane",
        title="How realistic and how diverse the synthetic rows are, beside real rows",
        alt=f"Realism {across} and diversity {up} of the synthetic rows, with 95 % intervals; real rows stand at 1 and 1.",
        x=("synthetic", "real rows"),
        y=("realism", "diversity"),
        series=tuple(series),
        unit=Unit.SHARE,
        words="share of what real rows reach",
    )
