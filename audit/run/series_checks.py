"""What to know about tables that follow each other, from their names, rows and contents alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from audit.errors import InputError
from audit.model import Level, Notice, TableFacts

_UNEVEN = 3.0  # times as many rows as another table: worth a word
_NO_HOLDOUT = (
    "Without a holdout the tables are compared with rows the first generator saw: loss of variance and "
    "categories can be told as well, realism and distance only by halves of the real table."
)


def without_real(
    real: TableFacts, steps: Sequence[TableFacts]
) -> tuple[list[TableFacts], tuple[Notice, ...]]:
    """Tables that are the real one again are generation 0, and no generation of a loop.

    Raises
    ------
    InputError
        Where fewer than two other tables are left.
    """
    kept = [facts for facts in steps if facts.content_hash != real.content_hash]
    same = [facts.name for facts in steps if facts not in kept]
    if len(kept) < 2:
        raise InputError(
            f"Only {len(kept)} of {len(steps)} tables differ from the real one ({', '.join(same)} hold its rows).",
            "Give at least two tables that a generator made.",
            where="synthetic",
        )
    text = "{} holds exactly the rows of the real table: it is taken as generation 0 and left out."
    return kept, tuple(Notice(Level.WARNING, text.format(name), name) for name in same)


def series_notices(steps: Sequence[TableFacts], *, in_time: bool, holdout: bool) -> Iterator[Notice]:
    """What is odd about the tables in the order given: names, repeated rows, sizes, no holdout.

    in_time : each was made after the one before
    """
    names = [facts.name for facts in steps]
    numbers = [re.findall(r"\d+", Path(name).name) for name in names]
    last = [int(found[-1]) if found else None for found in numbers]
    if in_time and None not in last:
        yield from _misordered([n for n in last if n is not None], names)
    for before, after in pairwise(steps):
        if before.content_hash == after.content_hash:
            text = f"{after.name} holds the same rows as {before.name}: is it there twice?"
            yield Notice(Level.WARNING, text, after.name)
    sizes = [facts.rows for facts in steps]
    if max(sizes) > _UNEVEN * min(sizes):
        text = (
            f"The tables hold from {min(sizes):,} to {max(sizes):,} rows. Small ones lose more by chance; what is "
            "lost by chance is worked out from the rows of each."
        )
        yield Notice(Level.WARNING, text)
    if not holdout:
        yield Notice(Level.NOTE, _NO_HOLDOUT)


def _misordered(numbers: Sequence[int], names: Sequence[str]) -> Iterator[Notice]:
    if any(after <= before for before, after in pairwise(numbers)):
        text = f"By their names the tables come in another order than the one given: {', '.join(names)}. They are taken as given."
        yield Notice(Level.WARNING, text)
    elif any(after - before > 1 for before, after in pairwise(numbers)):
        text = f"By their names some generations between {names[0]} and {names[-1]} are missing: a step is then several."
        yield Notice(Level.WARNING, text)
