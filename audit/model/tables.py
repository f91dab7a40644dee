"""Tables as they were read: their columns, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.model.vocabulary import Kind, Role


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is taken to hold, and why."""

    name: str
    kind: Kind
    role: Role = Role.NONE
    reason: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table as it was read. content_hash does not depend on the order of the rows."""

    name: str
    rows: int
    columns: int
    bytes: int
    sha256: str
    content_hash: str
    format: str = ""
    assumed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CoercedColumn:
    """Cells that were read as another type so that real and synthetic can be compared."""

    column: str
    from_type: str
    to_type: str
    rows: int


@dataclass(frozen=True, slots=True)
class SkippedColumn:
    """A column that no check looks at, and why."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the tables differ in their columns."""

    only_real: tuple[str, ...] = ()
    only_synthetic: tuple[str, ...] = ()
    coerced: tuple[CoercedColumn, ...] = ()
    skipped: tuple[SkippedColumn, ...] = ()
