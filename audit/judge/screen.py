"""Which numbers say enough to be judged: the screen of a policy, for fresh and for stored reports alike.

Among many numbers some are large by luck, and a few rows tell little: a grade for each of them would
be an alarm that means nothing. Checks give every number with its interval, the rows behind it and,
where they looked at many, a p-value and how many these were. The policy says what that has to amount to.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.model import Measure


@dataclass(frozen=True, slots=True)
class Screen:
    """What a number has to show before it is judged; None asks nothing.

    A number is judged where it meets any of the first three that are asked, and the last one too.

    false_alarm : largest p-value, times the comparisons, in (0, 1]: how often a perfect table has
        one of these numbers judged; 1 for always; met by a number without a p-value
    half_width : largest half of the 95 % interval, on the scale of the check: a number that is so
        precise says something either way
    least_rows : fewest rows that decide how much it can tell
    least_effect : smallest effect worth a grade, on the scale of the check, however clear it is
    """

    false_alarm: float | None = None
    half_width: float | None = None
    least_rows: float | None = None
    least_effect: float | None = None

    def admits(self, measure: Measure) -> bool:
        """Whether chance, the interval or the rows behind a number let it be judged, whatever its size."""
        met = [
            asked(measure, limit)
            for asked, limit in (
                (_clear, self.false_alarm),
                (_precise, self.half_width),
                (_held, self.least_rows),
            )
            if limit is not None
        ]
        return any(met) or not met


def _clear(measure: Measure, false_alarm: float) -> bool:
    return measure.p_value is None or min(1.0, measure.p_value * measure.comparisons) <= false_alarm


def _precise(measure: Measure, half_width: float) -> bool:
    low = measure.value if measure.low is None else measure.low
    high = measure.value if measure.high is None else measure.high
    return (high - low) / 2 <= half_width


def _held(measure: Measure, least_rows: float) -> bool:
    return (measure.n if measure.support is None else measure.support) >= least_rows
