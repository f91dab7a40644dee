"""Recipes 81 and 82: contacts and rare combinations of real people, in tables that have generated ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.defects.furnishing import Ints, emails
from bench.defects.recipes import FindingTarget, Ground, Parts, Planted, Table, any_of, recipe, some_rows

QUASI = {
    "adult": ("age", "sex", "race", "native-country", "education"),
    "bank-marketing": ("age", "job", "marital", "education"),
}
SECRET = {"adult": ("income",), "bank-marketing": ("y",)}
_SURNAMES, _STEEP = 20_000, 1.0  # frequency of a surname falls with its rank to this power
_BANK = 37040044


def with_contacts(parts: Parts, rng: np.random.Generator) -> Parts:
    """All three parts with e-mail addresses, accounts and phones that nobody shares, and surnames that many do."""
    sizes = [len(part) for part in (parts.real, parts.holdout, parts.synthetic)]
    numbers = np.split(rng.permutation(2 * sum(sizes))[: sum(sizes)], np.cumsum(sizes)[:-1])
    frames = (parts.real, parts.holdout, parts.synthetic)
    return Parts(
        *(pd.concat([part, _contacts(mine, rng)], axis=1) for part, mine in zip(frames, numbers, strict=True))
    )


def _contacts(ids: Ints, rng: np.random.Generator) -> pd.DataFrame:
    chances = np.arange(1, _SURNAMES + 1) ** -_STEEP
    ranks = rng.choice(_SURNAMES, len(ids), p=chances / chances.sum())
    return pd.DataFrame(
        {
            "email": emails(ids, rng),
            "account": [iban(int(number)) for number in ids],
            "phone": [f"+49 171 {2_000_000 + number}" for number in ids],
            "surname": [spell_digits(int(rank)) for rank in ranks],
        }
    )


def iban(number: int) -> str:
    """A German account number with its check digits.

    Examples
    --------
    >>> iban(532013000)
    'DE89370400440532013000'
    """
    account = f"{_BANK}{number:010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def spell_digits(number: int) -> str:
    """A number in letters, different for each.

    Examples
    --------
    >>> spelled(102)
    'Bac'
    """
    return "".join(chr(97 + int(digit)) for digit in str(number)).capitalize()


def declared_options(table: Table) -> Mapping[str, Any]:
    """What others know of people, and what they should not learn."""
    return {"quasi": QUASI[table.name], "secret": SECRET[table.name]} if table.name in QUASI else {}


@recipe(81, "contacts of real people", "privacy", doses=(0.0025, 0.005, 0.01), least=0.01,
        checks=("personal_data",), prepare=with_contacts)  # fmt: skip
def replay_contacts(at: Ground) -> Planted:
    """A share of addresses and accounts, each in rows of its own, are those of real people."""
    frame, real = at.parts.synthetic.copy(), at.parts.real
    for name in ("email", "account"):
        values = frame[name].to_numpy().copy()
        rows = some_rows(len(frame), at.dose, at.rng)
        values[rows] = real[name].to_numpy()[at.rng.choice(len(real), len(rows), replace=False)]
        frame[name] = values
    return frame, FindingTarget(any_of("email", "account"))


@recipe(82, "combinations of people who are alone with them", "privacy", doses=(0.005, 0.01, 0.02), least=0.02,
        checks=("anonymity",), options=declared_options)  # fmt: skip
def replay_combinations(at: Ground) -> Planted:
    """A share of rows take what others know of a real person whom nobody else equals."""
    frame, real = at.parts.synthetic.copy(), at.parts.real
    known = list(QUASI.get(at.table.name, tuple(frame.columns[:3])))
    alone = real[~real.duplicated(known, keep=False)]
    rows = some_rows(len(frame), at.dose, at.rng)
    taken = alone.iloc[at.rng.choice(len(alone), len(rows), replace=len(rows) > len(alone))]
    for name in known:
        values = frame[name].to_numpy().copy()
        values[rows] = taken[name].to_numpy()
        frame[name] = values
    return frame.astype(at.parts.synthetic.dtypes.to_dict()), FindingTarget()
