"""What a check is: a plain function from a case to numbers, with a card that explains it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypedDict, Unpack

from audit.case.case import Case
from audit.declare.pages import page_of
from audit.model import (
    Attack,
    Better,
    Card,
    Chart,
    Family,
    Fold,
    Grade,
    GroupQuestion,
    Measure,
    Page,
    Scale,
    Section,
    Unit,
)


class Need(StrEnum):
    """What a check may need of a case; the runner skips the check with a reason where it is not there."""

    HOLDOUT = "holdout"  # real rows that the generator never saw
    TARGET = "target"  # a column with this role
    SENSITIVE = "sensitive"  # a column with this role
    NUMBER = "number"  # a column of numbers or dates
    CATEGORY = "category"  # a column of categories
    KEY = "key"  # a column of identifiers
    TWO_COLUMNS = "two_columns"  # two columns that have a distribution
    ROWS = "rows"  # enough rows in every table
    GENERATIONS = "generations"  # tables that each follow from the one before
    SETTINGS = "settings"  # tables of several settings of one generator


class Skip(Exception):  # noqa: N818 - not an error: a check says that it does not apply
    """Raised by a check that has nothing to say about this case.

    Parameters
    ----------
    reason : why, as a sentence
    remedy : what would allow the check, as a sentence; empty where nothing would
    assessable : False where the question stands but this input cannot answer it
    """

    def __init__(self, reason: str, remedy: str = "", *, assessable: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.grade = Grade.NOT_APPLICABLE if assessable else Grade.NOT_ASSESSABLE


Writer = Callable[[Path, Callable[[str], str]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check function returns.

    files : writers of the files that its card names; each is given its path, where another check
        may have written rows before, and how a text is written so that no spreadsheet computes it
    """

    measures: tuple[Measure, ...]
    summary: Mapping[str, float] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    rows_used: Mapping[str, int | None] | None = None
    files: Mapping[str, Writer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """Work under way in another process: `collect` waits for it, `cancel` ends it."""

    collect: Callable[[], Outcome]
    cancel: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Check:
    """A card and the function that measures.

    needs : what the case must have; the runner skips the check with a reason otherwise
    background : True for slow second opinions that run beside the rest and never delay it; such
        a function starts its work and returns `Pending`
    standing : True for a check of a series that asks where the rows of every table lie
    """

    card: Card
    measure: Callable[[Case], Outcome | Pending]
    needs: tuple[Need, ...] = ()
    background: bool = False
    standing: bool = False


class Meaning(TypedDict, total=False):
    """What a check's numbers mean elsewhere, in the words of `Card`."""

    known_as: str
    page: Page
    section: Section
    folds: tuple[Fold, ...]
    explained_by: str
    answers: tuple[GroupQuestion, ...]
    attack: Attack
    files: tuple[str, ...]
    descriptive: bool
    learned: bool
    order_matters: bool


def check(
    id: str,  # noqa: A002 - the contract's word
    title: str,
    family: Family,
    question: str,
    scale: Scale,
    next_step: str,
    needs: tuple[Need, ...] = (),
    background: bool = False,
    standing: bool = False,
    **meaning: Unpack[Meaning],
) -> Callable[[Callable[[Case], Outcome | Pending]], Check]:
    """Make a check of a function; its docstring is the explanation that users read.

    The words are those of `Card` and `Check`; without a page the check is shown on that of its family.

    The docstring's first line says what the number is (at most 79 characters); its last
    paragraph starts with "Source:".

    Raises TypeError where there is no such docstring, or where `needs` or `scale` has a word
    that is not of `Need`, `Unit` or `Better`.
    """
    _refuse_words(id, scale, needs)
    meaning.setdefault("page", page_of(family))

    def wrap(function: Callable[[Case], Outcome | Pending]) -> Check:
        text = inspect.cleandoc(function.__doc__ or "")
        explanation, mark, source = text.rpartition("Source:")
        if not mark or not explanation.strip():
            raise TypeError(f"check {id!r} needs a docstring that ends in a 'Source:' paragraph")
        card = Card(
            id, title, family, question, scale, explanation.strip(), source.strip(), next_step, **meaning
        )
        return Check(card, function, needs, background, standing)

    return wrap


def _refuse_words(name: str, scale: Scale, needs: tuple[Need, ...]) -> None:
    """A mistyped word would pass as something else, so it ends the import."""
    kinds: list[tuple[object, type[StrEnum]]] = [
        (scale.unit, Unit),
        (scale.better, Better),
        *((need, Need) for need in needs),
    ]
    for word, kind in kinds:
        if not isinstance(word, kind):
            members = ", ".join(f"{kind.__name__}.{member}" for member in kind.__members__)
            raise TypeError(f"check {name!r} has {word!r}, which is none of {members}")
