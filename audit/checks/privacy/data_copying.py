"""Whether synthetic rows huddle around the rows the generator saw, somewhere in the table."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import MIN_ROWS, distance_columns, fresh_holdout, seeded_order
from audit.learn.embedding import embed
from audit.model import Better, Family, Measure, Scale, Section, Unit
from audit.stats.inference.intervals import Z95, auc_with_error
from audit.stats.inference.p_values import normal_p
from audit.stats.neighbours.nearest import nearest, nearest_places

_PARTS = 10
_MIN_IN_PART = 50  # rows of each table
_REAL, _ROWS = 25_000, 5_000


@check(
    id="data_copying",
    title="Data copying",
    known_as="data-copying test",
    section=Section.DIAGNOSTIC,
    family=Family.PRIVACY,
    question="Do synthetic rows lie nearer to the rows the generator saw than other people do?",
    scale=Scale(Unit.SHARE, "share of pairs", Better.LOWER, 0.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step="Look at copied rows, closeness and membership; the generator repeats rows it saw where this number is high.",
)
def data_copying(case: Case) -> Outcome:
    """How often a synthetic row lies nearer to real rows than a fresh person.

    For 5,000 synthetic rows and 5,000 rows of the holdout the nearest of up to 25,000 real rows is
    found; the number is the share of pairs, one of each, in which the synthetic row is nearer to
    the real table. 0.5 is what another sample of the same people gives, 1 what copies give; equal
    distances, and missing values as a value of their own, count as elsewhere. The space is cut into
    ten parts, around ten real rows; the number is the mean over parts, weighted by the
    synthetic rows in them. `worst_part` is that of the part where it is highest, judged only where it
    is beyond chance over all parts. Below one half means that synthetic rows lie farther off: a table
    of low fidelity does so even if part of it was copied, so a low number proves nothing. That
    is why `membership` counts more.

    Source: Meehan, Chaudhuri and Dasgupta (2020), AISTATS, PMLR 108, 3546-3556 (the test by parts);
    Bhattacharjee, Dasgupta and Chaudhuri (2023), ICML, PMLR 202, 2352-2396 (what it misses).
    """
    holdout = fresh_holdout(case)
    if min(part.rows for part in case.tables()) < MIN_ROWS:
        raise Skip(
            f"It needs at least {MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not distance_columns(case):
        raise Skip("No column has a distribution to compare.")
    chosen = [
        (part, seeded_order(case, part)[:most])
        for part, most in ((case.real, _REAL), (case.synthetic, _ROWS), (holdout, _ROWS))
    ]
    real, synthetic, fresh = embed(case, chosen, like=(0, 2), columns=distance_columns(case))
    centres = real[:_PARTS]
    parts = [nearest_places(rows, centres)[0] for rows in (synthetic, fresh)]
    distances = [nearest(rows, real)[:, 0] for rows in (synthetic, fresh)]
    return _outcome(distances, parts, len(real))


def _outcome(distances: list[Floats], parts: list[Ints], size: int) -> Outcome:
    synthetic, fresh = distances
    found = []
    for part in range(_PARTS):
        near, far = synthetic[parts[0] == part], fresh[parts[1] == part]
        if min(len(near), len(far)) >= _MIN_IN_PART:
            found.append((len(near), *auc_with_error(-near, -far)))
    if not found:
        found = [(len(synthetic), *auc_with_error(-synthetic, -fresh))]
    weights, shares, errors = (np.array(column, dtype=np.float64) for column in zip(*found, strict=True))
    weights /= weights.sum()
    share, error = float(weights @ shares), float(np.sqrt(np.square(weights * errors).sum()))
    main = Measure(
        value=share,
        low=max(0.0, share - Z95 * error),
        high=min(1.0, share + Z95 * error),
        baseline=0.5,
        n=len(synthetic),
        sentence=f"In {share:.1%} of pairs the synthetic row lies nearer to the real table than a fresh person does; chance gives 50%.",
    )
    worst = int(np.argmax((shares - 0.5) / np.maximum(errors, 1e-12)))
    summary = {"share": share, "parts": float(len(found))}
    used = {"real": size, "synthetic": len(synthetic), "holdout": len(fresh)}
    return Outcome((main, _worst_part(*found[worst], len(found))), summary, (), used)


def _worst_part(n: int, share: float, error: float, parts: int) -> Measure:
    return Measure(
        value=share,
        name="worst_part",
        low=max(0.0, share - Z95 * error),
        high=min(1.0, share + Z95 * error),
        baseline=0.5,
        n=n,
        sentence=f"In the worst of {parts} parts of the table the synthetic row lies nearer in {share:.1%} of pairs; chance gives 50%.",
        p_value=normal_p(share - 0.5, error),
        comparisons=parts,
    )
