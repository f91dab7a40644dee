"""Reads Arrow and Feather files and streams into the engine, validated batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from audit.load.assembly import Raw, check_columns
from audit.load.frame import is_text, plain_types, store_raw
from audit.load.limits import GIB, Limits, size
from audit.load.notes import Notes

BATCH = GIB // 2  # bytes of text in one batch


def read_arrow(
    connection: duckdb.DuckDBPyConnection, path: Path, notes: Notes, limits: Limits, *, stream: bool
) -> Raw:
    """Read an Arrow file (Feather) or stream.

    Every batch is validated in full before it is used: offsets in a crafted file can point
    anywhere. Reading it can still end the process, which is why this runs in a child.

    Raises
    ------
    InputError : damaged or cut off
    LimitError : more columns than the limit
    """
    try:
        with pa.OSFile(str(path), "rb") as file:
            if stream:
                reader = pa.ipc.open_stream(file)
                batches: Iterable[pa.RecordBatch] = reader
            else:
                reader = pa.ipc.open_file(file)
                batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
            check_columns(notes, limits, len(reader.schema))
            kept, names = leave_out(reader.schema, set(), notes)
            read_batches(connection, batches, reader.schema, kept, notes, by_position=True)
            left = len(reader.schema) - len(kept)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise notes.refuse(
            "the arrow file is cut off or damaged and cannot be read.", "Save it again, best as parquet."
        ) from error
    return Raw(names, "arrow stream" if stream else "arrow", left=left)


def leave_out(schema: pa.Schema, index: Set[str], notes: Notes) -> tuple[list[int], list[str]]:
    """Positions and names of the columns that are read; nested and binary ones are left out and said."""
    kept: list[int] = []
    left: dict[str, list[str]] = {}
    for position, column in enumerate(schema):
        if column.name in index:
            continue
        kind = _unsupported(column.type)
        if kind:
            left.setdefault(kind, []).append(column.name)
        else:
            kept.append(position)
    for kind, names in left.items():
        named, where = notes.columns(names)
        notes.warn(
            f"{named} left out: the type {kind} is not supported; store plain values to audit it.", where
        )
    return kept, [schema.names[position] for position in kept]


def _unsupported(kind: pa.DataType) -> str:
    """What a type that cannot be audited is called; "" for the others."""
    types = pa.types
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "binary"
    if types.is_map(kind):
        return "nested map"
    if types.is_struct(kind) or types.is_union(kind):
        return "nested record"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "" if types.is_floating(kind.value_type) else "nested list"
    if types.is_interval(kind):
        return "month interval"
    return ""


def read_batches(
    connection: duckdb.DuckDBPyConnection,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    kept: Sequence[int],
    notes: Notes,
    *,
    by_position: bool,
) -> None:
    """Stream batches into the engine; only the kept columns where batches hold all of them.

    Raises
    ------
    LimitError : the text in a batch is too large to hold
    """
    chosen = _chosen(batches, kept, notes, by_position)
    first = next(chosen, None)
    if first is None:
        empty = pa.schema([schema.field(position) for position in kept])
        first = pa.Table.from_arrays(
            [pa.array([], field.type) for field in empty], names=_numbered(len(kept))
        )
    first = plain_types(first)
    reader = pa.RecordBatchReader.from_batches(first.schema, _rest(first, chosen))
    store_raw(connection, reader)


def _numbered(count: int) -> list[str]:
    return [f"c{number}" for number in range(count)]


def _chosen(
    batches: Iterable[pa.RecordBatch], kept: Sequence[int], notes: Notes, by_position: bool
) -> Iterator[pa.Table]:
    for batch in batches:
        batch.validate(full=True)
        columns = [batch.column(position) for position in kept] if by_position else batch.columns
        if sum(_text_bytes(column) for column in columns) > BATCH:
            raise notes.too_large(
                f"its text is too large: {batch.num_rows:,} rows hold more than the limit of {size(BATCH)}.",
                "Leave out or shorten the long texts.",
            )
        yield pa.Table.from_arrays(columns, names=_numbered(len(columns)))


def _text_bytes(column: pa.Array) -> int:
    """Bytes of the texts that a dictionary stands for."""
    if not pa.types.is_dictionary(column.type) or not is_text(column.type.value_type):
        return 0
    lengths = pc.binary_length(column.dictionary)
    return int(pc.sum(lengths.cast(pa.int64()).take(column.indices)).as_py() or 0)


def _rest(first: pa.Table, others: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    yield from first.to_batches()
    for other in others:
        yield from plain_types(other).to_batches()
