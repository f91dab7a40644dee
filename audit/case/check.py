"""What a check is: a plain function from a case to numbers, with a card that explains it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audit.case.case import Case
from audit.model import Better, Card, Chart, Family, Grade, Measure, Scale, Unit


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check function returns."""

    measures: tuple[Measure, ...]
    summary: Mapping[str, float] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    rows_used: Mapping[str, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """Work under way in another process: `collect` waits for it, `cancel` ends it."""

    collect: Callable[[], Outcome]
    cancel: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Check:
    """A card and the function that measures.

    needs : what the case must have; the runner skips the check with a reason otherwise
    beside : True for slow second opinions that run beside the rest and never delay it; such
        a function starts its work and returns `Pending`
    """

    card: Card
    measure: Callable[[Case], Outcome | Pending]
    needs: tuple[Need, ...] = ()
    beside: bool = False


def check(
    id: str,  # noqa: A002 - the contract's word
    title: str,
    family: Family,
    question: str,
    scale: Scale,
    next_step: str,
    needs: tuple[Need, ...] = (),
    beside: bool = False,
) -> Callable[[Callable[[Case], Outcome | Pending]], Check]:
    """Make a check of a function; its docstring is the explanation that users read.

    The docstring's first line says what the number is (at most 79 characters); its last
    paragraph starts with "Source:".

    Raises TypeError where there is no such docstring, or where `needs` or `scale` has a word
    that is not of `Need`, `Unit` or `Better`.
    """
    _refuse_words(id, scale, needs)

    def wrap(function: Callable[[Case], Outcome | Pending]) -> Check:
        text = inspect.cleandoc(function.__doc__ or "")
        explanation, mark, source = text.rpartition("Source:")
        if not mark or not explanation.strip():
            raise TypeError(f"check {id!r} needs a docstring that ends in a 'Source:' paragraph")
        card = Card(id, title, family, question, scale, explanation.strip(), source.strip(), next_step)
        return Check(card, function, needs, beside)

    return wrap


def _refuse_words(name: str, scale: Scale, needs: tuple[Need, ...]) -> None:
    """A mistyped word would pass as something else, so it ends the import."""
    kinds = [(scale.unit, Unit), (scale.better, Better), *((need, Need) for need in needs)]
    for word, kind in kinds:
        if not isinstance(word, kind):
            raise TypeError(f"check {name!r} has {word!r}, which is not a {kind.__name__}: {', '.join(kind)}")
