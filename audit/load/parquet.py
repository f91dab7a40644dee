"""Reads Parquet into the engine; the footer is checked before any page is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit.load.arrow import leave_out, read_batches
from audit.load.assembly import Raw, check_columns
from audit.load.limits import Limits, size
from audit.load.notes import Notes

ROWS = 65_536  # of a batch


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, notes: Notes, limits: Limits) -> Raw:
    """Read a Parquet file whose sizes are within the limits.

    Raises
    ------
    InputError : damaged, encrypted, or a checksum that does not match
    LimitError : more rows, columns or unpacked bytes than a limit
    """
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        _check_footer(file.metadata, notes, limits)
        schema = file.schema_arrow
        index = _index_columns(schema, notes)
        kept, names = leave_out(schema, index, notes)
        try:
            _read(connection, path, _text_leaves(file), kept, notes)
        except (pa.ArrowNotImplementedError, OSError) as error:
            if "not yet implemented" not in str(error).lower():
                raise
            _read(connection, path, [], kept, notes)  # encodings that are no dictionaries
    except MemoryError as error:
        raise notes.too_large(
            "its values are too large for the memory limit.", "Audit a sample of the rows."
        ) from error
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise _damaged(error, notes) from error
    return Raw(names, "parquet", left=len(schema) - len(index) - len(kept))


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    as_dictionary: list[str],
    kept: Sequence[int],
    notes: Notes,
) -> None:
    with pq.ParquetFile(path, page_checksum_verification=True, read_dictionary=as_dictionary) as file:
        batches, by_position = _batches(file, kept)
        read_batches(connection, batches, file.schema_arrow, kept, notes, by_position=by_position)


def _text_leaves(file: pq.ParquetFile) -> list[str]:
    # Read as dictionaries: a page of one megabyte can stand for a text repeated a million times.
    return [
        name for name in dict.fromkeys(file.schema_arrow.names) if _is_plain_text(file.schema_arrow, name)
    ]


def _is_plain_text(schema: pa.Schema, name: str) -> bool:
    kinds = [column.type for column in schema if column.name == name]
    return all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in kinds)


def _batches(file: pq.ParquetFile, kept: Sequence[int]) -> tuple[Iterator[pa.RecordBatch], bool]:
    """Batches of the kept columns; of all columns where names are no safe way to choose."""
    names = file.schema_arrow.names
    if len(set(names)) < len(names) or any("." in name for name in names):
        return file.iter_batches(batch_size=ROWS), True
    return file.iter_batches(batch_size=ROWS, columns=[names[position] for position in kept]), False


def _check_footer(footer: pq.FileMetaData, notes: Notes, limits: Limits) -> None:
    if footer.num_rows == 0:
        raise notes.refuse("the table has no rows, only a schema.", "Check what wrote it.")
    if footer.num_rows > limits.rows:
        raise notes.too_large(
            f"{footer.num_rows:,} rows are more than the limit of {limits.rows:,}.",
            "Audit a random sample of the rows.",
        )
    check_columns(notes, limits, footer.num_columns)
    unpacked = sum(footer.row_group(n).total_byte_size for n in range(footer.num_row_groups))
    if unpacked > limits.unpacked_bytes:
        raise notes.too_large(
            f"unpacked it is too large, {size(unpacked)} with a limit of {size(limits.unpacked_bytes)}.",
            "Audit a sample of the rows.",
        )


def _index_columns(schema: pa.Schema, notes: Notes) -> set[str]:
    """Columns that pandas wrote for its row index."""
    index = {name for name in schema.names if name.startswith("__index_level_")}
    if index:
        notes.note("the pandas row index (__index_level_0__) is left out; it is no data.")
    return index


def _damaged(error: Exception, notes: Notes) -> Exception:
    text = str(error).lower()
    if "crc" in text or "checksum" in text:
        return notes.refuse(
            "the parquet file is damaged: a page does not match its checksum.", "Fetch it again."
        )
    if "encrypt" in text or "decrypt" in text:
        return notes.refuse("the parquet file is encrypted.", "Save it without encryption.")
    return notes.refuse(
        "the parquet file is cut off or damaged and cannot be read.", "Fetch or save it again."
    )
