"""Reads csv, tsv and other delimited text into the engine, all cells as text, and counts damage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from audit.load.assembly import RAW, Raw, check_columns
from audit.load.cells import trimmed_sql
from audit.load.dialect import SAMPLE, Dialect, sniff
from audit.load.encoding import ends_with_line, plain_text
from audit.load.engine import literal, pattern
from audit.load.limits import Limits
from audit.load.names import count_text
from audit.load.notes import Notes

_NEVER = "\x02\x03\x02"  # stands for a missing cell; empty cells stay apart from cells that are not there
_LINE = 2 << 20  # DuckDB's own bound of a line, raised only where it is needed
_SPOKEN = {"\t": "tab", " ": "space", "\x1f": "unit separator", "\x01": "control-A"}


@dataclass(frozen=True, slots=True)
class Damage:
    """Records that could not be read as they stand: how many, and the first one's line."""

    long: int = 0
    long_line: int = 0
    unread: int = 0
    unread_line: int = 0
    swallowed: int = 0

    @property
    def lost_lines(self) -> int:
        """Lines that are not in the table."""
        return self.long + self.unread + self.swallowed


def read_delimited(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    notes: Notes,
    limits: Limits,
    given: Mapping[str, str],
) -> Raw:
    """Read a text file as a table.

    Parameters
    ----------
    path : of the unpacked file
    given : readings to use instead of guesses: "encoding", "delimiter", "quote", "header"

    Raises
    ------
    InputError, LimitError
    """
    plain, encoding = plain_text(path, scratch / f"{notes.role}.txt", notes, given.get("encoding", ""))
    sample, whole = _sample(plain)
    if not sample.strip():
        raise notes.refuse("the file is empty: it holds no data, only blanks.", "Check what wrote it.")
    dialect = sniff(sample, whole, given)
    check_columns(notes, limits, dialect.width)
    _refuse_prose(sample, dialect, notes)
    comments = 0
    if dialect.comment or dialect.wrapped:
        plain, comments = _rewritten(plain, scratch / f"{notes.role}.csv", dialect)
    damage = _load(connection, plain, dialect, notes, limits)
    if damage.swallowed and dialect.quote:
        damage, dialect = _without_quotes(connection, plain, dialect, damage, notes, limits)
    _say_dialect(notes, dialect, comments)
    _tidy(connection, dialect, damage, notes, plain)
    names = _drop_trailing(connection, list(dialect.names), notes)
    plain.unlink(missing_ok=True)
    return Raw(names, _format(dialect), _assumed(dialect, encoding))


def _format(dialect: Dialect) -> str:
    return "tsv" if dialect.separator == "\t" else "csv"


def _assumed(dialect: Dialect, encoding: str) -> dict[str, object]:
    return {
        "encoding": "utf-8 with byte order mark" if encoding == "utf-8-sig" else encoding,
        "delimiter": dialect.separator,
        "quote": dialect.quote,
        "header": dialect.header,
        "skipped_lines": dialect.skip,
    }


def _sample(path: Path) -> tuple[str, bool]:
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        whole = not file.read(1)
    if not whole and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", "replace"), whole


def _refuse_prose(sample: str, dialect: Dialect, notes: Notes) -> None:
    """Refuse text that is no table: sentences or code without any separator."""
    lines = [line for line in sample.split("\n", 60)[:60] if line.strip()]
    if dialect.width > 1 and dialect.share > 0.6:
        return
    spaced = sum(len(line.split()) > 3 for line in lines)
    code = sum(bool(re.search(r"[(){};]\s*$|^\s*(import|def|return|if|for)\b", line)) for line in lines)
    if (len(lines) > 2 and spaced >= 0.5 * len(lines)) or code > 0.4 * len(lines):
        raise notes.refuse(
            "this is text and not a table: no separator gives columns and rows.",
            "Give a table with a header line.",
        )


def _rewritten(plain: Path, target: Path, dialect: Dialect) -> tuple[Path, int]:
    """The text without comment lines and without quotes around whole lines; comments counted."""
    comments, quote = 0, dialect.quote
    with plain.open("rb") as file, target.open("wb") as out:
        while block := file.readlines(1 << 22):
            if dialect.comment:
                kept = [line for line in block if not line.startswith(b"#")]
                comments += len(block) - len(kept)
                block = kept
            if dialect.wrapped:
                mark = quote.encode()
                block = [line.strip(b"\n").strip().removeprefix(mark).removesuffix(mark) for line in block]
                block = [line.replace(mark * 2, mark) + b"\n" for line in block]
            out.writelines(block)
    return target, comments


def _load(
    connection: duckdb.DuckDBPyConnection, plain: Path, dialect: Dialect, notes: Notes, limits: Limits
) -> Damage:
    line, parallel = _LINE, True
    while True:
        try:
            connection.execute(
                f"CREATE TABLE {RAW} AS SELECT * FROM {_read_csv(plain, dialect, line, parallel)}"
            )
            return _damage(connection)
        except duckdb.Error as error:
            text = str(error).lower()
            if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
                raise
            if "quoted new line" in text and parallel:
                parallel = False
            elif "maximum line size" in text and line < 4 * limits.cell_characters:
                line *= 8
            else:
                raise notes.refuse(
                    "the text cannot be read as a table: its quotes, separators and line ends do not fit together.",
                    "Save it again as csv.",
                ) from error


def _without_quotes(
    connection: duckdb.DuckDBPyConnection,
    plain: Path,
    dialect: Dialect,
    damage: Damage,
    notes: Notes,
    limits: Limits,
) -> tuple[Damage, Dialect]:
    """Where an open quote swallows rows: the same with quotes as plain characters, if less is lost."""
    plainer = replace(dialect, quote="", escape="")
    connection.execute(f"ALTER TABLE {RAW} RENAME TO quoted")
    other = _load(connection, plain, plainer, notes, limits)
    if other.lost_lines >= damage.lost_lines:
        connection.execute(f"DROP TABLE {RAW}")
        connection.execute(f"ALTER TABLE quoted RENAME TO {RAW}")
        return damage, dialect
    connection.execute("DROP TABLE quoted")
    notes.warn(
        f"line {damage.unread_line:,} opens a quote that never ends; quotes are kept as plain characters, so mend it.",
        f"line {damage.unread_line:,}",
    )
    return other, plainer


def _read_csv(plain: Path, dialect: Dialect, line: int, parallel: bool) -> str:
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(dialect.width))
    return (
        f"read_csv({pattern(plain)}, auto_detect=false, header=false, skip={dialect.skip}, new_line='\\n', "
        f"delim={literal(dialect.separator)}, quote={literal(dialect.quote)}, escape={literal(dialect.escape)}, "
        f"columns={{{columns}}}, nullstr={literal(_NEVER)}, null_padding=true, store_rejects=true, "
        f"max_line_size={line}, parallel={str(parallel).lower()})"
    )


def _damage(connection: duckdb.DuckDBPyConnection) -> Damage:
    # A record can be rejected for two reasons at once; a broken quote is the one that explains it.
    row = connection.execute(
        """SELECT count(*) FILTER (NOT broken), min(line) FILTER (NOT broken),
            count(*) FILTER (broken), min(line) FILTER (broken), sum(ends) FILTER (broken)
        FROM (SELECT line, bool_or(error_type <> 'TOO MANY COLUMNS') AS broken,
            max(length(rtrim(csv_line, chr(10))) - length(replace(rtrim(csv_line, chr(10)), chr(10), ''))) AS ends
            FROM reject_errors GROUP BY line)"""
    ).fetchone()
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")
    return Damage(*(int(value or 0) for value in row or ()))


def _say_dialect(notes: Notes, dialect: Dialect, comments: int) -> None:
    if comments:
        notes.warn(
            f"{count_text(comments, 'comment line')} starting with # skipped; check that they are no data."
        )
    if dialect.wrapped:
        notes.warn("every line is quoted as one column; the quotes were removed, so check the columns.")
    if dialect.sep_line:
        notes.note("the first line sep= gives the separator and was used.", "line 1")
    elif dialect.skip > 0 and not dialect.wrapped:
        notes.warn(
            f"{count_text(dialect.skip, 'line')} above the header skipped; check that the names are right.",
            "line 1",
        )
    if len(dialect.separator) > 1:
        notes.warn(
            f"the separator is taken as {dialect.separator}, which is unusual; check the columns.", "header"
        )
    if dialect.quote == "'":
        notes.warn("the quote character is taken as ' (single quote); check a column that holds text.")
    if dialect.escape == "\\":
        notes.warn("quotes inside cells are escaped by a backslash; check a column that holds quotes.")
    if not dialect.header:
        notes.warn(
            "the first row is data and no header, so columns are named column_1 and on; add names.", "row 1"
        )
    if dialect.row_names:
        notes.warn(
            "rows have one cell more than the header names; the first column is taken as row names (row_names).",
            "header",
        )


def _tidy(
    connection: duckdb.DuckDBPyConnection, dialect: Dialect, damage: Damage, notes: Notes, plain: Path
) -> None:
    """Take the header out of the rows, say what is damaged, and find rows that are no data."""
    header_width = len(dialect.names) - (1 if dialect.row_names else 0)
    if dialect.header and not (damage.long_line == dialect.skip + 1 and header_width > dialect.width):
        connection.execute(f"DELETE FROM {RAW} WHERE rowid = (SELECT min(rowid) FROM {RAW})")
    _say_damage(connection, dialect, damage, notes)
    _say_short(connection, dialect, notes, plain)
    _say_repeated_header(connection, dialect, notes)
    _say_footer(connection, dialect, notes)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = connection.execute(query).fetchone()
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)


def _say_damage(
    connection: duckdb.DuckDBPyConnection, dialect: Dialect, damage: Damage, notes: Notes
) -> None:
    rows, _ = _count(connection, f"SELECT count(*), 0 FROM {RAW}")
    if damage.lost_lines > rows:
        raise notes.refuse(
            f"most rows do not fit the {dialect.width} columns of the header, first line {max(damage.long_line, damage.unread_line):,}.",
            "Check the separator and the quotes.",
            where=f"line {max(damage.long_line, damage.unread_line):,}",
        )
    if damage.long:
        notes.warn(
            f"{count_text(damage.long, 'row')} with more cells than the header left out, first line {damage.long_line:,}; mend them.",
            f"line {damage.long_line:,}",
        )
    if damage.unread:
        more = f" and {count_text(damage.swallowed, 'line')} after it" if damage.swallowed else ""
        notes.warn(
            f"{count_text(damage.unread, 'row')} with a broken quote left out{more}, first line {damage.unread_line:,}; mend them.",
            f"line {damage.unread_line:,}",
        )


def _say_short(connection: duckdb.DuckDBPyConnection, dialect: Dialect, notes: Notes, plain: Path) -> None:
    if dialect.width < 2:
        return
    last = f"c{dialect.width - 1}"
    count, rowid = _count(connection, f"SELECT count(*), min(rowid) FROM {RAW} WHERE {last} IS NULL")
    rows, end = _count(connection, f"SELECT count(*), max(rowid) FROM {RAW}")
    if not count or count == rows:
        return
    line = rowid + dialect.skip + 1
    if count == 1 and rowid == end and not ends_with_line(plain):
        notes.warn(
            f"the last row, line {line:,}, is incomplete: the file may be cut off; fetch it again.",
            f"line {line:,}",
        )
        return
    notes.warn(
        f"{count_text(count, 'row')} with fewer cells than the header, first about line {line:,}; what is absent counts as missing.",
        f"line {line:,}",
    )


def _say_repeated_header(connection: duckdb.DuckDBPyConnection, dialect: Dialect, notes: Notes) -> None:
    named = [(n, name) for n, name in enumerate(dialect.names) if name.strip()] if dialect.header else []
    if not named:
        return
    same = " AND ".join(f"{trimmed_sql(f'c{n}')} = {literal(name.strip())}" for n, name in named[:200])
    count, rowid = _count(connection, f"SELECT count(*), min(rowid) FROM {RAW} WHERE {same}")
    if count:
        connection.execute(f"DELETE FROM {RAW} WHERE {same}")
        notes.warn(
            f"the header is repeated as a row {count_text(count, 'time')}, first row {rowid:,}; it was left out, so check the file.",
            f"row {rowid:,}",
        )


def _say_footer(connection: duckdb.DuckDBPyConnection, dialect: Dialect, notes: Notes) -> None:
    first = trimmed_sql("c0")
    shape = r"(?i)(grand |sub)?(total|sum|summe|gesamt|insgesamt|average|mean)s?:?"
    found, _ = _count(
        connection,
        f"SELECT count(*), 0 FROM (SELECT * FROM {RAW} WHERE rowid = (SELECT max(rowid) FROM {RAW})) "
        f"WHERE regexp_full_match({first}, {literal(shape)})",
    )
    if found and dialect.width > 1:
        notes.warn(
            "the last row looks like a total or footer and is kept as data; delete it from the file.",
            "last row",
        )


def _drop_trailing(connection: duckdb.DuckDBPyConnection, names: list[str], notes: Notes) -> list[str]:
    """Drop empty columns without a name that a trailing separator leaves at the end."""
    dropped = 0
    while len(names) > 1 and not names[-1].strip():
        column = f"c{len(names) - 1}"
        filled, _ = _count(connection, f"SELECT count(*), 0 FROM {RAW} WHERE {trimmed_sql(column)} <> ''")
        if filled:
            break
        connection.execute(f"ALTER TABLE {RAW} DROP COLUMN {column}")
        names.pop()
        dropped += 1
    if dropped:
        notes.warn(
            "lines end with a trailing separator; the empty last column without a name was dropped.", "header"
        )
    return names
