"""Columns that real tables have and the ones at hand lack: keys, codes, dates, sums, amounts, gaps.

All are drawn in the same way for all three parts, before anything is broken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bench.defects.recipes import Parts

_BRANCHES, _REGIONS, _STEEP = 150, 12, 1.3  # frequency of a branch falls with its rank to this power
_DAYS, _FIRST_DAY = 1400, "2019-01-01"
_WEEK = np.array([6, 5, 5, 5, 4, 1, 1]) / 27
_NAMES = ("anna", "bela", "cem", "dora", "emil", "fatma", "gero", "hanna", "ivan", "jana", "kofi", "lea")
_HOSTS = ("post.example", "mail.example", "work.example.org", "home.example.net")

Ints = np.ndarray[Any, np.dtype[np.int64]]


def with_furniture(parts: Parts, rng: np.random.Generator) -> Parts:
    """All three parts with the same further columns; no key stands in two of them."""
    sizes = [len(part) for part in (parts.real, parts.holdout, parts.synthetic)]
    numbers = rng.permutation(np.arange(100_000, 100_000 + 2 * sum(sizes)))[: sum(sizes)]
    ids = np.split(numbers, np.cumsum(sizes)[:-1])
    return Parts(
        *(
            pd.concat([part, _columns(mine, rng)], axis=1)
            for part, mine in zip((parts.real, parts.holdout, parts.synthetic), ids, strict=True)
        )
    )


def _columns(ids: Ints, rng: np.random.Generator) -> pd.DataFrame:
    rows = len(ids)
    net = rng.lognormal(5, 0.8, rows).round(2)
    tax = (net * rng.choice([0.05, 0.1, 0.2], rows, p=[0.2, 0.2, 0.6])).round(2)
    start, end = _stays(rows, rng)
    chances = np.arange(1, _BRANCHES + 1) ** -_STEEP
    branch = rng.choice(_BRANCHES, rows, p=chances / chances.sum())
    untold = rng.random(rows) < np.where(net > np.median(net), 0.35, 0.05)
    return pd.DataFrame(
        {
            "id": ids,
            "email": emails(ids, rng),
            "card": cards(rows, rng),
            "start": start,
            "end": end,
            "net": net,
            "tax": tax,
            "gross": (net + tax).round(2),
            "amount": (10 ** rng.uniform(1, 5, rows)).round(2),
            "visits": np.where(untold, np.nan, rng.poisson(3, rows)),
            "branch": [f"branch {number:03}" for number in branch],
            "region": [f"region {number % _REGIONS:02}" for number in branch],
        }
    )


def _stays(rows: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Days of arrival, most of them early in the week, and of leaving, never before; as text."""
    days = np.datetime64(_FIRST_DAY) + np.arange(_DAYS)
    weekday = (days.astype(np.int64) + 3) % 7
    arrived = rng.choice(days, rows, p=_WEEK[weekday] / _WEEK[weekday].sum())
    left = arrived + rng.geometric(0.15, rows) - 1
    return arrived.astype(str).astype(object), left.astype(str).astype(object)


def emails(ids: Ints, rng: np.random.Generator) -> list[str]:
    """Addresses of which no two are alike."""
    names, hosts = rng.choice(_NAMES, (2, len(ids))), rng.choice(_HOSTS, len(ids))
    return [f"{a}.{b}{n}@{host}" for a, b, n, host in zip(*names, ids, hosts, strict=True)]


def cards(rows: int, rng: np.random.Generator) -> list[str]:
    """Card numbers whose last digit is the check digit by Luhn.

    Examples
    --------
    >>> number = cards(1, np.random.default_rng(0))[0]
    >>> len(number), sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(number[::-1])) % 10
    (16, 0)
    """
    digits = rng.integers(0, 10, (rows, 15))
    digits[:, 0] = 4
    doubled = digits.copy()
    doubled[:, ::2] *= 2
    check = -(doubled // 10 + doubled % 10).sum(axis=1) % 10
    return ["".join(map(str, row)) for row in np.column_stack([digits, check])]
