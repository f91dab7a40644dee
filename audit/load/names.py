"""Names of columns and files: unique, visible, on one line; and what was changed is said."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST = 1_000
# Characters that turn the text around them, or that nobody sees.
UNSEEN = frozenset(
    "\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad\u180e"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
)


def escape_invisible(text: str) -> str:
    """The text on one line, with characters that cannot be seen written as escapes."""
    line = " ".join(text.replace("\r\n", "\n").split("\n"))
    return "".join(_shown_character(char) for char in line)


def _shown_character(char: str) -> str:
    if char in UNSEEN or unicodedata.category(char) in ("Cc", "Cs"):
        code = ord(char)
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    return char


def message_text(text: str, longest: int = 60) -> str:
    """The text as a message may hold it: visible and shortened in the middle."""
    seen = escape_invisible(text)
    if len(seen) <= longest:
        return seen
    half = (longest - 1) // 2
    return f"{seen[:half]}…{seen[-half:]}"


def count_text(number: int, word: str) -> str:
    """A number of things, such as "1 row" or "1,200 rows"."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def list_names(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence: quoted, shortened, at most `most` of them and how many more."""
    quoted = [f"'{message_text(name, 40)}'" for name in names[:most]]
    more = len(names) - len(quoted)
    return ", ".join(quoted) + (f" and {more:,} more" if more else "")


@dataclass(slots=True)
class UsableNames:
    """Names that can be used, and what had to be changed on the way, as usable names."""

    names: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    trimmed: list[str] = field(default_factory=list)
    invisible: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    near_duplicates: list[str] = field(default_factory=list)
    shortened: list[str] = field(default_factory=list)


def make_usable(raw: Sequence[str]) -> UsableNames:
    """Make names unique and visible: "" becomes "(unnamed 3)", a repeated "x" becomes "x (2)"."""
    result = UsableNames()
    taken: set[str] = set()
    for position, text in enumerate(raw, start=1):
        name = _usable(text, position, result)
        unique = _unique(name, taken)
        if unique != name:
            result.duplicates.append(unique)
        taken.add(unique)
        result.names.append(unique)
    result.near_duplicates = _alike(result.names)
    return result


def _usable(text: str, position: int, result: UsableNames) -> str:
    bare = text.strip()
    if not "".join(char for char in bare if char not in UNSEEN).strip():
        name = f"(unnamed {position})"
        result.unnamed.append(name)
        return name
    name = escape_invisible(bare)
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}…"
        result.shortened.append(name)
    if name != " ".join(bare.splitlines()) and "\\" in name:
        result.invisible.append(name)
    elif bare != text:
        result.trimmed.append(name)
    return name


def _unique(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def spelling_key(name: str) -> str:
    """What two names share that a reader takes for the same one."""
    letters = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in letters if char.isalnum()) or letters


def _alike(names: Sequence[str]) -> list[str]:
    keys = [unicodedata.normalize("NFKC", name).casefold().strip() for name in names]
    counts = Counter(keys)
    return [name for name, key in zip(names, keys, strict=True) if counts[key] > 1]
