"""Whether the holdout is the one that was promised before the generator was trained."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.model import Better, Family, Measure, Scale, Unit
from audit.provenance.provenance import broken_commitment_text, check_commitment


@check(
    id="holdout_commitment",
    title="Promised holdout",
    known_as="cryptographic commitment",
    family=Family.PRIVACY,
    question="Is the holdout exactly the one that was committed to before training?",
    scale=Scale(Unit.SHARE, "share of rows that are not as committed", Better.LOWER, 0.0, 1.0),
    next_step="Give the holdout that was committed to; if it is lost, read the other numbers about privacy as unproved.",
)
def holdout_commitment(case: Case) -> Outcome:
    """Share of rows by which the holdout differs from the committed one.

    Rows that were committed and are missing, and rows that are there and were not committed, are
    counted, of the rows of both. Before training, the owner of the data publishes a digest of the holdout's rows under a secret
    salt. 0 means that the holdout is the committed one, row for row; 1 that it shares no row with
    it, or lacks a committed column. Attacks on privacy compare with people the generator never saw: a
    holdout that was chosen after the synthetic table was seen can hide any leak. The order of rows and how
    numbers, dates and missing cells are written do not matter. The number is exact, and chance
    gives nothing. It cannot show that the committed rows were kept from the generator, nor
    that the digest was published before training: that rests on who received it, and when.

    Source: Naor (1991), Bit Commitment Using Pseudorandomness, Journal of Cryptology 4, 151-158
    (what a commitment is); salted SHA-256 of sorted row digests is this project's choice.
    """
    kept = check_commitment(case)
    if kept is None:
        raise Skip(
            "No commitment to the holdout was made before training.",
            "Make one next time, before training: python -m audit commit --holdout FILE --out commitment.json.",
        )
    apart = (kept.missing + kept.added) / max(kept.committed + kept.given, 1)
    said = f"The holdout is the committed one: all {kept.committed:,} rows are there, and no other."
    measure = Measure(
        value=apart,
        low=apart,
        high=apart,
        baseline=0.0,
        n=kept.given,
        sentence=said if kept.is_kept else broken_commitment_text(kept),
    )
    return Outcome((measure,), {"missing": float(kept.missing), "added": float(kept.added)})
