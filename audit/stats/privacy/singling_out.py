"""Descriptions that fit exactly one person, counted so that people are the unit of chance."""

from __future__ import annotations

import numpy as np

from audit.arrays import Bools, Hashes, Ints


def found_alone(said: Hashes, people: Hashes, part: Ints) -> Bools:
    """Who is the only one in their part whom a description fits, shape (people,).

    Parameters
    ----------
    said : descriptions, increasing, each once
    people : what each person is like, in the same keys
    part : part that each person stands in, from 0; parts are looked at one by one

    Source: Cohen and Nissim (2020), PNAS 117, 8344-8352 (isolation).

    Examples
    --------
    >>> said = np.array([3, 5, 8], dtype=np.uint64)
    >>> people = np.array([5, 3, 3, 9, 8], dtype=np.uint64)
    >>> found_alone(said, people, np.zeros(5, dtype=np.int64)).tolist()
    [True, False, False, False, True]
    """
    alone = np.zeros(len(people), dtype=bool)
    if not len(said) or not len(people):
        return alone
    places = np.minimum(np.searchsorted(said, people), len(said) - 1)
    fits = np.flatnonzero(said[places] == people)
    parts = int(part.max()) + 1
    cells = places[fits] * parts + part[fits]
    alone[fits] = np.bincount(cells, minlength=1)[cells] == 1
    return alone


class SinglingOutTally:
    """Tries, and how often each person was singled out by one.

    Descriptions by one set of columns never fit the same person twice; by several sets they do,
    and then the tries are worth fewer independent ones.
    """

    def __init__(self, people: int, others: int) -> None:
        self.tries = 0
        self.sets = 0
        self.hits = {"people": np.zeros(people), "others": np.zeros(others)}

    def add(self, tries: int, people: Bools, others: Bools) -> None:
        """Take in one set of descriptions and whom they single out."""
        self.tries += tries
        self.sets += 1
        self.hits["people"] += people
        self.hits["others"] += others

    def share(self, side: str) -> float:
        """Tries that single somebody out, over all tries; above 1 where several parts are looked at."""
        return float(self.hits[side].sum()) / max(self.tries, 1)

    def effective_tries(self, side: str) -> float:
        """Independent tries that this many are worth, whose errors are shared by people hit several times.

        The variance of a sum over people of the hits h each takes is the sum of h², where single
        hits would give the sum of h; as if one more person had been hit by every set, so that
        none found is no certainty.

        Source: Kish (1965), Survey Sampling (design effect).
        """
        hits = self.hits[side]
        return self.tries * float(hits.sum() + self.sets) / float((hits * hits).sum() + self.sets**2)
