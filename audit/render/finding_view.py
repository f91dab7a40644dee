"""A finding with its place on the page and its number in words, for every telling."""

from __future__ import annotations

from dataclasses import dataclass

from audit.model import Card, Finding
from audit.render import formatting
from audit.render.number import Number


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding and the check that it comes from.

    card : of the check; None where a stored report lacks it
    anchor : where its evidence stands on the page; "" for a detail of another finding
    """

    finding: Finding
    card: Card | None
    anchor: str = ""

    @property
    def title(self) -> str:
        """The title of its check."""
        return self.card.title if self.card else self.finding.check

    @property
    def sentence(self) -> str:
        """The fact in one sentence, long names of columns shortened."""
        return formatting.sentence(self.finding.sentence, self.finding.about)

    @property
    def number(self) -> Number | None:
        """Its number; None where it sums up several or nobody knows how to read it."""
        judged = self.finding.judged_measure
        if judged is None or self.card is None:
            return None
        return Number(judged, self.card, self.finding.tolerance)

    @property
    def estimate(self) -> str:
        """Its number with its interval; a dash where it sums up several."""
        number = self.number
        return formatting.NONE if number is None else number.estimate

    @property
    def reference(self) -> str:
        """What real against real gives, in words."""
        judged = self.finding.judged_measure
        baseline = judged.measure.baseline if judged else None
        return formatting.baseline(baseline, self.card.scale if self.card else None)

    @property
    def tolerance(self) -> str:
        """The tolerance that its grade comes from."""
        return formatting.number(self.finding.tolerance, self.card.scale if self.card else None)

    @property
    def rows(self) -> str:
        """How many synthetic rows are behind it; "" where that is not known."""
        return formatting.count(self.finding.rows.count) if self.finding.rows else ""
