"""How large an input may be. Every limit is a named setting with a message of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What loading accepts, sized so that an honest file of a gigabyte passes.

    stored_bytes : a file as it lies on disk
    unpacked_bytes : the same after unpacking, counted while it is unpacked
    ratio : unpacked to stored bytes of a packed file, looked at from `ratio_from` bytes on
    rows, columns : of a table
    cells : rows times columns of a worksheet, which is held in memory whole
    cell_characters : one cell
    document_bytes : a JSON document that is not made of records, held in memory whole
    members : files inside a zip
    seconds : wall time of loading all files; the processor time is limited alike
    memory_bytes : address space of the loading process
    engine_memory : what DuckDB may use of it before it spills to disk
    nice : how far loading steps back behind other processes
    """

    stored_bytes: int = 4 * GIB
    unpacked_bytes: int = 4 * GIB
    ratio: int = 200
    ratio_from: int = 16 * MIB
    rows: int = 100_000_000
    columns: int = 20_000
    cells: int = 50_000_000
    cell_characters: int = 16 * MIB
    document_bytes: int = 256 * MIB
    members: int = 20
    seconds: int = 900
    memory_bytes: int = 8 * GIB
    engine_memory: str = "2GB"
    nice: int = 5

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Limits:
        """From plain values; unknown keys are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})


def size(count: int) -> str:
    """A number of bytes as people write it, such as "1.5 GiB"."""
    for unit, step in (("GiB", GIB), ("MiB", MIB), ("KiB", 1 << 10)):
        if count >= step:
            return f"{count / step:.3g} {unit}"
    return f"{count} bytes"
