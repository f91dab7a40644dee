"""A number is never shown alone: its interval, what real against real gives, the tolerance, n.

Where there is nothing to compare with, that is said; a bare number cannot be drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from audit.model import Better, Finding, Judged, Scale
from audit.render import formatting
from pages.parts.base.markdown import md_text

NO_REFERENCE = "no reference to compare with"


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with all that it takes to read it, on one scale."""

    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    tolerance: float | None
    n: int | None
    scale: Scale | None

    @classmethod
    def of_measure(cls, judged: Judged, scale: Scale) -> Reading:
        """From a judged measure of a check with this scale."""
        measure = judged.measure
        return cls(
            measure.value,
            measure.low,
            measure.high,
            measure.baseline,
            judged.tolerance_fail,
            measure.n,
            scale,
        )

    @classmethod
    def of_finding(cls, finding: Finding, scale: Scale | None) -> Reading:
        """From a finding; the scale is that of its check."""
        if finding.judged is None:
            return cls(None, None, None, None, finding.tolerance, None, scale)
        measure = finding.judged.measure
        return cls(measure.value, measure.low, measure.high, measure.baseline, finding.tolerance, None, scale)

    @property
    def is_bare(self) -> bool:
        """Whether there is no number at all."""
        return self.value is None

    def what(self) -> str:
        """What the number counts, as a label: the unit of its scale."""
        words = self.scale.words if self.scale else "measured"
        return md_text(words[:1].upper() + words[1:], 80)

    def reference(self) -> str:
        """What real against real gives, or that nothing is known about it."""
        if self.baseline is None:
            return NO_REFERENCE
        followed = self.scale is not None and formatting.is_per_generation(self.scale)
        what = formatting.reference(self.scale) if followed else "real against real"
        return f"{what} {formatting.number(self.baseline, self.scale)}"

    def tolerated(self) -> str:
        """How far the number may go, as its scale is read."""
        limit = formatting.number(self.tolerance, self.scale)
        better = self.scale.better if self.scale else Better.LOWER
        if better is Better.ONE:
            return f"tolerated up to {limit} times, either way"
        return {Better.HIGHER: "tolerated from ", Better.ZERO: "tolerated ±"}.get(
            better, "tolerated up to "
        ) + limit

    def line(self) -> str:
        """All of it in one line of plain text."""
        if self.value is None:
            return "several numbers, listed with the evidence"
        parts = [formatting.estimate(self.value, self.low, self.high, self.scale), self.reference()]
        if self.tolerance is not None:
            parts.append(self.tolerated())
        if self.n:
            parts.append(f"{formatting.count(self.n)} rows")
        return " · ".join(parts)


def draw(reading: Reading, label: str) -> None:
    """A number as a card. The label is Markdown: pass other people's text through md_text."""
    if reading.is_bare:
        st.caption(f"{label}: {reading.line()}")
        return
    rest = reading.line().split(" · ", 1)[1]
    with st.container(gap="xxsmall"):
        st.metric(label, formatting.number(reading.value, reading.scale))
        interval = formatting.interval(reading.low, reading.high, reading.scale)
        st.caption(f"95% interval {interval} · {rest}" if reading.low != reading.high else rest)
