"""Where synthetic rows lie beside real ones, and what stands out among those that lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome
from audit.learn.precision_recall import SamplePrecisionRecall, sample_precision_recall
from audit.model import Better, Chart, Measure, Scale, Unit
from audit.stats.neighbours.realism import PrecisionRecall, RatioEstimate

RATIO = Scale(Unit.SHARE, "share of what real rows reach", Better.HIGHER, 0.0, None)

_STANDS_OUT = 4.5  # standard errors: of some thousand cells none is named by chance

_LEAST = 1.3  # times as frequent as elsewhere: less is no description


@dataclass(frozen=True, slots=True)
class StrikingValue:
    """Values of a column that are more frequent in some rows than in others."""

    words: str
    share: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class Manifold:
    """What both checks tell: the standing, the rows it is about, and what stands out in them.

    rows : places of the synthetic rows
    unrealistic : cell more frequent in synthetic than in real rows that lie apart
    missed : cell more frequent in real rows that no synthetic row reaches than in all
    """

    precision_recall: PrecisionRecall
    rows: Ints
    split: bool
    unrealistic: StrikingValue | None
    missed: StrikingValue | None


def manifold(case: Case) -> Manifold:
    stood = sample_precision_recall(case)
    return case.shared("what stands out of realism and diversity", lambda: _describe(case, stood))


def _describe(case: Case, stood: SamplePrecisionRecall) -> Manifold:
    """What stands out among rows that lie apart, beside those that real rows have or leave as well."""

    def cells(table: tuple[CaseTable, Ints], which: Bools) -> NDArray[np.uint8]:
        part, places = table
        return part.codes[places[which]]

    standing = stood.precision_recall
    reference, real, synthetic = stood.rows
    ours, theirs = standing.synthetic, standing.real
    apart, alike = cells(synthetic, ours.credit == 0), cells(real, theirs.credit == 0)
    missed, left = (cells(reference, side.ball_coverage == 0) for side in (ours, theirs))
    everyone = cells(reference, ours.ball_coverage >= 0)
    return Manifold(
        precision_recall=standing,
        rows=synthetic[1],
        split=case.holdout is None,
        unrealistic=_most_striking(case, apart, alike, alike if len(alike) else everyone),
        missed=_most_striking(case, missed, left, everyone),
    )


def _most_striking(
    case: Case, some: NDArray[np.uint8], usual: NDArray[np.uint8], others: NDArray[np.uint8]
) -> StrikingValue | None:
    """The cell that holds more of some rows than of the usual ones, and a larger share than of others."""
    best, least = None, _STANDS_OUT
    if not len(some):
        return None
    for place, column in enumerate(case.distribution_columns):
        coding = case.binning(column.name)
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
            best = StrikingValue(
                f"{column.name} {coding.labels[top]}", float(share[top]), float(elsewhere[top])
            )
    return best


def ratio_measure(ratio: RatioEstimate, n: int, sentence: str) -> Measure:
    return Measure(value=ratio.value, low=ratio.low, high=ratio.high, baseline=1.0, n=n, sentence=sentence)


def missed_sentence(seen: Manifold) -> str:
    ours, theirs = (
        float(np.mean(s.ball_coverage == 0))
        for s in (seen.precision_recall.synthetic, seen.precision_recall.real)
    )
    text = f"{ours:.1%} of real rows have no synthetic row in their neighbourhood, where other real rows leave {theirs:.1%}"
    if seen.missed is not None:
        cell = seen.missed
        text += f"; most striking among them is {cell.words} ({cell.share:.0%} of them, {cell.elsewhere:.0%} of all real rows)"
    return text


def split_note(seen: Manifold) -> str:
    return "; without a holdout, one half of the real rows stands for fresh ones." if seen.split else "."


def manifold_outcome(
    case: Case, seen: Manifold, measures: tuple[Measure, ...], charts: tuple[Chart, ...]
) -> Outcome:
    n = len(seen.rows)
    used: dict[str, int | None] = {"real": n, "synthetic": n, "holdout": n}
    if case.holdout is None:
        used = {"real": 2 * n, "synthetic": n, "holdout": None}
    return Outcome(measures, seen.precision_recall.summary, charts, used)
