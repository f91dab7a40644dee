"""A watermark that the user declares: which columns carry it, and how its key chooses values."""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import OptionError

GREEN_LIST = "green_list"
_MOST_BINS = 100_000
_HINT = 'Write method = "green_list", key = "…", columns = ["…"] and an even number of bins.'


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


def make_watermark(values: Mapping[str, Any]) -> Watermark:
    """A declaration, checked.

    Raises
    ------
    OptionError
        Where a key is unknown, missing or not of its kind.
    """
    unknown = sorted(set(values) - {"method", "key", "columns", "bins"})
    if unknown:
        raise OptionError(f"The watermark has {unknown[0]!r}, which does not exist.", _HINT)
    method, key, bins = values.get("method"), values.get("key"), values.get("bins", 1000)
    if method != GREEN_LIST:
        raise OptionError(f"The watermark's method is {method!r}; only {GREEN_LIST!r} is known.", _HINT)
    if not isinstance(key, str) or not key:
        raise OptionError("The watermark has no key.", _HINT)
    columns = values.get("columns")
    if not isinstance(columns, list | tuple) or not columns or not all(isinstance(c, str) for c in columns):
        raise OptionError("The watermark's columns are not a list of names.", _HINT)
    if isinstance(bins, bool) or not isinstance(bins, int) or not 2 <= bins <= _MOST_BINS or bins % 2:
        raise OptionError(
            f"The watermark has {bins!r} bins; an even number from 2 to {_MOST_BINS:,} is needed.", _HINT
        )
    return Watermark(method, key, tuple(dict.fromkeys(columns)), bins)


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
