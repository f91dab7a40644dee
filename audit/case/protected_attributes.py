"""Columns that look like attributes protected from discrimination: suggested, never chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from audit.load.names import list_names, message_text
from audit.load.table import Field, Stored, Table
from audit.model import Column, Kind, Level, Notice, Role

_NAMES = {
    "sex": "sex", "gender": "sex", "geschlecht": "sex", "sexe": "sex", "male": "sex", "female": "sex",
    "race": "race or origin", "ethnicity": "race or origin", "ethnic": "race or origin", "skin": "race or origin",
    "nationality": "nationality", "citizenship": "nationality", "citizen": "nationality", "immigrant": "nationality",
    "religion": "religion", "faith": "religion", "denomination": "religion", "caste": "race or origin",
    "disability": "disability", "disabled": "disability", "handicap": "disability", "pregnant": "pregnancy",
    "orientation": "sexual orientation", "lgbt": "sexual orientation", "marital": "marital status",
    "age": "age", "agep": "age", "alter": "age", "birthyear": "age",
}  # fmt: skip
# Values of which a column that holds at least two, and hardly anything else, is about that attribute.
_VALUES = {
    "sex": "male female man woman men women diverse divers non-binary nonbinary männlich weiblich homme femme",
    "race or origin": "white black asian hispanic latino latina caucasian african-american african american "
    "native-american amer-indian-eskimo asian-pac-islander pacific-islander roma arab mixed-race non-hispanic",
    "religion": "christian catholic protestant muslim jewish hindu buddhist sikh atheist orthodox",
    "marital status": "married single divorced widowed separated never-married married-civ-spouse",
    "sexual orientation": "heterosexual homosexual bisexual straight gay lesbian",
}
_UNKNOWN = frozenset({"other", "unknown", "na", "n/a", "none", "?", "not stated", "x", "u"})
_OLDEST = 125
_MAX_VALUES = 12
_MAX_NAMED = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may need protection, and why it looks so."""

    name: str
    why: str


def has_listed_word(name: str) -> str:
    """The protected attribute that a column's name says, or "".

    Examples
    --------
    >>> named_like("race_of_head"), named_like("ApplicantSex"), named_like("average")
    ('race or origin', 'sex', '')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.split(r"[\W_]+", spaced.casefold())
    return next((_NAMES[word] for word in words if word in _NAMES), "")


def find_candidates(table: Table, connection: duckdb.DuckDBPyConnection) -> tuple[Candidate, ...]:
    """Columns of a table that look like protected attributes, by name or by what they hold.

    One query looks at the columns of few different values and at the ends of those named like
    an age. A number is one only if it is named like an age and lies within a human life; a column
    of codes only by its name.
    """
    looked = [(i, field) for i, field in enumerate(table.fields) if _is_looked_at(field)]
    if not looked:
        return ()
    held = _held(table, connection, looked)
    found = [(field.name, _why(field, values)) for (_, field), values in zip(looked, held, strict=True)]
    return tuple(Candidate(name, why) for name, why in found if why)


def _is_looked_at(field: Field) -> bool:
    if field.stored in (Stored.INTEGER, Stored.NUMBER):
        return bool(has_listed_word(field.name)) and field.distinct > 1
    few = 2 <= field.distinct <= _MAX_VALUES
    return field.stored in (Stored.TEXT, Stored.BOOLEAN) and (few or bool(has_listed_word(field.name)))


def _held(
    table: Table, connection: duckdb.DuckDBPyConnection, looked: Sequence[tuple[int, Field]]
) -> list[list[object]]:
    """The values of a column of few, or the ends of a number."""
    asked = [
        f"[min(c{i})::VARCHAR, max(c{i})::VARCHAR]"
        if field.stored in (Stored.INTEGER, Stored.NUMBER)
        else f"list(DISTINCT c{i}::VARCHAR)"
        if field.distinct <= _MAX_VALUES
        else "[]"
        for i, field in looked
    ]
    query = f"SELECT {', '.join(asked)} FROM read_parquet(?)"
    row = connection.execute(query, [str(table.path)]).fetchone()
    return [list(values or ()) for values in row or ()]


def _why(field: Field, values: Iterable[object]) -> str:
    named = has_listed_word(field.name)
    if field.stored in (Stored.INTEGER, Stored.NUMBER):
        return _why_number(field, named, [float(str(v)) for v in values if v is not None])
    if named and named != "age":
        return f"its name says {named}"
    folded = {re.sub(r"[\s_]+", "-", str(v).strip().casefold()) for v in values if v is not None}
    for attribute, words in _VALUES.items():
        known = folded & set(words.split())
        if len(known) >= 2 and folded <= known | _UNKNOWN | {next(iter(folded - known), "")}:
            return f"its values say {attribute}"
    return ""


def _why_number(field: Field, named: str, ends: Sequence[float]) -> str:
    if not named or not ends:
        return ""
    if named == "age":
        years = ends[0] >= 0 and ends[1] <= _OLDEST and field.distinct > 2
        return f"it is named like an age and lies between 0 and {_OLDEST}" if years else ""
    return f"its name says {named}" if field.distinct <= _MAX_VALUES else ""


def suggest_candidates(found: Iterable[Candidate], columns: Iterable[Column]) -> tuple[Candidate, ...]:
    """The candidates that nobody gave a role, among columns that can make groups."""
    free = {
        c.name
        for c in columns
        if c.role in (Role.NONE, Role.QUASI_IDENTIFIER) and c.kind in (Kind.CATEGORY, Kind.NUMBER)
    }
    return tuple(one for one in found if one.name in free)


def candidate_notices(table: Table, found: Sequence[Candidate]) -> tuple[Notice, ...]:
    """One note that names the columns and says what to do."""
    if not found:
        return ()
    return (Notice(Level.NOTE, f"{message_text(table.facts.name)}: {advice(found)}", found[0].name),)


def advice(found: Sequence[Candidate]) -> str:
    """Which columns look protected and how to choose them; "" for none."""
    if not found:
        return ""
    names = list_names([one.name for one in found], _MAX_NAMED)
    if len(found) == 1:
        return f"column {names} looks like a protected attribute; name it with --sensitive or on the Setup page to audit bias."
    return f"columns {names} look like protected attributes; name some with --sensitive or on the Setup page to audit bias."
