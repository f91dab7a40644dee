"""Diversity: whether synthetic rows reach all places where real rows lie."""

from __future__ import annotations

from dataclasses import replace

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.fidelity._shared.manifold import (
    RATIO,
    Manifold,
    manifold,
    manifold_outcome,
    missed_sentence,
    ratio_measure,
    split_note,
)
from audit.checks.fidelity._shared.modes import lost_modes
from audit.model import Chart, Family, Fold, Measure, Section, ratio_plane
from audit.stats.neighbours.realism import PrecisionRecall

_FEW = 12_000  # rows of each table below which a sentence says that they are few


@check(
    id="diversity",
    title="Diversity",
    known_as="clipped coverage, of the precision and recall of generative models",
    section=Section.PLANE_UP,
    folds=(Fold.ONE_QUESTION,),
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
    seen = manifold(case)
    measure = ratio_measure(
        seen.precision_recall.diversity,
        len(seen.precision_recall.synthetic.credit),
        _diversity_sentence(seen),
    )
    modes = lost_modes(case)
    outcome = manifold_outcome(
        case, seen, (measure, _reached(seen), *modes.measures), (_plane(seen.precision_recall),)
    )
    counted = {"modes": float(modes.considered), "modes_lost": float(modes.rarer)}
    return replace(outcome, summary={**outcome.summary, **counted})


def _diversity_sentence(seen: Manifold) -> str:
    return (
        f"Synthetic rows reach {seen.precision_recall.diversity.value:.1%} of the diversity of real rows: "
        f"{missed_sentence(seen)}{split_note(seen)}"
    )


def _reached(seen: Manifold) -> Measure:
    """Real rows with any synthetic row near: a lost kind of rows shows here long before it moves a mean."""
    n = len(seen.rows)
    sentence = missed_sentence(seen) + ("; with so few rows this is told only." if n < _FEW else ".")
    return replace(ratio_measure(seen.precision_recall.reach, n, sentence), name="reached")


def _plane(standing: PrecisionRecall) -> Chart:
    both = standing.realism, standing.diversity
    across, up = (f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" for ratio in both)
    return ratio_plane(
        ["synthetic"],
        [standing.realism],
        [standing.diversity],
        ("realism", "diversity"),
        title="How realistic and how diverse the synthetic rows are, beside real rows",
        alt=f"Realism {across} and diversity {up} of the synthetic rows, with 95 % intervals; real rows stand at 1 and 1.",
        words="share of what real rows reach",
    )
