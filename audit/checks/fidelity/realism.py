"""Realism: whether synthetic rows lie where real rows lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.fidelity._shared.manifold import (
    RATIO,
    Manifold,
    manifold,
    manifold_outcome,
    ratio_measure,
    split_note,
)
from audit.model import Family, Rows, Section

_EXAMPLES = 50


@check(
    id="realism",
    title="Realism",
    known_as="clipped density, of the precision and recall of generative models",
    section=Section.PLANE_ACROSS,
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
    seen = manifold(case)
    side, standing = seen.precision_recall.synthetic, seen.precision_recall
    apart = np.flatnonzero(side.credit == 0)
    worst = apart[np.argsort(-side.reference_distance[apart], kind="stable")[:_EXAMPLES]]
    measure = ratio_measure(standing.realism, len(side.credit), _realism_sentence(seen))
    rows = Rows(len(apart), tuple(sorted((seen.rows[worst] + 1).tolist()))) if len(apart) else None
    return manifold_outcome(case, seen, (replace(measure, rows=rows),), ())


def _realism_sentence(seen: Manifold) -> str:
    ours, theirs = (
        float(np.mean(s.credit == 0)) for s in (seen.precision_recall.synthetic, seen.precision_recall.real)
    )
    text = (
        f"Synthetic rows reach {seen.precision_recall.realism.value:.1%} of the realism of real rows: "
        f"{ours:.1%} of them lie in no neighbourhood of real rows, against {theirs:.1%} of real rows"
    )
    if seen.unrealistic is not None:
        cell = seen.unrealistic
        text += f"; most striking there is {cell.words} ({cell.share:.0%} of such synthetic rows, {cell.elsewhere:.0%} of such real rows)"
    return text + split_note(seen)
