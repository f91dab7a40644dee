"""Which findings stand on their own and which are details of another, for every telling."""

from __future__ import annotations

from collections.abc import Sequence

from audit.model import Finding
from audit.render import formatting


def roots(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that no other one of these holds as a detail, in the order given.

    So a detail stands on its own where a filter has taken its root away.
    """
    below = {name for finding in findings for name in finding.folded if name != finding.id}
    return [finding for finding in findings if finding.id not in below]


def details(findings: Sequence[Finding], root: Finding) -> list[Finding]:
    """The findings among these that follow from one of them, in the order given."""
    below = set(root.folded) - {root.id}
    return [finding for finding in findings if finding.id in below]


def root_of(findings: Sequence[Finding], detail: Finding) -> Finding | None:
    """The finding that holds this one as a detail; None for one that stands on its own."""
    return next((one for one in findings if detail.id in one.folded and one.id != detail.id), None)


def nest_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Every root with its details right below it; each finding once."""
    by_id = {finding.id: finding for finding in findings}
    order: dict[str, Finding] = {}
    for root in roots(findings):
        order.setdefault(root.id, root)
        for name in root.folded:
            if name in by_id:
                order.setdefault(name, by_id[name])
    return [*order.values(), *(finding for finding in findings if finding.id not in order)]


def count_text(findings: Sequence[Finding]) -> str:
    """How many there are: "12 findings and 98 details that follow from them"."""
    own = len(roots(findings))
    text = f"{formatting.count(own)} finding{'' if own == 1 else 's'}"
    below = len(findings) - own
    if not below:
        return text
    them = "it" if own == 1 else "them"
    return f"{text} and {follow_text(below)} {them}"


def follow_text(number: int) -> str:
    """So many details, before the name of what they follow from: "3 details that follow from"."""
    verb = "detail that follows from" if number == 1 else "details that follow from"
    return f"{formatting.count(number)} {verb}"
