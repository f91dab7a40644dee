"""The formats of files that can be read: one table for the loader, the app's upload, Croissant and hints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format of tables. What a file holds is told from its bytes; an ending only helps to find it.

    name : as `TableFacts.format` says it
    media : its media type
    endings : of file names, without the dot; the first ones are the usual ones
    """

    name: str
    media: str
    endings: tuple[str, ...]


FORMATS = (
    FileFormat("csv", "text/csv", ("csv", "txt", "tab", "dat")),
    FileFormat("tsv", "text/tab-separated-values", ("tsv",)),
    FileFormat("parquet", "application/vnd.apache.parquet", ("parquet", "pq")),
    FileFormat("arrow", "application/vnd.apache.arrow.file", ("feather", "arrow", "ipc")),
    FileFormat("arrow stream", "application/vnd.apache.arrow.stream", ("arrows",)),
    FileFormat("json", "application/json", ("json",)),
    FileFormat("ndjson", "application/jsonl", ("ndjson", "jsonl")),
    FileFormat("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx", "xlsm")),
)
PACKINGS = (
    FileFormat("gz", "application/gzip", ("gz",)),
    FileFormat("zst", "application/zstd", ("zst",)),
    FileFormat("zip", "application/zip", ("zip",)),
)

ENDINGS = tuple(ending for one in FORMATS for ending in one.endings)
PACKED_ENDINGS = tuple(ending for one in PACKINGS for ending in one.endings)

# As they occur in sentences: an ending that a user knows for each, not every name there is.
IN_WORDS = "csv, tsv, txt, parquet, feather, arrow, json, ndjson or xlsx"
PACKED_IN_WORDS = "gz, zst or zip"


def media_type(name: str) -> str:
    """The media type of a format as `TableFacts.format` says it, such as "csv" or "csv.gz" (that of gz)."""
    outermost = name.rpartition(".")[2]
    known = {one.name: one.media for one in (*FORMATS, *PACKINGS)}
    return known.get(outermost, "application/octet-stream")
