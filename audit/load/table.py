"""A table as the rest of the house sees it: a Parquet file of known types, and facts.

Whatever a source was (CSV, Excel, a data frame), loading writes it once as a canonical
Parquet file with columns ``c0``, ``c1``, … (so that no name of a user's column ever occurs
in a query) and ``row`` (the data row, counted from 1). Everything later reads that file,
lazily and out of core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from audit.model import Level, Notice, TableFacts


class Stored(StrEnum):
    """How the values of a column are stored in the canonical file."""

    INTEGER = "integer"  # BIGINT
    NUMBER = "number"  # DOUBLE, never NaN or infinite: those become missing and are counted
    TEXT = "text"  # VARCHAR
    DATE = "date"  # TIMESTAMP without zone; what had a zone is turned to UTC
    BOOLEAN = "boolean"  # BOOLEAN
    VECTOR = "vector"  # DOUBLE[], all of one length, never a gap, NaN or infinite
    EMPTY = "empty"  # VARCHAR, all missing


@dataclass(frozen=True, slots=True)
class Field:
    """A column as it was read, with what its cells looked like.

    name : as the user wrote it, made unique and visible where it was not (and said)
    missing : rows without a value
    distinct : different values (missing not counted), exact
    missing_spellings : how missing was written to how many cells, such as {"": 12, "NA": 3}
    integer_written, decimal_written : cells of a number column written without and with a
        decimal point or exponent
    unparsed : cells that hold text in a column read as numbers, dates or booleans; they are
        missing in the stored column
    nonfinite : cells that were NaN or infinite; they are missing in the stored column
    shortest, longest : length of the text cells, in characters, or of the lists; 0 for other types
    leading_zeros : cells such as "007" in a column of digits
    reading : how the text was read, such as "decimal comma", "%d.%m.%Y", "percent"; "" for plain
    """

    name: str
    stored: Stored
    missing: int = 0
    distinct: int = 0
    missing_spellings: Mapping[str, int] = field(default_factory=dict)
    integer_written: int = 0
    decimal_written: int = 0
    unparsed: int = 0
    nonfinite: int = 0
    shortest: int = 0
    longest: int = 0
    leading_zeros: int = 0
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A loaded table: where its canonical file lies, what is in it, what was noticed.

    path : the canonical Parquet file, with columns c0 … and row
    fields : in the order of the source; field i is stored as column c{i}
    """

    path: Path
    facts: TableFacts
    fields: tuple[Field, ...]
    notices: tuple[Notice, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values, for another process."""
        return asdict(self) | {"path": str(self.path)}

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> Table:
        """The table that `to_plain` stands for."""
        fields = tuple(Field(**{**one, "stored": Stored(one["stored"])}) for one in told["fields"])
        notices = tuple(Notice(Level(one["level"]), one["text"], one["where"]) for one in told["notices"])
        return cls(Path(told["path"]), TableFacts(**told["facts"]), fields, notices)
