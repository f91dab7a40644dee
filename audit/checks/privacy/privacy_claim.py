"""Whether a declared guarantee of differential privacy can be true."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import (
    attack_distances,
    attack_setup,
    fresh_holdout,
    row_in_synthetic,
    seeded_order,
)
from audit.model import Attack, Better, Family, Measure, Scale, Unit
from audit.stats.privacy.epsilon import least_epsilon

_LEVEL = 1e-4  # chance that a true claim is refuted
_SHARES = (0.01, 0.05, 0.2, 1.0)  # of the pairs that are guessed, those first that look clearest


@check(
    id="privacy_claim",
    title="Claim of differential privacy",
    known_as="differential privacy audit (lower bound of epsilon)",
    attack=Attack(
        "two rows, one of which was in the real table.",
        "the coin that the random split has tossed for each pair.",
        "one guess in two right.",
    ),
    family=Family.PRIVACY,
    question="Can the declared guarantee of differential privacy be true?",
    scale=Scale(Unit.RATIO, "smallest epsilon possible, over the one claimed", Better.LOWER, 0.0, None),
    needs=(Need.HOLDOUT,),
    next_step="Do not rely on the claim: ask how epsilon was accounted for, and look for steps that touched the rows outside of it.",
)
def privacy_claim(case: Case) -> Outcome:
    """The smallest epsilon that the synthetic table allows, over the epsilon claimed.

    Rows of the real table and of the holdout are paired at random. The holdout was split off at
    random, so a fair coin decided which of the two the generator saw, and the attacker guesses
    which: the one that stands in the synthetic table, or the one with the nearer synthetic row. With a
    true claim no guess is right with more than a certain chance, whatever the table holds, so
    too many right guesses refute it. Five sets of guesses are tried (copies on all rows; the
    clearest 1%, 5%, 20% and all of up to 10,000 pairs), and the chance that a true claim is
    refuted by any of them is below 1 in 10,000. Above 1 the claim is refuted; below 1 nothing
    is proved: this bound is loose. The claim is read as one for adding or removing a row; swapping two
    rows, which is what a coin does here, then counts twice. It holds only if the holdout was drawn at
    random from the same rows before generating. Without a declared epsilon there is nothing to check.

    Source: Steinke, Nasr and Jagielski (2023), Privacy Auditing with One (1) Training Run, NeurIPS
    (the bound); that a coin for each pair replaces one for each row is derived here.
    """
    claimed, delta = case.options.privacy_claim()
    if claimed <= 0:
        raise Skip(
            "No guarantee was declared.",
            "Declare one with --epsilon (and --delta), or in the generator card.",
        )
    fresh_holdout(case)
    # One row swapped for another is one removed and one added: both parameters grow accordingly.
    swapped = (1 + math.exp(min(claimed, 50.0))) * delta
    found = [
        (least_epsilon(right, guesses, pairs, swapped, _LEVEL / (len(_SHARES) + 1)) / 2, right, guesses)
        for right, guesses, pairs in _guesses(case)
    ]
    least, right, guesses = max(found)
    ratio = least / claimed
    main = Measure(
        value=ratio,
        low=ratio,
        high=ratio,
        baseline=0.0,
        n=guesses,
        sentence=f"The table allows no epsilon below {least:.2f}; {claimed:g} was claimed. {right:,} of {guesses:,} guesses "
        "which of two people was in the real table are right.",
    )
    return Outcome((main,), {"epsilon_at_least": least, "epsilon_claimed": claimed})


def _guesses(case: Case) -> Iterator[tuple[int, int, int]]:
    """Right guesses, guesses and pairs, for each way of guessing that is fixed beforehand."""
    holdout = fresh_holdout(case)
    pairs = min(case.real.rows, holdout.rows)
    inside, outside = (
        row_in_synthetic(case, part)[seeded_order(case, part)[:pairs]] for part in (case.real, holdout)
    )
    yield int((inside & ~outside).sum()), int((inside != outside).sum()), pairs
    who = attack_setup(case)
    pairs = min(len(who.members), len(who.outsiders))
    d = attack_distances(case)
    gap = np.sqrt(d.outsiders[:pairs, 0]) - np.sqrt(d.members[:pairs, 0])
    # Equal distances are no guess; the order does not look at which of the two was seen.
    gap = gap[np.argsort(-np.abs(gap), kind="stable")]
    for share in _SHARES:
        asked = gap[: max(1, round(share * pairs))]
        yield int((asked > 0).sum()), int((asked != 0).sum()), pairs
