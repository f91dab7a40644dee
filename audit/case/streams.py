"""Random numbers of work that several checks share."""

from __future__ import annotations

from enum import StrEnum, auto


class Stream(StrEnum):
    """Names of generators: a name is part of the seed, so another one gives other numbers."""

    UTILITY = auto()
    FORMATS = auto()
