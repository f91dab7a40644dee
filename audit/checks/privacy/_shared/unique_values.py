"""People whom one value tells from all others, and that value in the synthetic table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.arrays import Bools, Hashes, Ints
from audit.stats.inference.good_turing import expected_repeats
from audit.stats.inference.intervals import Z95, newcombe
from audit.stats.inference.p_values import normal_p


@dataclass(frozen=True, slots=True)
class ValueHolders:
    """Who holds what in a table of `size` rows: places from 0 and a number for each value, both shape (k,).

    A person may hold several values, but none twice.
    """

    rows: Ints
    keys: Hashes
    size: int


@dataclass(frozen=True, slots=True)
class Reidentified:
    """People alone with a value that stands in the synthetic table, one flag for each row.

    outside : people of the holdout; None without one
    synthetic : rows that hold such a value of a person in the real table
    expected, error : people of the real table to be met by chance, and the standard error, without a holdout
    """

    inside: Bools
    outside: Bools | None
    synthetic: Bools
    expected: float = 0.0
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class ReidentificationExcess:
    """Share of people beyond chance, its interval, and the control in words.

    p_value : chance of as many people, where there is no holdout to tell it and anybody is met at all
    """

    value: float
    low: float
    high: float
    control: str
    p_value: float | None = None


def reidentify(real: ValueHolders, synthetic: ValueHolders, holdout: ValueHolders | None) -> Reidentified:
    """Who is alone with a value, real table and holdout taken together, and is met in the synthetic table."""
    people = [real] if holdout is None else [real, holdout]
    place, times = count_values([one.keys for one in (*people, synthetic)])
    alone = sum(times[:-1]) == 1
    told = alone & (times[-1] > 0)
    flags = [_flags(one, told[where]) for one, where in zip(people, place, strict=False)]
    theirs = _flags(synthetic, (alone & (times[0] > 0))[place[-1]])
    if holdout is not None:
        return Reidentified(flags[0], flags[1], theirs)
    singles, doubles = int((times[0] == 1).sum()), int((times[0] == 2).sum())
    return Reidentified(
        flags[0], None, theirs, *expected_repeats(singles, doubles, len(real.keys), len(synthetic.keys))
    )


def count_values(tables: Sequence[Hashes]) -> tuple[list[Ints], list[Ints]]:
    """For each table: the place of each of its values among all different ones, and how often each stands in it."""
    known, place = np.unique(np.concatenate(tables), return_inverse=True)
    places = np.split(place, np.cumsum([len(keys) for keys in tables])[:-1])
    return places, [np.bincount(one, minlength=len(known)) for one in places]


def _flags(held: ValueHolders, chosen: Bools) -> Bools:
    flags = np.zeros(held.size, dtype=bool)
    flags[held.rows[chosen]] = True
    return flags


def reidentification_excess(found: Reidentified) -> ReidentificationExcess:
    """How many more people are met than chance explains, as a share of the people in the real table."""
    hits, size = int(found.inside.sum()), len(found.inside)
    if found.outside is None:
        # Chance is put high: it may be less, down to none at all.
        value, error = (hits - found.expected) / size, Z95 * found.error / size
        low, high = max(value - error, -1.0), max(min(value + error, 1.0), hits / size)
        said = f"chance would explain up to {found.expected:,.0f} or so, without a holdout to tell"
        chance = normal_p(hits - found.expected, found.error) if hits else None
        return ReidentificationExcess(max(value, -1.0), low, high, said, chance)
    others, beside = int(found.outside.sum()), len(found.outside)
    low, high = newcombe(hits, size, others, beside)
    said = f"of {beside:,} people outside of it {others:,} do"
    return ReidentificationExcess(hits / size - others / beside, low, high, said)
