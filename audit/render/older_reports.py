"""Reports of earlier versions: what they leave out, told by what they have."""

from __future__ import annotations

from audit.model import Better, Unit

SHARES = ("share", "proportion", "probability", "percent", "rate", "accuracy", "fraction", "mass")
RATIOS = ("over", "ratio", "times")
CHANGES = ("difference", "change", "gap", "points")
PER_GENERATION = "per generation"


def unit_of(words: str, better: object = None) -> Unit:
    """The unit of a report that has it in words only; what is neither share nor points is a number.

    Ratios of shares are no shares, nor is a unit of two kinds ("share of the group, or …").
    """
    text = words.lower()
    each = text.replace("-", " ").replace(",", " ").split()
    followed = PER_GENERATION in text
    ratio = better == Better.ONE or any(word in RATIOS for word in each) or ", or " in text
    if ratio or not any(word.startswith(SHARES) for word in each):
        return Unit.DISTANCE_PER_GENERATION if followed else Unit.NUMBER
    if any(word in CHANGES for word in each):
        return Unit.POINTS_PER_GENERATION if followed else Unit.POINTS
    return Unit.SHARE_PER_GENERATION if followed else Unit.SHARE
