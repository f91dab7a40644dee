"""Bands of a number, such as ages, as the user names them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from audit.errors import OptionError

MAX_BANDS = 50
_EXAMPLE = "such as 25,45,65: below 25, 25 to 44, 45 to 64, 65 or more"


def read_bands(name: str, edges: object) -> tuple[float, ...]:
    """Where a column is cut, checked.

    Parameters
    ----------
    name : of the column, for messages
    edges : numbers in increasing order; a value that equals one belongs to the band above it

    Raises
    ------
    OptionError
        If they are no numbers, too many, or not in increasing order.
    """
    hint = f"Give increasing numbers, {_EXAMPLE}."
    if not isinstance(edges, Sequence) or isinstance(edges, str) or not edges:
        raise OptionError(f"The bands of {name!r} are {edges!r}, not a list of numbers.", hint)
    for edge in edges:
        if not isinstance(edge, int | float) or isinstance(edge, bool) or not math.isfinite(edge):
            raise OptionError(f"The bands of {name!r} hold {edge!r}, which is no number.", hint)
    if any(a >= b for a, b in pairwise(edges)):
        told = ", ".join(f"{edge:g}" for edge in edges)
        raise OptionError(f"The bands of {name!r} are not in increasing order: {told}.", hint)
    if len(edges) >= MAX_BANDS:
        raise OptionError(
            f"{name!r} has {len(edges) + 1} bands; at most {MAX_BANDS} can be told apart.", hint
        )
    return tuple(float(edge) for edge in edges)


def parse_bands(text: str) -> tuple[str, tuple[float, ...]]:
    """Column and edges from "age=25,45,65"."""
    name, mark, rest = text.rpartition("=")
    if not mark or not name.strip():
        raise OptionError(f"The bands {text!r} name no column.", "Write COLUMN=EDGES, such as age=25,45,65.")
    return name.strip(), read_bands(name.strip(), [_number(part) for part in rest.split(",")])


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def bands_in(schema: object) -> dict[str, object]:
    """Bands that a schema's columns name, by column; the schema need not be a right one."""
    entries = schema.get("columns") if isinstance(schema, Mapping) else None
    return {
        entry["name"]: entry["bands"]
        for entry in (entries if isinstance(entries, list | tuple) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and entry.get("bands")
    }
