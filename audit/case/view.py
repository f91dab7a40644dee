"""One table as the checks see it: aligned, typed, lazy.

Column i of the case is ``x{i}`` in every table: DOUBLE for numbers and dates (seconds since
1970), VARCHAR for everything else. The lists of a vector column stand in ``v{i}`` (FLOAT[]);
its ``x{i}`` only says whether there is one. ``row`` is the data row, counted from 1. ``identity`` is the
same 64-bit number for two rows that hold the same in every column but keys, missing cells
included; that two different rows of a million share one happens once in 40 million tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import narwhals as nw

from audit.load.engine import source
from audit.load.table import Field, Stored, Table
from audit.model import CoercedColumn, Column, Kind

_NUMBERS = (Kind.NUMBER, Kind.DATE)
_FARTHEST = 1e140  # numbers beyond are read as this: their squares still have a sum
_FARTHEST_IN_LIST = 1e15  # as above, in single precision
LIST_LABEL = "list of numbers"  # stands for any list where values are counted
_TYPE_WORDS = {
    Stored.INTEGER: "number",
    Stored.NUMBER: "number",
    Stored.TEXT: "text",
    Stored.DATE: "date",
    Stored.BOOLEAN: "true or false",
    Stored.EMPTY: "empty",
    Stored.VECTOR: "list",
}


def typed_view(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Sequence[Column],
    fields: Sequence[int],
    like: Sequence[Field],
) -> tuple[nw.LazyFrame[Any], tuple[CoercedColumn, ...]]:
    """The table with the case's columns, and what had to be read as another type.

    Parameters
    ----------
    fields : field number of the table behind each column
    like : the real table's fields, whose type decides
    """
    expressions, coerced = [], []
    for i, column in enumerate(columns):
        field = table.fields[fields[i]]
        expression = _expression(f"c{fields[i]}", column.kind, field.stored, like[i].stored)
        expressions.append(f"{expression} AS x{i}")
        if column.kind is Kind.VECTOR:
            expressions.append(f"{_as_list(f'c{fields[i]}', field.stored)} AS v{i}")
        if field.stored is not like[i].stored and _type_word(field) != _type_word(like[i]):
            lost = f"count(c{fields[i]}) - count({expression})"
            coerced.append((column.name, field, like[i], lost))
    origin = source(table)
    records: tuple[CoercedColumn, ...] = ()
    if coerced:
        # All of it: a result that is not read to its end would block the engine for the checks.
        (row,) = connection.execute(f"SELECT {', '.join(c[3] for c in coerced)} FROM {origin}").fetchall()
        records = tuple(
            CoercedColumn(name, _type_word(field), _type_word(wanted), int(lost))
            for (name, field, wanted, _), lost in zip(coerced, row, strict=True)
            if field.stored is not Stored.EMPTY
        )
    told = [
        f"v{i}" if column.kind is Kind.VECTOR else f"x{i}"
        for i, column in enumerate(columns)
        if column.kind is not Kind.KEY
    ]
    identity = f"hash({', '.join(told)})" if told else "CAST(NULL AS UBIGINT)"
    relation = connection.sql(
        f"SELECT *, {identity} AS identity FROM (SELECT {', '.join(expressions)}, row FROM {origin})"
    )
    return nw.from_native(relation), records


def _type_word(field: Field) -> str:
    return _TYPE_WORDS[field.stored]


def _expression(name: str, kind: Kind, stored: Stored, like: Stored) -> str:
    if kind in _NUMBERS:
        return _as_number(name, kind, stored)
    if kind is Kind.VECTOR:
        return f"CASE WHEN {name} IS NOT NULL THEN '{LIST_LABEL}' END"
    return _as_text(name, stored, like)


def _as_list(name: str, stored: Stored) -> str:
    # Single precision: a table that was saved so once holds the same rows as one that was not.
    if stored is not Stored.VECTOR:
        return "CAST(NULL AS FLOAT[])"
    far = _FARTHEST_IN_LIST
    return f"CAST(list_transform({name}, lambda x: greatest(least(x, {far}), -{far})) AS FLOAT[])"


def _as_number(name: str, kind: Kind, stored: Stored) -> str:
    if stored is Stored.DATE:
        return f"epoch({name})"
    if stored in (Stored.TEXT, Stored.EMPTY):
        if kind is Kind.DATE:
            return f"epoch(TRY_CAST({name} AS TIMESTAMP))"
        number = _as_number(f"TRY_CAST({name} AS DOUBLE)", kind, Stored.NUMBER)
        return f"CASE WHEN isfinite(TRY_CAST({name} AS DOUBLE)) THEN {number} END"
    if kind is Kind.DATE or stored is Stored.VECTOR:
        return "CAST(NULL AS DOUBLE)"  # a bare number says no date, a list no number
    number = f"CAST({name} AS DOUBLE)"
    if stored is not Stored.NUMBER:
        return number
    return f"CASE WHEN abs({number}) > {_FARTHEST} THEN sign({number}) * {_FARTHEST} ELSE {number} END"


def _as_text(name: str, stored: Stored, like: Stored) -> str:
    """Labels, written the same way whatever type either file held them in."""
    if stored is Stored.BOOLEAN:
        yes, no = ("'1'", "'0'") if like in (Stored.INTEGER, Stored.NUMBER) else ("'true'", "'false'")
        return f"CASE WHEN {name} THEN {yes} WHEN NOT {name} THEN {no} END"
    if stored in (Stored.INTEGER, Stored.NUMBER):
        if like is Stored.BOOLEAN:
            return f"CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CAST({name} AS VARCHAR) END"
        whole = f"{name} = trunc({name}) AND abs({name}) < 1e15"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
        )
    text = f"CAST({name} AS VARCHAR)"
    if stored is Stored.TEXT and like in (Stored.INTEGER, Stored.NUMBER):  # "1.0" is the code 1
        number = f"TRY_CAST({name} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) THEN {_as_text(number, Stored.NUMBER, like)} ELSE {text} END"
    return text
