"""Columns by which a person may be told from others: declared ones, and names that look like it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.case.case import Case
from audit.model import Column, Kind, Role

_WORDS = (
    "age alter birth birthdate birthday birthyear born dob geburtsdatum sex gender geschlecht race ethnicity "
    "nationality citizenship country land city town ort stadt village region state county district province zip "
    "zipcode postal postcode plz education school degree bildung occupation job profession beruf employer marital "
    "relationship household children religion language height"
)
_MAX_NAMED = 6


def quasi_identifiers(case: Case) -> tuple[Column, ...]:
    """What others may know of a person, as declared; also where a column has another role besides.

    A column has one role, and a sensitive one is often known to others as well: what was named as
    an option counts, whatever role the column ended with. Columns of lists are left out.
    """
    return _declared(case, Role.QUASI_IDENTIFIER, case.options.quasi)


def secret_columns(case: Case) -> tuple[Column, ...]:
    """What others should not learn of a person, as declared; never a quasi-identifier."""
    known = {column.name for column in quasi_identifiers(case)}
    return tuple(c for c in _declared(case, Role.SECRET, case.options.secret) if c.name not in known)


def _declared(case: Case, role: Role, named: Iterable[str]) -> tuple[Column, ...]:
    wanted = frozenset(named)
    return tuple(
        column
        for column in case.columns
        if (column.role is role or column.name in wanted) and column.kind is not Kind.VECTOR
    )


def looks_identifying(name: str) -> bool:
    """Whether a column's name says something that others may know of a person.

    Examples
    --------
    >>> looks_identifying("ZipCode"), looks_identifying("native-country"), looks_identifying("average")
    (True, True, False)
    """
    return bool(set(_WORDS.split()) & set(words_of(name)))


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters.

    Examples
    --------
    >>> words_of("homePhone_no.2")
    ['home', 'phone', 'no', '2']
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\W_]+", spaced.casefold()) if word]


def likely_identifiers(columns: Iterable[Column]) -> list[str]:
    """Names of the columns that look identifying, at most a handful."""
    found = [c.name for c in columns if c.kind is not Kind.VECTOR and looks_identifying(c.name)]
    return found[:_MAX_NAMED]
