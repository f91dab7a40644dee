"""What the cells of text columns look like, counted over all rows.

The work is done once per different cell ("level") and not once per row: a column of a million
rows and three values is looked at three times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from audit.load.engine import literal

# What programs write where nothing is known. In columns of numbers, dates and true/false they
# all mean "missing"; among words only the first kind can never be a word of its own.
MARKS = ("#N/A", "#N/A N/A", "#NA", "<NA>", "NaT", "\\N", "#NULL!", "#VALUE!", "#DIV/0!", "#REF!")
ABSENT = ("NA", "N/A", "n/a", "NaN", "nan", "NAN", "-nan", "null", "NULL", "Null", "na")
VAGUE = (
    *("None", "none", "NONE", "nil", "-", "--", "?", ".", "n.a.", "k.A.", "missing", "Missing"),
    *("unknown", "Unknown", "(blank)", "(empty)", "blank", "not available"),
)
WORDS = MARKS + ABSENT + VAGUE

BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,5})?"
INFINITE = r"(?i)[+-]?inf(inity)?"
DATED = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?"
    r"( ?(Z|z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?|[A-Z][a-z]+/[A-Za-z_/]+))?"
)
ZONED = r".*[0-9]( ?(Z|z|UTC|GMT|[A-Z][a-z]+/[A-Za-z_/]+)|:[0-9.]+ ?[+-][0-9]{2}(:?[0-9]{2})?)"
LONGEST_PATTERN = 64  # characters of a cell that patterns look at; longer cells are text


@dataclass(frozen=True, slots=True)
class CellProfile:
    """The cells of one text column, counted.

    cells : all; blank : empty or only blanks; spaced : with blanks around; words : written as one of WORDS
    numbers : plain numbers, of which integers without point or exponent; fractional ones;
        infinite ones ("inf", 1e400); overflow: integers beyond 64 bit
    zeros : digits that start with a zero; phones : + and many digits
    flags : true and false; dated : ISO shape, valid_dates of them exist, zoned with a time zone
    digits : cells that hold a digit
    levels, number_levels, date_levels, flag_levels : different cells of each sort
    shortest, longest : characters of cells that are not blank
    spellings : how missing could be written, to how many cells
    """

    cells: int = 0
    blank: int = 0
    spaced: int = 0
    words: int = 0
    marks: int = 0
    numbers: int = 0
    integers: int = 0
    fractional: int = 0
    infinite: int = 0
    overflow: int = 0
    zeros: int = 0
    phones: int = 0
    flags: int = 0
    dated: int = 0
    valid_dates: int = 0
    zoned: int = 0
    digits: int = 0
    levels: int = 0
    number_levels: int = 0
    date_levels: int = 0
    flag_levels: int = 0
    shortest: int = 0
    longest: int = 0
    far_dates: int = 0
    yes_no: int = 0
    yes_no_levels: int = 0
    spellings: dict[str, int] = field(default_factory=dict)

    @property
    def values(self) -> int:
        """Cells that are neither blank nor written as missing."""
        return self.cells - self.blank - self.words


def trimmed_sql(expression: str) -> str:
    """SQL: the text without blanks around it, NULL as ""."""
    return f"coalesce(trim({expression}, {literal(BLANKS)}), '')"


def count_levels(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[int], name: str = "levels"
) -> None:
    """Make the table `name` of (col, v, n, t and flags): each different cell of each column once."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_raw (col INTEGER, v VARCHAR, n BIGINT)")
    for query in _level_queries(table, columns):
        connection.execute(f"INSERT INTO {name}_raw {query}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_flags(name)}")
    connection.execute(f"DROP TABLE {name}_raw")


def _level_queries(table: str, columns: Sequence[int]) -> list[str]:
    # One GROUP BY per column is quickest, but costs 3 ms to plan: too much for thousands.
    if len(columns) > 200:
        cells = ", ".join(f"c{column}" for column in columns)
        positions = ", ".join(str(column) for column in columns)
        pairs = f"SELECT unnest([{positions}]) AS col, unnest([{cells}]) AS v FROM {table}"
        return [f"SELECT col, v, count(*) FROM ({pairs}) GROUP BY col, v"]
    return [
        " UNION ALL ".join(
            f"SELECT {column}, c{column}, count(*) FROM {table} GROUP BY c{column}"
            for column in columns[start : start + 50]
        )
        for start in range(0, len(columns), 50)
    ]


def _flags(name: str) -> str:
    words = ", ".join(literal(word) for word in WORDS)
    marks = ", ".join(literal(mark) for mark in MARKS)
    return f"""
        WITH shaped AS (
            SELECT col, v, n, {trimmed_sql("v")} AS t,
                CASE WHEN length(t) <= {LONGEST_PATTERN} THEN t ELSE '' END AS s
            FROM {name}_raw),
        tested AS (
            SELECT *, t = '' AS blank, t IN ({words}) AS word, t IN ({marks}) AS mark,
                regexp_full_match(s, '[+-]?[0-9]+') AS whole,
                regexp_full_match(s, '{NUMBER}') AS number,
                regexp_full_match(s, '{DATED}') AS dated
            FROM shaped)
        SELECT *,
            CASE WHEN number THEN TRY_CAST(s AS DOUBLE) END AS x,
            CASE WHEN dated THEN TRY_CAST(s AS TIMESTAMP) END AS moment
        FROM tested"""


_COUNTS = f"""
    SELECT col,
        sum(n) AS cells,
        sum(n) FILTER (blank) AS blank,
        sum(n) FILTER (v <> t) AS spaced,
        sum(n) FILTER (word) AS words,
        sum(n) FILTER (mark) AS marks,
        sum(n) FILTER (number AND isfinite(x)) AS numbers,
        sum(n) FILTER (whole AND isfinite(x)) AS integers,
        sum(n) FILTER (number AND isfinite(x) AND NOT whole AND (x <> floor(x) OR abs(x) > 9007199254740992))
            AS fractional,
        sum(n) FILTER (regexp_full_match(s, '{INFINITE}') OR (number AND NOT isfinite(x))) AS infinite,
        sum(n) FILTER (whole AND TRY_CAST(s AS BIGINT) IS NULL) AS overflow,
        sum(n) FILTER (regexp_full_match(s, '[+-]?0[0-9]+')) AS zeros,
        sum(n) FILTER (regexp_full_match(s, '[+][0-9]{{7,}}')) AS phones,
        sum(n) FILTER (lower(s) IN ('true', 'false')) AS flags,
        sum(n) FILTER (dated) AS dated,
        sum(n) FILTER (moment IS NOT NULL) AS valid_dates,
        sum(n) FILTER (dated AND regexp_full_match(s, '{ZONED}')) AS zoned,
        sum(n) FILTER (regexp_matches(s, '\\pN')) AS digits,
        count(*) FILTER (NOT blank) AS levels,
        count(DISTINCT CASE WHEN whole THEN coalesce(TRY_CAST(s AS BIGINT)::VARCHAR, s)
            WHEN x = floor(x) AND abs(x) <= 9007199254740992 THEN x::BIGINT::VARCHAR
            ELSE x::VARCHAR END) FILTER (number AND isfinite(x)) AS number_levels,
        count(DISTINCT moment) AS date_levels,
        count(DISTINCT lower(s)) FILTER (lower(s) IN ('true', 'false')) AS flag_levels,
        min(length(v)) FILTER (NOT blank) AS shortest,
        max(length(v)) FILTER (NOT blank) AS longest,
        sum(n) FILTER (year(moment) < 1700 OR year(moment) > 2262) AS far_dates,
        sum(n) FILTER (lower(s) IN ('true', 'false', 'yes', 'no', 'y', 'n', 't', 'f', '0', '1', 'on', 'off'))
            AS yes_no,
        count(DISTINCT lower(s)) FILTER
            (lower(s) IN ('true', 'false', 'yes', 'no', 'y', 'n', 't', 'f', '0', '1', 'on', 'off'))
            AS yes_no_levels
    FROM levels GROUP BY col"""


def profile_cells(connection: duckdb.DuckDBPyConnection) -> dict[int, CellProfile]:
    """Count what the cells in the table `levels` look like, by column."""
    cursor = connection.execute(_COUNTS)
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, map(_whole, row), strict=True)) for row in cursor.fetchall()]
    spelled = _spellings(connection)
    return {
        row.pop("col"): CellProfile(**row, spellings=spelled.get(column, {}))
        for row, column in [(row, row["col"]) for row in rows]
    }


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int) else 0


def _spellings(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    query = """
        SELECT col, CASE WHEN length(coalesce(v, '')) > 20 THEN '' ELSE coalesce(v, '') END AS spelling, sum(n)
        FROM levels WHERE blank OR word GROUP BY ALL ORDER BY col, sum(n) DESC, spelling"""
    for column, spelling, count in connection.execute(query).fetchall():
        found.setdefault(column, {})[spelling] = int(count)
    return found
