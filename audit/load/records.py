"""Reads JSON: one record a line, an array of records, or one document of columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from audit.load.assembly import RAW, Raw, check_columns
from audit.load.encoding import ends_with_line, plain_text
from audit.load.engine import literal, pattern
from audit.load.limits import Limits, size
from audit.load.names import count_text
from audit.load.notes import Notes

_NEVER = "\x02\x03\x02"
_HEAD = 1 << 20


def read_json(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    scratch: Path,
    notes: Notes,
    limits: Limits,
    given: Mapping[str, str],
) -> Raw:
    """Read a JSON file as a table; nested values are left out and said.

    Raises
    ------
    InputError : no JSON, cut off, or no records
    LimitError : too many columns, or a single document that is too large
    """
    plain, encoding = plain_text(path, scratch / f"{notes.role}.txt", notes, given.get("encoding", ""))
    with plain.open("rb") as file:
        head = file.read(_HEAD).lstrip()
    try:
        if head[:1] == b"[":
            form = _read_array(connection, plain, limits)
        elif _is_lines(head):
            form = _read_lines(connection, plain, notes)
        else:
            return _read_document(connection, plain, notes, limits, encoding)
        names, left = _spread(connection, notes, limits)
    except duckdb.InvalidInputException as error:
        raise _invalid(notes) from error
    return Raw(names, form, {"encoding": encoding}, left)


def _invalid(notes: Notes) -> Exception:
    return notes.refuse(
        "this is not valid JSON: it is damaged, cut off or nested too deep.", "Write the file again."
    )


def _is_lines(head: bytes) -> bool:
    """Whether the first line is a record of its own."""
    first, _, rest = head.partition(b"\n")
    if not first.rstrip().endswith(b"}"):
        return False
    try:
        record = json.loads(first, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return bool(rest.strip())
    return bool(rest.strip()) or not any(isinstance(value, dict | list) for value in record.values())


def _read_lines(connection: duckdb.DuckDBPyConnection, plain: Path, notes: Notes) -> str:
    connection.execute(
        f"CREATE TABLE lines AS SELECT json, CASE WHEN json_valid(json) THEN json_type(json) = 'OBJECT' ELSE false END AS valid FROM read_csv({pattern(plain)}, "
        f"auto_detect=false, header=false, delim={literal(chr(1))}, quote='', escape='', new_line='\\n', "
        f"columns={{'json': 'VARCHAR'}}, nullstr={literal(_NEVER)}, max_line_size={64 << 20})"
    )
    count, bad, first = _bad_lines(connection)
    if bad and first == count and not ends_with_line(plain):
        raise notes.refuse(
            f"the last line, {first:,}, is cut off or damaged: it is no valid JSON.",
            "Write the file again.",
            f"line {first:,}",
        )
    if bad > 0.5 * count:
        raise _invalid(notes)
    if bad:
        notes.warn(
            f"{count_text(bad, 'line')} without a valid JSON record left out, first line {first:,}; mend them.",
            f"line {first:,}",
        )
        connection.execute("DELETE FROM lines WHERE NOT valid")
    return "ndjson"


def _bad_lines(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (NOT valid), 1 + min(rowid) FILTER (NOT valid) FROM lines"
    ).fetchone()
    count, bad, first = (int(value or 0) for value in row or (0, 0, 0))
    return count, bad, first


def _read_array(connection: duckdb.DuckDBPyConnection, plain: Path, limits: Limits) -> str:
    longest = min(4 * limits.cell_characters, 1 << 30)
    connection.execute(
        f"CREATE TABLE lines AS SELECT json FROM read_json_objects({pattern(plain)}, format='array', "
        f"maximum_object_size={longest})"
    )
    return "json"


def _spread(connection: duckdb.DuckDBPyConnection, notes: Notes, limits: Limits) -> tuple[list[str], int]:
    """Turn records into columns, in the order in which their keys first appear; names, and how many are left out."""
    kinds = {
        str(row[0]) for row in connection.execute("SELECT DISTINCT json_type(json) FROM lines").fetchall()
    }
    if kinds - {"OBJECT"}:
        raise notes.refuse(
            "the JSON holds no records (objects of names and values).",
            'Write a list of records such as [{"a": 1}].',
        )
    keys = [
        str(row[0])
        for row in connection.execute(
            """SELECT key FROM (SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS place, line FROM
                (SELECT json_keys(json) AS keys, rowid AS line FROM lines))
            GROUP BY key ORDER BY min(line), min(place), key"""
        ).fetchall()
    ]
    check_columns(notes, limits, len(keys))
    if not keys:
        raise notes.refuse("the JSON holds no records with values.", "Check what wrote the file.")
    pointers = ", ".join(_pointer(key) for key in keys)
    nested = _nested(connection, keys, pointers)
    lists = [key for key in nested if _holds_vectors(connection, key)]
    nested = [key for key in nested if key not in lists]
    kept = [number for number, key in enumerate(keys) if key not in nested]
    if nested:
        named, where = notes.columns(nested)
        notes.warn(f"{named} left out: nested JSON is not supported; write plain values to audit it.", where)
    if not kept:
        raise notes.refuse("every value in the JSON is nested.", "Write plain values.")
    values = [_list(keys[n]) if keys[n] in lists else f"v[{n + 1}]" for n in kept]
    cells = ", ".join(f"{value} AS c{new}" for new, value in enumerate(values))
    connection.execute(
        f"CREATE TABLE {RAW} AS SELECT {cells} FROM "
        f"(SELECT json, json_extract_string(json, [{pointers}]) AS v FROM lines)"
    )
    connection.execute("DROP TABLE lines")
    return [keys[number] for number in kept], len(nested)


def _pointer(key: str) -> str:
    return literal("/" + key.replace("~", "~0").replace("/", "~1"))


def _list(key: str) -> str:
    return f"TRY_CAST(json_extract(json, {_pointer(key)}) AS DOUBLE[])"


def _holds_vectors(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    """Whether all values under a key are lists of numbers, not whole ones only, which are rather labels."""
    row = connection.execute(
        f"""SELECT count(*) FILTER (kind = 'ARRAY' AND l IS NOT NULL) = count(*) FILTER (kind <> 'NULL'),
            bool_or(len(list_filter(l, lambda x: x <> floor(x))) > 0)
        FROM (SELECT json_type(json, {_pointer(key)}) AS kind, {_list(key)} AS l FROM lines)"""
    ).fetchone()
    return bool(row and row[0] and row[1])


def _nested(connection: duckdb.DuckDBPyConnection, keys: list[str], pointers: str) -> list[str]:
    """Keys under which some record holds a list or an object."""
    rows = connection.execute(
        f"""SELECT DISTINCT place FROM (SELECT unnest(types) AS kind, generate_subscripts(types, 1) AS place
            FROM (SELECT json_type(json, [{pointers}]) AS types FROM lines))
        WHERE kind IN ('OBJECT', 'ARRAY') ORDER BY place"""
    ).fetchall()
    return [keys[row[0] - 1] for row in rows]


def _read_document(
    connection: duckdb.DuckDBPyConnection, plain: Path, notes: Notes, limits: Limits, encoding: str
) -> Raw:
    """One object that holds columns, or records under one key; held in memory whole."""
    length = plain.stat().st_size
    if length > limits.document_bytes:
        raise notes.too_large(
            f"a JSON document of {size(length)} is above the limit of {size(limits.document_bytes)}.",
            "Write one record a line (ndjson).",
        )
    try:
        document = json.loads(plain.read_bytes(), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _invalid(notes) from error
    columns = _columns(document)
    if columns is None:
        raise notes.refuse(
            "the JSON document is no table: neither records nor columns of equal length.",
            'Write a list of records such as [{"a": 1}].',
        )
    check_columns(notes, limits, len(columns))
    total = len(columns)
    _keep_columns(connection, columns, notes)
    return Raw(list(columns), "json", {"encoding": encoding, "orientation": "columns"}, total - len(columns))


def _columns(document: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """The columns of a document: {column: [..]}, {column: {row: ..}}, or as pandas splits tables."""
    if isinstance(document.get("columns"), list) and isinstance(document.get("data"), list):
        rows = document["data"]
        if all(isinstance(row, list) and len(row) == len(document["columns"]) for row in rows):
            return {str(name): [row[n] for row in rows] for n, name in enumerate(document["columns"])}
        return None
    for value in document.values():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            names = dict.fromkeys(key for row in value for key in row)
            return {name: [row.get(name) for row in value] for name in names}
    return _by_column(document)


def _by_column(document: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    values = list(document.values())
    if values and all(isinstance(value, list) for value in values):
        same = len({len(value) for value in values}) == 1
        return dict(document) if same else None
    if values and all(isinstance(value, dict) for value in values):
        rows = dict.fromkeys(key for value in values for key in value)
        return {name: [column.get(row) for row in rows] for name, column in document.items()}
    return None


def _keep_columns(connection: duckdb.DuckDBPyConnection, columns: dict[str, list[Any]], notes: Notes) -> None:
    import pyarrow as pa

    from audit.load.frame import store_raw

    nested = [name for name, values in columns.items() if any(isinstance(v, dict | list) for v in values)]
    lists = {name: found for name in nested if (found := _vectors(columns[name])) is not None}
    nested = [name for name in nested if name not in lists]
    if nested:
        named, where = notes.columns(nested)
        notes.warn(f"{named} left out: nested JSON is not supported; write plain values to audit it.", where)
    for name in nested:
        del columns[name]
    arrays = [
        pa.array(lists[name], pa.list_(pa.float64()))
        if name in lists
        else pa.array([_cell(value) for value in values], pa.string())
        for name, values in columns.items()
    ]
    store_raw(connection, pa.Table.from_arrays(arrays, names=[f"c{number}" for number in range(len(arrays))]))


def _vectors(values: list[Any]) -> list[list[float | None] | None] | None:
    """Lists of numbers, not whole ones only; None where any value is something else."""
    try:
        found = [None if value is None else _floats(value) for value in values]
    except (TypeError, ValueError):
        return None
    fractions = any(x is not None and x % 1 != 0 for one in found if one is not None for x in one)
    return found if fractions else None


def _floats(value: object) -> list[float | None]:
    if not isinstance(value, list):
        raise TypeError("a value among lists")
    return [None if x is None else float(x) for x in value]


def _cell(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
