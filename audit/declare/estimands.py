"""Estimands that a user declares: what they may be, read from text.

    mean(COLUMN)                           mean of a number
    share(COLUMN = VALUE)                  share of the rows with this value
    coefficient(OUTCOME ~ COLUMN + COLUMN) every coefficient of a regression, or, with
    coefficient(OUTCOME ~ COLUMN + COLUMN: COLUMN) only those of the columns after the colon

Names and values with spaces or any of ``( ) ~ + : = ` `` stand between backquotes; a backquote
within is written twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.errors import OptionError

KINDS = ("mean", "share", "coefficient")
_EXAMPLES = "Write mean(age), share(income = high) or coefficient(hours ~ age + sex: sex)."
_WORD = re.compile(r"\s*(?:`((?:[^`]|``)+)`|([^\s()~+:=`]+)|([()~+:=]))")
_LONGEST = 2000  # characters
_MAX_TERMS = 30


@dataclass(frozen=True, slots=True)
class Estimand:
    """One estimand, read.

    text : as the user wrote it
    kind : "mean", "share" or "coefficient"
    outcome : the column that is averaged, counted or explained
    value : of a share, else ""
    terms : columns that explain the outcome
    wanted : those of the terms whose coefficients are asked for
    """

    text: str
    kind: str
    outcome: str
    value: str = ""
    terms: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it speaks of."""
        return (self.outcome, *self.terms)


def parse_estimand(text: str) -> Estimand:
    """Read one estimand.

    Raises
    ------
    OptionError
        If it is none; the message says where reading stopped.
    """
    words = _Words(text)
    kind = words.name("what is estimated")
    if kind not in KINDS:
        raise words.refusal(f"{kind!r} is not one of {', '.join(KINDS)}")
    words.mark("(")
    outcome = words.name("a column")
    found = Estimand(text.strip(), kind, outcome)
    if kind == "share":
        words.mark("=")
        found = Estimand(found.text, kind, outcome, value=words.name("a value"))
    elif kind == "coefficient":
        found = _regression(words, outcome)
    words.mark(")")
    words.end()
    return found


def _regression(words: _Words, outcome: str) -> Estimand:
    words.mark("~")
    terms = words.names()
    wanted = terms
    if words.has(":"):
        words.mark(":")
        wanted = words.names()
    for name in wanted:
        if name not in terms:
            raise words.refusal(f"{name!r} stands after the colon but not before it")
    if outcome in terms:
        raise words.refusal(f"{outcome!r} stands on both sides of '~'")
    if len(terms) > _MAX_TERMS:
        raise words.refusal(f"{len(terms)} columns are more than {_MAX_TERMS}")
    return Estimand(words.text.strip(), "coefficient", outcome, terms=terms, wanted=wanted)


class _Words:
    """Names and marks of an estimand, one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > _LONGEST:
            raise OptionError(
                f"An estimand has {len(text):,} characters; {_LONGEST:,} are allowed.", _EXAMPLES
            )
        self._words: list[tuple[str, bool]] = []  # and whether it is a mark
        place = 0
        while text[place:].strip():
            found = _WORD.match(text, place)
            if found is None:
                raise self.refusal("a backquote is not closed")
            quoted, bare, mark = found.groups()
            name = quoted.replace("``", "`") if quoted is not None else bare
            self._words.append((mark, True) if mark else (name, False))
            place = found.end()
        self._at = 0

    def refusal(self, why: str) -> OptionError:
        """What is wrong with the whole."""
        shown = self.text.strip()
        return OptionError(
            f"The estimand {shown[:80] + '…' if len(shown) > 80 else shown!r} cannot be read: {why}.",
            _EXAMPLES,
        )

    def has(self, mark: str) -> bool:
        """Whether the next is this mark."""
        return self._at < len(self._words) and self._words[self._at] == (mark, True)

    def mark(self, mark: str) -> None:
        """Take this mark."""
        if not self.has(mark):
            raise self.refusal(f"{self._next()} stands where {mark!r} should")
        self._at += 1

    def name(self, what: str) -> str:
        """Take a name."""
        if self._at >= len(self._words) or self._words[self._at][1]:
            raise self.refusal(f"{self._next()} stands where {what} should")
        self._at += 1
        return self._words[self._at - 1][0]

    def names(self) -> tuple[str, ...]:
        """Take names between plus signs; a name twice counts once."""
        found = [self.name("a column")]
        while self.has("+"):
            self.mark("+")
            found.append(self.name("a column"))
        return tuple(dict.fromkeys(found))

    def end(self) -> None:
        """Nothing may follow."""
        if self._at < len(self._words):
            raise self.refusal(f"{self._next()} stands after the end")

    def _next(self) -> str:
        return repr(self._words[self._at][0]) if self._at < len(self._words) else "nothing"
