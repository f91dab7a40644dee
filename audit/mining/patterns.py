"""How texts look: patterns of character classes, learned from examples and matched by the engine.

In a pattern A stands for a capital letter, a for a small one, 9 for a digit and * for a letter
or digit; {3} after one of these means three of them, {3,5} three to five, {3,} three or more.
Anything else stands for itself, as does anything after a backslash. A name in angle brackets
stands for a well-known form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
FORMS = {
    "<email>": rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,}}$",
    "<uuid>": r"^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "<url>": rf"^https?://(?:{_LABEL}\.)+[A-Za-z]{{2,}}(?::[0-9]+)?(?:[/?#][^\s]*)?$",
    "<ipv4>": rf"^{_OCTET}(?:\.{_OCTET}){{3}}$",
}
CHECKSUMS = ("<iban>", "<isbn>", "<ean>", "<luhn>")  # names that `audit.mining.formats` counts
_CLASSES = {"A": r"\p{Lu}", "a": r"\p{Ll}", "9": r"\p{Nd}", "*": r"[\p{L}\p{Nd}]"}
_SIGN = re.compile(r"([Aa9*])(\{\d+(?:,\d*)?\})?|\\(.)|(.)", re.DOTALL)
_APART = re.compile(r"A+|a+|9+|[^Aa9]", re.DOTALL)  # runs in a text whose classes are written out
_JOINED = re.compile(r"[Aa9]+|[^Aa9]", re.DOTALL)
_SPECIAL = "Aa9*\\{"  # signs that stand for themselves only after a backslash

_MAX_PATTERNS = 12  # patterns of a column; one that needs more has no format
_FEWER = 3  # times fewer patterns, so that letters and digits are taken together
_COVERED = 0.99  # of the texts that the patterns have to fit
_FIRST = 500  # texts of a first, cheap look, and the share of them that a format would fit
_AT_FIRST = 0.9
_LONGEST = 100  # characters; longer texts are sentences
_TRIMMED = 0.0005  # of the texts, at either end of the lengths of a run
_SAME = 100  # texts that have the same letters in one place, so that these belong to the format
_WRITTEN_OUT = 4  # signs that are written one by one


def pattern_expression(pattern: str) -> str:
    """A pattern, or the name of a form, as a regular expression for the whole cell."""
    if pattern in FORMS:
        return FORMS[pattern]
    return f"^{''.join(_expressed(*found.groups()) for found in _SIGN.finditer(pattern))}$"


def _expressed(sign: str | None, times: str | None, escaped: str | None, plain: str | None) -> str:
    if sign:
        return _CLASSES[sign] + (times or "")
    return re.escape(escaped or plain or "")


def any_of(patterns: Sequence[str]) -> str:
    """A regular expression for cells that follow one of the patterns."""
    return "|".join(f"(?:{pattern_expression(pattern)})" for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Run:
    """Signs of one class, or one sign that is no letter and no digit.

    sign : the class, or the sign itself
    text : what stands there
    """

    sign: str
    text: str
    is_class: bool


def learn_patterns(texts: Sequence[str], k: int, *, counted: bool = False) -> tuple[str, ...]:
    """The few patterns that nearly all texts follow; none where there are no such.

    A pattern needs k texts. Letters that are the same in all of these, and in at least a
    hundred, stand for themselves; digits never do. Where fewer than k texts have the shortest or the longest run, the bound
    is set a quarter further out, so that it tells of nobody.

    Parameters
    ----------
    texts : examples, at least one
    k : texts behind a pattern and behind a bound
    counted : whether numbers in the texts may be counters, whose digits grow with the rows
    """
    array = pa.array(texts, type=pa.string())
    for name, form in FORMS.items():
        if _share(array, form) >= _COVERED:
            return (name,)
    classes = array
    for sign in ("A", "a", "9"):
        classes = pc.replace_substring_regex(classes, _CLASSES[sign], sign)
    masks = classes.to_pylist()
    apart, together = (_learned(texts, masks, k, joined=joined, counted=counted) for joined in (False, True))
    # Where digits and letters mix freely, few patterns say more than many that chance drew.
    return together if together and (not apart or len(apart) > _FEWER * len(together)) else apart


def _share(array: pa.Array, expression: str) -> float:
    fits = pc.sum(pc.match_substring_regex(array, expression)).as_py() or 0
    return float(fits) / max(len(array), 1)


def _learned(
    texts: Sequence[str], masks: Sequence[str], k: int, *, joined: bool, counted: bool
) -> tuple[str, ...]:
    splitter = _JOINED if joined else _APART
    first = Counter(_structure(mask, splitter) for mask in masks[:_FIRST])
    if sum(n for _, n in first.most_common(_MAX_PATTERNS)) < _AT_FIRST * min(len(masks), _FIRST):
        return ()
    structures = [_structure(mask, splitter) for mask in masks]
    common = [
        (structure, n)
        for structure, n in sorted(Counter(structures).items(), key=lambda item: (-item[1], item[0]))
        if n >= k and structure
    ][:_MAX_PATTERNS]
    if sum(n for _, n in common) < _COVERED * len(texts):
        return ()
    groups: dict[str, list[list[_Run]]] = {structure: [] for structure, _ in common}
    for text, mask, structure in zip(texts, masks, structures, strict=True):
        if structure in groups:
            groups[structure].append(_runs(text, mask, splitter))
    patterns = tuple(_pattern(runs, k, counted=counted) for runs in groups.values())
    # A word of any letters and digits says nothing.
    return () if any(re.fullmatch(r"\*\{\d+,\d*\}", pattern) for pattern in patterns) else patterns


def _structure(mask: str, splitter: re.Pattern[str]) -> str:
    """A text without the lengths of its runs; "" where it is too long to have a format."""
    if len(mask) > _LONGEST:
        return ""
    if splitter is _JOINED:
        return re.sub(r"[Aa9]+", "*", mask.replace("*", r"\*"))
    return re.sub(r"(A|a|9)\1+", r"\1", mask)


def _runs(text: str, mask: str, splitter: re.Pattern[str]) -> list[_Run]:
    runs = []
    for found in splitter.finditer(mask):
        sign = found[0][0]
        is_class = sign in "Aa9"
        name = "*" if is_class and splitter is _JOINED else sign
        runs.append(_Run(name, text[found.start() : found.end()], is_class))
    return runs


def _pattern(group: Sequence[Sequence[_Run]], k: int, *, counted: bool) -> str:
    """The pattern of texts with one structure."""
    return "".join(
        _said(runs, k, counted=counted, first=place == 0)
        for place, runs in enumerate(zip(*group, strict=True))
    )


def _said(runs: Sequence[_Run], k: int, *, counted: bool, first: bool) -> str:
    sign = runs[0].sign
    if not runs[0].is_class:
        return _escaped(sign, first=first)
    if sign in "Aa" and len(runs) >= _SAME and len({run.text for run in runs}) == 1:
        return "".join(_escaped(letter, first=False) for letter in runs[0].text)
    low, high = _bounds(sorted(len(run.text) for run in runs), k)
    if low < high and sign == "9" and counted:
        return "9{1,}"
    if low < high:
        return f"{sign}{{{low},{high}}}"
    return sign * low if low <= _WRITTEN_OUT else f"{sign}{{{low}}}"


def _escaped(sign: str, *, first: bool) -> str:
    return f"\\{sign}" if sign in _SPECIAL or (first and sign == "<") else sign


def _bounds(lengths: Sequence[int], k: int) -> tuple[int, int]:
    """The shortest and the longest run, few texts at either end left out."""
    off = int(len(lengths) * _TRIMMED)
    low, high = lengths[off], lengths[-1 - off]
    if low == high:
        return low, high
    if sum(length <= low for length in lengths) < k:
        low = max(1, low * 3 // 4)
    if sum(length >= high for length in lengths) < k:
        high = -(-high * 5 // 4)
    return low, high
