"""A sketch of a table's rows, to be handed over instead of the table: can two tables share rows?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from audit.arrays import Hashes
from audit.declare.options import SHORTEST_SALT
from audit.errors import OptionError
from audit.stats.privacy.sketches import SketchOverlap, compare_sketches, smallest

SKETCH = "row sketch"
SIZE = 65_536
_FORMAT = 1
_MAKE = "Make one with: python -m audit sketch FILE --salt WORD --out sketch.json"


@dataclass(frozen=True, slots=True)
class Sketch:
    """The smallest salted numbers of a table's different rows.

    check : tells one salt from another and gives neither away
    rows, different : of the table, all and those that are different
    hashes : increasing, at most `size`
    """

    check: str
    columns: tuple[str, ...]
    rows: int
    different: int
    size: int
    hashes: Hashes

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": SKETCH,
            "format": _FORMAT,
            "check": self.check,
            "columns": list(self.columns),
            "rows": self.rows,
            "different": self.different,
            "size": self.size,
            "hashes": base64.b64encode(self.hashes.astype(">u8").tobytes()).decode("ascii"),
        }


def sketch(hashes: Hashes, columns: tuple[str, ...], salt: str, size: int = SIZE) -> Sketch:
    """The sketch of rows with these salted numbers."""
    kept, different = smallest(hashes, size)
    return Sketch(_check(salt), tuple(sorted(columns)), len(hashes), different, size, kept)


def refuse_short(salt: str) -> None:
    """Refuse a salt that can be guessed (OptionError)."""
    if len(salt) < SHORTEST_SALT:
        raise OptionError(
            f"The salt has {len(salt)} characters; fewer than {SHORTEST_SALT} can be guessed.",
            f"Agree on a random word of at least {SHORTEST_SALT} characters.",
        )


def _check(salt: str) -> str:
    return hmac.new(salt.encode(), b"row sketch", hashlib.sha256).hexdigest()[:16]


def read_sketch(values: Any) -> Sketch:
    """A sketch from JSON values.

    Raises
    ------
    OptionError
        Where the values are none, or not as they were written.
    """
    if not isinstance(values, Mapping) or values.get("kind") != SKETCH or values.get("format") != _FORMAT:
        raise OptionError("The sketch is not a file of the kind 'row sketch', format 1.", _MAKE)
    try:
        found = Sketch(
            check=str(values["check"]),
            columns=tuple(map(str, values["columns"])),
            rows=int(values["rows"]),
            different=int(values["different"]),
            size=int(values["size"]),
            hashes=np.frombuffer(base64.b64decode(values["hashes"], validate=True), dtype=">u8").astype(
                np.uint64
            ),
        )
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise OptionError("The sketch is not whole: something in it is missing or changed.", _MAKE) from None
    whole = len(found.hashes) == min(found.different, found.size) and found.rows >= found.different > 0
    if not whole or (np.diff(found.hashes.astype(object)) <= 0).any():
        raise OptionError("The sketch is not whole: its numbers do not fit its counts.", _MAKE)
    return found


def overlap(first: Sketch, second: Sketch) -> tuple[SketchOverlap, SketchOverlap]:
    """How many different rows of each table stand in the other.

    Raises
    ------
    OptionError
        Where the sketches were made with other salts, sizes or columns.
    """
    if first.check != second.check:
        raise OptionError(
            "The two sketches were made with different salts, so nothing in them agrees.",
            "Make both with the same --salt.",
        )
    if first.columns != second.columns:
        apart = sorted(set(first.columns) ^ set(second.columns))
        raise OptionError(
            f"The two do not hold the same columns: {', '.join(map(repr, apart[:5]))} "
            f"{'stands' if len(apart) == 1 else 'stand'} in one only.",
            "Choose common columns with --column, once for each.",
        )
    if first.size != second.size:
        raise OptionError(
            f"One sketch keeps {first.size:,} numbers, the other {second.size:,}.",
            "Make both with the same --size.",
        )
    return compare_sketches(first.hashes, first.different, second.hashes, second.different, first.size)
