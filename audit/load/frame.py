"""Tables in memory: pandas, Polars, PyArrow or anything else that Narwhals knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from audit.errors import InputError
from audit.load.assembly import RAW, Raw, SourceFile, assemble
from audit.load.engine import connect
from audit.load.limits import Limits
from audit.load.notes import Notes
from audit.load.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


def load_frame(frame: Any, role: str, scratch: Path, name: str | None = None) -> Table:
    """Write a data frame as a canonical table; the frame is not changed.

    Parameters
    ----------
    frame : a pandas, Polars, PyArrow or other table that Narwhals can turn to Arrow
    role : "real", "synthetic" or "holdout"
    scratch : an existing folder; receives `<role>.parquet`
    name : what the table is called in messages and reports; the role if None

    Raises
    ------
    InputError : no table, no rows, no values
    """
    notes = Notes(role, name or role)
    arrow = _to_arrow(frame, notes)
    connection = connect(scratch, threads=1)
    try:
        store_raw(connection, arrow)
        raw = Raw([str(column) for column in arrow.column_names], "frame")
        origin = SourceFile(name or role, bytes=arrow.nbytes)
        return assemble(connection, raw, origin, notes, scratch / f"{role}.parquet", Limits())
    finally:
        connection.close()


def store_raw(connection: duckdb.DuckDBPyConnection, source: pa.Table | pa.RecordBatchReader) -> None:
    """Copy an Arrow table or stream into the engine as the table `raw` with columns c0 …"""
    names = [f"c{number}" for number in range(len(source.schema))]
    connection.register("arrow_source", source)
    listed = ", ".join(f"#{number + 1} AS {name}" for number, name in enumerate(names))
    connection.execute(f"CREATE TABLE {RAW} AS SELECT {listed} FROM arrow_source")
    connection.unregister("arrow_source")


def _to_arrow(frame: Any, notes: Notes) -> pa.Table:
    import narwhals as nw
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return plain_types(frame)
    if nw.dependencies.is_pandas_dataframe(frame):  # before Narwhals, which refuses repeated names
        return plain_types(_from_columns(frame, notes))
    try:
        known = nw.from_native(frame)
    except TypeError as error:
        raise InputError(
            f"{notes.file}: {type(frame).__name__} is not a table that can be audited.",
            "Give a pandas, Polars or PyArrow table.",
        ) from error
    if isinstance(known, nw.LazyFrame):
        return plain_types(known.collect(backend="pyarrow").to_native())
    return plain_types(known.to_arrow())


def _from_columns(frame: Any, notes: Notes) -> pa.Table:
    import pyarrow as pa

    names = [str(column) for column in frame.columns]
    if not names:
        raise InputError(f"{notes.file}: the table has no columns.", "Give a table with columns and rows.")
    arrays = [_from_pandas(frame.iloc[:, position]) for position in range(len(names))]
    return pa.Table.from_arrays(arrays, names=names)


def _from_pandas(series: Any) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        # A column of mixed objects: what each of them looks like in a file.
        missing = series.isna().to_numpy()
        return pa.array([None if gone else str(value) for value, gone in zip(series, missing, strict=True)])


def plain_types(table: pa.Table) -> pa.Table:
    """The table without dictionary types and other types that the engine does not know."""
    import pyarrow as pa

    arrays, names = [], []
    for column, field in zip(table.columns, table.schema, strict=True):
        kind = field.type
        if pa.types.is_dictionary(kind) and not is_text(kind.value_type):
            column = column.cast(kind.value_type)
        elif pa.types.is_float16(kind):
            column = column.cast(pa.float32())
        elif pa.types.is_list(kind) and pa.types.is_float16(kind.value_type):
            column = column.cast(pa.list_(pa.float32()))
        elif pa.types.is_decimal256(kind):
            column = column.cast(pa.float64())
        arrays.append(column)
        names.append(field.name)
    return pa.Table.from_arrays(arrays, names=names)


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type holds text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
