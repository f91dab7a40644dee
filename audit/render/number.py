"""A number of a report with everything that must stand beside it: one record for every telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.model import Card, Grade, JudgedMeasure, JudgedResult, Measure, Scale
from audit.render import formatting


@dataclass(frozen=True, slots=True)
class Number:
    """A judged number and the check that gave it; as numbers in `judged`, in words as properties.

    limit : the one tolerance it is held against where there is room for one; on the scale of the check
    """

    judged: JudgedMeasure
    card: Card
    limit: float | None = None

    @classmethod
    def of(cls, result: JudgedResult, judged: JudgedMeasure) -> Number:
        """A number of a check, held against the tolerance for failure."""
        return cls(judged, result.result.card, judged.tolerance_fail)

    @property
    def measure(self) -> Measure:
        """The number as it was measured."""
        return self.judged.measure

    @property
    def scale(self) -> Scale:
        """How to read it."""
        return self.card.scale

    @property
    def check(self) -> str:
        """The id of the check."""
        return self.card.id

    @property
    def title(self) -> str:
        """The title of the check."""
        return self.card.title

    @property
    def value(self) -> float:
        """The number itself."""
        return self.measure.value

    @property
    def grade(self) -> Grade | None:
        """Its grade; None where nothing judged it."""
        return self.judged.grade

    @property
    def about(self) -> tuple[str, ...]:
        """The columns it is about, without those that make its group."""
        return tuple(name for name in self.measure.about if name not in (self.measure.group or {}))

    @property
    def group(self) -> str:
        """The group of rows it is about: "sex = F, region = north"; "" for all rows."""
        return group_words(self.measure.group)

    @property
    def name(self) -> str:
        """Which of several numbers of its check it is, within a line; "" for the main one."""
        return formatting.measure_name(self.measure.name)

    @property
    def sentence(self) -> str:
        """The fact in one sentence."""
        return formatting.sentence(self.measure.sentence, self.measure.about)

    @property
    def estimate(self) -> str:
        """The number with its interval: "0.12 (0.10–0.14)"; alone where every row was counted."""
        return formatting.estimate(self.value, self.measure.low, self.measure.high, self.scale)

    @property
    def interval(self) -> str:
        """Both ends of its 95 % interval: "0.10–0.14"."""
        return formatting.interval(self.measure.low, self.measure.high, self.scale)

    @property
    def baseline(self) -> str:
        """What real against real gives, as a number; a dash where nothing is known."""
        return formatting.number(self.measure.baseline, self.scale)

    @property
    def reference(self) -> str:
        """What real against real gives, in words: "two halves of the real data: 0.01"."""
        return formatting.baseline(self.measure.baseline, self.scale)

    @property
    def tolerance(self) -> str:
        """The tolerances, warn and fail: "2% / 5%"; a dash where nothing judged it."""
        warn, fail = self.judged.tolerance_warn, self.judged.tolerance_fail
        if warn is None and fail is None:
            return formatting.NONE
        return f"{formatting.number(warn, self.scale)} / {formatting.number(fail, self.scale)}"

    @property
    def rows(self) -> str:
        """How many synthetic rows are behind it; a dash where that is not known."""
        return formatting.count(self.measure.n) if self.measure.n else formatting.NONE

    @property
    def needed(self) -> str:
        """Rows that would tell, of an inconclusive number; "" where that cannot be said."""
        return "" if self.judged.needed_n is None else formatting.count(self.judged.needed_n)


def group_words(group: Mapping[str, str] | None) -> str:
    """A group of rows: "sex = F, region = north"."""
    pairs = (group or {}).items()
    return ", ".join(
        f"{formatting.shorten(name, 40)} = {formatting.shorten(value, 40)}" for name, value in pairs
    )
