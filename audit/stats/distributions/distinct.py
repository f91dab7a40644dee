"""Rows that repeat, told by a number for each row, without sorting them all."""

from __future__ import annotations

import numpy as np

from audit.arrays import Hashes, Ints

_MAX_BITS = 22  # of a number that choose its slot: a table that a processor's cache nearly holds
_LOOKED_AT = 63  # one number in 64 tells whether repeats are worth counting
_ALL = 250_000  # rows up to which every number tells


def distinct_rows(keys: Hashes) -> tuple[Ints, Ints] | None:
    """The first row of each kind and how often it stands there; None where most rows are of their own kind.

    Parameters
    ----------
    keys : shape (n,), the same for rows of one kind; evenly spread, as a hash is

    Returns
    -------
    places : shape (k,), from 0, in no order
    times : shape (k,), their sum is n

    Notes
    -----
    Each row is written into a slot that a few bits of its number choose; rows that find their
    own number there are counted, and only the few that share a slot with others are sorted.

    Examples
    --------
    >>> places, times = different(np.array([7, 9, 7, 7], dtype=np.uint64))
    >>> sorted(zip(places.tolist(), times.tolist()))
    [(0, 3), (1, 1)]
    """
    if not _repeat(keys):
        return None
    bits = min(_MAX_BITS, max(1, len(keys).bit_length()))
    slots = (keys >> np.uint64(64 - bits)).view(np.int64)
    first = np.zeros(1 << bits, dtype=np.int64)
    first[slots[::-1]] = np.arange(len(keys))[::-1]  # the last that is written stays
    same = keys[first[slots]] == keys
    times = np.bincount(slots[same], minlength=len(first))
    filled = np.flatnonzero(times)
    rest = np.flatnonzero(~same)
    _, others, more = np.unique(keys[rest], return_index=True, return_counts=True)
    return np.concatenate([first[filled], rest[others]]), np.concatenate([times[filled], more])


def _repeat(keys: Hashes) -> bool:
    """Whether at least half of the rows repeat another."""
    looked = keys if len(keys) <= _ALL else keys[(keys & _LOOKED_AT) == 0]
    return 2 * len(np.unique(looked)) <= len(looked)
