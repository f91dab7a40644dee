"""A check of a report in words: what it asks, how to read it, what judged it, what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.model import Card, Family, Grade, JudgedResult, Page, Report
from audit.render import formatting
from audit.render.evidence import is_rule, place, tolerances
from audit.render.number import Number

NUMBERS = 4  # of a check
WHOLE = 60  # numbers about the whole table
RULES = 6  # of a learner that tells the tables apart


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check with its card, its grade, its tolerances and its numbers for the whole table."""

    judged: JudgedResult

    @property
    def card(self) -> Card:
        """What the check is."""
        return self.judged.result.card

    @property
    def grade(self) -> Grade:
        """The grade of the check."""
        return self.judged.grade

    @property
    def reason(self) -> str:
        """Why it gave no number; "" where it did."""
        return self.judged.result.reason or ""

    @property
    def remedy(self) -> str:
        """What would let it run."""
        return self.judged.result.remedy

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The explanation, without its line breaks."""
        parts = self.card.explanation.split("\n\n")
        return tuple(" ".join(part.split()) for part in parts if part.strip())

    @property
    def reading(self) -> str:
        """How to read its numbers."""
        return formatting.reading(self.card.scale)

    @property
    def tolerances(self) -> tuple[str, ...]:
        """What judged it: "between repeated values: warn 2%, fail 5%"."""
        scale = self.card.scale
        return tuple(
            f"{formatting.measure_name(name) + ': ' if name else ''}warn {formatting.number(warn, scale)}, "
            f"fail {formatting.number(fail, scale)}"
            for name, (warn, fail) in tolerances(self.judged).items()
        )

    @property
    def summary(self) -> tuple[formatting.SummaryLine, ...]:
        """What it reports and nothing judges."""
        return tuple(formatting.summary_lines(self.judged.result.summary))

    @property
    def rows(self) -> str:
        """How many rows of each table it used: "real 4,000, synthetic 4,000"."""
        used = self.judged.result.rows_used.items()
        return ", ".join(f"{role} {formatting.count(rows)}" for role, rows in used if rows is not None)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Its first few numbers, those about the whole table first."""
        order = sorted(self.judged.measures, key=lambda one: bool(one.measure.about))
        return tuple(Number.of(self.judged, one) for one in order[:NUMBERS])

    @property
    def more(self) -> int:
        """How many numbers it has beside these."""
        return len(self.judged.measures) - len(self.numbers)


@dataclass(frozen=True, slots=True)
class UseView:
    """A check of the whole table as a card: its numbers, the rules found, its summary where no other tells it."""

    check: CheckView
    summary: tuple[formatting.SummaryLine, ...]

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Its numbers about the whole table."""
        judged = self.check.judged
        whole = [one for one in judged.measures if not one.measure.about and not one.measure.group]
        return tuple(Number.of(judged, one) for one in whole[:WHOLE])

    @property
    def rules(self) -> tuple[str, ...]:
        """The rows that a learner picked out, in sentences."""
        found = [one.measure for one in self.check.judged.measures if is_rule(one.measure)]
        return tuple(formatting.sentence(measure.sentence, measure.about) for measure in found[:RULES])


def check_views(report: Report) -> list[CheckView]:
    """Every check of the report, in the order of the families."""
    order = list(Family)
    return sorted((CheckView(one) for one in report.results), key=lambda view: order.index(view.card.family))


def use_views(checks: Sequence[CheckView]) -> list[UseView]:
    """What gives synthetic rows away, what models learn from them, how real and diverse they are.

    Two checks that share a summary tell it once.
    """
    views: list[UseView] = []
    for view in sorted(
        (one for one in checks if one.card.page is Page.UTILITY), key=lambda one: place(one.card)
    ):
        told = any(view.summary == other.summary for other in views)
        views.append(UseView(view, () if told else view.summary))
    return views
