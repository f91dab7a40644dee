"""Reads Parquet into the engine; the footer is checked before any page is read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit.load.arrow import leave_out, read_batches
from audit.load.assembly import Raw, check_columns
from audit.load.limits import Limits, size
from audit.load.notes import Notes


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, notes: Notes, limits: Limits) -> Raw:
    """Read a Parquet file whose sizes are within the limits.

    Raises
    ------
    InputError : damaged, encrypted, or a checksum that does not match
    LimitError : more rows, columns or unpacked bytes than a limit
    """
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True, memory_map=False)
        _check_footer(file.metadata, path, notes, limits)
        index = _index_columns(file.schema_arrow, notes)
        kept, names = leave_out(file.schema_arrow, index, notes)
        # By position, since names may be repeated; nested columns have more leaves than fields.
        leaves = [n for n in range(len(file.schema)) if _top(file, n) in {file.schema_arrow[k].name for k in kept}]
        batches = file.iter_batches(batch_size=65_536, row_groups=None, columns=None) if _repeated(file) else (
            file.iter_batches(batch_size=65_536, columns=[file.schema.column(n).path for n in leaves])
        )
        read_batches(connection, batches, file.schema_arrow, kept, by_position=_repeated(file))
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise _damaged(error, notes) from error
    return Raw(names, "parquet", {"rows_in_footer": file.metadata.num_rows})


def _top(file: pq.ParquetFile, leaf: int) -> str:
    return str(file.schema.column(leaf).path).split(".")[0]


def _repeated(file: pq.ParquetFile) -> bool:
    return len(set(file.schema_arrow.names)) < len(file.schema_arrow.names) or any(
        "." in name for name in file.schema_arrow.names
    )


def _check_footer(footer: pq.FileMetaData, path: Path, notes: Notes, limits: Limits) -> None:
    if footer.num_rows == 0:
        raise notes.refuse("the table has no rows, only a schema.", "Check what wrote it.")
    if footer.num_rows > limits.rows:
        raise notes.too_large(
            f"{footer.num_rows:,} rows are more than the limit of {limits.rows:,}.", "Audit a random sample of the rows."
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
        return notes.refuse("the parquet file is damaged: a page does not match its checksum.", "Fetch it again.")
    if "encrypt" in text or "decrypt" in text:
        return notes.refuse("the parquet file is encrypted.", "Save it without encryption.")
    return notes.refuse("the parquet file is cut off or damaged and cannot be read.", "Fetch or save it again.")
