"""Decides how every column is stored: from counts for text, from the type for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from audit.load.cells import (
    ABSENT,
    BLANKS,
    DATED,
    LONGEST_PATTERN,
    MARKS,
    NUMBER,
    CellProfile,
    count_levels,
    profile_cells,
)
from audit.load.engine import literal
from audit.load.number_formats import (
    CellFormat,
    date_format,
    date_formats,
    looks_dated,
    number_format,
    swap_day_month,
)
from audit.load.table import Field, Stored

SHARE = 0.95  # of the cells that must be readable for a column to be numbers, dates or true/false
SAMPLE = 300  # most frequent different cells that readings are tried on


@dataclass(frozen=True, slots=True)
class InferredColumn:
    """How a column is stored.

    field : what the rest of the house learns about it
    value : SQL of the stored value, from the raw column
    look : what its text cells look like; None for typed columns
    typed : the type that the source gave, "" for text
    unsure : day and month, or a comma, could also be read the other way
    dates : cells of a text column that are dates; for saying what is mixed
    infinite : cells of a typed column that are infinite
    why : why digits stay text, such as "beyond 64 bit"; "" otherwise
    """

    field: Field
    value: str
    look: CellProfile | None = None
    typed: str = ""
    unsure: bool = False
    dates: int = 0
    why: str = ""
    infinite: int = 0


def infer_type(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[int],
    names: Sequence[str],
    known: Mapping[str, str],
) -> dict[int, InferredColumn]:
    """Decide every text column of a table.

    Parameters
    ----------
    columns : numbers of the text columns c0 …
    names : of all columns
    known : readings of the real table by column name, to settle what is ambiguous here

    Returns
    -------
    dict from column number to Settled
    """
    if not columns:
        return {}
    count_levels(connection, table, columns)
    seen = profile_cells(connection)
    settled = {c: _plain(c, names[c], seen.get(c, CellProfile())) for c in columns}
    open_ones = [c for c, one in settled.items() if one is None]
    tried = _try_readings(connection, open_ones, {c: seen[c] for c in open_ones}, names, known)
    connection.execute("DROP TABLE levels")
    return {c: one or tried[c] for c, one in settled.items()}


def _plain(column: int, name: str, look: CellProfile) -> InferredColumn | None:
    """A column that can be settled by its counts alone; None where readings must be tried."""
    values = look.values
    why = _reason_for_text(look)
    if values == 0:
        return _without_values(column, name, look)
    if why:
        return _text(column, name, look, why)
    if look.flags == values:
        return _boolean(column, name, look)
    if (look.numbers + look.infinite) >= SHARE * values and look.numbers:
        return _number(column, name, look)
    if look.valid_dates >= SHARE * values:
        return _iso_date(column, name, look)
    if look.digits < 0.5 * values or look.shortest > LONGEST_PATTERN:
        return _text(column, name, look)
    return None


def _reason_for_text(look: CellProfile) -> str:
    if look.zeros:
        return "leading zeros"
    if look.phones >= 0.5 * look.values:
        return "plus signs"
    if look.overflow and look.overflow >= (1 - SHARE) * look.values and not look.fractional:
        return "beyond 64 bit"
    return ""


def _field(name: str, stored: Stored, look: CellProfile, missing: int, distinct: int) -> Field:
    spellings = {spelling: count for spelling, count in look.spellings.items()}
    return Field(name, stored, missing, distinct, spellings, leading_zeros=look.zeros)


def _cell(column: int, look: CellProfile) -> str:
    # Thousands of columns take long to plan, so nothing is trimmed without need.
    return f"trim(c{column}, {literal(BLANKS)})" if look.spaced else f"c{column}"


def _without_values(column: int, name: str, look: CellProfile) -> InferredColumn:
    # Only words for "missing": a column of nothing else is empty, unless the word may be a value.
    sure = sum(count for word, count in look.spellings.items() if word.strip() in MARKS + ABSENT)
    if look.words > sure:
        return _text(column, name, look)
    return InferredColumn(_field(name, Stored.EMPTY, look, look.cells, 0), "NULL::VARCHAR", look)


def _text(column: int, name: str, look: CellProfile, why: str = "") -> InferredColumn:
    found = {s: n for s, n in look.spellings.items() if s.strip() in MARKS or not s.strip()}
    marked = sum(1 for s in found if s.strip())
    words = ", ".join(literal(mark) for mark in MARKS)
    value = f"c{column}"
    if look.marks:
        value = f"CASE WHEN {_cell(column, look)} NOT IN ('', {words}) THEN c{column} END"
    elif look.blank:
        value = f"CASE WHEN {_cell(column, look)} <> '' THEN c{column} END"
    result = Field(
        name,
        Stored.TEXT,
        missing=look.blank + look.marks,
        distinct=look.levels - marked,
        missing_spellings=found,
        shortest=look.shortest,
        longest=look.longest,
        leading_zeros=look.zeros,
    )
    return InferredColumn(result, value, look, why=why)


def _boolean(column: int, name: str, look: CellProfile) -> InferredColumn:
    cell = f"lower({_cell(column, look)})"
    value = f"CASE {cell} WHEN 'true' THEN true WHEN 'false' THEN false END"
    return InferredColumn(
        _field(name, Stored.BOOLEAN, look, look.cells - look.flags, look.flag_levels), value, look
    )


def _number(column: int, name: str, look: CellProfile) -> InferredColumn:
    whole = not look.fractional and not look.overflow
    sql_type = "BIGINT" if whole else "DOUBLE"
    cell = _cell(column, look)
    value = f"TRY_CAST({cell} AS {sql_type})"
    if look.numbers < look.cells - look.blank:  # DuckDB reads more than numbers: inf, 0x1F, 1_000
        value = (
            f"CASE WHEN regexp_full_match({cell}, {literal(NUMBER)}) "
            f"AND isfinite(TRY_CAST({cell} AS DOUBLE)) THEN {value} END"
        )
    found = _field(
        name, Stored.INTEGER if whole else Stored.NUMBER, look, look.cells - look.numbers, look.number_levels
    )
    found = replace(
        found,
        integer_written=look.integers,
        decimal_written=look.numbers - look.integers,
        unparsed=look.values - look.numbers - look.infinite,
        nonfinite=look.infinite,
    )
    return InferredColumn(found, value, look)


def _iso_date(column: int, name: str, look: CellProfile) -> InferredColumn:
    cell = _cell(column, look)
    shaped = f"regexp_full_match({cell}, {literal(DATED)})"
    value = f"CASE WHEN {shaped} THEN TRY_CAST({cell} AS TIMESTAMP) END"
    reading = ""
    if look.zoned:  # what has no zone is taken as UTC, the time zone of the connection
        value = f"CASE WHEN {shaped} THEN TRY_CAST({cell} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
        reading = "time zone to UTC"
    found = _field(name, Stored.DATE, look, look.cells - look.valid_dates, look.date_levels)
    return InferredColumn(
        replace(found, unparsed=look.values - look.valid_dates, reading=reading), value, look
    )


def _try_readings(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[int],
    seen: Mapping[int, CellProfile],
    names: Sequence[str],
    known: Mapping[str, str],
) -> dict[int, InferredColumn]:
    samples = _samples(connection, columns)
    settled: dict[int, InferredColumn] = {}
    comma = False
    for column in columns:
        cells = samples.get(column, [])
        reading = number_format(cells, comma) if cells else None
        comma = comma or (reading is not None and "decimal comma" in reading.label and not reading.unsure)
    for column in columns:
        cells, name = samples.get(column, []), names[column]
        found = (
            _by_number(connection, column, name, seen[column], number_format(cells, comma)) if cells else None
        )
        if found is None and looks_dated(cells):
            found = _by_date(connection, column, name, seen[column], known.get(name, ""))
        settled[column] = found or _text(column, name, seen[column])
    return settled


def _samples(connection: duckdb.DuckDBPyConnection, columns: Iterable[int]) -> dict[int, list[str]]:
    chosen = ", ".join(str(column) for column in columns)
    if not chosen:
        return {}
    query = f"""
        SELECT col, s FROM levels WHERE col IN ({chosen}) AND s <> '' AND NOT word
        QUALIFY row_number() OVER (PARTITION BY col ORDER BY n DESC, s) <= {SAMPLE}"""
    found: dict[int, list[str]] = {}
    for column, cell in connection.execute(query).fetchall():
        found.setdefault(column, []).append(cell)
    return found


def _by_number(
    connection: duckdb.DuckDBPyConnection,
    column: int,
    name: str,
    look: CellProfile,
    reading: CellFormat | None,
) -> InferredColumn | None:
    if reading is None:
        return None
    row = connection.execute(
        f"""SELECT sum(n) FILTER (x IS NOT NULL), count(DISTINCT x), sum(n) FILTER (x <> floor(x) OR abs(x) > 9007199254740992),
            sum(n) FILTER (NOT regexp_matches(s, '[.,][0-9]'))
        FROM (SELECT n, s, {reading.value_sql("s")} AS x FROM levels WHERE col = {column} AND NOT blank AND NOT word)"""
    ).fetchone()
    numbers, distinct, fractional, whole = (int(value or 0) for value in row or (0, 0, 0, 0))
    if numbers < SHARE * look.values:
        return None
    sql_type, stored = ("DOUBLE", Stored.NUMBER) if fractional else ("BIGINT", Stored.INTEGER)
    found = replace(
        _field(name, stored, look, look.cells - numbers, distinct),
        unparsed=look.values - numbers,
        integer_written=min(whole, numbers),
        decimal_written=numbers - min(whole, numbers),
        reading=reading.label,
    )
    return InferredColumn(
        found,
        f"TRY_CAST({reading.value_sql(_cell(column, look))} AS {sql_type})",
        look,
        unsure=reading.unsure,
    )


def _by_date(
    connection: duckdb.DuckDBPyConnection,
    column: int,
    name: str,
    look: CellProfile,
    known: str,
) -> InferredColumn | None:
    tried = _count_formats(connection, column, date_formats(), SAMPLE)
    counts = _count_formats(connection, column, tuple(tried), None)
    best = max(counts.values(), default=0)
    if best < SHARE * look.values:
        dates = _any_date(connection, column, tuple(tried))
        return replace(_text(column, name, look), dates=dates) if dates else None
    fitting = [form for form, count in counts.items() if count == best]
    form = known if known in fitting else fitting[0]
    unsure = swap_day_month(form) in fitting and form != known
    reading = date_format(form, unsure)
    row = connection.execute(
        f"SELECT count(DISTINCT {reading.value_sql('s')}) FROM levels WHERE col = {column} AND NOT word"
    ).fetchone()
    found = replace(
        _field(name, Stored.DATE, look, look.cells - best, int(row[0]) if row else 0),
        unparsed=look.values - best,
        reading=form,
    )
    return InferredColumn(found, reading.value_sql(_cell(column, look)), look, unsure=unsure)


def _count_formats(
    connection: duckdb.DuckDBPyConnection, column: int, formats: Sequence[str], most: int | None
) -> dict[str, int]:
    """Cells of the column that each format reads, for formats that read any; of `most` levels."""
    if not formats:
        return {}
    counted = ", ".join(f"sum(n) FILTER ({date_format(form).value_sql('s')} IS NOT NULL)" for form in formats)
    levels = f"SELECT s, n FROM levels WHERE col = {column} AND NOT blank AND NOT word"
    if most is not None:
        levels += f" ORDER BY n DESC, s LIMIT {most}"
    row = connection.execute(f"SELECT {counted} FROM ({levels})").fetchone()
    return {form: int(n) for form, n in zip(formats, row or (), strict=False) if n}


def _any_date(connection: duckdb.DuckDBPyConnection, column: int, formats: Sequence[str]) -> int:
    """Cells that are an ISO date or that any of the formats reads."""
    tests = ["moment IS NOT NULL", *(f"{date_format(form).value_sql('s')} IS NOT NULL" for form in formats)]
    row = connection.execute(
        f"SELECT sum(n) FROM levels WHERE col = {column} AND NOT word AND ({' OR '.join(tests)})"
    ).fetchone()
    return int(row[0] or 0) if row else 0
