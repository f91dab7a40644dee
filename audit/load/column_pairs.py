"""Two tables side by side: which columns both have, and what was noticed about them."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from audit.errors import InputError
from audit.load.names import count_text, list_names, message_text, spelling_key
from audit.load.table import Field, Stored, Table
from audit.model import Level, Notice


@dataclass(frozen=True, slots=True)
class SharedColumn:
    """A column that both tables have: its number and field in each."""

    name: str
    real: Field
    synthetic: Field
    real_column: str
    synthetic_column: str
    key: bool


@dataclass(slots=True)
class TablePair:
    """Two tables side by side, and what was noticed about them."""

    real: Table
    synthetic: Table
    connection: duckdb.DuckDBPyConnection
    shared_columns: tuple[SharedColumn, ...] = ()
    notices: list[Notice] = field(default_factory=list)

    def warn(self, text: str, where: str, file: str = "") -> None:
        """Something about the pair; `file` is the synthetic one unless named."""
        self._add(Level.WARNING, text, where, file)

    def note(self, text: str, where: str, file: str = "") -> None:
        """The same, where nothing needs to be done."""
        self._add(Level.NOTE, text, where, file)

    def _add(self, level: Level, text: str, where: str, file: str) -> None:
        self.notices.append(
            Notice(level, f"{message_text(file or self.synthetic.facts.name)}: {text}", where)
        )


def match_columns(pair: TablePair) -> TablePair:
    """The pair with the columns that both tables have, and a word on those that only one has.

    Raises
    ------
    InputError : the tables have no column in common
    """
    free = {one.name: number for number, one in enumerate(pair.synthetic.fields)}
    found: dict[int, int] = {}
    for number, one in enumerate(pair.real.fields):
        if one.name in free:
            found[number] = free.pop(one.name)
    folded: dict[str, list[str]] = {}
    for name in free:
        folded.setdefault(spelling_key(name), []).append(name)
    for number, one in enumerate(pair.real.fields):
        names = folded.get(spelling_key(one.name), [])
        if number not in found and len(names) == 1:
            found[number] = free.pop(names.pop())
    if not found:
        raise InputError(
            f"{message_text(pair.synthetic.facts.name)}: it has no column in common with {message_text(pair.real.facts.name)}.",
            "Check that both files have a header line with the same names.",
            where="columns",
        )
    pair.shared_columns = tuple(_shared(pair, number, other) for number, other in sorted(found.items()))
    _say_columns(pair, [one.name for n, one in enumerate(pair.real.fields) if n not in found], list(free))
    return pair


def _shared(pair: TablePair, number: int, other: int) -> SharedColumn:
    real, synthetic = pair.real.fields[number], pair.synthetic.fields[other]
    key = is_key(real, pair.real) or is_key(synthetic, pair.synthetic)
    return SharedColumn(real.name, real, synthetic, f"c{number}", f"c{other}", key)


def is_key(one: Field, table: Table) -> bool:
    """Whether nearly every row of the table has a value of its own in this column."""
    filled = table.facts.rows - one.missing
    kinds = (Stored.INTEGER, Stored.TEXT)
    return one.stored in kinds and filled >= 20 and one.distinct >= 0.98 * filled


def _say_columns(pair: TablePair, missing: list[str], extra: list[str]) -> None:
    total, shared = len(pair.real.fields), len(pair.shared_columns)
    if missing:
        pair.warn(
            f"{count_text(len(missing), 'column')} of the real table missing here ({list_names(missing)}); "
            f"only {shared} of {total} can be compared.",
            f"columns {list_names(missing, 20)}",
        )
    if extra:
        pair.warn(
            f"{count_text(len(extra), 'extra column')} only in this file ({list_names(extra)}); left out of the comparison.",
            f"columns {list_names(extra, 20)}",
        )
