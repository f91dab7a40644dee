"""A watermark that the user declares: where it stands, and how its key chooses values.

Two published kinds. A green list moves every value of a column into intervals that the key chose; key cells
move a few cells, known to the owner, by amounts that the key chose for each.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import OptionError

GREEN_LIST, KEY_CELLS = "green_list", "tabular_mark"
MIN_CELLS = 20  # fewer cannot lie four standard errors above one half, or hardly
_MAX_BINS = 100_000
_MAX_DOMAINS, _MAX_CELLS = 10_000, 10_000
_HINT = 'Write method = "green_list", key = "…", columns = ["…"] and an even number of bins.'
_CELLS_HINT = (
    'Write method = "tabular_mark", key = "…", radius, an even number of domains, and for each key cell '
    '[[cells]] with column = "…", value (before it was marked) and where = {id = 17}.'
)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Fractional parts are cut into `bins` intervals; of each pair of neighbours the key makes one green.

    columns : the numbers that carry it
    key : known to the owner; never told in a report
    bins : even, two for each pair
    """

    method: str
    key: str
    columns: tuple[str, ...]
    bins: int

    def green(self, column: str) -> tuple[bool, ...]:
        """Which intervals of a column are green, one for each bin.

        In pair i the second interval is green where the last bit of
        HMAC-SHA256(key, "column:i") is 1, else the first.
        """
        key = self.key.encode()
        bits = [
            hmac.new(key, f"{column}:{i}".encode(), hashlib.sha256).digest()[-1] & 1
            for i in range(self.bins // 2)
        ]
        return tuple(bool(bit) == second for bit in bits for second in (False, True))


@dataclass(frozen=True, slots=True)
class KeyCell:
    """A cell that the owner marked: the row that holds `where`, the column, the value it had before."""

    where: tuple[tuple[str, str | float], ...]
    column: str
    value: float


@dataclass(frozen=True, slots=True)
class KeyCells:
    """Cells were moved by less than `radius`; of the `domains` parts of that range the key makes a share green.

    share : of the domains that are green, the same for every cell, and so the share of green cells by chance
    """

    method: str
    key: str
    radius: float
    domains: int
    share: float
    cells: tuple[KeyCell, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold key cells."""
        return tuple(dict.fromkeys(cell.column for cell in self.cells))

    @property
    def green_count(self) -> int:
        """Green domains of a cell."""
        return round(self.share * self.domains)

    def green(self, cell: KeyCell) -> frozenset[int]:
        """The green domains of a cell, counted from the lower end of the range.

        The domains are put into the order of 64-bit numbers from SHAKE-256 of HMAC-SHA256(key,
        column and place of the cell); the first ones are green.
        """
        place = json.dumps([cell.column, sorted(cell.where)], ensure_ascii=True)
        seed = hmac.new(self.key.encode(), place.encode(), hashlib.sha256).digest()
        drawn = hashlib.shake_256(seed).digest(8 * self.domains)
        order = sorted(range(self.domains), key=lambda at: drawn[8 * at : 8 * at + 8])
        return frozenset(order[: self.green_count])

    def is_green(self, cell: KeyCell, value: float) -> bool:
        """Whether a cell that now holds this value was moved into a green domain."""
        moved = value - cell.value
        if not -self.radius <= moved < self.radius:
            return False
        domain = int((moved + self.radius) / (2 * self.radius) * self.domains)
        return min(domain, self.domains - 1) in self.green(cell)


def make_watermark(values: Mapping[str, Any]) -> Watermark | KeyCells:
    """A declaration, checked.

    Raises
    ------
    OptionError
        Where a key is unknown, missing or not of its kind.
    """
    method = values.get("method")
    if method not in (GREEN_LIST, KEY_CELLS):
        raise OptionError(
            f"The watermark's method is {method!r}; only {GREEN_LIST!r} and {KEY_CELLS!r} are known.", _HINT
        )
    return _green_list(values) if method == GREEN_LIST else _key_cells(values)


def _green_list(values: Mapping[str, Any]) -> Watermark:
    _refuse_unknown(values, {"method", "key", "columns", "bins"}, _HINT)
    key, bins, columns = _key(values, _HINT), values.get("bins", 1000), values.get("columns")
    if not isinstance(columns, list | tuple) or not columns or not all(isinstance(c, str) for c in columns):
        raise OptionError("The watermark's columns are not a list of names.", _HINT)
    _refuse_odd(bins, "bins", _MAX_BINS, _HINT)
    return Watermark(GREEN_LIST, key, tuple(dict.fromkeys(columns)), bins)


def _key_cells(values: Mapping[str, Any]) -> KeyCells:
    _refuse_unknown(values, {"method", "key", "radius", "domains", "green", "cells"}, _CELLS_HINT)
    key, domains, share = _key(values, _CELLS_HINT), values.get("domains", 500), values.get("green", 0.5)
    radius, cells = values.get("radius"), values.get("cells")
    if not _is_number(radius) or not 0 < float(radius or 0) < math.inf:
        raise OptionError(f"The watermark's radius is {radius!r}; a number above 0 is needed.", _CELLS_HINT)
    _refuse_odd(domains, "domains", _MAX_DOMAINS, _CELLS_HINT)
    if not _is_number(share) or not 0 < share < 1 or not 0 < round(share * domains) < domains:
        raise OptionError(
            f"The watermark's green share is {share!r}; a number between 0 and 1 is needed.", _CELLS_HINT
        )
    if not isinstance(cells, list | tuple) or not MIN_CELLS <= len(cells) <= _MAX_CELLS:
        raise OptionError(f"The watermark needs {MIN_CELLS} to {_MAX_CELLS:,} key cells.", _CELLS_HINT)
    made = tuple(_cell(one, at) for at, one in enumerate(cells, start=1))
    if len({(cell.column, cell.where) for cell in made}) < len(made):
        raise OptionError("The watermark names a key cell twice.", _CELLS_HINT)
    exact = round(share * domains) / domains
    return KeyCells(KEY_CELLS, key, float(radius or 0), domains, exact, made)


def _cell(values: Any, at: int) -> KeyCell:
    good = (
        isinstance(values, Mapping)
        and set(values) == {"column", "value", "where"}
        and isinstance(values["column"], str)
        and _is_number(values["value"])
        and isinstance(values["where"], Mapping)
        and bool(values["where"])
        and all(isinstance(one, str) or _is_number(one) for one in values["where"].values())
    )
    if not good:
        raise OptionError(f"The watermark's key cell {at} is not a column, a value and a where.", _CELLS_HINT)
    where = tuple(sorted((str(k), v if isinstance(v, str) else float(v)) for k, v in values["where"].items()))
    return KeyCell(where, values["column"], float(values["value"]))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _key(values: Mapping[str, Any], hint: str) -> str:
    key = values.get("key")
    if not isinstance(key, str) or not key:
        raise OptionError("The watermark has no key.", hint)
    return key


def _refuse_unknown(values: Mapping[str, Any], known: set[str], hint: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise OptionError(f"The watermark has {unknown[0]!r}, which does not exist.", hint)


def _refuse_odd(number: Any, what: str, most: int, hint: str) -> None:
    if isinstance(number, bool) or not isinstance(number, int) or not 2 <= number <= most or number % 2:
        raise OptionError(
            f"The watermark has {number!r} {what}; an even number from 2 to {most:,} is needed.", hint
        )


def read_watermark(path: Path) -> dict[str, Any]:
    """The plain values of a declaration in a TOML file, checked.

    Raises
    ------
    OptionError
        Where the file cannot be read or declares no watermark.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(f"There is no file {str(path)!r}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"{str(path)!r} cannot be read as TOML: {error}.", _HINT) from None
    make_watermark(values)
    return values
